/** The open transactions of one session: what was asked for in them, until COMMIT or ABORT (STOMP 1.2, BEGIN). */
import { Disconnect, Refusal } from "./errors.ts";
import type { Prepared } from "./application-destination.ts";
import type { Limits } from "./limits.ts";

/** A SEND, ACK or NACK of a transaction. */
export type Action = {
  /**
   * Says what it would do now; throws what the frame would be refused with. Asked at once, and again by COMMIT; `by` is the
   * same for all actions that take effect together.
   */
  readonly prepare: (by: object) => Prepared;
  readonly octets: number;
};

type Transaction = { readonly begunAt: number; readonly actions: Action[] };

export class Transactions {
  readonly #limits: Limits;
  readonly #open = new Map<string, Transaction>();
  #octets = 0;
  /** A COMMIT waits for its store: what follows must not take effect before it. */
  isCommitting = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** `now` is monotonic ms. Throws Disconnect TRANSACTION_EXISTS or TRANSACTION_LIMIT. */
  begin(id: string, now: number): void {
    if (this.#open.has(id)) throw Disconnect.of("TRANSACTION_EXISTS");
    const { maxTransactions } = this.#limits;
    if (this.#open.size >= maxTransactions) throw tooMuch(`at most ${maxTransactions} open`);
    this.#open.set(id, { begunAt: now, actions: [] });
  }

  /** Adds an action that is allowed as things are. Throws Disconnect UNKNOWN_TRANSACTION or TRANSACTION_LIMIT. */
  add(id: string, action: Action): void {
    const transaction = this.#open.get(id);
    if (transaction === undefined) throw Disconnect.of("UNKNOWN_TRANSACTION");
    const { maxTransactionFrames, maxTransactionBytes } = this.#limits;
    if (transaction.actions.length >= maxTransactionFrames) {
      throw tooMuch(`at most ${maxTransactionFrames} frames in one`);
    }
    if (this.#octets + action.octets > maxTransactionBytes) {
      throw tooMuch(`bodies of at most ${maxTransactionBytes} octets`);
    }
    judge(action);
    this.#octets += action.octets;
    transaction.actions.push(action);
  }

  /** Ends a transaction and gives what was asked for in it, in order. Throws Disconnect UNKNOWN_TRANSACTION. */
  end(id: string): readonly Action[] {
    const transaction = this.#open.get(id);
    if (transaction === undefined) throw Disconnect.of("UNKNOWN_TRANSACTION");
    this.#open.delete(id);
    for (const { octets } of transaction.actions) this.#octets -= octets;
    return transaction.actions;
  }

  /** Whether one is open for too long. */
  isOverdue(now: number): boolean {
    for (const { begunAt } of this.#open.values()) {
      if (now - begunAt >= this.#limits.transactionTimeoutMs) return true;
    }
    return false;
  }
}

/** Throws what no waiting changes; what is full now may have room at COMMIT, which judges again. */
function judge(action: Action): void {
  try {
    action.prepare(action).cancel?.();
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "RETRY_LATER")) throw error;
  }
}

function tooMuch(hint: string): Disconnect {
  return Disconnect.of("TRANSACTION_LIMIT", { hint });
}
