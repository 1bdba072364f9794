/** The index of words in SQLite: FTS5, filled a little behind the messages so that no SEND waits for it. */
import { mayGoOn, searchable } from "../../chat/search-words.ts";
import { messageFrom, userFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Key, MessageRow, SearchTables, UserRow } from "../../chat/tables.ts";
import type { SqliteMoves } from "./sqlite-moves.ts";

export class SqliteSearch implements SearchTables {
  readonly #moves: SqliteMoves;
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync, moves: SqliteMoves) {
    this.#moves = moves;
    this.#sql = prepare(database);
  }

  index(limit: number): number {
    const rows = this.#sql.notIndexed.all(limit);
    for (const row of rows) this.#sql.insert.run(Number(row["key"]), searchable(String(row["text"])));
    return rows.length;
  }

  messages(words: readonly string[], beforeKey: Key | undefined, limit: number): readonly MessageRow[] {
    return this.#sql.messages
      .all(matchOf(words), beforeKey ?? Number.MAX_SAFE_INTEGER, limit)
      .map((row) => this.#moves.placed(messageFrom(row)));
  }

  customers(words: readonly string[], limit: number): readonly UserRow[] {
    return this.#sql.customers.all(matchOf(words), limit).map(userFrom);
  }

  /** Puts a customer's name into the index, or that there is none, in place of an earlier one. */
  indexName({ key, kind, name }: Pick<UserRow, "key" | "kind" | "name">): void {
    if (kind === "guest" || kind === "customer") this.#sql.putName.run(key, searchable(name ?? ""));
  }
}

/** Each piece as a phrase (FTS5, 3.1 to 3.3); the tokenizer takes case and accents away. */
function matchOf(words: readonly string[]): string {
  const phraseOf = (word: string): string =>
    `"${searchable(word).trim().replaceAll('"', '""')}"${mayGoOn(word) ? "*" : ""}`;
  return words.map(phraseOf).join(" AND ");
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    notIndexed: database.prepare(
      `SELECT key, text FROM messages
       WHERE key > (SELECT coalesce(max(id), 0) FROM message_words_docsize) ORDER BY key LIMIT ?`,
    ),
    insert: database.prepare("INSERT INTO message_words (rowid, text) VALUES (?, ?)"),
    messages: database.prepare(
      `SELECT messages.* FROM message_words JOIN messages ON messages.key = message_words.rowid
       WHERE message_words MATCH ? AND message_words.rowid < ? ORDER BY message_words.rowid DESC LIMIT ?`,
    ),
    // A DELETE leaves a last rowid that is too large for a number, and every statement after it fails on that.
    putName: database.prepare("INSERT OR REPLACE INTO customer_words (rowid, name) VALUES (?, ?)"),
    customers: database.prepare(
      `SELECT users.* FROM customer_words JOIN users ON users.key = customer_words.rowid
       WHERE customer_words MATCH ? AND users.alias_of IS NULL ORDER BY customer_words.rowid DESC LIMIT ?`,
    ),
  };
}
