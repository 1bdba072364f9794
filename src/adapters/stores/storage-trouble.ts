/** What is wrong with the storage, by SQLite's result codes: what who asked is told, and what the operator can do. */
import { refuse } from "../../chat/errors.ts";
import type { Refusal } from "../../broker/errors.ts";

export type StorageTrouble = "full" | "locked" | "unwritable" | "moved" | "unlocked" | "damaged" | "failing";

/** For whoever reads the log. */
export const ADVICE: Readonly<Record<StorageTrouble, string>> = {
  full: "free space on its disk; messages are refused until there is some",
  locked: "another process holds it: end that one; messages are refused until it lets go",
  unwritable:
    "let this process write to it and make files beside it, for which the disk needs free inodes; messages are refused until it may",
  moved:
    "put back chat.db and chat.db-wal as they were; if they are gone, stop the server and restore a backup; messages are refused until then",
  unlocked:
    "put back the file named lock, or end this process and start one: a second one may have begun to write; messages are refused until then",
  // SQLite calls it damage as well when a disk does not give back what it has.
  damaged:
    "stop the server, keep a copy of the files, and look at the disk: where the doctor then finds the database whole, start it again, else restore a backup; nothing is written any more",
  failing: "look at its disk; messages are refused until it works again",
};

const RETRY_AFTER_MS = 1000;

/** SQLite's primary result codes, in the low octet of its extended ones. */
const TROUBLES: Readonly<Record<number, StorageTrouble>> = {
  3: "unwritable",
  5: "locked",
  6: "locked",
  8: "unwritable",
  11: "damaged",
  13: "full",
  14: "unwritable",
  26: "damaged",
};
/** ERROR, TOOBIG, CONSTRAINT, MISMATCH, MISUSE and RANGE: mistakes of ours. */
const OURS = new Set([1, 18, 19, 20, 21, 25]);
/** SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log. */
const NO_ROOM_FOR_INDEX = 4874;
/** SQLITE_READONLY_DBMOVED. */
const MOVED = 1032;
/** A code of ours, of none of SQLite's: the database is well, but no longer this process's alone. */
export const UNLOCKED = 1000;
/** SQLITE_IOERR_READ and SQLITE_IOERR_SHORT_READ. */
const READ_ERRORS: ReadonlySet<unknown> = new Set([266, 522]);
/** SQLITE_CORRUPT_VTAB: the index of words, which holds nothing of its own. */
const WORDS_DAMAGED = 267;

/** Undefined for a mistake of ours. */
export function troubleOf(error: unknown): StorageTrouble | undefined {
  const code: unknown = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  if (typeof code !== "number" || OURS.has(code & 0xff)) return undefined;
  if (code === NO_ROOM_FOR_INDEX) return "full";
  if (code === MOVED) return "moved";
  if (code === UNLOCKED) return "unlocked";
  if (code === WORDS_DAMAGED) return "failing";
  return TROUBLES[code & 0xff] ?? "failing";
}

/** Whether a disk did not give back what it has. */
export function isReadError(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && READ_ERRORS.has(error.errcode);
}

/** Nothing was stored. What is damaged does not get better by asking again. */
export function refusalOf(trouble: StorageTrouble): Refusal {
  if (trouble === "damaged") return refuse("INTERNAL");
  return refuse(trouble === "full" ? "STORAGE_FULL" : "RETRY_LATER", { retryAfterMs: RETRY_AFTER_MS });
}
