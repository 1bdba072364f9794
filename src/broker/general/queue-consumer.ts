/** A subscription to a queue: holds what it was given until it is settled or handed back. */
import { Message } from "../message.ts";
import type { HeaderList } from "../../stomp/headers.ts";
import type {
  DurableOperation,
  Prepared,
  Settlement,
  SubscriptionSource,
} from "../application-destination.ts";
import type { Subscription } from "../subscription.ts";
import type { Consumer, Queue } from "./queue.ts";
import type { QueueChange } from "./queue-store.ts";
import type { Entry } from "./queued-message.ts";

type Taken = { readonly position: number; readonly entry: Entry };

/** Why a message is a dead letter. */
export type DeadLetterReason = "attempts" | "rejected";

/** The way of an entry to the dead letters. */
export type Burial = {
  readonly changes: readonly QueueChange[];
  readonly apply: () => void;
  readonly cancel: () => void;
};

/** What a consumer needs of the queues around its own. */
export type ConsumerParts = {
  readonly bury: (entry: Entry, reason: DeadLetterReason) => Burial;
  /** The durable part of these changes; undefined when there are none. */
  readonly operationOf: (changes: readonly QueueChange[]) => DurableOperation | undefined;
  /** Removes from the store, for nobody who waits. */
  readonly forget: (entry: Entry) => void;
};

export class QueueConsumer implements SubscriptionSource, Consumer {
  readonly takesNack = true;
  readonly #subscription: Subscription;
  readonly #queue: Queue;
  readonly #parts: ConsumerParts;
  /** By the count of deliveries. */
  readonly #taken = new Map<number, Entry>();
  #deliveries = 0;

  constructor(subscription: Subscription, queue: Queue, parts: ConsumerParts) {
    this.#subscription = subscription;
    this.#queue = queue;
    this.#parts = parts;
  }

  get room(): number {
    return this.#subscription.room;
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
    const entry = this.#give(position);
    if (entry === undefined) return;
    this.#queue.settle(entry);
    this.#parts.forget(entry);
    this.#queue.pump();
  }

  settle(positions: readonly number[], settlement: Settlement): Prepared {
    const taken = positions.flatMap((position) => {
      const entry = this.#give(position);
      return entry === undefined ? [] : [{ position, entry }];
    });
    return settlement === "acknowledged" ? this.#acknowledge(taken) : this.#handBack(taken, settlement);
  }

  close(): void {
    const unsettled = [...this.#taken.values()];
    this.#taken.clear();
    this.#queue.leave(this, unsettled);
  }

  #acknowledge(taken: readonly Taken[]): Prepared {
    const changes = taken.flatMap(({ entry }) => removal(entry));
    return this.#prepared(changes, {
      apply: () => {
        for (const { entry } of taken) this.#queue.settle(entry);
      },
      cancel: () => {
        this.#keep(taken);
      },
    });
  }

  /** What has another attempt goes back to its place, the rest to the dead letters. */
  #handBack(taken: readonly Taken[], settlement: "returned" | "rejected"): Prepared {
    const entries = taken.map(({ entry }) => entry);
    const isDead = (entry: Entry): boolean => settlement === "rejected" || this.#queue.isExhausted(entry);
    const dead = entries.filter(isDead);
    const returning = entries.filter((entry) => !isDead(entry));
    const reason = settlement === "rejected" ? "rejected" : "attempts";
    const burials = dead.map((entry) => this.#parts.bury(entry, reason));
    const changes = burials.flatMap((burial) => burial.changes);
    return this.#prepared(changes, {
      apply: () => {
        for (const entry of dead) this.#queue.settle(entry);
        for (const burial of burials) burial.apply();
        this.#queue.putBack(returning);
      },
      cancel: () => {
        for (const burial of burials) burial.cancel();
        this.#keep(taken);
      },
    });
  }

  #prepared(changes: readonly QueueChange[], rest: Pick<Prepared, "apply" | "cancel">): Prepared {
    const operation = this.#parts.operationOf(changes);
    return operation === undefined ? rest : { operation, ...rest };
  }

  /** They stay delivered, or, when the subscription is over, come back. */
  #keep(taken: readonly Taken[]): void {
    if (this.#subscription.isClosed) this.#queue.putBack(taken.map(({ entry }) => entry));
    else for (const { position, entry } of taken) this.#taken.set(position, entry);
  }

  /** The entry of a delivery, if it is still this consumer's. */
  #give(position: number): Entry | undefined {
    const entry = this.#taken.get(position);
    this.#taken.delete(position);
    return entry;
  }
}

/** The change that takes an entry out of the store, where it is in. */
export function removal({ place, message }: Entry): readonly QueueChange[] {
  return message.isDurable ? [{ type: "remove", place }] : [];
}

function attemptHeaders({ attempts }: Entry): HeaderList {
  return attempts === 1
    ? []
    : [
        ["redelivered", "true"],
        ["delivery-attempt", String(attempts)],
      ];
}
