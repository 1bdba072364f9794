/** That a database was restored goes into its audit log with the first opening: a backup may be older than the log. */
import { DONE } from "../../chat/audit.ts";
import { SqliteAudit } from "./sqlite-audit.ts";
import type { DatabaseSync } from "node:sqlite";

/** `madeAt` of the backup; within the transaction of the caller. */
export function noteRestore(database: DatabaseSync, madeAt: string): void {
  database
    .prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('restored', ?)")
    .run(`${Date.now()} ${madeAt}`);
}

/** Of a database of the present schema, in a transaction of its own. */
export function auditRestore(database: DatabaseSync): void {
  const value = database.prepare("SELECT value FROM meta WHERE name = 'restored'").get()?.["value"];
  if (typeof value !== "string") return;
  const [at, madeAt] = value.split(" ");
  database.exec("BEGIN IMMEDIATE; DELETE FROM meta WHERE name = 'restored'");
  const detail = `a backup of ${madeAt ?? ""}`;
  new SqliteAudit(database).append({
    at: Number(at),
    actor: "operator",
    action: "restore",
    detail,
    outcome: DONE,
  });
  database.exec("COMMIT");
}
