/** When to ring for those who wait: at once for each new one, and again until all are claimed. */

export const REPEAT_MS = 20_000;

export class WaitingBell {
  #known: ReadonlySet<string> = new Set();
  #rungAt = -Infinity;

  /** Whether to ring now for the chats that wait; with `repeats` it rings again every 20 s. */
  isDue(waiting: Iterable<string>, now: number, repeats: boolean): boolean {
    const ids = new Set(waiting);
    const hasNew = [...ids].some((id) => !this.#known.has(id));
    this.#known = ids;
    if (ids.size === 0) return false;
    if (!hasNew && !(repeats && now - this.#rungAt >= REPEAT_MS)) return false;
    this.#rungAt = now;
    return true;
  }

  /** Whoever listens again hears of all who wait. */
  forget(): void {
    this.#known = new Set();
  }
}
