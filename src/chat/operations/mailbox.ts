/** Mailboxes as the store has them: marks, and pages of what is in them. */
import { bodyOf, canonical } from "../conversation.ts";
import { answer } from "./outcome.ts";
import type { ConversationRow, Key, MessageRow, Tables, UserRow } from "../tables.ts";
import type { MessageBody } from "../wire.ts";
import type { Outcome } from "./outcome.ts";

export type MailboxState = { readonly delivered: number; readonly head: number; readonly floor: number };

/** The marks of a user's mailbox; all 0 for somebody without a row. */
export function mailboxState(tables: Tables, { user: id }: { user: string }): Outcome<MailboxState> {
  const user = ownerOf(tables, id);
  if (user === undefined) return answer({ delivered: 0, head: 0, floor: 0 });
  const floor = tables.mailboxFloor(user);
  return answer({ delivered: tables.deliveredMark(user.key), head: headOf(tables, user), floor });
}

export type MailboxItem = { readonly offset: number; readonly own: boolean; readonly body: MessageBody };

/** What an outbox has room for: whoever takes a page takes about as much before the next one. */
const PAGE_CHARACTERS = 48 * 1024;

/** The mailbox's items after an offset, ascending: at most `limit`, and no more once their texts fill a page. */
export function mailboxPage(
  tables: Tables,
  { user: id, after, limit }: { user: string; after: number; limit: number },
): Outcome<readonly MailboxItem[]> {
  const user = ownerOf(tables, id);
  return answer(user === undefined ? [] : fill(pageOfMailbox(tables, user, after, limit)));
}

/** At least one, if there is one. */
function fill(items: readonly MailboxItem[]): readonly MailboxItem[] {
  let characters = 0;
  const end = items.findIndex(({ body }) => (characters += body.message.length) >= PAGE_CHARACTERS);
  return end < 0 ? items : items.slice(0, end + 1);
}

export function pageOfMailbox(
  tables: Tables,
  user: UserRow,
  after: number,
  limit: number,
): readonly MailboxItem[] {
  const rows = hasLog(user)
    ? tables
        .messagesAfter(user.key, after, Number.MAX_SAFE_INTEGER, limit)
        .map((message) => ({ offset: message.offset, message }))
    : tables.mailboxAfter(user.key, after, limit);
  return rows.map(({ offset, message }) => itemOf(tables, user, offset, message));
}

function itemOf(tables: Tables, user: UserRow, offset: number, message: MessageRow): MailboxItem {
  const own = isMine(tables, user, message.sender);
  return { offset, own, body: bodyOf(tables, conversationOf(tables, message.conversation), message, own) };
}

function conversationOf(tables: Tables, key: Key): ConversationRow {
  const row = tables.conversationByKey(key);
  if (row === undefined) throw new Error("a message has no conversation");
  return row;
}

/** The user, or the customer a guest became. */
export function ownerOf(tables: Tables, id: string): UserRow | undefined {
  const user = tables.userById(id);
  return user === undefined ? undefined : canonical(tables, user);
}

/** Whether the user wrote it, as a guest before too. */
export function isMine(tables: Tables, user: UserRow, sender: Key): boolean {
  return sender === user.key || tables.userByKey(sender)?.aliasOf === user.key;
}

function hasLog(user: UserRow): boolean {
  return user.kind === "guest" || user.kind === "customer";
}

/** The offset of the newest item of the user's mailbox. */
export function headOf(tables: Tables, user: UserRow): number {
  return hasLog(user) ? tables.logHead(user.key) : tables.mailboxHead(user.key);
}
