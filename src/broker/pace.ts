/** How fast one session may send: who is ahead is not read for a while, and loses nothing. */
import { RATES } from "./rates.ts";
import type { Limits } from "./limits.ts";

/** So many of the largest frames at once, and one a second then. */
const LARGEST_FRAMES = RATES.octets.burst / (64 * 1024);

export class Pace {
  readonly #octetMs: number;
  readonly #now: () => number;
  /** When all that was sent has come back. */
  #framesBackAt = 0;
  #octetsBackAt = 0;

  /** `now` is monotonic ms. */
  constructor({ maxFrameBodyBytes }: Limits, now: () => number) {
    this.#octetMs = 1000 / maxFrameBodyBytes;
    this.#now = now;
  }

  get isAhead(): boolean {
    const now = this.#now();
    const { burst, everyMs } = RATES.frames;
    return this.#framesBackAt - now >= burst * everyMs || this.#octetsBackAt - now >= LARGEST_FRAMES * 1000;
  }

  tookFrame(): void {
    this.#framesBackAt = Math.max(this.#framesBackAt, this.#now()) + RATES.frames.everyMs;
  }

  tookOctets(count: number): void {
    this.#octetsBackAt = Math.max(this.#octetsBackAt, this.#now()) + count * this.#octetMs;
  }
}
