/** How long a mailbox can be replayed. */

export type Retention = {
  readonly maxMessages: number;
  readonly maxDays: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export const DEFAULT_RETENTION: Retention = { maxMessages: 100_000, maxDays: 365, now: Date.now };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Messages sent before this are beyond the retention. */
export function retainedSince({ maxDays, now }: Retention): number {
  return now() - maxDays * DAY_MS;
}

/**
 * The smallest position from which a customer's log counts as replayable: the log itself is the conversations'
 * history and is not cut. `oldestSince` gives the first offset behind one whose message was sent at a time or later.
 */
export function logFloor(
  retention: Retention,
  head: number,
  oldestSince: (after: number, sentSince: number) => number | undefined,
): number {
  const floor = Math.max(0, head - retention.maxMessages);
  return (oldestSince(floor, retainedSince(retention)) ?? head + 1) - 1;
}
