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

/** `seqs` are what the new mark covers; undefined where only the store knows. */
export type MarkMoved = (
  userId: string,
  offset: number,
  seqs: readonly (readonly [conversation: string, seq: number])[] | undefined,
) => void;

export class Mailbox {
  readonly userId: string;
  readonly cursors = new Set<MailboxCursor>();
  readonly #moved: MarkMoved;
  #mark: number | undefined;
  readonly #entries = new Map<number, Entry>();
  /** Behind a hole: everything in (from, to] is proven and was told. */
  #beyond: { readonly from: number; readonly to: number } | undefined;

  constructor(userId: string, moved: MarkMoved) {
    this.userId = userId;
    this.#moved = moved;
  }

  /** The stored mark, told by each subscription's opening; a mark only grows. */
  start(mark: number): void {
    this.#moveTo(Math.max(this.#mark ?? 0, mark));
  }

  /**
   * The client says itself that it has everything up to this offset: it subscribed `since` there. What lies between is
   * proven by that; without it the mark would wait for ever for what is never delivered.
   */
  skipTo(offset: number): void {
    if (this.#mark === undefined || offset <= this.#mark) return;
    this.#moveTo(offset);
    this.#moved(this.userId, offset, undefined);
    this.#advance();
  }

  /**
   * The client reads on behind a part that it could not be given. The mark waits there; the other side is told of what
   * is proven behind it all the same.
   */
  leaveHoleUpTo(offset: number): void {
    if (offset > Math.max(this.#mark ?? 0, this.#beyond?.to ?? 0))
      this.#beyond = { from: offset, to: offset };
  }

  /** An entry was seen: committed now or read from the store. */
  see(offset: number, passed: Passed): void {
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
    let mark = this.#walk(this.#mark, seqs);
    const beyond = this.#beyond;
    if (beyond !== undefined) {
      const to = this.#walk(Math.max(beyond.to, mark), seqs);
      if (mark >= beyond.from) mark = to;
      this.#beyond = mark >= beyond.from ? undefined : { from: beyond.from, to };
    }
    if (mark > this.#mark) this.#moveTo(mark);
    if (seqs.size > 0) this.#moved(this.userId, mark, [...seqs]);
  }

  /** As far as everything behind `from` is proven; collects the seqs that this covers. */
  #walk(from: number, seqs: Map<string, number>): number {
    let at = from;
    for (let entry = this.#entries.get(at + 1); entry !== undefined; entry = this.#entries.get(at + 1)) {
      if (!entry.own && !entry.proven) break;
      at += 1;
      this.#entries.delete(at);
      if (!entry.own) seqs.set(entry.conversation, entry.seq);
    }
    return at;
  }

  #moveTo(mark: number): void {
    this.#mark = mark;
    for (const offset of this.#entries.keys()) if (offset <= mark) this.#entries.delete(offset);
  }
}
