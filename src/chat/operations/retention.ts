/** Retention of agents' mailboxes: old rows go, a bite at a time. */
import { answer } from "./outcome.ts";
import type { Tables } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

export type PruneInput = {
  readonly maxMessages: number;
  /** Epoch milliseconds: rows of messages sent before it go. */
  readonly sentBefore: number;
  readonly limit: number;
};

/** Drops at most `limit` rows; the result is how many went: call again while it equals the limit. */
export function prune(tables: Tables, { maxMessages, sentBefore, limit }: PruneInput): Outcome<number> {
  return answer(tables.pruneMailboxes(maxMessages, sentBefore, limit));
}
