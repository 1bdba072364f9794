/** One process per data directory: a kernel lock that ends with the process, and the pid for the message. */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** The file whose lock is the directory's. */
export function lockOf(directory: string): string {
  return join(directory, "lock");
}

/** Locks the directory; throws `already in use by pid N`, or why not. The returned function releases it. */
export function lockDataDir(directory: string): () => void {
  const pidFile = join(directory, "pid");
  // A transaction held open on a file of its own: SQLite's locks are the kernel's and cannot go stale.
  const file = lockOf(directory);
  const database = openLock(file);
  try {
    // Nothing is ever written to it: a full disk can be locked as well.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw isBusy(error)
      ? new Error(`${directory}: already in use by pid ${pidIn(pidFile)}`)
      : unusable(file, error);
  }
  try {
    writePid(pidFile);
  } catch (error) {
    database.close();
    throw error;
  }
  return () => {
    database.close();
  };
}

/** The pid of the process that holds the directory, as far as it is known; undefined when none does. Changes nothing. */
export function holderOf(directory: string): string | undefined {
  const file = lockOf(directory);
  if (!existsSync(file)) return undefined;
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    try {
      database.prepare("SELECT count(*) FROM sqlite_schema").get();
    } finally {
      database.close();
    }
    return undefined;
  } catch (error) {
    if (!isBusy(error)) throw unusable(file, error);
    return pidIn(join(directory, "pid"));
  }
}

/** Without it others cannot name this process, which is no reason not to run on a full disk. */
function writePid(file: string): void {
  try {
    writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

function openLock(file: string): DatabaseSync {
  try {
    // Made by us, as SQLite would give it the process's default mode; what SQLite puts beside it has the same.
    closeSync(openSync(file, "a", 0o600));
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw unusable(file, error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function unusable(file: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`${file}: cannot be locked: ${reason}`, { cause: error });
}

function pidIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim() || "unknown";
  } catch {
    return "unknown";
  }
}
