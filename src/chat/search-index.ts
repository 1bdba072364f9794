/** Keeps the index of words a little behind the messages, in small bites, so that no SEND waits for it. */
import type { ChatStore } from "./store.ts";

const DELAY_MS = 500;
const BITE = 200;

export class SearchIndex {
  readonly #store: ChatStore;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: ChatStore) {
    this.#store = store;
  }

  /** There may be messages to take in. */
  wake(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#bite(), DELAY_MS).unref();
  }

  /** A failure is the store's to report; the next message wakes it again. */
  async #bite(): Promise<void> {
    let taken = BITE;
    while (taken === BITE) {
      taken = await this.#store.execute("indexMessages", { limit: BITE }).catch(() => 0);
    }
    this.#timer = undefined;
  }
}
