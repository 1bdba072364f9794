/** `restore FILE`: makes a stopped installation, or an empty directory, what a backup holds. */
import { closeSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { openBackup } from "./adapters/stores/sqlite-backup.ts";
import { troubleOf } from "./adapters/stores/storage-trouble.ts";
import { contentOf } from "./backup.ts";
import { lockStopped } from "./lock-stopped.ts";
import { createProgress } from "./progress.ts";
import { decideRestore, isRestorePending, settleRestore, unfinishedRestore } from "./restore-steps.ts";
import type { BackupSummary } from "./adapters/stores/sqlite-backup.ts";

const CHUNK_OCTETS = 4 * 1024 * 1024;

/**
 * Checks the backup, then puts it in place of what is in `dataDir`, which is kept beside it. Refused while a server
 * runs on the directory. `report` hears how far it is. Returns lines to tell at its end; throws an Error for the
 * operator, and then the installation is what it was, or is what the backup holds from the next start on, as it says.
 */
export function restore(dataDir: string, name: string, report: (line: string) => void): readonly string[] {
  const file = resolve(name);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw new Error(`${file}: there is no such file; name that of a backup`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockStopped(dataDir, "restore");
  try {
    settleRestore(dataDir);
    const summary = decide(file, stat.size, dataDir, report);
    return told(file, summary, putInPlace(dataDir));
  } finally {
    unlock();
  }
}

/** A copy within the directory, checked there: the backup itself may be where nothing can be written. */
function decide(
  file: string,
  octets: number,
  dataDir: string,
  report: (line: string) => void,
): BackupSummary {
  const copy = unfinishedRestore(dataDir);
  try {
    copyFile(file, octets, copy, report);
    report("checking it");
    const summary = openBackup(copy);
    decideRestore(dataDir, Buffer.from(summary.label.tokenKey, "base64"));
    return summary;
  } catch (error) {
    if (isRestorePending(dataDir)) throw undone(dataDir, error);
    settleRestore(dataDir);
    const advice = isFull(error) ? `free space in ${dataDir}; ` : "";
    throw new Error(`${file}: ${reasonOf(error)}; ${advice}nothing was changed`, { cause: error });
  }
}

function putInPlace(dataDir: string): string | undefined {
  try {
    return settleRestore(dataDir);
  } catch (error) {
    throw undone(dataDir, error);
  }
}

function undone(dataDir: string, error: unknown): Error {
  const text = `${dataDir}: ${reasonOf(error)}; the backup is taken over, and the next start puts it in place once it can`;
  return new Error(text, { cause: error });
}

function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isOfFiles = "code" in error && error.code === "ENOSPC";
  return isOfFiles || troubleOf(error) === "full" || isFull(error.cause);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function copyFile(from: string, octets: number, to: string, report: (line: string) => void): void {
  const progress = createProgress(report);
  const source = openSync(from, "r");
  const target = openSync(to, "w", 0o600);
  try {
    const chunk = Buffer.alloc(CHUNK_OCTETS);
    let copied = 0;
    for (let read = readSync(source, chunk); read > 0; read = readSync(source, chunk)) {
      for (let at = 0; at < read;) at += writeSync(target, chunk, at, read - at);
      copied += read;
      progress(copied, octets);
    }
  } finally {
    closeSync(target);
    closeSync(source);
  }
}

function told(file: string, summary: BackupSummary, aside: string | undefined): readonly string[] {
  const { label, schema, isOld } = summary;
  return [
    `restored ${file} of ${label.madeAt}: ${contentOf(summary)}`,
    ...(isOld ? [`its schema is ${schema}: the next start brings it up to date`] : []),
    ...(aside === undefined ? [] : [`what was there is in ${aside}: remove it when you need it no more`]),
    "everybody has to sign in again, visitors stay who they are; start the server: npm start",
  ];
}
