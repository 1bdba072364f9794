/** Verbs of the command line on a stopped installation: they open the store themselves. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Passcodes } from "./adapters/auth/passcodes.ts";
import { rotateSecrets } from "./adapters/auth/secrets.ts";
import { lockDataDir } from "./adapters/stores/data-lock.ts";
import { createSqliteStore } from "./adapters/stores/sqlite-store.ts";
import { adminVerbs, inWords } from "./admin-verbs.ts";
import { DONE } from "./chat/audit.ts";
import { lockStopped } from "./lock-stopped.ts";
import { isRestorePending, settleRestore } from "./restore-steps.ts";
import { SESSION_VERBS } from "./session-verbs.ts";
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { DurableStore } from "./adapters/stores/sqlite-store.ts";
import type { Config } from "./config.ts";

/** Does the work while nobody else has the store open. */
export async function askStopped(config: Config, verb: string, input: unknown): Promise<AdminAnswer> {
  if (SESSION_VERBS.some((one) => one === verb) && isInstalled(config)) {
    return { ok: false, lines: [`no server runs on ${config.dataDir}: nobody is connected`] };
  }
  return inStopped(
    config,
    lockDataDir,
    async (store) => (await adminVerbs(store, new Passcodes())[verb]?.(input)) ?? [],
  );
}

/** `rotate-key`: another key for the tokens of guests and customers, all of which end with the one before. */
export function rotateKey(config: Config): Promise<AdminAnswer> {
  const lock = (dataDir: string): (() => void) => lockStopped(dataDir, "rotate the key");
  return inStopped(config, lock, async (store) => {
    const line = { at: Date.now(), actor: "operator", action: "rotate-key", outcome: DONE } as const;
    await store.execute("recordAudit", { lines: [line] }).catch((error: unknown) => {
      throw inWords(store, error);
    });
    rotateSecrets(config.dataDir);
    return ["rotated the key: tokens of guests and customers made before are over"];
  });
}

async function inStopped(
  config: Config,
  lock: (dataDir: string) => () => void,
  work: (store: DurableStore) => Promise<readonly string[]>,
): Promise<AdminAnswer> {
  if (!isInstalled(config)) {
    return { ok: false, lines: [`${fileOf(config)}: there is no installation yet; npm start makes one`] };
  }
  try {
    const unlock = lock(config.dataDir);
    try {
      settleRestore(config.dataDir);
      return { ok: true, lines: await withStore(config, work) };
    } finally {
      unlock();
    }
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}

function fileOf({ dataDir }: Config): string {
  return join(dataDir, "chat.db");
}

function isInstalled(config: Config): boolean {
  return existsSync(fileOf(config)) || isRestorePending(config.dataDir);
}

/** Closes the store whatever comes: its thread would keep this process alive. */
async function withStore(
  config: Config,
  work: (store: DurableStore) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const store = await createSqliteStore({ file: fileOf(config), retention: config.retention });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
