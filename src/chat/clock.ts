/** What the chat takes from its surroundings: time and random ids. */

export type Clock = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A random id of 128 bits, `[A-Za-z0-9_-]{22}`. */
  readonly id: () => string;
};
