/** Messages of durable queues in a Map. */
import type { StoredMessage } from "../../broker/general/queue-store.ts";
import type { QueuedTables } from "../../chat/tables.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryQueued implements QueuedTables {
  readonly #rows: () => Rows;

  /** `rows` gives the rows as they are: a transaction that fails brings back others. */
  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  insert(message: StoredMessage): void {
    const { queued } = this.#rows();
    if (queued.has(message.place)) throw new Error("the place is taken");
    queued.set(message.place, message);
  }

  setAttempts(place: number, attempts: number): void {
    const { queued } = this.#rows();
    const message = queued.get(place);
    if (message !== undefined) queued.set(place, { ...message, attempts });
  }

  remove(place: number): void {
    this.#rows().queued.delete(place);
  }

  after(place: number, limit: number): readonly StoredMessage[] {
    return [...this.#rows().queued.values()]
      .filter((message) => message.place > place)
      .sort((one, other) => one.place - other.place)
      .slice(0, limit);
  }
}
