/** A verb of the command line on a stopped installation: it opens the store itself. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Passcodes } from "./adapters/auth/passcodes.ts";
import { lockDataDir } from "./adapters/stores/data-lock.ts";
import { createSqliteStore } from "./adapters/stores/sqlite-store.ts";
import { adminVerbs } from "./admin-verbs.ts";
import { isRestorePending, settleRestore } from "./restore-steps.ts";
import { SESSION_VERBS } from "./session-verbs.ts";
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { Config } from "./config.ts";

/** Does the work while nobody else has the store open. */
export async function askStopped(config: Config, verb: string, input: unknown): Promise<AdminAnswer> {
  const file = join(config.dataDir, "chat.db");
  if (!existsSync(file) && !isRestorePending(config.dataDir)) {
    return { ok: false, lines: [`${file}: there is no installation yet; npm start makes one`] };
  }
  if (SESSION_VERBS.some((one) => one === verb)) {
    return { ok: false, lines: [`no server runs on ${config.dataDir}: nobody is connected`] };
  }
  try {
    const unlock = lockDataDir(config.dataDir);
    try {
      settleRestore(config.dataDir);
      return { ok: true, lines: await withStore(config, file, (verbs) => verbs[verb]?.(input)) };
    } finally {
      unlock();
    }
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Closes the store whatever comes: its thread would keep this process alive. */
async function withStore(
  { retention }: Config,
  file: string,
  work: (verbs: ReturnType<typeof adminVerbs>) => Promise<readonly string[]> | undefined,
): Promise<readonly string[]> {
  const store = await createSqliteStore({ file, retention });
  try {
    return (await work(adminVerbs(store, new Passcodes()))) ?? [];
  } finally {
    await store.close();
  }
}
