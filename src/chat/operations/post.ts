/** Posting a ChatMessage: find the repeat, decide, open or claim what it needs, append; one transaction. */
import {
  audienceOf,
  canonical,
  isErased,
  lastSeqOf,
  publicPrincipal,
  seqOf,
  summaryOf,
  userOf,
} from "../conversation.ts";
import { refuse } from "../errors.ts";
import { hasRole, isCustomer, requirePermission } from "../access-policy.ts";
import { MESSAGE_DESTINATION, SUPPORT } from "../wire.ts";
import { audit } from "./audit.ts";
import { conversationFacts, rowOf } from "./outcome.ts";
import { append, assign, continuable, join, open, postedFact, readSeqOf, reopen } from "./transitions.ts";
import type { RefusalDetail } from "../../broker/errors.ts";
import type { Principal } from "../../broker/principal.ts";
import type { Receiver } from "../access-policy.ts";
import type { Fact } from "../facts.ts";
import type { ConversationRow, MessageRow, Tables, UserRow } from "../tables.ts";
import type { ConversationContext } from "../wire.ts";
import type { Outcome } from "./outcome.ts";
import type { Step } from "./transitions.ts";

/** A customer who is connected but may have no row yet. */
export type ConnectedCustomer = { readonly principal: Principal; readonly generation?: number };

export type PostInput = {
  readonly sender: Principal;
  /** The token generation of a guest who sends. */
  readonly generation?: number;
  /** `userTo` as sent. */
  readonly to: string;
  /** The receiver, when connected now. */
  readonly connected?: ConnectedCustomer;
  readonly text: string;
  readonly clientId?: string;
  /** The sender's rate is used up, and what to tell: a repeat gets its answer all the same. */
  readonly tooMany?: RefusalDetail;
  /** The same for guests who write for the first time. */
  readonly tooManyGuests?: RefusalDetail;
  /** Random ids for the message and for a conversation it may open. */
  readonly messageId: string;
  readonly conversationId: string;
  /** Where the customer is, for a conversation it may open. */
  readonly context?: ConversationContext;
  /** Of the sender, for the audit log. */
  readonly address?: string;
  readonly now: number;
};

export type PostResult = {
  readonly messageId: string;
  readonly conversation: string;
  readonly seq: number;
  /** Of the sender's own copy in the sender's mailbox. */
  readonly offset: number;
  /** The clientId was known: nothing was stored now. */
  readonly repeated: boolean;
  /** It is the first that a guest or customer ever wrote. */
  readonly newcomer?: true;
};

export function post(tables: Tables, input: PostInput): Outcome<PostResult> {
  const repeat = findRepeat(tables, input);
  if (repeat !== undefined) return { result: repeat, facts: [] };
  if (input.tooMany !== undefined) throw refuse("RATE_LIMITED", input.tooMany);
  return isCustomer(input.sender) ? postToDesk(tables, input) : postToCustomer(tables, input);
}

/** The first result of the same clientId; other text under it is a conflict, unless the first text was erased. */
function findRepeat(tables: Tables, { sender, clientId, text }: PostInput): PostResult | undefined {
  const row = clientId === undefined ? undefined : tables.userById(sender.id);
  if (row === undefined || clientId === undefined) return undefined;
  const owner = canonical(tables, row);
  for (const { key } of [owner, ...tables.aliasesOf(owner.key)]) {
    const message = tables.messageByClientId(key, clientId);
    if (message === undefined) continue;
    if (message.text !== text && !isTombstone(tables, message))
      throw refuse("DUPLICATE_ID_CONFLICT", { clientId });
    return resultOf(tables, message, ownOffset(tables, message, owner), true);
  }
  return undefined;
}

function isTombstone(tables: Tables, message: MessageRow): boolean {
  const conversation = tables.conversationByKey(message.conversation);
  return conversation !== undefined && isErased(tables, conversation);
}

function postToDesk(tables: Tables, input: PostInput): Outcome<PostResult> {
  const { sender, now } = input;
  const known = tables.userById(sender.id);
  const customer = known === undefined ? undefined : canonical(tables, known);
  // Its sessions are about to end: whoever comes back is somebody new.
  if (customer?.erasedAt !== undefined) throw refuse("FORBIDDEN", { hint: "this identity was erased" });
  if (customer?.blockedAt !== undefined) throw refuse("FORBIDDEN", { hint: "you are blocked" });
  const current = customer === undefined ? undefined : continuable(tables, customer.key, now);
  requirePermission(sender, "SEND", MESSAGE_DESTINATION, receiverOf(tables, input.to, current));

  if (known === undefined && input.tooManyGuests !== undefined)
    throw refuse("RATE_LIMITED", input.tooManyGuests);
  const by = rowOf(tables, sender, now, input.generation);
  const step = openForCustomer(tables, input, canonical(tables, by), by, current);
  const { result, facts } = appendTo(tables, input, by, step);
  return { result: known === undefined ? { ...result, newcomer: true } : result, facts };
}

function openForCustomer(
  tables: Tables,
  { conversationId, now, context }: PostInput,
  customer: UserRow,
  by: UserRow,
  current: ConversationRow | undefined,
): Step {
  const at = { by, now, ...(context === undefined ? {} : { context }) };
  if (current === undefined) return open(tables, { id: conversationId, customer, ...at });
  if (current.state === "closed") return reopen(tables, current, at);
  return { conversation: current, facts: [] };
}

function postToCustomer(tables: Tables, input: PostInput): Outcome<PostResult> {
  const { by, step } = takeCustomer(tables, input, MESSAGE_DESTINATION);
  return appendTo(tables, input, by, step);
}

export type TakeInput = Pick<
  PostInput,
  "sender" | "to" | "connected" | "conversationId" | "context" | "address" | "now"
>;

/**
 * Makes the sender one who serves this customer: starts the private chat, claims the one that waits, reopens
 * the one that was closed, or joins a colleague's as supervisor.
 */
export function takeCustomer(
  tables: Tables,
  input: TakeInput,
  destination: string,
): { readonly by: UserRow; readonly step: Step } {
  const { sender, to, connected, now } = input;
  const known = tables.userById(to);
  const current = known === undefined ? undefined : continuable(tables, canonical(tables, known).key, now);
  const receiver = receiverOf(tables, to, current);
  requirePermission(
    sender,
    "SEND",
    destination,
    known === undefined && connected !== undefined
      ? { ...receiver, kind: connected.principal.kind }
      : receiver,
  );
  const isNew = current === undefined || current.state === "closed";
  if (isNew && known !== undefined && canonical(tables, known).blockedAt !== undefined) {
    throw refuse("FORBIDDEN_RECEIVER", { hint: "they are blocked; unblock them first" });
  }

  const by = rowOf(tables, sender, now, undefined);
  const customer =
    known === undefined && connected !== undefined
      ? rowOf(tables, connected.principal, now, connected.generation)
      : canonical(tables, userOf(tables, known?.key ?? 0));
  return { by, step: takeConversation(tables, input, { customer, current, by }) };
}

function takeConversation(
  tables: Tables,
  input: TakeInput,
  { customer, current, by }: { customer: UserRow; current: ConversationRow | undefined; by: UserRow },
): Step {
  const { conversationId, sender, context, now } = input;
  const at = { by, assignee: by, now, ...(context === undefined ? {} : { context }) };
  const action = takingOf(tables, sender, by, current);
  if (action !== undefined) {
    const object = current?.id ?? conversationId;
    audit(tables, { ...input, principal: sender }, { action, user: customer.id, object });
  }
  if (current === undefined) return open(tables, { id: conversationId, customer, ...at });
  if (current.state === "closed") return reopen(tables, current, at);
  if (current.state === "waiting") return assign(tables, current, { assignee: by, by, now });
  return { conversation: current, facts: action === "join" ? join(tables, current, by) : [] };
}

/** What writing to the customer is, beside a message; undefined where the sender serves this customer already. */
function takingOf(
  tables: Tables,
  sender: Principal,
  by: UserRow,
  current: ConversationRow | undefined,
): "invite" | "claim" | "join" | undefined {
  if (current === undefined || current.state === "closed") return "invite";
  if (current.state === "waiting") return "claim";
  if (current.assignee === by.key || !hasRole(sender, "supervisor")) return undefined;
  return tables.participant(current.key, by.key)?.joined === true ? undefined : "join";
}

/** Whom a decision is about; nobody's id has no kind. */
export function receiverOf(tables: Tables, to: string, conversation: ConversationRow | undefined): Receiver {
  const user = to === SUPPORT ? undefined : tables.userById(to);
  return {
    id: to,
    // Who was erased is nobody to write to.
    ...(user === undefined || user.erasedAt !== undefined ? {} : { kind: user.kind }),
    ...(conversation === undefined ? {} : { conversation: conversationFacts(tables, conversation) }),
  };
}

function appendTo(tables: Tables, input: PostInput, sender: UserRow, step: Step): Outcome<PostResult> {
  const { messageId, to, text, now, clientId } = input;
  const hadUnread = readSeqOf(tables, step.conversation, sender.key) < lastSeqOf(tables, step.conversation);
  const posted = append(tables, step.conversation, {
    id: messageId,
    sender,
    receiver: to,
    text,
    sentAt: now,
    ...(clientId === undefined ? {} : { clientId }),
  });
  const own = posted.entries.find((entry) => entry.own);
  const fact = postedFact(tables, step.conversation, posted, summaryOf(tables, step.conversation));
  const facts: Fact[] = [...step.facts, fact];
  // Sending implies read: who watches the marks is told where that is news.
  if (hadUnread) facts.push(readFact(tables, step.conversation, sender, posted.message));
  return { result: resultOf(tables, posted.message, own?.offset ?? 0, false), facts };
}

function readFact(
  tables: Tables,
  conversation: ConversationRow,
  reader: UserRow,
  { offset }: MessageRow,
): Fact {
  return {
    type: "message.read",
    conversation: conversation.id,
    user: publicPrincipal(canonical(tables, reader)),
    seq: seqOf(conversation, offset),
    audience: audienceOf(tables, conversation),
  };
}

function resultOf(tables: Tables, message: MessageRow, offset: number, repeated: boolean): PostResult {
  const conversation = tables.conversationByKey(message.conversation);
  if (conversation === undefined) throw new Error("a message has no conversation");
  return {
    messageId: message.id,
    conversation: conversation.id,
    seq: seqOf(conversation, message.offset),
    offset,
    repeated,
  };
}

/** Where the sender's own copy of an earlier message stands. */
function ownOffset(tables: Tables, message: MessageRow, owner: UserRow): number {
  return message.customer === owner.key ? message.offset : tables.mailboxOffsetOf(owner.key, message.key);
}

/** The principal of a stored user. */
export function principalOf(user: UserRow): Principal {
  return { ...publicPrincipal(user), ...(user.scopes === undefined ? {} : { scopes: user.scopes }) };
}
