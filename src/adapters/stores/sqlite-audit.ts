/** The audit log in SQLite, whose triggers refuse to change a line, and to drop one before its time. */
import { auditFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AuditLine, AuditPlace, AuditRow, AuditTables } from "../../chat/audit.ts";

export class SqliteAudit implements AuditTables {
  readonly #sql: Readonly<Record<"append" | "after" | "release" | "drop", StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = {
      append: database.prepare(
        `INSERT INTO audit (at, actor, action, user, object, detail, address, outcome, times)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      after: database.prepare("SELECT * FROM audit WHERE (at, key) > (?, ?) ORDER BY at, key LIMIT ?"),
      release: database.prepare("UPDATE audit_retention SET kept_since = ?"),
      drop: database.prepare(
        "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE at < ? ORDER BY at LIMIT ?)",
      ),
    };
  }

  append({ at, actor, action, user, object, detail, address, outcome, times }: AuditLine): void {
    const row = [at, actor, action, user, object, detail, address, outcome, times];
    this.#sql.append.run(...row.map((value) => value ?? null));
  }

  after({ at, key }: AuditPlace, limit: number): readonly AuditRow[] {
    return this.#sql.after.all(at, key, limit).map(auditFrom);
  }

  dropBefore(at: number, limit: number): number {
    this.#sql.release.run(at);
    return Number(this.#sql.drop.run(at, limit).changes);
  }
}
