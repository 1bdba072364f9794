/** Work that comes in thousands at once, done in order, a bounded part of it in each turn of the event loop. */

export class Turns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** `perTurn`: how many pieces are done before others have the event loop again. */
  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Does `work`, which does not throw, in a turn to come, after all that waits already. */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const taken = this.#waiting.splice(0, this.#perTurn);
      if (this.#waiting.length > 0) this.#schedule();
      for (const work of taken) work();
    });
  }
}
