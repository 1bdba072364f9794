/** How fast who may write and read: the rates of messages and of history, by the kind of user. */
import { addressKey } from "../broker/admission.ts";
import { refuse } from "./errors.ts";
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
   * Posts messages together and counts them; `post` resolves with what became of each. Where they are too many it is
   * told what to refuse them with, unless they are repeats, which cost nothing; and a guest who writes for the first
   * time counts for the address too.
   */
  async counting<Results extends readonly PostResult[]>(
    sender: Sender,
    count: number,
    post: (limits: OverRate) => Promise<Results>,
  ): Promise<Results> {
    const { principal } = sender;
    const address = "connection" in sender ? sender.connection.remoteAddress : undefined;
    const guestsOf = principal.kind === "guest" && address !== undefined ? addressKey(address) : undefined;
    const names = OF_KIND[principal.kind];
    const tooMany = this.#rates?.take(names, principal.id, count);
    const tooManyGuests = guestsOf === undefined ? undefined : this.#rates?.take(["newGuests"], guestsOf);
    let results: Results | undefined;
    try {
      results = await post({ ...(tooMany && { tooMany }), ...(tooManyGuests && { tooManyGuests }) });
      return results;
    } finally {
      const repeats = results?.filter(({ repeated }) => repeated).length ?? 0;
      if (tooMany === undefined && repeats > 0) this.#rates?.giveBack(names, principal.id, repeats);
      const isNewcomer = results?.some(({ newcomer }) => newcomer === true) ?? false;
      if (guestsOf !== undefined && tooManyGuests === undefined && !isNewcomer)
        this.#rates?.giveBack(["newGuests"], guestsOf);
    }
  }

  /** Counts a page of history; throws Refusal RATE_LIMITED. */
  history({ id, kind }: Principal): void {
    const tooMany = kind === "service" ? undefined : this.#rates?.take(["histories"], id);
    if (tooMany !== undefined) throw refuse("RATE_LIMITED", tooMany);
  }
}
