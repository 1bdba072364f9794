/** Answers leave in the order of their frames: when their own effect and all earlier ones are done. */

/** Settled slots are dropped at the latest when this many lie at the front. */
const COMPACT_AT = 1024;

type Slot = { emit: (() => void) | undefined };

export class ReplyQueue {
  readonly #slots: Slot[] = [];
  #head = 0;
  #emitting = false;

  /** Frames whose answer has not left. */
  get size(): number {
    return this.#slots.length - this.#head;
  }

  /** Takes the next place; the returned function settles it with what to emit, once. */
  reserve(): (emit: () => void) => void {
    const slot: Slot = { emit: undefined };
    this.#slots.push(slot);
    return (emit) => {
      slot.emit = emit;
      this.#drain();
    };
  }

  /** Forgets every answer that has not left. */
  clear(): void {
    this.#slots.length = 0;
    this.#head = 0;
  }

  #drain(): void {
    if (this.#emitting) return;
    this.#emitting = true;
    try {
      for (let slot = this.#slots[this.#head]; slot?.emit !== undefined; slot = this.#slots[this.#head]) {
        this.#head += 1;
        slot.emit();
      }
    } finally {
      this.#emitting = false;
    }
    if (this.#head === this.#slots.length || this.#head >= COMPACT_AT) {
      this.#slots.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
