/** Writes what nobody waits for: together, and again until the store takes it. */
import type { QueueChange, QueueStore } from "./queue-store.ts";

type Note = { readonly changes: readonly QueueChange[]; readonly done: () => void };

export class QueueJournal {
  readonly #store: QueueStore;
  /** Of this turn. */
  #noted: Note[] = [];
  /** What the store did not take. */
  #refused: Note[] = [];

  constructor(store: QueueStore) {
    this.#store = store;
  }

  /** Writes with what else comes in this turn; `done` follows when it is durable. No change may be in two notes at once. */
  note(changes: readonly QueueChange[], done: () => void = () => undefined): void {
    this.#noted.push({ changes, done });
    if (this.#noted.length > 1) return;
    queueMicrotask(() => {
      void this.#write(this.#noted.splice(0));
    });
  }

  /** Tries again what the store did not take. */
  retry(): void {
    if (this.#refused.length > 0) void this.#write(this.#refused.splice(0));
  }

  async #write(notes: readonly Note[]): Promise<void> {
    try {
      await this.#store.write(notes.flatMap(({ changes }) => changes));
    } catch {
      // The store has said so in the log.
      this.#refused.push(...notes);
      return;
    }
    for (const { done } of notes) done();
  }
}
