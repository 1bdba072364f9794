/** What a server keeps: its store and the key of its tokens, in a data directory or in memory. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadSecrets } from "./adapters/auth/secrets.ts";
import { lockDataDir } from "./adapters/stores/data-lock.ts";
import { createSqliteStore, databaseExists } from "./adapters/stores/sqlite-store.ts";
import { isRestorePending, settleRestore } from "./restore-steps.ts";
import type { Log } from "./broker/log.ts";
import type { ChatStore } from "./chat/store.ts";
import type { DurableStore } from "./adapters/stores/sqlite-store.ts";
import type { Config } from "./config.ts";

export type Installation<Store extends ChatStore = ChatStore> = {
  readonly store: Store;
  /** Of guests' and customers' tokens. */
  readonly tokenKey: Uint8Array;
  /** Closes the store and gives the directory back. */
  close(): Promise<void>;
};

/**
 * Locks the data directory and opens the database in it, or makes both; rejects with an Error for the operator. `onEnd`
 * is told when the store has ended by itself and refuses everything from then on, by default the log; `isStuck`: an
 * orderly end of the process would wait for it.
 */
export function openInstallation(
  { dataDir, retention }: Pick<Config, "dataDir" | "retention">,
  log: Log,
  onEnd = (reason: string, _isStuck: boolean): void => {
    log.error({ reason }, "the store ended and refuses everything: end this program and start it again");
  },
): Promise<Installation<DurableStore>> {
  return openIn(dataDir, log, (file) =>
    createSqliteStore({
      file,
      retention,
      onFailure: (reason) => {
        log.error({ reason }, "the store failed");
      },
      onRecovery: () => {
        log.warn({}, "the store can be written again");
      },
      onEnd,
    }),
  );
}

/** Around a store of somebody else's; without a directory for the secrets, tokens end with the process. */
export async function keepStore(
  store: ChatStore,
  dataDir: string | undefined,
  log: Log,
): Promise<Installation> {
  if (dataDir !== undefined) return openIn(dataDir, log, () => Promise.resolve(store));
  return { store, tokenKey: randomBytes(32), close: () => store.close() };
}

async function openIn<Store extends ChatStore>(
  dataDir: string,
  log: Log,
  openStore: (file: string) => Promise<Store>,
): Promise<Installation<Store>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataDir(dataDir);
  try {
    const file = join(dataDir, "chat.db");
    const isInterrupted = isRestorePending(dataDir);
    const aside = settleRestore(dataDir);
    if (isInterrupted) log.warn({ aside }, "a restore that was interrupted is done; what was there is kept");
    const { tokenKey } = loadSecrets(dataDir, databaseExists(file), (text) => {
      log.warn({}, text);
    });
    const store = await openStore(file);
    return {
      store,
      tokenKey,
      close: async () => {
        await store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
