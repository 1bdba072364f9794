/** Octets received and not yet consumed: a chunk as it came, or a growing copy when frames span chunks. */

const NO_OCTETS = new Uint8Array(0);
const MIN_CAPACITY = 256;

export class OctetBuffer {
  #octets: Uint8Array = NO_OCTETS;
  #start = 0;
  #end = 0;

  /** The memory itself, for loops too hot for `at`: what is unconsumed begins at `start`. Not to be kept. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends a chunk: by reference when nothing is left over, else copied with amortised growth. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#start === this.#end) {
      this.#octets = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    this.#reserve(chunk.length);
    this.#octets.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The octet at an index from the first unconsumed one; undefined behind the last. */
  at(index: number): number | undefined {
    return index < this.length ? this.#octets[this.#start + index] : undefined;
  }

  /** Index of the first such octet at or after `from`; -1 if there is none yet. */
  indexOf(octet: number, from: number): number {
    // Only what was received: searching the spare room as well would make dripped octets cost its size each.
    const found = this.#octets.subarray(this.#start + from, this.#end).indexOf(octet);
    return found < 0 ? -1 : from + found;
  }

  /** Octets [from, to), sharing memory: no later `append` changes them. */
  slice(from: number, to: number): Uint8Array {
    if (from === to) return NO_OCTETS;
    // A plain Uint8Array, also when the chunk was of a subclass.
    return new Uint8Array(this.#octets.buffer, this.#octets.byteOffset + this.#start + from, to - from);
  }

  /** Drops the first `count` octets. */
  consume(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.clear();
  }

  /** Lets go of memory that is mostly consumed: the last octet of a long chunk would keep all of it. */
  trim(): void {
    if (this.#octets.buffer.byteLength <= MIN_CAPACITY + 2 * this.length) return;
    this.#octets = new Uint8Array(this.#octets.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#start = 0;
  }

  clear(): void {
    this.#octets = NO_OCTETS;
    this.#start = 0;
    this.#end = 0;
  }

  /**
   * Makes room behind the end. A received chunk is full and so is never written to, and what `slice` handed out is
   * never overwritten: growing copies what is left.
   */
  #reserve(count: number): void {
    if (this.#end + count <= this.#octets.length) return;
    const needed = this.length + count;
    // A quarter more is linear still, and thousands of beginnings of frames keep little room that nobody uses.
    const grown = new Uint8Array(Math.max(MIN_CAPACITY, needed + (needed >> 2)));
    grown.set(this.#octets.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#start = 0;
    this.#octets = grown;
  }
}
