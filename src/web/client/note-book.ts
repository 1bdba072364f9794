/** The notes of one conversation, from the first on; what would leave a hole waits until the hole is filled. */
import type { Note } from "../../chat/wire.ts";

export class NoteBook {
  /** By `number`, without hole or duplicate. */
  #notes: readonly Note[] = [];
  readonly #ahead = new Map<number, Note>();
  #isErased = false;
  /** The highest number that is known to exist. */
  #wanted = 0;

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** The last number of the gap-free part; 0 when there is none. */
  get last(): number {
    return this.#notes.length;
  }

  /** Whether there are notes that are not here yet. */
  get hasHole(): boolean {
    return this.#wanted > this.last;
  }

  /** There is a note of this number. */
  want(number: number): void {
    this.#wanted = Math.max(this.#wanted, number);
  }

  /** Adds a note, or puts it in the place of the one with its number. */
  add(added: Note): void {
    const note = this.#isErased ? erased(added) : added;
    const { number } = note;
    this.want(number);
    if (number <= this.last) {
      this.#notes = this.#notes.with(number - 1, note);
      return;
    }
    this.#ahead.set(number, note);
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext())
      this.#notes = [...this.#notes, next];
  }

  /** The customer was erased, and with it the texts of these notes. */
  erase(): void {
    this.#isErased = true;
    this.#notes = this.#notes.map(erased);
    for (const [number, note] of this.#ahead) this.#ahead.set(number, erased(note));
  }

  #takeNext(): Note | undefined {
    const number = this.last + 1;
    const next = this.#ahead.get(number);
    this.#ahead.delete(number);
    return next;
  }
}

function erased(note: Note): Note {
  return { ...note, note: "", erased: true };
}
