/** Whether there is an installation to look at: its directory, its database, and the log of a server that has it open. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { databaseExists } from "../adapters/stores/sqlite-store.ts";
import { ADVICE } from "../adapters/stores/storage-trouble.ts";
import { isRestorePending } from "../restore-steps.ts";
import { note, problem } from "./finding.ts";
import type { Finding } from "./finding.ts";

export type Presence = { readonly finding?: Finding; readonly isThere: boolean };

/** `isOpen` while a server has the database open: its files can be put back. */
export function judgePresence(dataDir: string, isOpen: boolean): Presence {
  const file = join(dataDir, "chat.db");
  if (!(statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() ?? true))
    return missing(`${dataDir}: is no directory`, "set DATA_DIR to one");
  if (isRestorePending(dataDir)) {
    const finding = note("a restore was interrupted; the next start finishes it");
    return { finding, isThere: existsSync(file) };
  }
  if (isOpen) {
    const away = [file, `${file}-wal`].find((path) => !existsSync(path));
    return away === undefined
      ? { isThere: true }
      : missing(`${away}: missing while the server has it open`, ADVICE.moved);
  }
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined && !databaseExists(file))
    return missing(`${file}: there is no installation yet`, "npm start makes one");
  if (stat === undefined) return missing(`${file}: missing although it was made`, "restore a backup");
  if (!stat.isFile()) return missing(`${file}: is no file`, "move it away and restore a backup");
  return stat.size === 0 && databaseExists(file)
    ? missing(`${file}: empty although it was made`, "restore a backup")
    : { isThere: true };
}

function missing(what: string, todo: string): Presence {
  return { finding: problem(what, todo), isThere: false };
}
