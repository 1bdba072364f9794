/** How fast who may write and read: the rates of messages and of history, by the kind of user. */
import { refuse } from "./errors.ts";
import type { RefusalDetail } from "../broker/errors.ts";
import type { Principal } from "../broker/principal.ts";
import type { RateName, Rates } from "../broker/rates.ts";

/** Services are programs of the operator's: none. */
const OF_KIND: Readonly<Record<Principal["kind"], readonly RateName[]>> = {
  guest: ["guestMessages", "guestMinutes"],
  customer: ["customerMessages", "customerMinutes"],
  agent: ["agentMessages"],
  service: [],
};

export class MessageRates {
  readonly #rates: Rates | undefined;

  /** Undefined where rates are off. */
  constructor(rates: Rates | undefined) {
    this.#rates = rates;
  }

  /** Counts a message; where it is one too many, what its sender is told unless it is a repeat. */
  message({ id, kind }: Principal, count = 1): RefusalDetail | undefined {
    return this.#rates?.take(OF_KIND[kind], id, count);
  }

  /** What was counted turned out to be a repeat, which costs nothing. */
  giveBack({ id, kind }: Principal): void {
    this.#rates?.giveBack(OF_KIND[kind], id);
  }

  /** Counts a page of history; throws Refusal RATE_LIMITED. */
  history({ id, kind }: Principal): void {
    const tooMany = kind === "service" ? undefined : this.#rates?.take(["histories"], id);
    if (tooMany !== undefined) throw refuse("RATE_LIMITED", tooMany);
  }
}
