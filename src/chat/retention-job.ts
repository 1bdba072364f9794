/** Drops what mailboxes and the audit log hold beyond their retention every hour, a bite at a time. */
import type { ChatStore } from "./store.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const BITE = 1000;

export type RetentionLimits = {
  readonly maxMessages: number;
  readonly maxDays: number;
  readonly auditMaxDays: number;
};

/** Returns the function that stops it. */
export function startRetention(
  store: ChatStore,
  { maxMessages, maxDays, auditMaxDays }: RetentionLimits,
  now: () => number,
): () => void {
  let isStopped = false;
  const inBites = async (drop: () => Promise<number>): Promise<void> => {
    let dropped = BITE;
    while (!isStopped && dropped === BITE) dropped = await drop();
  };
  const run = async (): Promise<void> => {
    const before = now() - auditMaxDays * DAY_MS;
    await inBites(() => store.execute("pruneAudit", { before, limit: BITE }));
    const sentBefore = now() - maxDays * DAY_MS;
    await inBites(() => store.execute("prune", { maxMessages, sentBefore, limit: BITE }));
  };
  // A failure is the store's to report; the next hour tries again.
  const timer = setInterval(() => void run().catch(() => undefined), HOUR_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
