/** What senders were promised against what receivers were shown. */
import type { Shown } from "./load-client.ts";

export type Findings = {
  /** Acknowledged, and never shown to the receiver. */
  readonly lostAcked: number;
  /** One clientId stored under two ids. */
  readonly dupStored: number;
  /** One id shown twice to a receiver that resumed with its position. */
  readonly dupShown: number;
  /** A seq below one shown before. */
  readonly orderViolations: number;
  /** A seq missing below the highest shown. */
  readonly gaps: number;
  /** Shown to somebody whom it does not concern. */
  readonly leaked: number;
};

export const CLEAN: Findings = {
  lostAcked: 0,
  dupStored: 0,
  dupShown: 0,
  orderViolations: 0,
  gaps: 0,
  leaked: 0,
};

/** The receiver drops ids it has shown, as every shipped client does; what it drops is no duplicate on the screen. */
export class Checker {
  readonly #acked = new Map<string, string>();
  #dupStored = 0;
  #dupShown = 0;
  #orderViolations = 0;
  #leaked = 0;
  readonly #shown = new Map<string, Map<string, Shown>>();
  readonly #lastSeq = new Map<string, number>();

  /** A RECEIPT: this clientId is stored under this id. */
  acked(clientId: string, messageId: string): void {
    const earlier = this.#acked.get(clientId);
    if (earlier !== undefined && earlier !== messageId) this.#dupStored += 1;
    this.#acked.set(clientId, messageId);
  }

  /** A MESSAGE at a receiver; `concerns` tells whether the receiver may see it. */
  received(receiver: string, shown: Shown, concerns: boolean): void {
    if (!concerns) this.#leaked += 1;
    const ofReceiver = this.#shown.get(receiver) ?? new Map<string, Shown>();
    this.#shown.set(receiver, ofReceiver);
    if (ofReceiver.has(shown.id)) return;
    const key = `${receiver} ${shown.conversation}`;
    const last = this.#lastSeq.get(key) ?? 0;
    if (shown.seq < last) this.#orderViolations += 1;
    if (shown.seq === last) this.#dupShown += 1;
    this.#lastSeq.set(key, Math.max(last, shown.seq));
    ofReceiver.set(shown.id, shown);
  }

  get ackedCount(): number {
    return this.#acked.size;
  }

  findings(): Findings {
    const everywhere = new Set([...this.#shown.values()].flatMap((ofReceiver) => [...ofReceiver.keys()]));
    const lostAcked = [...this.#acked.values()].filter((id) => !everywhere.has(id)).length;
    return {
      lostAcked,
      dupStored: this.#dupStored,
      dupShown: this.#dupShown,
      orderViolations: this.#orderViolations,
      gaps: this.#gaps(),
      leaked: this.#leaked,
    };
  }

  #gaps(): number {
    let gaps = 0;
    for (const ofReceiver of this.#shown.values()) {
      const seqs = new Map<string, Set<number>>();
      for (const { conversation, seq } of ofReceiver.values()) {
        const known = seqs.get(conversation) ?? new Set();
        seqs.set(conversation, known.add(seq));
      }
      for (const known of seqs.values()) gaps += Math.max(...known) - known.size;
    }
    return gaps;
  }
}
