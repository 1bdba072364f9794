/** The chat's SEND destinations: every command a client may send, on one screen. */
import { Disconnect } from "../broker/errors.ts";
import { refuse } from "./errors.ts";
import { namingClientId, parseChatMessage, requireClientId, requireText, requireUserId } from "./message.ts";
import { formatPosition } from "./position.ts";
import {
  conversationRequest,
  historyRequest,
  inviteRequest,
  readRequest,
  transferRequest,
  typingRequest,
} from "./requests.ts";
import { parseStrict } from "./strict-body.ts";
import { MESSAGE_DESTINATION } from "./wire.ts";
import { shown } from "./presence.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Session } from "../broker/session.ts";
import type { Frame } from "../stomp/frame.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { Clock } from "./clock.ts";
import type { EventQueues } from "./event-queues.ts";
import type { PostResult } from "./operations/post.ts";
import type { Presence } from "./presence.ts";
import type { ChatStore } from "./store.ts";

export type CommandParts = {
  readonly store: ChatStore;
  readonly clock: Clock;
  readonly events: EventQueues;
  readonly presence: Presence;
};

type Handler = (session: Session, body: string, frame: Frame) => Promise<Reply>;

/** Each command's destination with its handler. */
export function createCommands(parts: CommandParts): readonly [string, ApplicationDestination][] {
  const commands: readonly [string, Handler][] = [
    [MESSAGE_DESTINATION, (session, body) => postMessage(parts, session, body)],
    ["/chat/invite", (session, body) => invite(parts, session, body)],
    ["/chat/claim", (session, body) => desk(parts, "claim", session, body)],
    ["/chat/release", (session, body) => desk(parts, "release", session, body)],
    ["/chat/close", (session, body) => desk(parts, "close", session, body)],
    ["/chat/transfer", (session, body) => transfer(parts, session, body)],
    ["/chat/read", (session, body) => read(parts, session, body)],
    ["/chat/typing", (session, body) => typing(parts, session, body)],
    ["/chat/history", (session, body, frame) => history(parts, session, body, frame)],
  ];
  return commands.map(([destination, handle]) => [
    destination,
    { handleSend: (session, frame) => handle(session, textOf(frame), frame) },
  ]);
}

async function postMessage(parts: CommandParts, session: Session, body: string): Promise<Reply> {
  const { userFrom, userTo, message, clientId } = parseChatMessage(body);
  const sender = session.principal;
  if (userFrom !== sender.id) {
    throw refuse("FORBIDDEN_SENDER", { field: "userFrom", ...(clientId === undefined ? {} : { clientId }) });
  }
  return post(parts, session, { to: userTo, text: message, ...(clientId === undefined ? {} : { clientId }) });
}

async function post(
  { store, clock, presence }: CommandParts,
  session: Session,
  { to, text, clientId }: { to: string; text: string; clientId?: string },
): Promise<Reply> {
  const connected = presence.customer(to);
  const generation = session.authentication?.generation;
  try {
    const result = await store.execute(
      "post",
      {
        sender: session.principal,
        to,
        text,
        messageId: clock.id(),
        conversationId: clock.id(),
        now: clock.now(),
        ...(generation === undefined ? {} : { generation }),
        ...(connected === undefined ? {} : { connected }),
        ...(clientId === undefined ? {} : { clientId }),
      },
      session.id,
    );
    return { receiptHeaders: receiptOf(store.epoch, result) };
  } catch (error) {
    throw clientId === undefined ? error : namingClientId(error, clientId);
  }
}

function receiptOf(epoch: string, { messageId, conversation, seq, offset }: PostResult): HeaderList {
  return [
    ["message-id", messageId],
    ["conversation", conversation],
    ["seq", String(seq)],
    ["position", formatPosition(epoch, offset)],
  ];
}

async function invite(parts: CommandParts, session: Session, body: string): Promise<Reply> {
  const { user, message, clientId } = parseStrict(inviteRequest, body);
  requireUserId("user", user);
  if (clientId !== undefined) requireClientId(clientId);
  if (message !== undefined) {
    requireText(message);
    return post(parts, session, { to: user, text: message, ...(clientId === undefined ? {} : { clientId }) });
  }
  const { store, clock, presence } = parts;
  const connected = presence.customer(user);
  const result = await store.execute("invite", {
    sender: session.principal,
    to: user,
    conversationId: clock.id(),
    now: clock.now(),
    ...(connected === undefined ? {} : { connected }),
  });
  return conversationReply(result);
}

async function desk(
  { store, clock }: CommandParts,
  command: "claim" | "release" | "close",
  session: Session,
  body: string,
): Promise<Reply> {
  const { conversation } = parseStrict(conversationRequest, body);
  return conversationReply(
    await store.execute(command, { principal: session.principal, conversation, now: clock.now() }),
  );
}

async function transfer(
  { store, clock, presence }: CommandParts,
  session: Session,
  body: string,
): Promise<Reply> {
  const { conversation, to, note } = parseStrict(transferRequest, body);
  if (note !== undefined)
    throw refuse("UNSUPPORTED", { field: "note", hint: "private notes are not built yet" });
  requireUserId("to", to);
  const input = {
    principal: session.principal,
    conversation,
    to,
    online: presence.isOnline(to),
    now: clock.now(),
  };
  return conversationReply(await store.execute("transfer", input));
}

function conversationReply({ conversation }: { readonly conversation: string }): Reply {
  return { receiptHeaders: [["conversation", conversation]] };
}

async function read({ store, clock }: CommandParts, session: Session, body: string): Promise<Reply> {
  const { conversation, seq } = parseStrict(readRequest, body);
  await store.execute("read", { principal: session.principal, conversation, seq, now: clock.now() });
  return {};
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

async function history(
  { store, clock, events }: CommandParts,
  session: Session,
  body: string,
  frame: Frame,
): Promise<Reply> {
  const { conversation, before, after, limit } = parseStrict(historyRequest, body);
  const page = await store.execute("history", {
    principal: session.principal,
    conversation,
    limit,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
  const data = { conversation, ...page, position: formatPosition(store.epoch, page.position) };
  const event = { type: "history", at: clock.now(), data };
  if (!(await events.answer(session, event, frame.headers.get("receipt")))) {
    throw refuse("UNSUPPORTED", { hint: "subscribe to /user/queue/events first: the history is sent there" });
  }
  return {};
}

const JSON_TYPES = /^(?:application\/json|text\/plain)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** The body as text; throws Refusal UNSUPPORTED_CONTENT_TYPE, or Disconnect BAD_UTF8. */
function textOf({ headers, body }: Frame): string {
  const type = headers.get("content-type");
  if (type !== undefined && !JSON_TYPES.test(type.trim())) throw refuse("UNSUPPORTED_CONTENT_TYPE");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw Disconnect.of("BAD_UTF8");
  }
}
