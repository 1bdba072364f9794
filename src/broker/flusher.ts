/** Writes every outbox with output once per event-loop turn. */

/** What can be flushed. */
export type Flushable = { flush(): void };

export class Flusher {
  #waiting: Flushable[] = [];
  #scheduled = false;

  /** Flushes `outbox` at the end of this turn; call it once per turn and outbox. */
  schedule(outbox: Flushable): void {
    this.#waiting.push(outbox);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#flushAll();
    });
  }

  #flushAll(): void {
    this.#scheduled = false;
    const outboxes = this.#waiting;
    this.#waiting = [];
    for (const outbox of outboxes) outbox.flush();
  }
}
