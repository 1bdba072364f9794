/** Passcodes: argon2id, a few at a time, the same effort whether the login exists or not. */
import { hash, verify } from "@node-rs/argon2";

const MIN_LENGTH = 12;
const MAX_LENGTH = 256;
const AT_ONCE = 2;
const MAX_WAITING = 500;
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

  /** Compares with a stored hash; without one it takes as long and is false. Rejects when too many wait. */
  async verify(stored: string | undefined, passcode: string): Promise<boolean> {
    if (passcode.length > MAX_LENGTH) return false;
    this.#dummy ??= hash("nobody has this passcode", EFFORT);
    const against = stored ?? (await this.#dummy);
    const matches = await this.#inTurn(() => verify(against, passcode));
    return matches && stored !== undefined;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error("too many logins wait");
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
