/** Passcodes: argon2id, a few at a time, the same effort whether the login exists or not. */
import { hash, verify } from "@node-rs/argon2";
import { refuse } from "../../chat/errors.ts";

const MIN_LENGTH = 12;
const MAX_LENGTH = 256;
const AT_ONCE = 2;
const MAX_WAITING = 500;
const RETRY_AFTER_MS = 5000;
/** OWASP's figures for argon2id: 19 MiB, 2 passes, 1 lane. The library's default algorithm is argon2id. */
const EFFORT = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Why a passcode cannot be one; undefined when it can. */
export function passcodeProblem(passcode: string): string | undefined {
  if (passcode.length < MIN_LENGTH || passcode.length > MAX_LENGTH) {
    return `a passcode has ${MIN_LENGTH} to ${MAX_LENGTH} characters`;
  }
  return passcode.startsWith("cc_") ? "a passcode may not begin with cc_" : undefined;
}

export class Passcodes {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  hash(passcode: string): Promise<string> {
    return this.#inTurn(() => hash(passcode, EFFORT));
  }

  /** Compares with a stored hash; without one it takes as long and is false. Rejects with RETRY_LATER when too many wait. */
  async verify(stored: string | undefined, passcode: string): Promise<boolean> {
    if (passcode.length > MAX_LENGTH) return false;
    this.#dummy ??= hash("nobody has this passcode", EFFORT);
    const against = stored ?? (await this.#dummy);
    const matches = await this.#inTurn(() => verify(against, passcode));
    return matches && stored !== undefined;
  }

  /** A finished one hands its place to the next, so that never more than AT_ONCE run. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < AT_ONCE) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= MAX_WAITING) throw refuse("RETRY_LATER", { retryAfterMs: RETRY_AFTER_MS });
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
