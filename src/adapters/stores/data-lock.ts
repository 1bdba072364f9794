/** One process per data directory: a kernel lock that ends with the process, and the pid for the message. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Locks the directory; throws `already in use by pid N`. The returned function releases it. */
export function lockDataDir(directory: string): () => void {
  const pidFile = join(directory, "pid");
  // A transaction held open on a file of its own: SQLite's locks are the kernel's and cannot go stale.
  const database = new DatabaseSync(join(directory, "lock"), { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch {
    database.close();
    throw new Error(`${directory}: already in use by pid ${pidIn(pidFile)}`);
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return () => {
    database.close();
  };
}

function pidIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "unknown";
  }
}
