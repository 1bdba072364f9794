/** Slows down guessing: failed logins per login and address, and per address. */
import { RateLimiterMemory } from "rate-limiter-flexible";

const QUARTER_HOUR_S = 15 * 60;
const HOUR_S = 60 * 60;
/** Of one address, with the one that runs; a whole office signs in within a few seconds. */
export const MAX_LOGINS_IN_TURN = 100;
/** When there is room again, for whoever found none. */
export const TURN_RETRY_MS = 1000;

export interface LoginThrottle {
  /**
   * Runs the logins of one address one after the other: tries at once would all pass before the first is counted.
   * Undefined, and nothing is run, when `MAX_LOGINS_IN_TURN` of the address are not done yet.
   */
  inTurn<Result>(address: string, work: () => Promise<Result>): Promise<Result | undefined>;
  /** Milliseconds until the next try is allowed; 0 when it is now. */
  blockedFor(login: string, address: string): Promise<number>;
  failed(login: string, address: string): Promise<void>;
  succeeded(login: string, address: string): Promise<void>;
}

/** 5 failures in 15 minutes per login and address, 50 an hour per address. */
export function createLoginThrottle(): LoginThrottle {
  const pairs = new RateLimiterMemory({ points: 5, duration: QUARTER_HOUR_S });
  const addresses = new RateLimiterMemory({ points: 50, duration: HOUR_S });
  const pair = (login: string, address: string): string => `${login.slice(0, 64)} ${address}`;
  const wait = async (limiter: RateLimiterMemory, key: string): Promise<number> => {
    const state = await limiter.get(key);
    return state !== null && state.remainingPoints <= 0 ? state.msBeforeNext : 0;
  };
  const count = async (limiter: RateLimiterMemory, key: string): Promise<void> => {
    await limiter.penalty(key);
  };
  const turns = new Map<string, { count: number; last: Promise<unknown> }>();
  return {
    inTurn: async (address, work) => {
      const line = turns.get(address) ?? { count: 0, last: Promise.resolve() };
      if (line.count >= MAX_LOGINS_IN_TURN) return undefined;
      line.count += 1;
      turns.set(address, line);
      const turn = line.last.then(work);
      line.last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        line.count -= 1;
        if (line.count === 0) turns.delete(address);
      }
    },
    blockedFor: async (login, address) =>
      Math.max(await wait(pairs, pair(login, address)), await wait(addresses, address)),
    failed: async (login, address) => {
      await count(pairs, pair(login, address));
      await count(addresses, address);
    },
    succeeded: async (login, address) => {
      await pairs.delete(pair(login, address));
    },
  };
}

/** RATE_LIMITS=off. */
export const NO_THROTTLE: LoginThrottle = {
  inTurn: (_address, work) => work(),
  blockedFor: () => Promise.resolve(0),
  failed: () => Promise.resolve(),
  succeeded: () => Promise.resolve(),
};
