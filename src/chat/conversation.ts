/** Conversations as pure data: sequence numbers, how they change state, and how the wire shows them. */
import { PREVIEW_CODE_POINTS, REOPEN_WINDOW_MS } from "./wire.ts";
import type { ConversationRow, Key, MessageRow, Tables, UserRow } from "./tables.ts";
import type { ConversationSummary, MessageBody, PublicPrincipal } from "./wire.ts";

export function publicPrincipal(user: UserRow): PublicPrincipal {
  return {
    id: user.id,
    kind: user.kind,
    ...(user.role === undefined ? {} : { role: user.role }),
    ...(user.name === undefined ? {} : { name: user.name }),
    ...(user.verified === undefined ? {} : { verified: user.verified }),
    ...(user.erasedAt === undefined ? {} : { erased: true }),
    ...(user.blockedAt === undefined ? {} : { blocked: true }),
  };
}

/** The row of a key that another row refers to. */
export function userOf(tables: Tables, key: Key): UserRow {
  const user = tables.userByKey(key);
  if (user === undefined) throw new Error(`user ${key} is referred to but does not exist`);
  return user;
}

/** The customer a guest became, or the user itself. */
export function canonical(tables: Tables, user: UserRow): UserRow {
  return user.aliasOf === undefined ? user : userOf(tables, user.aliasOf);
}

export function seqOf(conversation: ConversationRow, offset: number): number {
  return offset - conversation.first + 1;
}

export function offsetOf(conversation: ConversationRow, seq: number): number {
  return conversation.first + seq - 1;
}

/** The seq of the newest message; 0 before the first. A conversation is the newest interval of its customer's log, or ends before the next one. */
export function lastSeqOf(tables: Tables, conversation: ConversationRow): number {
  const latest = tables.latestConversationOf(conversation.customer);
  if (latest?.key === conversation.key) return seqOf(conversation, tables.logHead(conversation.customer));
  return Math.max(0, ...tables.authorsOf(conversation).values());
}

export function summaryOf(tables: Tables, conversation: ConversationRow): ConversationSummary {
  const { assignee } = conversation;
  return {
    id: conversation.id,
    state: conversation.state,
    customer: publicPrincipal(userOf(tables, conversation.customer)),
    assignee: assignee === undefined ? null : publicPrincipal(userOf(tables, assignee)),
    lastSeq: lastSeqOf(tables, conversation),
    version: conversation.version,
  };
}

export function isReopenable(conversation: ConversationRow, now: number): boolean {
  return conversation.state === "closed" && now - (conversation.closedAt ?? 0) <= REOPEN_WINDOW_MS;
}

/** Its customer was erased: of what was written in it nothing is shown, removed from the storage or not yet. */
export function isErased(tables: Tables, conversation: ConversationRow): boolean {
  return userOf(tables, conversation.customer).erasedAt !== undefined;
}

/** User ids of everybody who sees the conversation's events: customer (whom a guest became), assignee, joined supervisors. */
export function audienceOf(tables: Tables, conversation: ConversationRow): string[] {
  const keys = new Set<Key>([conversation.customer]);
  if (conversation.assignee !== undefined) keys.add(conversation.assignee);
  for (const participant of tables.participantsOf(conversation.key)) {
    if (participant.joined) keys.add(participant.user);
  }
  return [...keys].map((key) => canonical(tables, userOf(tables, key)).id);
}

/** Those with a mailbox of their own who receive the conversation's messages: assignee and joined supervisors. */
export function copyReceiversOf(tables: Tables, conversation: ConversationRow): Key[] {
  const keys = new Set<Key>();
  if (conversation.assignee !== undefined) keys.add(conversation.assignee);
  for (const participant of tables.participantsOf(conversation.key)) {
    if (participant.joined) keys.add(participant.user);
  }
  return [...keys];
}

/** The body of a message; `clientId` only when `own`. */
export function bodyOf(
  tables: Tables,
  conversation: ConversationRow,
  message: MessageRow,
  own: boolean,
): MessageBody {
  const erased = isErased(tables, conversation);
  return {
    userFrom: userOf(tables, message.sender).id,
    userTo: message.receiver,
    message: erased ? "" : message.text,
    id: message.id,
    conversation: conversation.id,
    seq: seqOf(conversation, message.offset),
    sentAt: new Date(message.sentAt).toISOString(),
    ...(own && message.clientId !== undefined ? { clientId: message.clientId } : {}),
    ...(erased ? { erased } : {}),
  };
}

/** The first code points of a message on one line. */
export function previewOf(text: string): string {
  let end = 0;
  for (let count = 0; count < PREVIEW_CODE_POINTS && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end).replaceAll("\n", " ");
}
