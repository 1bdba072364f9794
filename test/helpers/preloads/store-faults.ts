/** Preloaded into a server: its database is full, or may not be written, for as long as a file says so. */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** What SQLite allows by itself. */
const NO_LIMIT = 4_294_967_294;
const file = process.env["FAULT_FILE"] ?? "";

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (sql) {
  if (sql.startsWith("BEGIN")) {
    const fault = readFileSync(file, "utf8");
    exec.call(this, `PRAGMA query_only = ${fault === "read-only" ? "ON" : "OFF"}`);
    // One page is never enough: SQLite takes it for the pages there are.
    exec.call(this, `PRAGMA max_page_count = ${fault === "full" ? 1 : NO_LIMIT}`);
  }
  exec.call(this, sql);
};
