/** How long a client waits before it comes back. */
import { jittered } from "./random.ts";

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/** Milliseconds after `attempts` attempts that failed, the lost connection's own included: doubling, at random by half. */
export function reconnectWait(attempts: number): number {
  return jittered(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 10)));
}
