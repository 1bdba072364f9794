/** What a restore puts in place, in steps that a killed process leaves whole: all of the old, or all of the new. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeSecrets } from "./adapters/auth/secrets.ts";
import { syncPath } from "./adapters/stores/sqlite-backup.ts";

/** Being made: worth nothing. */
const UNFINISHED = "chat.db.restoring";
/** Whole: from when it has this name on, the restore is done, and only has to be put in place. */
const COMPLETE = "chat.db.restored";
const SECRETS = "secrets.json.restored";

/** Where the database of a restore is made. */
export function unfinishedRestore(dataDir: string): string {
  return join(dataDir, UNFINISHED);
}

/** A restore was decided but not put in place: `settleRestore` does that. */
export function isRestorePending(dataDir: string): boolean {
  return existsSync(join(dataDir, COMPLETE));
}

/** Decides a restore whose database is made and synced; from here on `settleRestore` goes forward. */
export function decideRestore(dataDir: string, tokenKey: Uint8Array): void {
  writeSecrets(join(dataDir, SECRETS), tokenKey);
  syncPath(dataDir);
  renameSync(unfinishedRestore(dataDir), join(dataDir, COMPLETE));
  syncPath(dataDir);
}

/**
 * Puts a decided restore in place and moves what was there to a directory of its own, which it returns where something
 * was; removes what is left of an undecided one. Only for who holds the lock of the data directory.
 */
export function settleRestore(dataDir: string): string | undefined {
  const complete = join(dataDir, COMPLETE);
  const secrets = join(dataDir, SECRETS);
  if (!existsSync(complete)) {
    for (const path of [unfinishedRestore(dataDir), secrets, `${secrets}.new`]) rmSync(path, { force: true });
    return undefined;
  }
  // Renaming does not change it: whoever goes on with it finds the same directory.
  const time = statSync(complete).mtime.toISOString().replaceAll(":", "-");
  const aside = join(dataDir, `before-restore-${time}`);
  const hasNewSecrets = !existsSync(secrets);
  const old = ["chat.db", "chat.db-wal", "chat.db-shm", ...(hasNewSecrets ? [] : ["secrets.json"])];
  moveAside(dataDir, old, aside);
  if (!hasNewSecrets) renameSync(secrets, join(dataDir, "secrets.json"));
  syncPath(dataDir);
  renameSync(complete, join(dataDir, "chat.db"));
  syncPath(dataDir);
  return existsSync(aside) ? aside : undefined;
}

function moveAside(dataDir: string, names: readonly string[], aside: string): void {
  const present = names.filter((name) => existsSync(join(dataDir, name)));
  if (present.length === 0) return;
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of present) renameSync(join(dataDir, name), join(aside, name));
  syncPath(aside);
}
