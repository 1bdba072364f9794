/** Signs of typing, both ways: mine not too often, theirs not for ever. */
import type { PublicPrincipal } from "../../chat/wire.ts";
import type { Typing } from "./types.ts";

const AT_MOST_EVERY_MS = 3000;
const ENDS_AFTER_MS = 6000;

export class TypingSigns {
  readonly #now: () => number;
  readonly #tell: (conversation: string, typing: boolean) => void;
  readonly #show: (sign: Typing) => void;
  readonly #toldAt = new Map<string, number>();
  readonly #shown = new Map<string, { user: PublicPrincipal; timer: ReturnType<typeof setTimeout> }>();

  constructor(
    now: () => number,
    tell: (conversation: string, typing: boolean) => void,
    show: (sign: Typing) => void,
  ) {
    this.#now = now;
    this.#tell = tell;
    this.#show = show;
  }

  mine(conversation: string, typing: boolean): void {
    const toldAt = this.#toldAt.get(conversation);
    if (!typing) {
      if (toldAt !== undefined) this.#tell(conversation, false);
      this.#toldAt.delete(conversation);
      return;
    }
    if (toldAt !== undefined && this.#now() - toldAt < AT_MOST_EVERY_MS) return;
    this.#toldAt.set(conversation, this.#now());
    this.#tell(conversation, true);
  }

  /** A message was sent: typing ended with it, and the other side knows. */
  sent(conversation: string): void {
    this.#toldAt.delete(conversation);
  }

  theirs({ conversation, user, typing }: Typing): void {
    clearTimeout(this.#shown.get(conversation)?.timer);
    this.#shown.delete(conversation);
    if (typing) {
      const timer = setTimeout(() => {
        this.ended(conversation, user.id);
      }, ENDS_AFTER_MS);
      this.#shown.set(conversation, { user, timer });
    }
    this.#show({ conversation, user, typing });
  }

  /** Their message came, or nothing more did. */
  ended(conversation: string, userId: string): void {
    const shown = this.#shown.get(conversation);
    if (shown?.user.id !== userId) return;
    clearTimeout(shown.timer);
    this.#shown.delete(conversation);
    this.#show({ conversation, user: shown.user, typing: false });
  }
}
