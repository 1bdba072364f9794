/** `restore FILE`: makes a stopped installation, or an empty directory, what a backup holds. */
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { openBackup } from "./adapters/stores/sqlite-backup.ts";
import { contentOf } from "./backup.ts";
import { lockStopped } from "./lock-stopped.ts";
import { createProgress } from "./progress.ts";
import { decideRestore, settleRestore, unfinishedRestore } from "./restore-steps.ts";
import type { BackupSummary } from "./adapters/stores/sqlite-backup.ts";

const CHUNK_OCTETS = 4 * 1024 * 1024;

/**
 * Checks the backup, then puts it in place of what is in `dataDir`, which is kept beside it. Refused while a server
 * runs on the directory. `report` hears how far it is. Returns lines to tell at its end; throws an Error for the
 * operator, and then the installation is what it was.
 */
export function restore(dataDir: string, name: string, report: (line: string) => void): readonly string[] {
  const file = resolve(name);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw new Error(`${file}: there is no such file; name that of a backup`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockStopped(dataDir, "restore");
  try {
    settleRestore(dataDir);
    const summary = takeOver(file, stat.size, dataDir, report);
    decideRestore(dataDir, Buffer.from(summary.label.tokenKey, "base64"));
    return told(file, summary, settleRestore(dataDir));
  } finally {
    unlock();
  }
}

/** A copy within the directory, checked there: the backup itself may be where nothing can be written. */
function takeOver(
  file: string,
  octets: number,
  dataDir: string,
  report: (line: string) => void,
): BackupSummary {
  const copy = unfinishedRestore(dataDir);
  try {
    copyFile(file, octets, copy, report);
    report("checking it");
    return openBackup(copy);
  } catch (error) {
    rmSync(copy, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: ${reason}; nothing was changed`, { cause: error });
  }
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
