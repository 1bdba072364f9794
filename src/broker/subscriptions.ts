/** The subscriptions of one session, by id and by destination. */
import { refusal } from "./errors.ts";
import { Subscription } from "./subscription.ts";
import type { AckMode } from "./subscription.ts";
import type { Session } from "./session.ts";

/** Refused SUBSCRIBEs whose UNSUBSCRIBE must succeed. */
const REMEMBERED_REFUSALS = 32;

/** Characters of the session's id in every `ack`: what a client remembers of an earlier session names nothing in this one. */
const SESSION_PART = 8;

export class Subscriptions {
  readonly #session: Session;
  /** By id; a STOMP 1.0 subscription without id goes by its destination. */
  readonly #byKey = new Map<string, Subscription>();
  readonly #refused: string[] = [];
  /** That wait for an ACK, or did. */
  #deliveries = 0;
  /** Each is given once. */
  readonly #nextAck = (): string => {
    this.#deliveries += 1;
    return `${this.#session.id.slice(0, SESSION_PART)}.${this.#deliveries}`;
  };

  constructor(session: Session) {
    this.#session = session;
  }

  get size(): number {
    return this.#byKey.size;
  }

  [Symbol.iterator](): Iterator<Subscription> {
    return this.#byKey.values();
  }

  /** Whether the id is in use; without one, the destination (STOMP 1.0). */
  has(id: string | undefined, destination: string): boolean {
    return this.#byKey.has(keyOf(id, destination));
  }

  /** Adds a subscription whose id is free; throws Refusal for one too many. */
  add(id: string | undefined, destination: string, ackMode: AckMode): Subscription {
    const key = keyOf(id, destination);
    if (this.#byKey.size >= this.#session.limits.maxSubscriptions) {
      throw refusal("TOO_MANY_SUBSCRIPTIONS", { hint: `at most ${this.#session.limits.maxSubscriptions}` });
    }
    const options = { id, destination, ackMode, nextAck: this.#nextAck };
    const subscription = new Subscription(this.#session, options);
    this.#byKey.set(key, subscription);
    return subscription;
  }

  /** Removes and closes by id, or by destination without one; false when there is none. */
  remove(id: string | undefined, destination: string): boolean {
    const key = keyOf(id, destination);
    const subscription = this.#byKey.get(key);
    if (subscription === undefined) return this.#forgetRefused(key);
    this.#byKey.delete(key);
    subscription.close();
    return true;
  }

  /** Undoes `add` for a SUBSCRIBE that was refused, and remembers its id. */
  refuse(id: string | undefined, destination: string): void {
    const key = keyOf(id, destination);
    const subscription = this.#byKey.get(key);
    this.#byKey.delete(key);
    subscription?.close();
    this.#refused.push(key);
    if (this.#refused.length > REMEMBERED_REFUSALS) this.#refused.shift();
  }

  of(destination: string): readonly Subscription[] {
    return [...this.#byKey.values()].filter((subscription) => subscription.destination === destination);
  }

  /** The session's outbox has room again. */
  resume(): void {
    for (const subscription of this.#byKey.values()) subscription.source.resume?.();
  }

  closeAll(): void {
    const all = [...this.#byKey.values()];
    this.#byKey.clear();
    for (const subscription of all) subscription.close();
  }

  #forgetRefused(key: string): boolean {
    const index = this.#refused.indexOf(key);
    if (index >= 0) this.#refused.splice(index, 1);
    return index >= 0;
  }
}

function keyOf(id: string | undefined, destination: string): string {
  return id === undefined ? `destination ${destination}` : `id ${id}`;
}
