/** A login session whose socket lives is in use: it does not idle out behind an open console. */
import type { Session } from "../../broker/session.ts";
import type { ChatStore } from "../../chat/store.ts";

/** Well below the 30 minutes after which an unused login session is over. */
const INTERVAL_MS = 5 * 60_000;

/** Records the use every five minutes; returns the function that stops it. */
export function keepLoginSessions(
  store: ChatStore,
  sessions: () => Iterable<Session>,
  now: () => number,
): () => void {
  const keep = async (): Promise<void> => {
    const hashes = new Set<string>();
    for (const { authentication } of sessions()) {
      const hash = authentication?.credentialId;
      if (hash !== undefined && authentication?.principal.kind === "agent") hashes.add(hash);
    }
    for (const hash of hashes) await store.execute("useLoginSession", { hash, now: now() });
  };
  // A failure is the store's to report; the next time tries again.
  const timer = setInterval(() => void keep().catch(() => undefined), INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
