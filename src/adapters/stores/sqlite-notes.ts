/** Private notes in SQLite. */
import { noteFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key, NoteRow, NoteTables } from "../../chat/tables.ts";

const COLUMNS = "conversation, number, id, author, text, written_at, after_seq, client_id";
/** Notes that are looked at, newest first, for the conversations noted last. */
const LATEST_NOTES = 2000;

export class SqliteNotes implements NoteTables {
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
  }

  append(row: Omit<NoteRow, "key" | "number">): NoteRow {
    const { conversation, id, author, text, writtenAt, afterSeq, clientId } = row;
    const number = 1 + Number(this.#sql.last.get(conversation)?.["last"]);
    const { lastInsertRowid } = this.#sql.insert.run(
      conversation,
      number,
      id,
      author,
      text,
      writtenAt,
      afterSeq,
      clientId ?? null,
    );
    return { ...row, number, key: Number(lastInsertRowid) };
  }

  byClientId(author: Key, clientId: string): NoteRow | undefined {
    const row = this.#sql.byClientId.get(author, clientId);
    return row === undefined ? undefined : noteFrom(row);
  }

  after(conversation: Key, after: number, limit: number): readonly NoteRow[] {
    return this.#sql.after.all(conversation, after, limit).map(noteFrom);
  }

  before(conversation: Key, before: number, limit: number): readonly NoteRow[] {
    return this.#sql.before.all(conversation, before, limit).map(noteFrom).toReversed();
  }

  latest(limit: number): readonly { readonly conversation: Key; readonly number: number }[] {
    return this.#sql.latest.all(limit).map((row) => ({
      conversation: Number(row["conversation"]),
      number: Number(row["number"]),
    }));
  }
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const select = `SELECT key, ${COLUMNS} FROM notes`;
  return {
    last: database.prepare("SELECT coalesce(max(number), 0) AS last FROM notes WHERE conversation = ?"),
    insert: database.prepare(`INSERT INTO notes (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    byClientId: database.prepare(`${select} WHERE author = ? AND client_id = ?`),
    after: database.prepare(`${select} WHERE conversation = ? AND number > ? ORDER BY number LIMIT ?`),
    before: database.prepare(`${select} WHERE conversation = ? AND number < ? ORDER BY number DESC LIMIT ?`),
    latest: database.prepare(
      `SELECT conversation, max(number) AS number FROM
         (SELECT key, conversation, number FROM notes ORDER BY key DESC LIMIT ${LATEST_NOTES})
       GROUP BY conversation ORDER BY max(key) DESC LIMIT ?`,
    ),
  };
}
