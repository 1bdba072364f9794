/** A steady flow of commits: what a store does that is not busy, and how long each takes beside something else. */
import type { Writers } from "../helpers/filled-store.ts";
import type { ChatStore } from "../../src/chat/store.ts";

/** One message each. */
const EVERY_MS = 2;

/** Milliseconds of each commit until `end`, sorted. */
export async function commitsUntil(
  store: ChatStore,
  writers: Writers,
  end: Promise<unknown>,
): Promise<readonly number[]> {
  const took: number[] = [];
  const commits: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    const begun = performance.now();
    commits.push(writers.post(store, commits.length).then(() => took.push(performance.now() - begun)));
  }, EVERY_MS);
  await end;
  clearInterval(timer);
  await Promise.all(commits);
  return took.sort((one, other) => one - other);
}

export function told(took: readonly number[]): string {
  const at = (share: number): string => (took[Math.floor(share * (took.length - 1))] ?? 0).toFixed(1);
  return `${took.length} commits, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}
