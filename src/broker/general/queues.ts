/** `/queue/**`: every message to one of the consumers who compete for it, again if it comes back, a dead letter at last. */
import { refusal } from "../errors.ts";
import { keepBody } from "../message.ts";
import { parsePrefetch } from "./prefetch.ts";
import { Queue } from "./queue.ts";
import { QueueConsumer, removal } from "./queue-consumer.ts";
import { QueueJournal } from "./queue-journal.ts";
import { deadLettersOf, isDeadLetters, isReplyAddress, requireQueueName } from "./queue-names.ts";
import { appending, messageFrom, octetsOf } from "./queued-message.ts";
import { parseExpires, parsePersistent } from "./send-headers.ts";
import { userHeaders } from "./user-headers.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { ApplicationDestination, Prepared, Reply } from "../application-destination.ts";
import type { Limits } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";
import type { DroppedDeadLetters } from "./dropped-dead-letters.ts";
import type { Burial, ConsumerParts, DeadLetterReason } from "./queue-consumer.ts";
import type { QueueStore } from "./queue-store.ts";
import type { Entry, QueuedMessage } from "./queued-message.ts";
import type { ReplyTo } from "./temporary-queues.ts";

const RETRY_AFTER_MS = 1000;

export type QueuesParts = {
  readonly limits: Limits;
  readonly nextId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly replyTo: ReplyTo;
  /** Without it no message is durable. */
  readonly store: QueueStore | undefined;
  /** Told of what has no room among its dead letters. */
  readonly dropped: DroppedDeadLetters;
};

/** A SEND that was accepted as far as the bounds go. */
type Accepted = { readonly queue: Queue; readonly message: QueuedMessage };

export class Queues implements ApplicationDestination {
  readonly #parts: QueuesParts;
  readonly #journal: QueueJournal | undefined;
  readonly #byName = new Map<string, Queue>();
  #octets = 0;
  #places = 0;

  constructor(parts: QueuesParts) {
    this.#parts = parts;
    this.#journal = parts.store === undefined ? undefined : new QueueJournal(parts.store);
  }

  /** Queues that have messages or consumers. */
  get size(): number {
    return this.#byName.size;
  }

  /** Octets of all messages, as bounded. */
  get octets(): number {
    return this.#octets;
  }

  readonly handleSend = (session: Session | undefined, frame: Frame): Promise<Reply> | Reply => {
    const { queue, message } = this.#accept(session, frame);
    const { store } = this.#parts;
    if (!message.isDurable || store === undefined) {
      queue.offer(message);
      return {};
    }
    const entry = queue.hold(message);
    return store.write([appending(entry)]).then(
      () => {
        queue.release(entry);
        return {};
      },
      (error: unknown) => {
        queue.withdraw(entry);
        throw error;
      },
    );
  };

  /** Holds its place in the queue until it is applied or cancelled. */
  readonly prepareSend = (session: Session | undefined, frame: Frame): Prepared => {
    const { queue, message } = this.#accept(session, frame);
    const entry = queue.hold(message);
    const operation = message.isDurable ? this.#parts.store?.operationOf([appending(entry)]) : undefined;
    return {
      ...(operation === undefined ? {} : { operation }),
      apply: () => {
        queue.release(entry);
      },
      cancel: () => {
        queue.withdraw(entry);
      },
    };
  };

  readonly openSubscription = (subscription: Subscription, frame: Frame): Reply => {
    const { destination } = subscription;
    if (isReplyAddress(destination)) throw refusal("FORBIDDEN_DESTINATION");
    requireQueueName(destination);
    subscription.window = parsePrefetch(frame.headers, this.#parts.limits);
    this.#join(subscription, destination, this.#queueOf(destination));
    return {};
  };

  /** Subscribes to a queue that lives as long as its subscriptions, and makes it when it is not there. */
  openTemporary(subscription: Subscription, address: string, ended: () => void): void {
    const queue = this.#byName.get(address) ?? this.#create(address, ended);
    this.#join(subscription, address, queue);
  }

  /** Drops what has expired, and tries again what the store did not take. */
  sweep(): void {
    for (const queue of this.#byName.values()) queue.expire();
    this.#journal?.retry();
  }

  /** Brings back what is stored, whatever the bounds say; to be awaited before the first session opens. */
  async recover(): Promise<void> {
    const { store } = this.#parts;
    if (store === undefined) return;
    const exhausted: (readonly [string, Entry])[] = [];
    for (let page = await store.read(0); page.length > 0; page = await store.read(this.#places)) {
      for (const stored of page) {
        const { destination, place, attempts } = stored;
        const queue = this.#queueOf(destination);
        const entry = queue.restore(messageFrom(stored), place, attempts);
        if (queue.isExhausted(entry)) exhausted.push([destination, entry]);
        this.#places = place;
      }
    }
    for (const [name, entry] of exhausted) {
      this.#queueOf(name).withdraw(entry);
      this.#buryUnasked(entry, name);
    }
    this.sweep();
  }

  #join(subscription: Subscription, name: string, queue: Queue): void {
    const parts: ConsumerParts = {
      bury: (entry, reason) => this.#bury(entry, name, reason),
      operationOf: (changes) => (changes.length === 0 ? undefined : this.#parts.store?.operationOf(changes)),
      forget: (entry) => {
        this.#forget(entry);
      },
    };
    const consumer = new QueueConsumer(subscription, queue, parts);
    subscription.source = consumer;
    queue.join(consumer);
  }

  #accept(session: Session | undefined, { headers, body }: Frame): Accepted {
    const destination = headers.get("destination") ?? "";
    requireQueueName(destination);
    if (isReplyAddress(destination) && !this.#byName.has(destination)) {
      throw refusal("UNKNOWN_DESTINATION", { hint: "who waited for this answer is gone" });
    }
    const isDurable = parsePersistent(headers);
    if (isDurable) this.#requireDurable(destination);
    const expiresAt = parseExpires(headers);
    const kept = userHeaders(headers, this.#parts.replyTo(session, headers));
    const octets = octetsOf(kept, body.length);
    if (this.#octets + octets > this.#parts.limits.maxQueuedBytes) throw full("the queues are full");
    const queue = this.#queueOf(destination);
    if (this.#isFull(queue)) throw full("the queue is full");
    const id = this.#parts.nextId();
    const message = { id, destination, headers: kept, body: keepBody(body), octets, expiresAt, isDurable };
    return { queue, message };
  }

  #requireDurable(destination: string): void {
    const hint = isReplyAddress(destination)
      ? "a temporary queue is not kept"
      : this.#parts.store === undefined
        ? "queues are kept in memory here"
        : undefined;
    if (hint !== undefined) throw refusal("UNSUPPORTED_HEADER", { field: "persistent", hint });
  }

  #isFull(queue: Queue): boolean {
    return queue.size >= this.#parts.limits.maxQueueMessages;
  }

  #queueOf(name: string): Queue {
    return this.#byName.get(name) ?? this.#create(name);
  }

  #create(name: string, ended?: () => void): Queue {
    const options = {
      maxAttempts: isDeadLetters(name) ? Infinity : this.#parts.limits.maxDeliveryAttempts,
      now: this.#parts.now,
      nextPlace: () => (this.#places += 1),
      isTemporary: ended !== undefined,
    };
    const queue = new Queue(options, {
      counted: (octets) => {
        this.#octets += octets;
      },
      expired: (entry) => {
        this.#forget(entry);
      },
      exhausted: (entry) => {
        this.#buryUnasked(entry, name);
      },
      unrecorded: (entries, recorded) => {
        const changes = entries.map(({ place, attempts }) => {
          return { type: "deliver", place, attempts: attempts + 1 } as const;
        });
        this.#journal?.record(changes, recorded);
      },
      emptied: () => {
        if (this.#byName.get(name) !== queue) return;
        this.#byName.delete(name);
        ended?.();
      },
    });
    this.#byName.set(name, queue);
    return queue;
  }

  #forget(entry: Entry): void {
    const changes = removal(entry);
    if (changes.length > 0) this.#journal?.record(changes);
  }

  /** Nobody waits for it: it takes effect when it is stored. */
  #buryUnasked(entry: Entry, from: string): void {
    const { changes, apply } = this.#bury(entry, from, "attempts");
    if (changes.length === 0) apply();
    else this.#journal?.record(changes, apply);
  }

  /**
   * Puts a message that nobody could handle where it can be looked at; there it stays until it is taken. Where that is
   * full the message ends: at its source it would stand in the way of those that can be handled.
   */
  #bury(entry: Entry, from: string, reason: DeadLetterReason): Burial {
    const changes = removal(entry);
    const name = deadLettersOf(from);
    if (name === undefined) return ending(changes);
    const queue = this.#queueOf(name);
    if (this.#isFull(queue)) {
      return ending(changes, () => {
        this.#parts.dropped.add(name, entry.message.id, reason);
      });
    }
    const dead = queue.hold({
      ...entry.message,
      destination: name,
      expiresAt: undefined,
      headers: [...entry.message.headers, ["dead-letter-from", from], ["dead-letter-reason", reason]],
    });
    return {
      changes: entry.message.isDurable ? [...changes, appending(dead)] : [],
      apply: () => {
        queue.release(dead);
      },
      cancel: () => {
        queue.withdraw(dead);
      },
    };
  }
}

const nothing = (): void => undefined;

/** The message is nowhere afterwards. */
function ending(changes: Burial["changes"], apply = nothing): Burial {
  return { changes, apply, cancel: nothing };
}

function full(hint: string): Error {
  return refusal("RETRY_LATER", { retryAfterMs: RETRY_AFTER_MS, hint });
}
