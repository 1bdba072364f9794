/** `backup FILE`: one file with everything an installation is, made while it runs or while it is stopped. */
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { loadSecrets } from "./adapters/auth/secrets.ts";
import { lockDataDir } from "./adapters/stores/data-lock.ts";
import { syncPath } from "./adapters/stores/sqlite-backup.ts";
import { counted } from "./counted.ts";
import { createProgress } from "./progress.ts";
import { isRestorePending, settleRestore } from "./restore-steps.ts";
import type { BackupSummary } from "./adapters/stores/sqlite-backup.ts";
import type { CopyNews, CopyOrder } from "./adapters/stores/sqlite-backup-worker.ts";

const LOOK_EVERY_MS = 100;
const FOR_READING = {
  full: "free some space on its disk, for what SQLite puts beside it, or start the server; nothing was left",
  failing: "look at its disk; nothing was left",
} as const;
const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Copies the database and the key of tokens into `name`, which must not exist. It is a reader of the database like
 * others: a running server goes on writing. `report` hears how far it is. Returns what to tell at its end; rejects with
 * an Error for the operator, and nothing is left where the file would be.
 */
export async function backUp(dataDir: string, name: string, report: (line: string) => void): Promise<string> {
  const file = resolve(name);
  const source = join(dataDir, "chat.db");
  if (isRestorePending(dataDir)) settleStopped(dataDir);
  if (!existsSync(source)) throw new Error(`${source}: there is no installation yet; npm start makes one`);
  const partial = claim(file);
  const removal = removeOnSignals(partial);
  try {
    const { tokenKey } = loadSecrets(dataDir, true, report);
    const label = { madeAt: new Date().toISOString(), tokenKey: Buffer.from(tokenKey).toString("base64") };
    const summary = await copy({ source, target: partial, label }, report);
    renameSync(partial, file);
    syncPath(dirname(file));
    return told(file, summary);
  } catch (error) {
    remove(partial);
    throw error;
  } finally {
    removal.forget();
  }
}

function settleStopped(dataDir: string): void {
  const unlock = lockDataDir(dataDir);
  try {
    settleRestore(dataDir);
  } finally {
    unlock();
  }
}

/** The file to write, which is this process's alone: whoever comes second is told. */
function claim(file: string): string {
  const partial = `${file}.partial`;
  if (existsSync(file)) throw new Error(`${file}: exists already; name another file`);
  if (!existsSync(dirname(file)))
    throw new Error(`${dirname(file)}: there is no such directory; make it first`);
  if (existsSync(partial)) {
    throw new Error(`${partial}: another backup is writing it, or was killed; remove it if none is`);
  }
  try {
    closeSync(openSync(partial, "wx", 0o600));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: nothing can be written there: ${reason}`, { cause: error });
  }
  return partial;
}

/** With SQLite's journal, which stays where a disk is full. */
function remove(partial: string): void {
  for (const path of [partial, `${partial}-journal`]) rmSync(path, { force: true });
}

function removeOnSignals(partial: string): { forget: () => void } {
  const onSignal = (signal: keyof typeof EXIT_AFTER_SIGNAL): void => {
    remove(partial);
    process.exit(EXIT_AFTER_SIGNAL[signal]);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return {
    forget: () => {
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    },
  };
}

function copy(order: CopyOrder, report: (line: string) => void): Promise<BackupSummary> {
  const { ext } = parse(import.meta.url);
  const url = new URL(`./adapters/stores/sqlite-backup-worker${ext}`, import.meta.url);
  const worker = new Worker(url, { workerData: order });
  const progress = createProgress(report);
  let octets = 0;
  const looking = setInterval(() => {
    progress(statSync(order.target).size, octets);
  }, LOOK_EVERY_MS);
  return new Promise<BackupSummary>((resolveWith, reject) => {
    worker.on("message", (news: CopyNews) => {
      if (news.type === "begun") octets = news.octets;
      if (news.type === "copied") report("checking it");
      if (news.type === "done") resolveWith(news.summary);
      if (news.type === "failed") reject(new Error(failure(order, news)));
    });
    worker.on("error", reject);
  }).finally(() => {
    clearInterval(looking);
  });
}

function failure(
  { source, target }: CopyOrder,
  { reason, trouble, isOfSource }: Extract<CopyNews, { type: "failed" }>,
): string {
  const noRoom = trouble === "full" || trouble === "failing";
  if (noRoom && !isOfSource)
    return `${target}: ${reason}: free space there or name a file on another disk; nothing was left`;
  return noRoom ? `${source}: ${reason}: ${FOR_READING[trouble]}` : `${source}: ${reason}`;
}

/** What a backup holds, in words. */
export function contentOf({ messages, conversations, accounts }: BackupSummary): string {
  return `${counted(messages, "message")} in ${counted(conversations, "conversation")}, ${counted(accounts, "account")}`;
}

function told(file: string, summary: BackupSummary): string {
  const { label, schema } = summary;
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  return [
    `backed up to ${file}: ${megabytes} MB of ${label.madeAt}`,
    `${contentOf(summary)}, schema ${schema}`,
    "it holds all chats and the key of tokens, so keep it secret",
    `to restore it, stop the server: npm run admin -- restore ${file}`,
  ].join("; ");
}
