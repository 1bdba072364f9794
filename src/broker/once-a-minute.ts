/** Which of many like events the log is told of: each kind once a minute, however often it happens. */

const AGAIN_MS = 60_000;
/** Kinds remembered. */
const MAX_KINDS = 100;

export class OnceAMinute {
  readonly #now: () => number;
  readonly #toldAt = new Map<string, number>();

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether this one is to be told. */
  mayTell(kind: string): boolean {
    const now = this.#now();
    if (now - (this.#toldAt.get(kind) ?? -AGAIN_MS) < AGAIN_MS) return false;
    if (this.#toldAt.size >= MAX_KINDS) this.#toldAt.clear();
    this.#toldAt.set(kind, now);
    return true;
  }
}
