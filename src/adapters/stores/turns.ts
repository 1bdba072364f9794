/** Which of the requests that were sent to the writer's thread it has taken: shared by both threads, so that none is both refused and done. */

/** Size of the memory that both threads share. */
export const TURN_OCTETS = BigInt64Array.BYTES_PER_ELEMENT;

/** What is sent has a turn, counted from 1; up to the number in the shared memory each was taken, or was withdrawn. */
export class Turns {
  readonly #cell: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.#cell = new BigInt64Array(shared);
  }

  /** Up to which turn it is decided. */
  decided(): bigint {
    return Atomics.load(this.#cell, 0);
  }

  /**
   * Decides all up to `last`: the thread takes them, or who sent them takes them back. The result is up to where it was
   * decided before, by the other one.
   */
  decide(last: bigint): bigint {
    for (;;) {
      const before = this.decided();
      if (before >= last || Atomics.compareExchange(this.#cell, 0, before, last) === before) return before;
    }
  }
}
