/** A login session of some time ago. */
import { createOpaqueToken, hashToken, SESSION } from "../../src/adapters/auth/tokens.ts";
import type { ChatStore } from "../../src/chat/store.ts";

const USED_EVERY_MS = 20 * 60_000;

/** The token of a login session that began, and was last used, so many ms ago. */
export async function loginSessionOf(
  store: ChatStore,
  user: string,
  age: number,
  unused: number,
): Promise<string> {
  const token = createOpaqueToken(SESSION);
  const hash = hashToken(token);
  await store.execute("startLoginSession", { hash, user, now: Date.now() - age });
  // Used now and then in between, or it would have ended by itself.
  for (let at = age; at > unused; at -= USED_EVERY_MS) {
    await store.execute("useLoginSession", { hash, now: Date.now() - Math.max(at - USED_EVERY_MS, unused) });
  }
  return token;
}
