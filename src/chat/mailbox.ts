/** A connected user's mailbox: who reads it, and up to where everything is proven delivered. */
import type { MailboxCursor } from "./mailbox-cursor.ts";

/** What a mailbox must know of an entry to move its delivered mark over it. */
export type Passed = {
  readonly conversation: string;
  readonly seq: number;
  /** Own copies need no proof. */
  readonly own: boolean;
};

type Entry = Passed & { proven: boolean };

/** Entries remembered behind a hole; proofs beyond are forgotten and those messages delivered again. */
const MAX_ENTRIES = 10_000;

export type MarkMoved = (
  userId: string,
  offset: number,
  seqs: readonly (readonly [conversation: string, seq: number])[],
) => void;

export class Mailbox {
  readonly userId: string;
  readonly cursors = new Set<MailboxCursor>();
  readonly #moved: MarkMoved;
  #mark: number | undefined;
  readonly #entries = new Map<number, Entry>();

  constructor(userId: string, moved: MarkMoved) {
    this.userId = userId;
    this.#moved = moved;
  }

  /** The stored mark, told by each subscription's opening; a mark only grows. */
  start(mark: number): void {
    this.#mark = Math.max(this.#mark ?? 0, mark);
    for (const offset of this.#entries.keys()) if (offset <= this.#mark) this.#entries.delete(offset);
  }

  /**
   * The client says itself that it has, or reads elsewhere, everything up to this offset: it subscribed `since` there.
   * What lies between is proven by that; without it the mark would wait for ever for what is never delivered.
   */
  skipTo(offset: number): void {
    if (this.#mark === undefined || offset <= this.#mark) return;
    const seqs = new Map<string, number>();
    for (const [passed, { own, conversation, seq }] of [...this.#entries].sort(
      ([one], [other]) => one - other,
    )) {
      if (passed > offset) break;
      this.#entries.delete(passed);
      if (!own) seqs.set(conversation, seq);
    }
    this.#mark = offset;
    this.#moved(this.userId, offset, [...seqs]);
    this.#advance();
  }

  /** An entry was seen: committed now or read from the store. */
  note(offset: number, passed: Passed): void {
    if (offset <= (this.#mark ?? 0) || this.#entries.size >= MAX_ENTRIES || this.#entries.has(offset)) return;
    this.#entries.set(offset, { ...passed, proven: false });
  }

  /** Entries in (after, upTo] are proven. */
  proveRange(after: number, upTo: number): void {
    for (let offset = Math.max(after, this.#mark ?? 0) + 1; offset <= upTo; offset += 1)
      this.#markProven(offset);
    this.#advance();
  }

  prove(offsets: readonly number[]): void {
    for (const offset of offsets) this.#markProven(offset);
    this.#advance();
  }

  #markProven(offset: number): void {
    const entry = this.#entries.get(offset);
    if (entry !== undefined) entry.proven = true;
  }

  #advance(): void {
    if (this.#mark === undefined) return;
    const seqs = new Map<string, number>();
    let mark = this.#mark;
    for (let entry = this.#entries.get(mark + 1); entry !== undefined; entry = this.#entries.get(mark + 1)) {
      if (!entry.own && !entry.proven) break;
      mark += 1;
      this.#entries.delete(mark);
      if (!entry.own) seqs.set(entry.conversation, entry.seq);
    }
    if (mark === this.#mark) return;
    this.#mark = mark;
    if (seqs.size > 0) this.#moved(this.userId, mark, [...seqs]);
  }
}
