/** A subscription to a queue: holds what it was given until it is settled or handed back. */
import { Message } from "../message.ts";
import type { HeaderList } from "../../stomp/headers.ts";
import type { SubscriptionSource } from "../application-destination.ts";
import type { Subscription } from "../subscription.ts";
import type { Consumer, Entry, Queue, QueuedMessage } from "./queue.ts";

export class QueueConsumer implements SubscriptionSource, Consumer {
  readonly #subscription: Subscription;
  readonly #queue: Queue;
  readonly #unwanted: (message: QueuedMessage) => void;
  /** By the count of deliveries, in order. */
  readonly #taken = new Map<number, Entry>();
  #deliveries = 0;

  /** `unwanted` is told of a message that the client never wants again; it has left the queue then. */
  constructor(subscription: Subscription, queue: Queue, unwanted: (message: QueuedMessage) => void) {
    this.#subscription = subscription;
    this.#queue = queue;
    this.#unwanted = unwanted;
  }

  get hasRoom(): boolean {
    return !this.#subscription.isClosed && this.#subscription.hasRoom;
  }

  take(entry: Entry): void {
    this.#deliveries += 1;
    this.#taken.set(this.#deliveries, entry);
    const { id, headers, body, destination } = entry.message;
    this.#subscription.deliver(
      new Message(id, [...headers, ...attemptHeaders(entry)], body, destination),
      this.#deliveries,
    );
  }

  resume(): void {
    this.#queue.pump();
  }

  /** Mode auto: what was written counts as received (STOMP 1.2, SUBSCRIBE ack Header). */
  written(position: number): void {
    this.#settle(position);
    this.#queue.pump();
  }

  acknowledged(positions: readonly number[]): void {
    for (const position of positions) this.#settle(position);
  }

  rejected(positions: readonly number[], requeue: boolean): void {
    if (requeue) {
      this.#queue.putBack(positions.flatMap((position) => this.#give(position)));
      return;
    }
    for (const position of positions) {
      for (const entry of this.#give(position)) {
        this.#queue.settle(entry);
        this.#unwanted(entry.message);
      }
    }
  }

  close(): void {
    const unsettled = [...this.#taken.values()];
    this.#taken.clear();
    this.#queue.leave(this, unsettled);
  }

  #settle(position: number): void {
    for (const entry of this.#give(position)) this.#queue.settle(entry);
  }

  /** The entry of a delivery, if it is still this consumer's. */
  #give(position: number): Entry[] {
    const entry = this.#taken.get(position);
    this.#taken.delete(position);
    return entry === undefined ? [] : [entry];
  }
}

function attemptHeaders({ attempts }: Entry): HeaderList {
  return attempts === 1
    ? []
    : [
        ["redelivered", "true"],
        ["delivery-attempt", String(attempts)],
      ];
}
