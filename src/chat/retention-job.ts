/** Drops what mailboxes hold beyond their retention every hour, a bite at a time. */
import type { ChatStore } from "./store.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const BITE = 1000;

/** Returns the function that stops it. */
export function startRetention(
  store: ChatStore,
  { maxMessages, maxDays }: { readonly maxMessages: number; readonly maxDays: number },
  now: () => number,
): () => void {
  let isStopped = false;
  const run = async (): Promise<void> => {
    let dropped = BITE;
    while (!isStopped && dropped === BITE) {
      dropped = await store.execute("prune", {
        maxMessages,
        sentBefore: now() - maxDays * DAY_MS,
        limit: BITE,
      });
    }
  };
  // A failure is the store's to report; the next hour tries again.
  const timer = setInterval(() => void run().catch(() => undefined), HOUR_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
