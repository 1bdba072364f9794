/** Messages and mailboxes in SQLite; heads of logs and mailboxes are kept in memory and never written. */
import { hash } from "node:crypto";
import { LruCache } from "./lru-cache.ts";
import { logFloor } from "./retention.ts";
import { messageFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ConversationRow, Key, MessageRow, UserRow } from "../../chat/tables.ts";
import type { Retention } from "./retention.ts";
import type { SqliteMoves, Stretch } from "./sqlite-moves.ts";

const COLUMNS = `customer, "offset", conversation, id, sender, receiver, text, sent_at, client_id`;
const CACHED = 50_000;
const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class SqliteMessages {
  readonly #retention: Retention;
  readonly #moves: SqliteMoves;
  readonly #logHeads = new LruCache<Key, number>(CACHED);
  /** What was beyond the retention once is so for good. */
  readonly #logFloors = new LruCache<Key, number>(CACHED);
  readonly #mailboxHeads = new LruCache<Key, number>(CACHED);
  readonly #authors = new LruCache<Key, Map<Key, number>>(CACHED);
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync, retention: Retention, moves: SqliteMoves) {
    this.#retention = retention;
    this.#moves = moves;
    this.#sql = prepare(database);
  }

  logHead(customer: Key): number {
    return headIn(this.#logHeads, customer, () => {
      const [newest] = this.messagesBefore(customer, 0, Number.MAX_SAFE_INTEGER, 1);
      return newest?.offset ?? 0;
    });
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
    const message = row === undefined ? undefined : this.#moves.placed(messageFrom(row));
    return message?.clientId === clientId ? message : undefined;
  }

  messagesAfter(customer: Key, after: number, upTo: number, limit: number): readonly MessageRow[] {
    return this.#read(this.#sql.after, this.#moves.stretches(customer, after, upTo), limit);
  }

  messagesBefore(customer: Key, after: number, before: number, limit: number): readonly MessageRow[] {
    const stretches = this.#moves.stretches(customer, after, before - 1).toReversed();
    return this.#read(this.#sql.before, stretches, limit).toReversed();
  }

  /** The first `limit` rows of the stretches, each read by the statement, which may ask for more than a stretch. */
  #read(
    statement: StatementSync,
    stretches: readonly Stretch[],
    limit: number,
    ...more: readonly number[]
  ): readonly MessageRow[] {
    const found: MessageRow[] = [];
    for (const { stored, after, upTo } of stretches) {
      if (found.length >= limit) break;
      for (const row of statement.all(stored, after, upTo, ...more, limit - found.length))
        found.push(this.#moves.placed(messageFrom(row)));
    }
    return found;
  }

  authorsOf({ key, customer, first }: ConversationRow): ReadonlyMap<Key, number> {
    let authors = this.#authors.get(key);
    if (authors === undefined) {
      authors = new Map();
      const next = this.#sql.nextFirst.get(customer, first)?.["first"] ?? Number.MAX_SAFE_INTEGER;
      for (const stretch of this.#moves.stretches(customer, first - 1, Number(next) - 1)) {
        const { stored, after, upTo, shift } = stretch;
        for (const row of this.#sql.authors.all(stored, after, upTo, key))
          authors.set(Number(row["sender"]), Number(row["last"]) + shift - first + 1);
      }
      this.#authors.set(key, authors);
    }
    return authors;
  }

  /** Moves the messages of the log's last conversation to the end of another log; returns their new first offset. */
  move({ key, customer, first }: ConversationRow, to: Key): number {
    const [count, head] = [this.logHead(customer) - first + 1, this.logHead(to)];
    if (count > 0)
      this.#moves.add({ source: customer, first, conversation: key, customer: to, offset: head + 1, count });
    this.#logHeads.set(customer, first - 1);
    this.#logHeads.set(to, head + count);
    return head + 1;
  }

  mailboxHead(user: Key): number {
    return headIn(this.#mailboxHeads, user, () => Number(this.#sql.mailboxHead.get(user)?.["head"] ?? 0));
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
      .map((row) => ({ offset: Number(row["position"]), message: this.#moves.placed(messageFrom(row)) }));
  }

  mailboxFloor({ key, kind }: UserRow): number {
    if (kind !== "guest" && kind !== "customer") return Number(this.#sql.marks.get(key)?.["floor"] ?? 0);
    const known = this.#logFloors.get(key) ?? 0;
    const floor = logFloor(this.#retention, this.logHead(key), (after, sentSince) => {
      const stretches = this.#moves.stretches(key, Math.max(after, known), Number.MAX_SAFE_INTEGER);
      return this.#read(this.#sql.since, stretches, 1, sentSince)[0]?.offset;
    });
    this.#logFloors.set(key, floor);
    return floor;
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
    this.#logFloors.clear();
    this.#mailboxHeads.clear();
    this.#authors.clear();
  }
}

function headIn(heads: LruCache<Key, number>, key: Key, read: () => number): number {
  let head = heads.get(key);
  if (head === undefined) {
    head = read();
    heads.set(key, head);
  }
  return head;
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const select = `SELECT key, ${COLUMNS} FROM messages`;
  const stretch = `customer = ? AND "offset" > ? AND "offset" <= ?`;
  return {
    append: database.prepare(
      `INSERT INTO messages (${COLUMNS}, client_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    byClientId: database.prepare(`${select} WHERE client_key = ? AND sender = ?`),
    after: database.prepare(`${select} WHERE ${stretch} ORDER BY "offset" LIMIT ?`),
    before: database.prepare(`${select} WHERE ${stretch} ORDER BY "offset" DESC LIMIT ?`),
    since: database.prepare(`${select} WHERE ${stretch} AND sent_at >= ? ORDER BY "offset" LIMIT ?`),
    authors: database.prepare(
      `SELECT sender, max("offset") AS last FROM messages WHERE ${stretch} AND conversation = ? GROUP BY sender`,
    ),
    nextFirst: database.prepare(
      `SELECT first FROM conversations WHERE customer = ? AND first > ? ORDER BY first LIMIT 1`,
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
