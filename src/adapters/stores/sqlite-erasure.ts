/** Erasure in SQLite: what is emptied here is overwritten in the file, as `secure_delete` is on. */
import { userFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ErasureTables, Key, UserRow } from "../../chat/tables.ts";

/** A merge that changed fewer rows than this found nothing to do (FTS5, 6.7). */
const IDLE_CHANGES = 2;
/** From this share of deleted rows on FTS5 merges a segment by itself: what it does unless told otherwise. */
const DELETED_PERCENT = 10;

export class SqliteErasure implements ErasureTables {
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync) {
    database.exec("CREATE TEMP TABLE last_rowid (key INTEGER PRIMARY KEY)");
    this.#sql = prepare(database);
  }

  messages(customer: Key, after: number, limit: number): { next: number; count: number } | undefined {
    const { up_to: next, count } = this.#sql.bite.get(customer, after, limit) ?? {};
    if (typeof next !== "number") return undefined;
    // All that is left is merged at the end: what FTS5 would merge by itself meanwhile is in vain, and long.
    if (after === 0) this.#sql.mergeDeleted.all(0);
    // Not `run`, here and in between: a DELETE leaves a last rowid that is too large for a number.
    this.#sql.forgetWords.all(customer, after, next);
    this.#sql.resetRowid.all();
    this.#sql.emptyMessages.run(customer, after, next);
    return { next, count: Number(count) };
  }

  conversation(key: Key, but: string): number {
    this.#sql.dropReasons.run(key, but);
    return Number(this.#sql.emptyNotes.run(key).changes);
  }

  words(begin: boolean, limit: number): boolean {
    const tables = [this.#sql.mergeMessages, this.#sql.mergeNames];
    // With a negative figure, everything the index has is to become one piece; each further call goes on with that.
    if (begin) {
      this.#sql.mergeDeleted.all(DELETED_PERCENT);
      for (const merge of tables) merge.run(-limit);
    }
    return begin || tables.some((merge) => this.#changes(() => merge.run(limit)) >= IDLE_CHANGES);
  }

  unfinished(): readonly UserRow[] {
    return this.#sql.unfinished.all().map(userFrom);
  }

  #changes(work: () => unknown): number {
    const before = Number(this.#sql.totalChanges.get()?.["changes"]);
    work();
    return Number(this.#sql.totalChanges.get()?.["changes"]) - before;
  }
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    bite: database.prepare(
      `SELECT max("offset") AS up_to, count(*) AS count FROM
         (SELECT "offset" FROM messages WHERE customer = ? AND "offset" > ? ORDER BY "offset" LIMIT ?)`,
    ),
    forgetWords: database.prepare(
      `DELETE FROM message_words WHERE rowid IN
         (SELECT key FROM messages WHERE customer = ? AND "offset" > ? AND "offset" <= ? AND text <> '')`,
    ),
    mergeDeleted: database.prepare(
      "INSERT INTO message_words (message_words, rank) VALUES ('deletemerge', CAST(? AS INTEGER))",
    ),
    resetRowid: database.prepare("INSERT OR REPLACE INTO temp.last_rowid VALUES (1)"),
    emptyMessages: database.prepare(
      `UPDATE messages SET text = '' WHERE customer = ? AND "offset" > ? AND "offset" <= ? AND text <> ''`,
    ),
    emptyNotes: database.prepare("UPDATE notes SET text = '' WHERE conversation = ? AND text <> ''"),
    dropReasons: database.prepare("UPDATE lines SET reason = NULL WHERE conversation = ? AND reason <> ?"),
    mergeMessages: database.prepare("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)"),
    mergeNames: database.prepare("INSERT INTO customer_words (customer_words, rank) VALUES ('merge', ?)"),
    totalChanges: database.prepare("SELECT total_changes() AS changes"),
    unfinished: database.prepare("SELECT * FROM users WHERE erasing = 1 ORDER BY key"),
  };
}
