/** `/queue/**`: every message to one of the consumers who compete for it, again if it comes back, a dead letter at last. */
import { refusal } from "../errors.ts";
import { keepBody } from "../message.ts";
import { parsePrefetch } from "./prefetch.ts";
import { Queue } from "./queue.ts";
import { deadLettersOf, isDeadLetters, isReplyAddress, requireQueueName } from "./queue-names.ts";
import { QueueConsumer } from "./queue-consumer.ts";
import { userHeaders } from "./user-headers.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Headers } from "../../stomp/headers.ts";
import type { ApplicationDestination, Prepared, Reply } from "../application-destination.ts";
import type { Limits } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";
import type { QueuedMessage } from "./queue.ts";
import type { ReplyTo } from "./temporary-queues.ts";

/** What a message costs beside its octets. */
const OVERHEAD_OCTETS = 512;
const RETRY_AFTER_MS = 1000;

export type QueuesParts = {
  readonly limits: Limits;
  readonly nextId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly replyTo: ReplyTo;
};

type DeadLetterReason = "attempts" | "rejected";

export class Queues implements ApplicationDestination {
  readonly #parts: QueuesParts;
  readonly #byName = new Map<string, Queue>();
  #octets = 0;

  constructor(parts: QueuesParts) {
    this.#parts = parts;
  }

  /** Queues that have messages or consumers. */
  get size(): number {
    return this.#byName.size;
  }

  /** Octets of all messages, as bounded. */
  get octets(): number {
    return this.#octets;
  }

  readonly handleSend = (session: Session | undefined, frame: Frame): Reply => {
    this.prepareSend(session, frame).apply();
    return {};
  };

  /** Keeps its place in the queue until it is applied or cancelled. */
  readonly prepareSend = (
    session: Session | undefined,
    frame: Frame,
  ): Required<Omit<Prepared, "operation">> => {
    const destination = frame.headers.get("destination") ?? "";
    requireQueueName(destination);
    if (isReplyAddress(destination) && !this.#byName.has(destination)) {
      throw refusal("UNKNOWN_DESTINATION", { hint: "who waited for this answer is gone" });
    }
    const message = this.#messageOf(destination, session, frame);
    const queue = this.#queueOf(destination);
    if (queue.size >= this.#parts.limits.maxQueueMessages) throw full("the queue is full");
    const giveBack = queue.reserve();
    this.#octets += message.octets;
    return {
      apply: () => {
        queue.offer(message);
        giveBack();
      },
      cancel: () => {
        this.#octets -= message.octets;
        giveBack();
      },
    };
  };

  readonly openSubscription = (subscription: Subscription, frame: Frame): Reply => {
    const { destination } = subscription;
    requireQueueName(destination);
    if (isReplyAddress(destination)) throw refusal("FORBIDDEN_DESTINATION");
    subscription.window = parsePrefetch(frame.headers, this.#parts.limits);
    this.#join(subscription, destination, this.#queueOf(destination));
    return {};
  };

  /** Subscribes to a queue that lives as long as its subscriptions, and makes it when it is not there. */
  openTemporary(subscription: Subscription, address: string, ended: () => void): void {
    const queue = this.#byName.get(address) ?? this.#create(address, ended);
    this.#join(subscription, address, queue);
  }

  /** Drops what has expired. */
  expire(): void {
    for (const queue of this.#byName.values()) queue.expire();
  }

  #join(subscription: Subscription, name: string, queue: Queue): void {
    const consumer = new QueueConsumer(subscription, queue, (message) => {
      this.#bury(message, name, "rejected");
    });
    subscription.source = consumer;
    queue.join(consumer);
  }

  #messageOf(destination: string, session: Session | undefined, { headers, body }: Frame): QueuedMessage {
    if (headers.get("persistent") === "true") {
      throw refusal("UNSUPPORTED_HEADER", { field: "persistent", hint: "queues are kept in memory" });
    }
    const expiresAt = parseExpires(headers);
    const kept = userHeaders(headers, this.#parts.replyTo(session, headers));
    let octets = OVERHEAD_OCTETS + body.length;
    for (const [name, value] of kept) octets += 2 * (name.length + value.length);
    if (this.#octets + octets > this.#parts.limits.maxQueuedBytes) throw full("the queues are full");
    return { id: this.#parts.nextId(), destination, headers: kept, body: keepBody(body), octets, expiresAt };
  }

  #queueOf(name: string): Queue {
    return this.#byName.get(name) ?? this.#create(name);
  }

  #create(name: string, ended?: () => void): Queue {
    const options = {
      maxAttempts: isDeadLetters(name) ? Infinity : this.#parts.limits.maxDeliveryAttempts,
      now: this.#parts.now,
      isTemporary: ended !== undefined,
    };
    const queue = new Queue(options, {
      left: ({ octets }) => {
        this.#octets -= octets;
      },
      exhausted: (message) => {
        this.#bury(message, name, "attempts");
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

  /** Puts a message that nobody could handle where it can be looked at; there it stays until it is taken. */
  #bury(message: QueuedMessage, from: string, reason: DeadLetterReason): void {
    const destination = deadLettersOf(from);
    if (destination === undefined) return;
    const queue = this.#queueOf(destination);
    if (queue.size >= this.#parts.limits.maxQueueMessages) return;
    this.#octets += message.octets;
    queue.offer({
      ...message,
      destination,
      expiresAt: undefined,
      headers: [...message.headers, ["dead-letter-from", from], ["dead-letter-reason", reason]],
    });
  }
}

/** `expires`: epoch milliseconds; 0 is never. */
function parseExpires(headers: Headers): number | undefined {
  const value = headers.get("expires");
  if (value === undefined || value === "0") return undefined;
  if (!/^[1-9][0-9]{0,14}$/.test(value)) {
    throw refusal("UNSUPPORTED_HEADER", {
      field: "expires",
      hint: "milliseconds since 1970, or 0 for never",
    });
  }
  return Number(value);
}

function full(hint: string): Error {
  return refusal("RETRY_LATER", { retryAfterMs: RETRY_AFTER_MS, hint });
}
