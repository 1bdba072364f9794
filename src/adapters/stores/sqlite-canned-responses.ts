/** Canned responses in SQLite. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CannedResponseTables } from "../../chat/tables.ts";
import type { CannedResponse } from "../../chat/wire.ts";

export class SqliteCannedResponses implements CannedResponseTables {
  readonly #sql: Readonly<Record<"all" | "get" | "put" | "delete", StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = {
      all: database.prepare("SELECT shortcut, text FROM canned_responses ORDER BY shortcut"),
      get: database.prepare("SELECT shortcut, text FROM canned_responses WHERE shortcut = ?"),
      put: database.prepare("INSERT OR REPLACE INTO canned_responses (shortcut, text) VALUES (?, ?)"),
      delete: database.prepare("DELETE FROM canned_responses WHERE shortcut = ?"),
    };
  }

  all(): readonly CannedResponse[] {
    return this.#sql.all.all().map(responseFrom);
  }

  get(shortcut: string): CannedResponse | undefined {
    const row = this.#sql.get.get(shortcut);
    return row === undefined ? undefined : responseFrom(row);
  }

  put({ shortcut, text }: CannedResponse): void {
    this.#sql.put.run(shortcut, text);
  }

  delete(shortcut: string): void {
    this.#sql.delete.run(shortcut);
  }
}

function responseFrom(row: Record<string, unknown>): CannedResponse {
  return { shortcut: String(row["shortcut"]), text: String(row["text"]) };
}
