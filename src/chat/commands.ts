/** The chat's SEND destinations: every command a client may send, on one screen. */
import { isCustomer } from "./access-policy.ts";
import { refuse } from "./errors.ts";
import { parseChatMessage, requireClientId, requireText, requireUserId } from "./message.ts";
import { formatPosition } from "./position.ts";
import {
  conversationRequest,
  historyRequest,
  inviteRequest,
  pageRequest,
  readRequest,
  transferRequest,
  typingRequest,
} from "./requests.ts";
import { doerOf, namingRepeat, storedDestination, textOf } from "./stored-command.ts";
import { parseStrict } from "./strict-body.ts";
import { MESSAGE_DESTINATION } from "./wire.ts";
import { shown } from "./presence.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Session } from "../broker/session.ts";
import type { Frame } from "../stomp/frame.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { OverRate } from "./message-rates.ts";
import type { PostResult } from "./operations/post.ts";
import type { CommandParts, Plan, Sender, StoredCommand } from "./stored-command.ts";

/** Each command's destination with its handler. */
export function createCommands(parts: CommandParts): readonly [string, ApplicationDestination][] {
  const stored: readonly [string, Plan][] = [
    [MESSAGE_DESTINATION, (session, body) => planMessage(parts, session, body)],
    ["/chat/invite", (session, body) => planInvite(parts, session, body)],
    ["/chat/claim", (session, body) => planDesk(parts, "claim", session, body)],
    ["/chat/release", (session, body) => planDesk(parts, "release", session, body)],
    ["/chat/close", (session, body) => planDesk(parts, "close", session, body)],
    ["/chat/transfer", (session, body) => planTransfer(parts, session, body)],
    ["/chat/read", (session, body) => planRead(parts, session, body)],
  ];
  return [
    ...stored.map(([destination, plan]): [string, ApplicationDestination] => [
      destination,
      storedDestination(plan),
    ]),
    ["/chat/typing", { handleSend: (session, frame) => typing(parts, session, textOf(frame)) }],
    ["/chat/page", { handleSend: (session, frame) => visit(parts, session, textOf(frame)) }],
    ["/chat/history", { handleSend: (session, frame) => history(parts, session, textOf(frame), frame) }],
  ];
}

/** A ChatMessage's body to what posts it; throws Refusal. */
export function planMessage(parts: CommandParts, sender: Sender, body: string): StoredCommand {
  const { userFrom, userTo, message, clientId } = parseChatMessage(body);
  if (userFrom !== sender.principal.id) {
    throw refuse("FORBIDDEN_SENDER", { field: "userFrom", ...(clientId === undefined ? {} : { clientId }) });
  }
  return planPost(parts, sender, {
    to: userTo,
    text: message,
    ...(clientId === undefined ? {} : { clientId }),
  });
}

function planPost(
  { store, clock, presence, rates }: CommandParts,
  sender: Sender,
  { to, text, clientId }: { to: string; text: string; clientId?: string },
): StoredCommand {
  const connected = presence.customer(to);
  // A customer's own session knows best which page it is on.
  const isSession = "connection" in sender && isCustomer(sender.principal);
  const context = presence.contextOf(isSession ? sender : to);
  const generation = sender.authentication?.generation;
  const { principal, ...from } = doerOf(sender);
  const input = {
    sender: principal,
    to,
    text,
    messageId: clock.id(),
    conversationId: clock.id(),
    now: clock.now(),
    ...from,
    ...(generation === undefined ? {} : { generation }),
    ...(connected === undefined ? {} : { connected }),
    ...(context === undefined ? {} : { context }),
    ...(clientId === undefined ? {} : { clientId }),
  };
  return {
    step: { name: "post", input },
    perform: () =>
      namingRepeat(clientId, async () => {
        const post = async (limits: OverRate): Promise<readonly [PostResult]> => [
          await store.execute("post", { ...input, ...limits }, sender.id),
        ];
        const [posted] = await rates.counting(sender, 1, post);
        return { receiptHeaders: receiptOf(store.epoch, posted) };
      }),
  };
}

function receiptOf(epoch: string, { messageId, conversation, seq, offset }: PostResult): HeaderList {
  return [
    ["message-id", messageId],
    ["conversation", conversation],
    ["seq", String(seq)],
    ["position", formatPosition(epoch, offset)],
  ];
}

function planInvite(parts: CommandParts, session: Session, body: string): StoredCommand {
  const { user, message, clientId } = parseStrict(inviteRequest, body);
  requireUserId("user", user);
  if (clientId !== undefined) requireClientId(clientId);
  if (message !== undefined) {
    requireText(message);
    return planPost(parts, session, {
      to: user,
      text: message,
      ...(clientId === undefined ? {} : { clientId }),
    });
  }
  const { store, clock, presence } = parts;
  const connected = presence.customer(user);
  const context = presence.contextOf(user);
  const { principal, ...from } = doerOf(session);
  const input = {
    sender: principal,
    to: user,
    conversationId: clock.id(),
    now: clock.now(),
    ...from,
    ...(connected === undefined ? {} : { connected }),
    ...(context === undefined ? {} : { context }),
  };
  return {
    step: { name: "invite", input },
    perform: async () => conversationReply(await store.execute("invite", input)),
  };
}

function planDesk(
  { store, clock }: CommandParts,
  name: "claim" | "release" | "close",
  session: Session,
  body: string,
): StoredCommand {
  const { conversation } = parseStrict(conversationRequest, body);
  const input = { ...doerOf(session), conversation, now: clock.now() };
  return {
    step: { name, input },
    perform: async () => conversationReply(await store.execute(name, input)),
  };
}

function planTransfer(
  { store, clock, presence }: CommandParts,
  session: Session,
  body: string,
): StoredCommand {
  const { conversation, to, note } = parseStrict(transferRequest, body);
  if (note !== undefined) requireText(note, "note");
  requireUserId("to", to);
  const input = {
    ...doerOf(session),
    conversation,
    to,
    online: presence.isReachable(to),
    now: clock.now(),
    ...(note === undefined ? {} : { note: { id: clock.id(), text: note } }),
  };
  return {
    step: { name: "transfer", input },
    perform: async () => conversationReply(await store.execute("transfer", input)),
  };
}

function conversationReply({ conversation }: { readonly conversation: string }): Reply {
  return { receiptHeaders: [["conversation", conversation]] };
}

function planRead({ store, clock }: CommandParts, session: Session, body: string): StoredCommand {
  const { conversation, seq } = parseStrict(readRequest, body);
  const input = { principal: session.principal, conversation, seq, now: clock.now() };
  return {
    step: { name: "read", input },
    perform: async () => {
      await store.execute("read", input);
      return {};
    },
  };
}

async function typing(
  { store, clock, events }: CommandParts,
  session: Session,
  body: string,
): Promise<Reply> {
  const { conversation, typing: isTyping } = parseStrict(typingRequest, body);
  const { principal } = session;
  const audience = await store.execute("audience", { principal, conversation, destination: "/chat/typing" });
  const data = { conversation, user: shown(principal), typing: isTyping };
  const others = audience.filter((id) => id !== principal.id);
  events.publish(others, { type: "typing", at: clock.now(), data });
  return {};
}

function visit({ pages }: CommandParts, session: Session, body: string): Reply {
  const { url, title, referrer } = parseStrict(pageRequest, body);
  pages.visit(session, {
    url,
    ...(title === undefined ? {} : { title }),
    ...(referrer === undefined ? {} : { referrer }),
  });
  return {};
}

async function history(
  { store, clock, events, audit, rates }: CommandParts,
  session: Session,
  body: string,
  frame: Frame,
): Promise<Reply> {
  const { conversation, before, after, limit } = parseStrict(historyRequest, body);
  rates.history(session.principal);
  const listeners = events.listenersOf(session);
  const page = await store.execute("history", {
    principal: session.principal,
    conversation,
    limit,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
  const { principal, connection } = session;
  audit.read(principal, connection.remoteAddress, { action: "read-history", object: conversation });
  const data = { conversation, ...page, position: formatPosition(store.epoch, page.position) };
  const event = { type: "history", at: clock.now(), data };
  if (!(await events.answer(listeners, event, frame.headers.get("receipt")))) {
    throw refuse("UNSUPPORTED", { hint: "subscribe to /user/queue/events first: the history is sent there" });
  }
  return {};
}
