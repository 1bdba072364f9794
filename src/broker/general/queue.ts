/** One queue: messages in order of acceptance, consumers who compete for them in fair order. */
import type { HeaderList } from "../../stomp/headers.ts";
import type { Body } from "../message.ts";

/** A message of a queue. */
export type QueuedMessage = {
  readonly id: string;
  /** Where it was sent to. */
  readonly destination: string;
  readonly headers: HeaderList;
  readonly body: Body;
  /** What it counts against the bound of all queues. */
  readonly octets: number;
  /** Epoch ms after which nobody wants it. */
  readonly expiresAt: number | undefined;
};

/** A message in this queue: its place, and how often it was delivered. */
export type Entry = { readonly place: number; readonly message: QueuedMessage; attempts: number };

/** Takes entries while it has room; each comes back through `settle` or `putBack`. */
export interface Consumer {
  readonly hasRoom: boolean;
  take(entry: Entry): void;
}

export type QueueEvents = {
  /** A message left the queue for good. */
  readonly left: (message: QueuedMessage) => void;
  /** An entry came back after its last attempt. */
  readonly exhausted: (message: QueuedMessage) => void;
  /** Nothing and nobody is left. */
  readonly emptied: () => void;
};

export type QueueOptions = {
  readonly maxAttempts: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** It ends with its last consumer, and what is in it with it. */
  readonly isTemporary: boolean;
};

export class Queue {
  readonly #options: QueueOptions;
  readonly #events: QueueEvents;
  /** Never delivered, or delivered and returned; by place. The front is `#front`. */
  #ready: Entry[] = [];
  #front = 0;
  /** With consumers. */
  #outstanding = 0;
  readonly #consumers: Consumer[] = [];
  #turn = 0;
  #places = 0;
  #reserved = 0;
  /** No message that is ready expires before. */
  #firstExpiry = Infinity;
  #pumping = false;

  constructor(options: QueueOptions, events: QueueEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Messages here and with consumers, and places kept for those to come. */
  get size(): number {
    return this.#ready.length - this.#front + this.#outstanding + this.#reserved;
  }

  /** Keeps a place for a message that may come; the returned function gives it back. */
  reserve(): () => void {
    this.#reserved += 1;
    return () => {
      this.#reserved -= 1;
      this.#checkEmpty();
    };
  }

  /** Appends a message; the caller has looked at the bounds. */
  offer(message: QueuedMessage): void {
    if (this.#options.isTemporary && this.#consumers.length === 0) {
      this.#events.left(message);
      return;
    }
    this.#places += 1;
    this.#ready.push({ place: this.#places, message, attempts: 0 });
    this.#noteExpiry(message);
    this.pump();
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

  /** The entry was delivered for good. */
  settle(entry: Entry): void {
    this.#outstanding -= 1;
    this.#events.left(entry.message);
    this.#checkEmpty();
  }

  /** Entries come back to their places, ahead of what was accepted later; those without another attempt are told. */
  putBack(entries: readonly Entry[]): void {
    const exhausted: Entry[] = [];
    for (const entry of entries) {
      this.#outstanding -= 1;
      if (entry.attempts >= this.#options.maxAttempts) exhausted.push(entry);
      else this.#insert(entry);
    }
    for (const { message } of exhausted) {
      this.#events.left(message);
      this.#events.exhausted(message);
    }
    this.pump();
  }

  /** Gives what is ready to consumers that have room, one each in turn. */
  pump(): void {
    // A consumer that ends while it takes puts its entries back from within.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let consumer = this.#next(); consumer !== undefined; consumer = this.#next()) {
        const entry = this.#shift();
        if (entry === undefined) break;
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
      if (isExpired(entry.message, now)) {
        this.#events.left(entry.message);
        continue;
      }
      this.#ready.push(entry);
      this.#noteExpiry(entry.message);
    }
    this.#checkEmpty();
  }

  #discard(): void {
    for (const { message } of this.#ready.splice(0).slice(this.#front)) this.#events.left(message);
    this.#front = 0;
  }

  #noteExpiry({ expiresAt = Infinity }: QueuedMessage): void {
    this.#firstExpiry = Math.min(this.#firstExpiry, expiresAt);
  }

  /** The next consumer with room, in turn; undefined when nothing is ready. */
  #next(): Consumer | undefined {
    if (this.#front >= this.#ready.length) return undefined;
    for (let step = 0; step < this.#consumers.length; step += 1) {
      const index = (this.#turn + step) % this.#consumers.length;
      const consumer = this.#consumers[index];
      if (consumer?.hasRoom !== true) continue;
      this.#turn = (index + 1) % this.#consumers.length;
      return consumer;
    }
    return undefined;
  }

  /** The oldest entry that is still wanted. */
  #shift(): Entry | undefined {
    const now = this.#options.now();
    for (let entry = this.#ready[this.#front]; entry !== undefined; entry = this.#ready[this.#front]) {
      this.#front += 1;
      this.#compact();
      if (!isExpired(entry.message, now)) return entry;
      this.#events.left(entry.message);
    }
    return undefined;
  }

  #compact(): void {
    if (this.#front < 1024 && this.#front < this.#ready.length) return;
    this.#ready.splice(0, this.#front);
    this.#front = 0;
  }

  /** Places of what comes back are mostly smaller than all others: the search begins at the front. */
  #insert(entry: Entry): void {
    let index = this.#front;
    while ((this.#ready[index]?.place ?? Infinity) < entry.place) index += 1;
    this.#ready.splice(index, 0, entry);
    this.#noteExpiry(entry.message);
  }

  #checkEmpty(): void {
    if (this.size === 0 && this.#consumers.length === 0) this.#events.emptied();
  }
}

function isExpired({ expiresAt }: QueuedMessage, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
