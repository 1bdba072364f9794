/** Messages on their way outlive their page: kept as long as they are, and sent by another page when theirs is no more. */
import type { PublicPrincipal } from "../../chat/wire.ts";
import type { OutgoingMessage, Unsent, UnsentStore } from "./types.ts";

export type UnsentParts = {
  readonly store: UnsentStore | undefined;
  readonly user: () => PublicPrincipal | undefined;
  /** They are this page's from now on. */
  readonly adopt: (messages: readonly OutgoingMessage[]) => void;
};

export class UnsentMessages {
  readonly #parts: UnsentParts;
  #isTaking = false;

  constructor(parts: UnsentParts) {
    this.#parts = parts;
  }

  /** All that this page has on its way, now. */
  keep(messages: readonly OutgoingMessage[]): void {
    this.#parts.store?.save({ user: this.#parts.user(), messages });
  }

  /** Takes what pages have left that are no more, from now on. It is known who the user is. */
  take(): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#parts.store?.take((left) => {
      if (!this.#isOfAnother(left)) this.#parts.adopt(left.messages);
    });
  }

  /** The next user is somebody else. */
  forget(): void {
    this.#parts.store?.forget();
  }

  /** What a guest has not sent the customer sends whom the guest has become; nobody sends what another one has not. */
  #isOfAnother({ user }: Unsent): boolean {
    const me = this.#parts.user();
    if (user === undefined || user.id === me?.id) return false;
    return user.kind !== "guest" || me?.kind !== "customer";
  }
}
