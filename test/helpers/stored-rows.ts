/** How many rows each table of a running server's database has. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";

export class StoredRows {
  readonly #database: DatabaseSync;
  readonly #counts: StatementSync;

  constructor(dataDir: string) {
    this.#database = new DatabaseSync(join(dataDir, "chat.db"), { readOnly: true });
    this.#counts = this.#database.prepare(countsOf(this.#database));
  }

  /** By table. Marks that move are no rows: nothing of a bad input is stored as one. */
  get counts(): Readonly<Record<string, unknown>> {
    return { ...this.#counts.get() };
  }

  close(): void {
    this.#database.close();
  }
}

/** A query with a column for each table; words are indexed later, and the audit log is for what was refused. */
function countsOf(database: DatabaseSync): string {
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%words%' AND name NOT LIKE 'audit%'",
    )
    .all();
  const counts = tables.map(({ name }) => `(SELECT count(*) FROM "${String(name)}") AS "${String(name)}"`);
  return `SELECT ${counts.join(", ")}`;
}
