/** What the chat takes from its surroundings: time and random ids. */
import { performance } from "node:perf_hooks";

export type Clock = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A random id of 128 bits, `[A-Za-z0-9_-]{22}`. */
  readonly id: () => string;
};

/**
 * Whole epoch milliseconds for what ages: credentials and retention. It is the wall clock, but never ahead of the time that
 * has really passed since it was made, so that a clock set forward ends nothing before its time.
 */
export function createAgeClock(
  wallClock: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): () => number {
  const begin = wallClock() - monotonic();
  return () => Math.min(wallClock(), Math.floor(begin + monotonic()));
}
