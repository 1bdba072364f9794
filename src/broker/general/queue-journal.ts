/** Writes what nobody waits for: together, and again until the store takes it. */
import type { QueueChange, QueueStore } from "./queue-store.ts";

type Writing = { readonly changes: readonly QueueChange[]; readonly done: () => void };

export class QueueJournal {
  readonly #store: QueueStore;
  /** Of this turn. */
  #recorded: Writing[] = [];
  /** What the store did not take. */
  #refused: Writing[] = [];

  constructor(store: QueueStore) {
    this.#store = store;
  }

  /** Writes with what else comes in this turn; `done` follows when it is durable. No change may be recorded twice at once. */
  record(changes: readonly QueueChange[], done: () => void = () => undefined): void {
    this.#recorded.push({ changes, done });
    if (this.#recorded.length > 1) return;
    queueMicrotask(() => {
      void this.#write(this.#recorded.splice(0));
    });
  }

  /** Tries again what the store did not take. */
  retry(): void {
    if (this.#refused.length > 0) void this.#write(this.#refused.splice(0));
  }

  async #write(writings: readonly Writing[]): Promise<void> {
    try {
      await this.#store.write(writings.flatMap(({ changes }) => changes));
    } catch {
      // The store has said so in the log.
      this.#refused.push(...writings);
      return;
    }
    for (const { done } of writings) done();
  }
}
