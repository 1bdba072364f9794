/** Verbs of the command line that copy the files of an installation themselves, whether it runs or not. */
import { backUp } from "./backup.ts";
import { restore } from "./restore.ts";
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { Config } from "./config.ts";

/** Copies, and tells on standard output how far it is. */
export async function askForCopy(
  { dataDir }: Config,
  verb: "backup" | "restore",
  { file }: { readonly file: string },
): Promise<AdminAnswer> {
  const report = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    const lines = verb === "backup" ? [await backUp(dataDir, file, report)] : restore(dataDir, file, report);
    return { ok: true, lines };
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}
