/** Whether the files of an open database still are the ones with its names: what goes into others is lost with the process. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { lockOf } from "./data-lock.ts";
import { UNLOCKED } from "./storage-trouble.ts";
import type { Stats } from "node:fs";

/** SQLITE_READONLY_DBMOVED, which SQLite itself finds out only without a write-ahead log. */
const MOVED = 1032;
/** SQLITE_CORRUPT: a database in WAL mode never shrinks by itself. */
const CORRUPT = 11;

class StorageError extends Error {
  override readonly name = "StorageError";
  /** One of SQLite's result codes, or UNLOCKED. */
  readonly errcode: number;

  constructor(errcode: number, message: string) {
    super(message);
    this.errcode = errcode;
  }
}

export class FilesInPlace {
  readonly #file: string;
  readonly #database: Stats;
  readonly #log: Stats;
  /** Undefined where nobody locked the directory. */
  readonly #lock: Stats | undefined;
  #octets: number;

  /** Of a database that was opened just now, in WAL mode. */
  constructor(file: string) {
    this.#file = file;
    this.#database = statSync(file);
    this.#log = statSync(logOf(file));
    this.#lock = lockStats(file);
    this.#octets = this.#database.size;
  }

  /**
   * Throws, with a code, when one was moved, removed, replaced or cut off, or the lock of the directory was: then a second
   * process may write to them, of which this one knows nothing.
   */
  expect(): void {
    const database = statSync(this.#file, { throwIfNoEntry: false });
    const log = statSync(logOf(this.#file), { throwIfNoEntry: false });
    if (!isSame(database, this.#database) || !isSame(log, this.#log)) {
      throw new StorageError(MOVED, "moved, removed or replaced while it is open");
    }
    if (this.#lock !== undefined && !isSame(lockStats(this.#file), this.#lock)) {
      throw new StorageError(UNLOCKED, "its directory's lock was moved, removed or replaced");
    }
    if (database.size < this.#octets) throw new StorageError(CORRUPT, "cut off while it is open");
    this.#octets = database.size;
  }
}

function lockStats(file: string): Stats | undefined {
  return statSync(lockOf(dirname(file)), { throwIfNoEntry: false });
}

function logOf(file: string): string {
  return `${file}-wal`;
}

function isSame(stats: Stats | undefined, { dev, ino }: Stats): stats is Stats {
  return stats?.ino === ino && stats.dev === dev;
}
