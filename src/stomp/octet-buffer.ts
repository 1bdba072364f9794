/** Octets received and not yet consumed: a chunk as it came, or a growing copy when frames span chunks. */

export class OctetBuffer {
  #octets: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The memory is ours to append to; a received chunk is not. */
  #isOwned = false;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends a chunk: by reference when nothing is left over, else copied with amortised growth. */
  append(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#octets = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#isOwned = false;
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
    const found = this.#octets.indexOf(octet, this.#start + from);
    return found < 0 || found >= this.#end ? -1 : found - this.#start;
  }

  /** Octets [from, to), sharing memory: a later `append` never changes them. */
  slice(from: number, to: number): Uint8Array {
    return this.#octets.subarray(this.#start + from, this.#start + to);
  }

  /** Drops the first `count` octets. */
  consume(count: number): void {
    this.#start += count;
    if (this.#start < this.#end) return;
    this.#octets = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
    this.#isOwned = false;
  }

  /** Makes room behind the end. Octets handed out by `slice` are never overwritten: growing copies what is left. */
  #reserve(count: number): void {
    if (this.#isOwned && this.#end + count <= this.#octets.length) return;
    const grown = new Uint8Array(Math.max(256, 2 * (this.length + count)));
    grown.set(this.#octets.subarray(this.#start, this.#end));
    this.#octets = grown;
    this.#end = this.length;
    this.#start = 0;
    this.#isOwned = true;
  }
}
