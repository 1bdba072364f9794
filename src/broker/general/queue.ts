/** One queue: messages in order of acceptance, consumers who compete for them in fair order. */
import { isExpired } from "./queued-message.ts";
import type { Entry, QueuedMessage } from "./queued-message.ts";

/** Takes entries while it has room; each comes back through `settle` or `putBack`. */
export interface Consumer {
  /** How many it takes now. */
  readonly room: number;
  take(entry: Entry): void;
}

export type QueueOptions = {
  readonly maxAttempts: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Places grow with the order of acceptance. */
  readonly nextPlace: () => number;
  /** It ends with its last consumer, and what is in it with it. */
  readonly isTemporary: boolean;
};

export type QueueEvents = {
  /** What its messages count grew by this much. */
  readonly counted: (octets: number) => void;
  /** An entry left because nobody wants it any more. */
  readonly expired: (entry: Entry) => void;
  /** An entry came back after its last attempt and left. */
  readonly exhausted: (entry: Entry) => void;
  /** These entries are to be delivered, once the store knows: then `recorded` is called. */
  readonly unrecorded: (entries: readonly Entry[], recorded: () => void) => void;
  /** Nothing and nobody is left. */
  readonly emptied: () => void;
};

export class Queue {
  readonly #options: QueueOptions;
  readonly #events: QueueEvents;
  /** Not with consumers, by place. The front is `#front`. */
  #ready: Entry[] = [];
  #front = 0;
  /** With consumers. */
  #outstanding = 0;
  readonly #consumers: Consumer[] = [];
  #turn = 0;
  /** No message that is ready expires before. */
  #firstExpiry = Infinity;
  #pumping = false;

  constructor(options: QueueOptions, events: QueueEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Messages here and with consumers. */
  get size(): number {
    return this.#ready.length - this.#front + this.#outstanding;
  }

  /** Appends a message; the caller has looked at the bounds. */
  offer(message: QueuedMessage): void {
    this.#append(message, false);
    this.pump();
  }

  /** Appends a message that may not be delivered yet; `release` or `withdraw` follows. */
  hold(message: QueuedMessage): Entry {
    return this.#append(message, true);
  }

  release(entry: Entry): void {
    entry.isHeld = false;
    this.pump();
  }

  withdraw(entry: Entry): void {
    const index = this.#ready.lastIndexOf(entry);
    // A temporary queue may have ended meanwhile.
    if (index < 0) return;
    this.#ready.splice(index, 1);
    this.#events.counted(-entry.message.octets);
    this.pump();
  }

  /** Brings back what was stored, in the order of places, before anybody consumes. */
  restore(message: QueuedMessage, place: number, attempts: number): Entry {
    const entry = { place, message, attempts, recorded: attempts, isHeld: false };
    this.#push(entry);
    return entry;
  }

  join(consumer: Consumer): void {
    this.#consumers.push(consumer);
    this.pump();
  }

  /** A consumer is gone; what it had not settled comes back. */
  leave(consumer: Consumer, unsettled: readonly Entry[]): void {
    const index = this.#consumers.indexOf(consumer);
    this.#consumers.splice(index, 1);
    if (index < this.#turn) this.#turn -= 1;
    this.putBack(unsettled);
    if (this.#options.isTemporary && this.#consumers.length === 0) this.#discard();
    this.#checkEmpty();
  }

  /** The entry was delivered for good, or left for the dead letters. */
  settle(entry: Entry): void {
    this.#outstanding -= 1;
    this.#events.counted(-entry.message.octets);
    this.#checkEmpty();
  }

  /** Whether an entry has had its last attempt. */
  isExhausted({ attempts }: Entry): boolean {
    return attempts >= this.#options.maxAttempts;
  }

  /** Entries come back to their places, ahead of what was accepted later; those without another attempt are told. */
  putBack(entries: readonly Entry[]): void {
    const exhausted: Entry[] = [];
    for (const entry of entries) {
      this.#outstanding -= 1;
      if (this.isExhausted(entry)) exhausted.push(entry);
      else this.#insert(entry);
    }
    for (const entry of exhausted) {
      this.#events.counted(-entry.message.octets);
      this.#events.exhausted(entry);
    }
    this.pump();
  }

  /** Gives what is ready to consumers that have room, one each in turn. */
  pump(): void {
    // A consumer that ends while it takes puts its entries back from within.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let entry = this.#head(); entry !== undefined; entry = this.#head()) {
        const index = this.#nextWithRoom();
        const consumer = this.#consumers[index];
        if (consumer === undefined) break;
        if (entry.recorded <= entry.attempts) {
          this.#record();
          break;
        }
        this.#advance();
        this.#turn = (index + 1) % this.#consumers.length;
        this.#outstanding += 1;
        entry.attempts += 1;
        consumer.take(entry);
      }
    } finally {
      this.#pumping = false;
    }
    this.#checkEmpty();
  }

  /** Drops what nobody wants any more; costs nothing while nothing has expired. */
  expire(): void {
    const now = this.#options.now();
    if (now < this.#firstExpiry) return;
    const ready = this.#ready.slice(this.#front);
    this.#ready = [];
    this.#front = 0;
    this.#firstExpiry = Infinity;
    for (const entry of ready) {
      if (!entry.isHeld && isExpired(entry.message, now)) {
        this.#drop(entry);
        continue;
      }
      this.#ready.push(entry);
      this.#expectExpiry(entry.message);
    }
    this.#checkEmpty();
  }

  #append(message: QueuedMessage, isHeld: boolean): Entry {
    const place = this.#options.nextPlace();
    // What will be delivered at once is stored as delivered: one commit instead of two.
    const recorded = message.isDurable ? Number(this.#room() > this.#ready.length - this.#front) : Infinity;
    const entry = { place, message, attempts: 0, recorded, isHeld };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    this.#ready.push(entry);
    this.#expectExpiry(entry.message);
    this.#events.counted(entry.message.octets);
  }

  #discard(): void {
    for (const { message } of this.#ready.splice(0).slice(this.#front)) {
      this.#events.counted(-message.octets);
    }
    this.#front = 0;
  }

  #drop(entry: Entry): void {
    this.#events.counted(-entry.message.octets);
    this.#events.expired(entry);
  }

  #expectExpiry({ expiresAt = Infinity }: QueuedMessage): void {
    this.#firstExpiry = Math.min(this.#firstExpiry, expiresAt);
  }

  #room(): number {
    return this.#consumers.reduce((sum, { room }) => sum + room, 0);
  }

  /** Lets the store know of the deliveries that come next, as many as there is room for. */
  #record(): void {
    const end = Math.min(this.#ready.length, this.#front + this.#room());
    const entries: Entry[] = [];
    for (let index = this.#front; index < end; index += 1) {
      const entry = this.#ready[index];
      if (entry === undefined || entry.isHeld || entry.recorded > entry.attempts) break;
      entry.isHeld = true;
      entries.push(entry);
    }
    this.#events.unrecorded(entries, () => {
      for (const entry of entries) {
        entry.recorded = entry.attempts + 1;
        entry.isHeld = false;
      }
      this.pump();
    });
  }

  /** The place in line of the next consumer with room, in turn; -1 when there is none. */
  #nextWithRoom(): number {
    const count = this.#consumers.length;
    for (let step = 0; step < count; step += 1) {
      const index = (this.#turn + step) % count;
      if ((this.#consumers[index]?.room ?? 0) > 0) return index;
    }
    return -1;
  }

  /** The oldest entry that is still wanted, unless it is held. */
  #head(): Entry | undefined {
    for (let entry = this.#ready[this.#front]; entry?.isHeld === false; entry = this.#ready[this.#front]) {
      const { expiresAt } = entry.message;
      if (expiresAt === undefined || !isExpired(entry.message, this.#options.now())) return entry;
      this.#advance();
      this.#drop(entry);
    }
    return undefined;
  }

  #advance(): void {
    this.#front += 1;
    if (this.#front < 1024 && this.#front < this.#ready.length) return;
    this.#ready.splice(0, this.#front);
    this.#front = 0;
  }

  /** Places of what comes back are mostly smaller than all others: the search begins at the front. */
  #insert(entry: Entry): void {
    let index = this.#front;
    while ((this.#ready[index]?.place ?? Infinity) < entry.place) index += 1;
    this.#ready.splice(index, 0, entry);
    this.#expectExpiry(entry.message);
  }

  #checkEmpty(): void {
    if (this.size === 0 && this.#consumers.length === 0) this.#events.emptied();
  }
}
