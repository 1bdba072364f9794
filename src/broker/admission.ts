/** Who may open a connection: how many there are, in all and from one address, and how fast new ones come. */
import { refusal } from "./errors.ts";
import { networkOf } from "./network.ts";
import type { Refusal } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Rates } from "./rates.ts";

/** An address from which sessions are ended for insisting, again and again, waits so long. */
const COOLING_MS = 15 * 60_000;
const RETRY_AFTER_MS = 10_000;

export class Admission {
  readonly #limits: Limits;
  readonly #rates: Rates | undefined;
  readonly #isShared: (address: string) => boolean;
  readonly #open = new Map<string, number>();
  #total = 0;

  /** Without rates addresses are not counted. An address that is shared is counted, but never closed out. */
  constructor(
    limits: Limits,
    rates: Rates | undefined,
    isShared: (address: string) => boolean = () => false,
  ) {
    this.#limits = limits;
    this.#rates = rates;
    this.#isShared = isShared;
  }

  /** Asked before anything is made for a new connection; why it is refused, if it is. */
  refusalOf(address: string): Refusal | undefined {
    const { maxConnections, maxAddressConnections } = this.#limits;
    if (this.#total >= maxConnections) return tooMany("RETRY_LATER", `${maxConnections} connections in all`);
    if (this.#rates === undefined) return undefined;
    const key = addressKey(address);
    const cooling = this.#rates.blockedFor(key);
    if (cooling > 0 && !this.#isShared(address)) {
      const hint = "sessions of this address were ended for insisting three times in ten minutes";
      return refusal("RATE_LIMITED", { retryAfterMs: cooling, hint });
    }
    if ((this.#open.get(key) ?? 0) >= maxAddressConnections)
      return tooMany("RATE_LIMITED", `${maxAddressConnections} connections of one address`);
    const detail = this.#rates.take(["connections"], key);
    return detail && refusal("RATE_LIMITED", detail);
  }

  opened(address: string): void {
    const key = addressKey(address);
    this.#total += 1;
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
  }

  closed(address: string): void {
    const key = addressKey(address);
    const left = (this.#open.get(key) ?? 0) - 1;
    this.#total -= 1;
    if (left > 0) this.#open.set(key, left);
    else this.#open.delete(key);
  }

  /** A CONNECT failed; what to tell where there were too many. */
  connectFailed(address: string): { readonly retryAfterMs?: number; readonly hint?: string } | undefined {
    return this.#rates?.take(["failedConnects"], addressKey(address));
  }

  /** A request named a SockJS session that is none; why it is refused, if it is. */
  unknownSession(address: string): Refusal | undefined {
    const detail = this.#rates?.take(["unknownSessions"], addressKey(address));
    return detail && refusal("RATE_LIMITED", detail);
  }

  /** A session of this address was ended for insisting. */
  insisted(address: string): void {
    const key = addressKey(address);
    if (this.#rates?.take(["insistences"], key) !== undefined) this.#rates.block(key, COOLING_MS);
  }
}

/** What counts as one address: of IPv6 the network that a household or office has. */
export function addressKey(address: string): string {
  return networkOf(address, { four: 32, six: 64 });
}

function tooMany(code: "RATE_LIMITED" | "RETRY_LATER", what: string): Refusal {
  return refusal(code, { retryAfterMs: RETRY_AFTER_MS, hint: `at most ${what}` });
}
