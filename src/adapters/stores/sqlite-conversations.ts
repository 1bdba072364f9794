/** Conversations, participants and lines in SQLite. */
import { LruCache } from "./lru-cache.ts";
import { conversationFrom, lineFrom, participantFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { ConversationFilter, ConversationRow, Key, LineRow, ParticipantRow } from "../../chat/tables.ts";
import type { ConversationState } from "../../chat/wire.ts";

const COLUMNS =
  "id, customer, first, state, assignee, version, opened_at, waiting_since, closed_at, close_reason, context";
const PARTICIPANT = "conversation, user, joined, copied_seq, read_seq, delivered_seq";

const CACHED = 50_000;

export class SqliteConversations {
  readonly #byKey = new LruCache<Key, ConversationRow>(CACHED);
  readonly #latest = new LruCache<Key, Key>(CACHED);
  readonly #participants = new LruCache<Key, readonly ParticipantRow[]>(CACHED);
  readonly #database: DatabaseSync;
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  conversationById(id: string): ConversationRow | undefined {
    return this.#found(this.#sql.byId.get(id));
  }

  conversationByKey(key: Key): ConversationRow | undefined {
    return this.#byKey.get(key) ?? this.#found(this.#sql.byKey.get(key));
  }

  latestConversationOf(customer: Key): ConversationRow | undefined {
    const key = this.#latest.get(customer);
    if (key !== undefined) return this.conversationByKey(key);
    const latest = this.#found(this.#sql.latestOf.get(customer));
    if (latest !== undefined) this.#latest.set(customer, latest.key);
    return latest;
  }

  insertConversation(row: Omit<ConversationRow, "key">): ConversationRow {
    const { lastInsertRowid } = this.#sql.insert.run(...valuesOf(row));
    const conversation = this.#remember({ ...row, key: Number(lastInsertRowid) });
    this.#latest.set(row.customer, conversation.key);
    return conversation;
  }

  updateConversation(row: ConversationRow): void {
    this.#sql.update.run(...valuesOf(row), row.key);
    this.#remember(row);
  }

  /** The conversation belongs to another customer now. */
  forgetLatestOf(customer: Key): void {
    this.#latest.delete(customer);
  }

  conversations({
    states,
    customers,
    assignee,
    beforeKey,
    limit,
  }: ConversationFilter): readonly ConversationRow[] {
    const parameters: SQLInputValue[] = [beforeKey ?? Number.MAX_SAFE_INTEGER];
    let where = "key < ?";
    const among = (column: string, values: readonly SQLInputValue[]): void => {
      where += ` AND ${column} IN (${values.map(() => "?").join(", ")})`;
      parameters.push(...values);
    };
    if (states !== undefined) among("state", states);
    if (customers !== undefined) among("customer", customers);
    if (assignee !== undefined) among("assignee", [assignee]);
    const select = `SELECT key, ${COLUMNS} FROM conversations WHERE ${where} ORDER BY key DESC LIMIT ?`;
    return this.#database
      .prepare(select)
      .all(...parameters, limit)
      .map(conversationFrom);
  }

  countConversations(state: ConversationState): number {
    return Number(this.#sql.count.get(state)?.["count"]);
  }

  openConversationsOf(user: Key): readonly ConversationRow[] {
    return this.#sql.openOf.all(user, user, user).map(conversationFrom);
  }

  waitingConversations(limit: number): readonly ConversationRow[] {
    return this.#sql.waiting.all(limit).map(conversationFrom);
  }

  participant(conversation: Key, user: Key): ParticipantRow | undefined {
    return this.participantsOf(conversation).find((row) => row.user === user);
  }

  participantsOf(conversation: Key): readonly ParticipantRow[] {
    let rows = this.#participants.get(conversation);
    if (rows === undefined) {
      rows = this.#sql.participantsOf.all(conversation).map(participantFrom);
      this.#participants.set(conversation, rows);
    }
    return rows;
  }

  putParticipant(row: ParticipantRow): void {
    const { conversation, user, joined, copiedSeq, readSeq, deliveredSeq } = row;
    const others = this.participantsOf(conversation).filter((other) => other.user !== user);
    this.#sql.putParticipant.run(conversation, user, Number(joined), copiedSeq, readSeq, deliveredSeq);
    this.#participants.set(conversation, [...others, row]);
  }

  appendLine({ conversation, type, at, afterSeq, by, reason }: LineRow): void {
    this.#sql.appendLine.run(conversation, type, at, afterSeq, by ?? null, reason ?? null);
  }

  linesOf(conversation: Key, from: number, to: number): readonly LineRow[] {
    return this.#sql.linesOf.all(conversation, from, to).map(lineFrom);
  }

  forget(): void {
    this.#byKey.clear();
    this.#latest.clear();
    this.#participants.clear();
  }

  #found(row: Record<string, unknown> | undefined): ConversationRow | undefined {
    return row === undefined ? undefined : this.#remember(conversationFrom(row));
  }

  #remember(row: ConversationRow): ConversationRow {
    this.#byKey.set(row.key, row);
    return row;
  }
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const select = `SELECT key, ${COLUMNS} FROM conversations`;
  return {
    byId: database.prepare(`${select} WHERE id = ?`),
    byKey: database.prepare(`${select} WHERE key = ?`),
    // Of those that begin at one place, all but one are without a message.
    latestOf: database.prepare(
      `${select} AS c WHERE customer = ? ORDER BY first DESC, (EXISTS (
         SELECT 1 FROM messages m WHERE m.customer = c.customer AND m."offset" = c.first AND m.conversation = c.key
       ) OR EXISTS (
         SELECT 1 FROM moves v WHERE v.customer = c.customer AND v."offset" = c.first AND v.conversation = c.key
       )) DESC, state = 'closed', key DESC LIMIT 1`,
    ),
    insert: database.prepare(
      `INSERT INTO conversations (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare(
      `UPDATE conversations SET (${COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE key = ?`,
    ),
    count: database.prepare("SELECT count(*) AS count FROM conversations WHERE state = ?"),
    openOf: database.prepare(
      `${select} WHERE state <> 'closed' AND (customer = ? OR (state = 'active' AND assignee = ?)
         OR key IN (SELECT conversation FROM participants WHERE user = ? AND joined = 1)) ORDER BY key`,
    ),
    waiting: database.prepare(`${select} WHERE state = 'waiting' ORDER BY waiting_since, key LIMIT ?`),
    participantsOf: database.prepare(
      `SELECT ${PARTICIPANT} FROM participants WHERE conversation = ? ORDER BY user`,
    ),
    putParticipant: database.prepare(
      `INSERT OR REPLACE INTO participants (${PARTICIPANT}) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    appendLine: database.prepare(
      "INSERT INTO lines (conversation, type, at, after_seq, by, reason) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    linesOf: database.prepare(
      `SELECT conversation, type, at, after_seq, by, reason FROM lines
       WHERE conversation = ? AND after_seq BETWEEN ? AND ? ORDER BY key`,
    ),
  };
}

function valuesOf(row: Omit<ConversationRow, "key">): SQLInputValue[] {
  return [
    row.id,
    row.customer,
    row.first,
    row.state,
    row.assignee ?? null,
    row.version,
    row.openedAt,
    row.waitingSince ?? null,
    row.closedAt ?? null,
    row.closeReason ?? null,
    row.context === undefined ? null : JSON.stringify(row.context),
  ];
}
