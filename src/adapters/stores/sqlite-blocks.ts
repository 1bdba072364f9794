/** Blocked networks in SQLite. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BlockTables, Key } from "../../chat/tables.ts";

export class SqliteBlocks implements BlockTables {
  readonly #sql: Readonly<Record<"add" | "has" | "of" | "drop", StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = {
      add: database.prepare("INSERT INTO blocked_networks (network, user) VALUES (?, ?)"),
      has: database.prepare("SELECT 1 FROM blocked_networks WHERE network = ? LIMIT 1"),
      of: database.prepare("SELECT network FROM blocked_networks WHERE user = ? ORDER BY network"),
      drop: database.prepare("DELETE FROM blocked_networks WHERE user = ?"),
    };
  }

  add(network: string, user: Key): void {
    this.#sql.add.run(network, user);
  }

  has(network: string): boolean {
    return this.#sql.has.get(network) !== undefined;
  }

  of(user: Key): readonly string[] {
    return this.#sql.of.all(user).map((row) => String(row["network"]));
  }

  dropOf(user: Key): void {
    this.#sql.drop.run(user);
  }
}
