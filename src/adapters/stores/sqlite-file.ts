/** Opens the database file: never over something else, never again over nothing, readable by its owner alone. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, openSync, closeSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { auditRestore } from "./restore-note.ts";
import { migrate } from "./sqlite-schema.ts";
import { ADVICE, troubleOf } from "./storage-trouble.ts";

/** How long a write waits for another process: nobody waits longer than 2 s for a refusal, those behind it included. */
const BUSY_TIMEOUTS_MS = { long: 1500, short: 100 } as const;

/** Exists beside a database that was made: an empty file is then a lost database, not a new one. */
export function markerOf(file: string): string {
  return `${file}.created`;
}

/** Opens or creates and migrates; throws an Error whose message an operator can act on. */
export function openDatabase(
  file: string,
  maxPages: number | undefined,
): { database: DatabaseSync; epoch: string } {
  const isMissing = !existsSync(file) || statSync(file).size === 0;
  if (isMissing && existsSync(markerOf(file))) {
    throw new Error(
      `${file}: empty database where one is expected; restore a backup, or remove ${markerOf(file)}`,
    );
  }
  try {
    // Made by us, as SQLite would give it the process's default mode.
    closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUTS_MS.long });
    configure(database, maxPages);
    migrate(database);
    auditRestore(database);
    const epoch = epochOf(database);
    closeSync(openSync(markerOf(file), "a", 0o600));
    for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600);
    return { database, epoch };
  } catch (error) {
    const trouble = troubleOf(error);
    const advice = trouble === undefined ? "" : `: ${ADVICE[trouble]}`;
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: ${text}${advice}`, { cause: error });
  }
}

export function setBusyTimeout(database: DatabaseSync, length: keyof typeof BUSY_TIMEOUTS_MS): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUTS_MS[length]}`);
}

function configure(database: DatabaseSync, maxPages: number | undefined): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
  `);
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`);
}

/** The epoch of this installation's positions, made with the database. */
function epochOf(database: DatabaseSync): string {
  database
    .prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('epoch', ?)")
    .run(randomBytes(4).toString("hex"));
  return String(database.prepare("SELECT value FROM meta WHERE name = 'epoch'").get()?.["value"]);
}
