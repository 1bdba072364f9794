/** Messages and mailboxes in SQLite; heads of logs and mailboxes are kept in memory and never written. */
import { hash } from "node:crypto";
import { LruCache } from "./lru-cache.ts";
import { logFloor } from "./retention.ts";
import { messageFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ConversationRow, Key, MessageRow, UserRow } from "../../chat/tables.ts";
import type { Retention } from "./retention.ts";

const COLUMNS = `customer, "offset", conversation, id, sender, receiver, text, sent_at, client_id`;
const CACHED = 50_000;
const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class SqliteMessages {
  readonly #retention: Retention;
  readonly #logHeads = new LruCache<Key, number>(CACHED);
  readonly #mailboxHeads = new LruCache<Key, number>(CACHED);
  readonly #authors = new LruCache<Key, Map<Key, number>>(CACHED);
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#retention = retention;
    this.#sql = prepare(database);
  }

  logHead(customer: Key): number {
    return this.#headIn(this.#logHeads, this.#sql.logHead, customer);
  }

  appendMessage(row: Omit<MessageRow, "key" | "offset">): MessageRow {
    const { customer, conversation, id, sender, receiver, text, sentAt, clientId } = row;
    const offset = this.logHead(customer) + 1;
    const { lastInsertRowid } = this.#sql.append.run(
      customer,
      offset,
      conversation,
      id,
      sender,
      receiver,
      text,
      sentAt,
      clientId ?? null,
      clientId === undefined ? null : clientKey(clientId),
    );
    this.#logHeads.set(customer, offset);
    return { ...row, offset, key: Number(lastInsertRowid) };
  }

  /** The sender wrote a message of this seq: what `authorsOf` answers without reading. */
  rememberAuthor(conversation: Key, sender: Key, seq: number): void {
    this.#authors.get(conversation)?.set(sender, seq);
  }

  messageByClientId(sender: Key, clientId: string): MessageRow | undefined {
    const row = this.#sql.byClientId.get(clientKey(clientId), sender);
    const message = row === undefined ? undefined : messageFrom(row);
    return message?.clientId === clientId ? message : undefined;
  }

  messagesAfter(customer: Key, after: number, upTo: number, limit: number): readonly MessageRow[] {
    return this.#sql.after.all(customer, after, upTo, limit).map(messageFrom);
  }

  messagesBefore(customer: Key, after: number, before: number, limit: number): readonly MessageRow[] {
    return this.#sql.before.all(customer, after, before, limit).map(messageFrom).reverse();
  }

  authorsOf({ key, customer, first }: ConversationRow): ReadonlyMap<Key, number> {
    let authors = this.#authors.get(key);
    if (authors === undefined) {
      const rows = this.#sql.authors.all(customer, first, key);
      authors = new Map(rows.map((row) => [Number(row["sender"]), Number(row["last"]) - first + 1]));
      this.#authors.set(key, authors);
    }
    return authors;
  }

  /** Moves the messages of the log's last conversation to the end of another log; returns their new first offset. */
  move({ key, customer, first }: ConversationRow, to: Key): number {
    const newFirst = this.logHead(to) + 1;
    this.#sql.move.run(to, newFirst - first, customer, first);
    for (const heads of [customer, to]) this.#logHeads.delete(heads);
    this.#authors.delete(key);
    return newFirst;
  }

  mailboxHead(user: Key): number {
    return this.#headIn(this.#mailboxHeads, this.#sql.mailboxHead, user);
  }

  appendToMailbox(user: Key, message: Key): number {
    const offset = this.mailboxHead(user) + 1;
    this.#sql.appendToMailbox.run(user, offset, message);
    this.#mailboxHeads.set(user, offset);
    return offset;
  }

  mailboxOffsetOf(user: Key, message: Key): number {
    return Number(this.#sql.mailboxOffsetOf.get(user, message)?.["offset"] ?? 0);
  }

  mailboxAfter(user: Key, after: number, limit: number): readonly { offset: number; message: MessageRow }[] {
    return this.#sql.mailboxAfter
      .all(user, after, limit)
      .map((row) => ({ offset: Number(row["position"]), message: messageFrom(row) }));
  }

  mailboxFloor({ key, kind }: UserRow): number {
    if (kind !== "guest" && kind !== "customer") return Number(this.#sql.marks.get(key)?.["floor"] ?? 0);
    return logFloor(this.#retention, this.logHead(key), (sentBefore) => this.#offsetBefore(key, sentBefore));
  }

  /** Offset of the last message sent before a time. Most logs have none: their first message tells. */
  #offsetBefore(customer: Key, sentBefore: number): number {
    const first = this.messagesAfter(customer, 0, Number.MAX_SAFE_INTEGER, 1)[0];
    if (first === undefined || first.sentAt >= sentBefore) return 0;
    return Number(this.#sql.offsetBefore.get(customer, sentBefore)?.["offset"] ?? 0);
  }

  deliveredMark(user: Key): number {
    return Number(this.#sql.marks.get(user)?.["delivered"] ?? 0);
  }

  setDeliveredMark(user: Key, offset: number): void {
    this.#sql.setDelivered.run(user, offset);
  }

  pruneMailboxes(maxMessages: number, sentBefore: number, limit: number): number {
    let dropped = 0;
    for (const { user } of this.#sql.mailboxOwners.all()) {
      const key = Number(user);
      const upTo = this.#prunableUpTo(
        key,
        { keptFrom: this.mailboxHead(key) - maxMessages, sentBefore },
        limit - dropped,
      );
      if (upTo === 0) continue;
      dropped += Number(this.#sql.drop.run(key, upTo).changes);
      this.#sql.setFloor.run(key, upTo);
    }
    return dropped;
  }

  /** Offset of the last one to go of at most `limit`; 0 when none is. Reads no more than what goes and one. */
  #prunableUpTo(
    user: Key,
    { keptFrom, sentBefore }: { keptFrom: number; sentBefore: number },
    limit: number,
  ): number {
    let upTo = 0;
    if (limit === 0) return upTo;
    for (const { offset, sent_at: sentAt } of this.#sql.oldestInMailbox.iterate(user, limit)) {
      if (Number(offset) > keptFrom && Number(sentAt) >= sentBefore) break;
      upTo = Number(offset);
    }
    return upTo;
  }

  forget(): void {
    this.#logHeads.clear();
    this.#mailboxHeads.clear();
    this.#authors.clear();
  }

  #headIn(heads: LruCache<Key, number>, statement: StatementSync, key: Key): number {
    let head = heads.get(key);
    if (head === undefined) {
      head = Number(statement.get(key)?.["head"] ?? 0);
      heads.set(key, head);
    }
    return head;
  }
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const select = `SELECT key, ${COLUMNS} FROM messages`;
  return {
    logHead: database.prepare(`SELECT max("offset") AS head FROM messages WHERE customer = ?`),
    append: database.prepare(
      `INSERT INTO messages (${COLUMNS}, client_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    byClientId: database.prepare(`${select} WHERE client_key = ? AND sender = ?`),
    after: database.prepare(
      `${select} WHERE customer = ? AND "offset" > ? AND "offset" <= ? ORDER BY "offset" LIMIT ?`,
    ),
    before: database.prepare(
      `${select} WHERE customer = ? AND "offset" > ? AND "offset" < ? ORDER BY "offset" DESC LIMIT ?`,
    ),
    authors: database.prepare(
      `SELECT sender, max("offset") AS last FROM messages
       WHERE customer = ?1 AND "offset" >= ?2 AND conversation = ?3 AND "offset" < coalesce(
         (SELECT min(first) FROM conversations WHERE customer = ?1 AND first > ?2), ${Number.MAX_SAFE_INTEGER}
       ) GROUP BY sender`,
    ),
    move: database.prepare(
      `UPDATE messages SET customer = ?, "offset" = "offset" + ? WHERE customer = ? AND "offset" >= ?`,
    ),
    offsetBefore: database.prepare(
      `SELECT max("offset") AS "offset" FROM messages WHERE customer = ? AND sent_at < ?`,
    ),
    mailboxHead: database.prepare(
      `SELECT max(coalesce((SELECT max("offset") FROM mailbox WHERE user = ?1), 0),
                  coalesce((SELECT floor FROM mailbox_marks WHERE user = ?1), 0)) AS head`,
    ),
    appendToMailbox: database.prepare(`INSERT INTO mailbox (user, "offset", message) VALUES (?, ?, ?)`),
    mailboxOffsetOf: database.prepare(
      `SELECT "offset" FROM mailbox WHERE user = ? AND message = ? ORDER BY "offset" DESC LIMIT 1`,
    ),
    mailboxAfter: database.prepare(
      `SELECT b."offset" AS position, m.key, m.customer, m."offset", m.conversation, m.id, m.sender, m.receiver,
              m.text, m.sent_at, m.client_id
       FROM mailbox b JOIN messages m ON m.key = b.message
       WHERE b.user = ? AND b."offset" > ? ORDER BY b."offset" LIMIT ?`,
    ),
    marks: database.prepare("SELECT delivered, floor FROM mailbox_marks WHERE user = ?"),
    setDelivered: database.prepare(
      `INSERT INTO mailbox_marks (user, delivered) VALUES (?, ?)
       ON CONFLICT (user) DO UPDATE SET delivered = excluded.delivered`,
    ),
    setFloor: database.prepare(
      `INSERT INTO mailbox_marks (user, floor) VALUES (?, ?)
       ON CONFLICT (user) DO UPDATE SET floor = excluded.floor`,
    ),
    mailboxOwners: database.prepare(
      `WITH RECURSIVE owners (user) AS (
         SELECT min(user) FROM mailbox
         UNION ALL SELECT (SELECT min(b.user) FROM mailbox b WHERE b.user > owners.user) FROM owners WHERE user IS NOT NULL
       ) SELECT user FROM owners WHERE user IS NOT NULL`,
    ),
    oldestInMailbox: database.prepare(
      `SELECT b."offset", m.sent_at FROM mailbox b JOIN messages m ON m.key = b.message
       WHERE b.user = ? ORDER BY b."offset" LIMIT ?`,
    ),
    drop: database.prepare(`DELETE FROM mailbox WHERE user = ? AND "offset" <= ?`),
  };
}

/** 16 octets of a clientId: a UUID's own, which keeps time-ordered ones together in the index, else of its hash. */
function clientKey(clientId: string): Uint8Array {
  if (CANONICAL_UUID.test(clientId)) return Buffer.from(clientId.replaceAll("-", ""), "hex");
  return hash("sha256", clientId, "buffer").subarray(0, 16);
}
