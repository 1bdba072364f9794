/** How fast one session may send: who is ahead is not read for a while, and loses nothing. */
import { RATES } from "./rates.ts";
import type { Limits } from "./limits.ts";
import type { Principal } from "./principal.ts";
import type { Rate } from "./rates.ts";

/** The octets' rates are for frames of this size, and grow with it. */
const FRAME_OCTETS = 64 * 1024;

export class Pace {
  readonly #frames: Rate;
  readonly #octetMs: number;
  readonly #octetsBurstMs: number;
  readonly #now: () => number;
  /** When all that was sent has come back. */
  #framesBackAt = 0;
  #octetsBackAt = 0;

  /** Anybody can have as many sessions of guests as there are addresses: those get less. `now` is monotonic ms. */
  constructor({ maxFrameBodyBytes }: Limits, kind: Principal["kind"], now: () => number) {
    const octets = kind === "guest" ? RATES.guestOctets : RATES.octets;
    this.#frames = kind === "guest" ? RATES.guestFrames : RATES.frames;
    this.#octetMs = (octets.everyMs * FRAME_OCTETS) / maxFrameBodyBytes;
    this.#octetsBurstMs = octets.burst * octets.everyMs;
    this.#now = now;
  }

  get isAhead(): boolean {
    const now = this.#now();
    const { burst, everyMs } = this.#frames;
    return this.#framesBackAt - now >= burst * everyMs || this.#octetsBackAt - now >= this.#octetsBurstMs;
  }

  tookFrame(): void {
    this.#framesBackAt = Math.max(this.#framesBackAt, this.#now()) + this.#frames.everyMs;
  }

  tookOctets(count: number): void {
    this.#octetsBackAt = Math.max(this.#octetsBackAt, this.#now()) + count * this.#octetMs;
  }
}
