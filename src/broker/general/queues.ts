/** `/queue/**`: every message to one of the consumers who compete for it, again if it comes back, a dead letter at last. */
import { refusal } from "../errors.ts";
import { QUEUES } from "../destination.ts";
import { keepBody } from "../message.ts";
import { parsePrefetch } from "./prefetch.ts";
import { Queue } from "./queue.ts";
import { QueueConsumer } from "./queue-consumer.ts";
import { userHeaders } from "./user-headers.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Headers } from "../../stomp/headers.ts";
import type { ApplicationDestination, Prepared, Reply } from "../application-destination.ts";
import type { Limits } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";
import type { QueuedMessage } from "./queue.ts";

/** Dead letters of `/queue/a/b` are in `/queue/dead-letters/a/b`. */
export const DEAD_LETTERS = `${QUEUES}dead-letters/`;

/** What a message costs beside its octets. */
const OVERHEAD_OCTETS = 512;
const RETRY_AFTER_MS = 1000;

export type QueuesParts = {
  readonly limits: Limits;
  readonly nextId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
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

  readonly handleSend = (session: Session, frame: Frame): Reply => {
    this.prepareSend(session, frame).apply();
    return {};
  };

  /** Keeps its place in the queue until it is applied or cancelled. */
  readonly prepareSend = (_session: Session, frame: Frame): Required<Omit<Prepared, "operation">> => {
    const message = this.#messageOf(frame);
    const queue = this.#queueOf(message.destination);
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
    requireName(destination);
    subscription.window = parsePrefetch(frame.headers, this.#parts.limits);
    const queue = this.#queueOf(destination);
    const consumer = new QueueConsumer(subscription, queue, (message) => {
      this.#bury(message, destination, "rejected");
    });
    subscription.source = consumer;
    queue.join(consumer);
    return {};
  };

  /** Drops what has expired. */
  expire(): void {
    for (const queue of this.#byName.values()) queue.expire();
  }

  #messageOf({ headers, body }: Frame): QueuedMessage {
    const destination = headers.get("destination") ?? "";
    requireName(destination);
    if (headers.get("persistent") === "true") {
      throw refusal("UNSUPPORTED_HEADER", { field: "persistent", hint: "queues are kept in memory" });
    }
    const kept = userHeaders(headers);
    let octets = OVERHEAD_OCTETS + body.length;
    for (const [name, value] of kept) octets += 2 * (name.length + value.length);
    if (this.#octets + octets > this.#parts.limits.maxQueuedBytes) throw full("the queues are full");
    const expiresAt = parseExpires(headers);
    return { id: this.#parts.nextId(), destination, headers: kept, body: keepBody(body), octets, expiresAt };
  }

  #queueOf(name: string): Queue {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const isLast = name.startsWith(DEAD_LETTERS);
    const queue = new Queue(isLast ? Infinity : this.#parts.limits.maxDeliveryAttempts, this.#parts.now, {
      left: ({ octets }) => {
        this.#octets -= octets;
      },
      exhausted: (message) => {
        this.#bury(message, name, "attempts");
      },
      emptied: () => {
        if (this.#byName.get(name) === queue) this.#byName.delete(name);
      },
    });
    this.#byName.set(name, queue);
    return queue;
  }

  /** Puts a message that nobody could handle where it can be looked at; there it stays until it is taken. */
  #bury(message: QueuedMessage, from: string, reason: DeadLetterReason): void {
    if (from.startsWith(DEAD_LETTERS)) return;
    const destination = DEAD_LETTERS + from.slice(QUEUES.length);
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

function requireName(destination: string): void {
  if (destination.includes("*")) throw refusal("BAD_DESTINATION", { hint: "queues have no patterns" });
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
