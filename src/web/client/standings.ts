/** My conversations: who has them, how far the other side got, and what I have not read. */
import type { ConversationStanding, ConversationSummary, PublicPrincipal } from "../../chat/wire.ts";

export class Standings {
  readonly #byId = new Map<string, ConversationStanding>();
  /** Up to which seq `unread` has counted. */
  readonly #counted = new Map<string, number>();

  get all(): ReadonlyMap<string, ConversationStanding> {
    return this.#byId;
  }

  get(id: string): ConversationStanding | undefined {
    return this.#byId.get(id);
  }

  set(standing: ConversationStanding): void {
    const known = this.#byId.get(standing.id);
    if (known !== undefined && (known.version > standing.version || known.lastSeq > standing.lastSeq)) return;
    this.#keep(standing);
  }

  /** The snapshot: open conversations. Returns the ids of those that were open and are not in it. */
  replace(open: readonly ConversationStanding[]): readonly string[] {
    const ids = new Set(open.map(({ id }) => id));
    const gone = [...this.#byId.values()].filter(({ id, state }) => state !== "closed" && !ids.has(id));
    for (const standing of open) this.#keep(standing);
    return gone.map(({ id }) => id);
  }

  /** A `conversation.*` event. */
  update(summary: ConversationSummary): void {
    const known = this.#byId.get(summary.id);
    if (known !== undefined && known.version > summary.version) return;
    const marks = known ?? { deliveredSeq: 0, readSeq: 0, unread: 0, lastSeq: 0 };
    const { deliveredSeq, readSeq, unread } = marks;
    const lastSeq = Math.max(summary.lastSeq, marks.lastSeq);
    const newest = known?.newest === undefined ? {} : { newest: known.newest };
    this.#byId.set(summary.id, { ...summary, lastSeq, deliveredSeq, readSeq, unread, ...newest });
  }

  /** A message came in, or one of mine was stored: sending implies read. */
  posted(id: string, seq: number, isMine: boolean): void {
    if (seq <= (this.#counted.get(id) ?? 0)) return;
    this.#change(id, (standing) => {
      this.#counted.set(id, seq);
      const unread = isMine ? 0 : standing.unread + 1;
      return { ...standing, lastSeq: Math.max(standing.lastSeq, seq), unread };
    });
  }

  delivered(id: string, seq: number): void {
    this.#change(id, (standing) => ({ ...standing, deliveredSeq: Math.max(standing.deliveredSeq, seq) }));
  }

  /** The other side has read up to `seq`. */
  readByOther(id: string, seq: number): void {
    this.#change(id, (standing) => ({
      ...standing,
      deliveredSeq: Math.max(standing.deliveredSeq, seq),
      readSeq: Math.max(standing.readSeq, seq),
    }));
  }

  /** I have, and `unread` messages of others are behind it. */
  readByMe(id: string, unread: number): void {
    this.#change(id, (standing) => ({ ...standing, unread }));
  }

  /** This customer was erased; returns the ids of the conversations. */
  erase(customer: PublicPrincipal): readonly string[] {
    const concerned = [...this.#byId.values()].filter((standing) => standing.customer.id === customer.id);
    for (const standing of concerned) this.#byId.set(standing.id, withoutWords({ ...standing, customer }));
    return concerned.map(({ id }) => id);
  }

  clear(): void {
    this.#byId.clear();
    this.#counted.clear();
  }

  #keep(standing: ConversationStanding): void {
    this.#byId.set(standing.id, standing);
    this.#counted.set(standing.id, standing.lastSeq);
  }

  #change(id: string, change: (standing: ConversationStanding) => ConversationStanding): void {
    const standing = this.#byId.get(id);
    if (standing !== undefined) this.#byId.set(id, change(standing));
  }
}

/** As it is known of a customer who was erased. */
function withoutWords(standing: ConversationStanding): ConversationStanding {
  const { newest } = standing;
  return newest === undefined ? standing : { ...standing, newest: { ...newest, preview: "" } };
}
