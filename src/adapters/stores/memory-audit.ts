/** The audit log over the memory store's rows. */
import type { AuditLine, AuditPlace, AuditRow, AuditTables } from "../../chat/audit.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryAudit implements AuditTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  append(line: AuditLine): void {
    const rows = this.#rows();
    rows.audited += 1;
    rows.audit.push({ ...line, key: rows.audited });
  }

  after({ at, key }: AuditPlace, limit: number): readonly AuditRow[] {
    return this.#rows()
      .audit.filter((row) => row.at > at || (row.at === at && row.key > key))
      .sort((one, other) => one.at - other.at || one.key - other.key)
      .slice(0, limit);
  }

  dropBefore(at: number, limit: number): number {
    const rows = this.#rows();
    const gone = new Set(this.after({ at: 0, key: 0 }, limit).filter((row) => row.at < at));
    rows.audit = rows.audit.filter((row) => !gone.has(row));
    return gone.size;
  }
}
