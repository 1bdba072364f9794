/** How fast who may write and read: the rates of messages and of history, by the kind of user. */
import { addressKey } from "../broker/admission.ts";
import { refuse } from "./errors.ts";
import type { RefusalDetail } from "../broker/errors.ts";
import type { Principal } from "../broker/principal.ts";
import type { RateName, Rates } from "../broker/rates.ts";
import type { PostInput, PostResult } from "./operations/post.ts";
import type { Sender } from "./stored-command.ts";

/** Services are programs of the operator's: none. */
const OF_KIND: Readonly<Record<Principal["kind"], readonly RateName[]>> = {
  guest: ["guestMessages", "guestMinutes"],
  customer: ["customerMessages", "customerMinutes"],
  agent: ["agentMessages"],
  service: [],
};

/** What to refuse with, where a rate is used up. */
export type OverRate = Pick<PostInput, "tooMany" | "tooManyGuests">;

export class MessageRates {
  readonly #rates: Rates | undefined;

  /** Undefined where rates are off. */
  constructor(rates: Rates | undefined) {
    this.#rates = rates;
  }

  /**
   * Posts a message and counts it. Where it is one too many, `post` is told what to refuse it with unless it is a repeat,
   * which costs nothing; and a guest who writes for the first time counts for the address too.
   */
  async counting(sender: Sender, post: (limits: OverRate) => Promise<PostResult>): Promise<PostResult> {
    const { principal } = sender;
    const address = "connection" in sender ? sender.connection.remoteAddress : undefined;
    const guestsOf = principal.kind === "guest" && address !== undefined ? addressKey(address) : undefined;
    const tooMany = this.message(principal);
    const tooManyGuests = guestsOf === undefined ? undefined : this.#rates?.take(["newGuests"], guestsOf);
    let result: PostResult | undefined;
    try {
      result = await post({ ...(tooMany && { tooMany }), ...(tooManyGuests && { tooManyGuests }) });
      return result;
    } finally {
      if (result?.repeated === true && tooMany === undefined)
        this.#rates?.giveBack(OF_KIND[principal.kind], principal.id);
      if (guestsOf !== undefined && tooManyGuests === undefined && result?.newcomer !== true)
        this.#rates?.giveBack(["newGuests"], guestsOf);
    }
  }

  /** Counts messages; where they are too many, none, and what their sender is told. */
  message({ id, kind }: Principal, count = 1): RefusalDetail | undefined {
    return this.#rates?.take(OF_KIND[kind], id, count);
  }

  /** Counts a page of history; throws Refusal RATE_LIMITED. */
  history({ id, kind }: Principal): void {
    const tooMany = kind === "service" ? undefined : this.#rates?.take(["histories"], id);
    if (tooMany !== undefined) throw refuse("RATE_LIMITED", tooMany);
  }
}
