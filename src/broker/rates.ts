/** Every rate: how much at once and how fast it comes back, and who has used up what. */
import type { RefusalDetail } from "./errors.ts";

export type Rate = {
  readonly what: string;
  readonly per: "session" | "user" | "address";
  /** How many at once. */
  readonly burst: number;
  /** One more comes back in so many ms. */
  readonly everyMs: number;
};

export const RATES = {
  frames: { what: "frames", per: "session", burst: 60, everyMs: 1000 / 30 },
  octets: { what: "octets", per: "session", burst: 256 * 1024, everyMs: 1000 / (64 * 1024) },
  guestFrames: { what: "frames of a guest", per: "session", burst: 20, everyMs: 100 },
  guestOctets: { what: "octets of a guest", per: "session", burst: 64 * 1024, everyMs: 1000 / (16 * 1024) },
  subscribes: { what: "SUBSCRIBE frames", per: "session", burst: 40, everyMs: 100 },
  guestMessages: { what: "messages of a guest", per: "user", burst: 5, everyMs: 1000 },
  guestMinutes: { what: "messages of a guest in the long run", per: "user", burst: 30, everyMs: 2000 },
  customerMessages: { what: "messages of a customer", per: "user", burst: 10, everyMs: 500 },
  customerMinutes: { what: "messages of a customer in the long run", per: "user", burst: 60, everyMs: 1000 },
  agentMessages: { what: "messages of an agent", per: "user", burst: 30, everyMs: 100 },
  histories: { what: "pages of history", per: "user", burst: 20, everyMs: 200 },
  connections: { what: "new connections of an address", per: "address", burst: 40, everyMs: 500 },
  failedConnects: { what: "failed CONNECTs of an address", per: "address", burst: 10, everyMs: 6000 },
  unknownSessions: {
    what: "requests for SockJS sessions that are none",
    per: "address",
    burst: 20,
    everyMs: 3000,
  },
  newGuests: { what: "first messages of guests of an address", per: "address", burst: 10, everyMs: 360_000 },
  insistences: { what: "sessions ended for insisting", per: "address", burst: 2, everyMs: 600_000 },
  denials: { what: "forbidden or rate-limited frames", per: "user", burst: 10, everyMs: 6000 },
} as const satisfies Record<string, Rate>;

export type RateName = keyof typeof RATES;

const HOUR_MS = 3_600_000;
/** Keys whose time is over are dropped when so many have gathered. */
const KEPT_KEYS = 10_000;

/**
 * Counts for one server. Each key has the time at which all it used has come back; a use moves that time on, and may
 * not move it further than the burst.
 */
export class Rates {
  readonly #now: () => number;
  readonly #table: Readonly<Record<RateName, Rate>>;
  readonly #used = new Map<RateName, KeyTimes>();
  /** Until when a user was told to wait. */
  readonly #toldUntil = new KeyTimes();
  readonly #blockedUntil = new KeyTimes();

  /** `now` is monotonic ms; `newGuests` of one address may come in an hour. */
  constructor(now: () => number, { newGuests = RATES.newGuests.burst }: { newGuests?: number } = {}) {
    this.#now = now;
    this.#table = {
      ...RATES,
      newGuests: { ...RATES.newGuests, burst: newGuests, everyMs: HOUR_MS / newGuests },
    };
  }

  /** Keys that are counted now. */
  get size(): number {
    return [this.#toldUntil, this.#blockedUntil, ...this.#used.values()].reduce(
      (sum, keys) => sum + keys.size,
      0,
    );
  }

  /** Takes from each of these rates, or, where one has too little, from none; then what to tell whoever asked. */
  take(names: readonly RateName[], key: string, amount = 1): RefusalDetail | undefined {
    const waits = names.map((name) => this.#wait(name, key, amount));
    const longest = Math.max(0, ...waits);
    const name = names[waits.indexOf(longest)];
    if (longest > 0 && name !== undefined)
      return { retryAfterMs: Math.ceil(longest), hint: limitOf(this.#table[name]) };
    for (const taken of names) this.#move(taken, key, amount);
    return undefined;
  }

  /**
   * Counts a refusal that may be repeated a few times; then, where there were too many, what to tell. Whoever was told
   * to wait, and did, is not counted.
   */
  denied(key: string, retryAfterMs: number | undefined): RefusalDetail | undefined {
    if (retryAfterMs !== undefined) {
      const now = this.#now();
      if (this.#toldUntil.get(key) <= now) {
        this.#toldUntil.set(key, now + retryAfterMs, now);
        return undefined;
      }
    }
    return this.take(["denials"], key);
  }

  /** Nothing of this key is heard for so long. */
  block(key: string, ms: number): void {
    const now = this.#now();
    this.#blockedUntil.set(key, now + ms, now);
  }

  /** Milliseconds; 0 where it is not blocked. */
  blockedFor(key: string): number {
    return Math.max(0, Math.ceil(this.#blockedUntil.get(key) - this.#now()));
  }

  giveBack(names: readonly RateName[], key: string, amount = 1): void {
    for (const name of names) this.#move(name, key, -amount);
  }

  #wait(name: RateName, key: string, amount: number): number {
    const { burst, everyMs } = this.#table[name];
    const now = this.#now();
    const backAt = Math.max(this.#keysOf(name).get(key), now);
    // More than the burst at once is let in when nothing is used, and pays for it afterwards.
    return Math.max(0, backAt + (Math.min(amount, burst) - burst) * everyMs - now);
  }

  #move(name: RateName, key: string, amount: number): void {
    const keys = this.#keysOf(name);
    const now = this.#now();
    keys.set(key, Math.max(keys.get(key), now) + amount * this.#table[name].everyMs, now);
  }

  #keysOf(name: RateName): KeyTimes {
    const known = this.#used.get(name);
    if (known !== undefined) return known;
    const keys = new KeyTimes();
    this.#used.set(name, keys);
    return keys;
  }
}

/** Times by key; those that have passed are dropped now and then. */
class KeyTimes {
  readonly #times = new Map<string, number>();
  #fullAt = KEPT_KEYS;

  get size(): number {
    return this.#times.size;
  }

  /** 0 where there is none. */
  get(key: string): number {
    return this.#times.get(key) ?? 0;
  }

  set(key: string, time: number, now: number): void {
    if (this.#times.size >= this.#fullAt) {
      for (const [old, passed] of this.#times) if (passed <= now) this.#times.delete(old);
      // As many again before the next look at all.
      this.#fullAt = Math.max(KEPT_KEYS, 2 * this.#times.size);
    }
    this.#times.set(key, time);
  }
}

/** The login throttle's, which counts failures alone. */
export const LOGIN_LIMIT =
  "failed logins: 5 in 15 minutes of one login at one address, 50 in an hour of one address";

/** Which limit it is, for whoever met it. */
export function limitOf({ what, burst, everyMs }: Rate): string {
  return `${what}: ${burst} at once, then ${inASecond(everyMs)}`;
}

function inASecond(everyMs: number): string {
  return everyMs < 1000
    ? `${Math.round(1000 / everyMs)} a second`
    : everyMs === 1000
      ? "one a second"
      : `one in ${everyMs / 1000} seconds`;
}
