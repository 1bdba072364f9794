/** Counts of what the broker did since its start, for metrics. */

export class Stats {
  readonly frames = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly disconnects = new Map<string, number>();
  /** Dead letters that found their queue full, by why they were dead letters. */
  readonly droppedDeadLetters = new Map<string, number>();
  connectionsOpened = 0;

  received(command: string): void {
    count(this.frames, command);
  }

  refused(code: string): void {
    count(this.refusals, code);
  }

  disconnected(code: string): void {
    count(this.disconnects, code);
  }
}

/** Adds one. */
export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
