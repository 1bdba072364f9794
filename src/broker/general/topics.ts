/** `/topic/**`: fan-out to everybody who subscribed, exactly or by a pattern. */
import { Disconnect, refusal } from "../errors.ts";
import { keepBody, Message } from "../message.ts";
import { isPattern, isWellFormedPattern, TopicIndex } from "./topic-index.ts";
import { parsePrefetch } from "./prefetch.ts";
import { userHeaders } from "./user-headers.ts";
import type { Frame } from "../../stomp/frame.ts";
import type {
  ApplicationDestination,
  Prepared,
  Reply,
  SubscriptionSource,
} from "../application-destination.ts";
import type { Limits } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";
import type { ReplyTo } from "./temporary-queues.ts";

/**
 * What happens to messages that a subscriber has no room for: the session ends as SLOW_CONSUMER and recovers by
 * subscribing anew; the oldest that wait are dropped; only the newest is kept.
 */
export const OVERFLOWS = ["close", "drop-oldest", "keep-last"] as const;
export type Overflow = (typeof OVERFLOWS)[number];

export type TopicsParts = {
  readonly limits: Limits;
  readonly nextId: () => string;
  /** By the destination that was sent to. */
  readonly overflow: (destination: string) => Overflow;
  readonly replyTo: ReplyTo;
};

export class Topics implements ApplicationDestination {
  readonly #parts: TopicsParts;
  readonly #index = new TopicIndex<TopicSource>();

  constructor(parts: TopicsParts) {
    this.#parts = parts;
  }

  /** Subscriptions, for metrics and tests. */
  get size(): number {
    return this.#index.size;
  }

  readonly handleSend = (session: Session | undefined, frame: Frame): Reply => {
    this.prepareSend(session, frame).apply();
    return {};
  };

  readonly prepareSend = (session: Session | undefined, frame: Frame): Required<Pick<Prepared, "apply">> => {
    const destination = destinationOf(frame);
    const replyTo = this.#parts.replyTo(session, frame.headers);
    return {
      apply: () => {
        this.#publish(destination, frame, replyTo);
      },
    };
  };

  readonly openSubscription = (subscription: Subscription, frame: Frame): Reply => {
    const { destination } = subscription;
    if (!isWellFormedPattern(destination)) {
      throw refusal("BAD_DESTINATION", {
        hint: "* stands for one whole segment, ** for one or more at the end",
      });
    }
    subscription.window = parsePrefetch(frame.headers, this.#parts.limits);
    const source = new TopicSource(subscription, this.#parts.limits, () => {
      this.#index.remove(destination, source);
    });
    subscription.source = source;
    this.#index.add(destination, source);
    return {};
  };

  #publish(destination: string, { headers, body }: Frame, replyTo: string | undefined): void {
    let message: Message | undefined;
    const overflow = this.#parts.overflow(destination);
    for (const source of this.#index.matching(destination)) {
      message ??= new Message(
        this.#parts.nextId(),
        userHeaders(headers, replyTo),
        keepBody(body),
        destination,
      );
      source.publish(message, overflow);
    }
  }
}

function destinationOf({ headers }: Frame): string {
  const destination = headers.get("destination") ?? "";
  if (isPattern(destination)) {
    throw refusal("BAD_DESTINATION", { hint: "a pattern is for SUBSCRIBE: send to one destination" });
  }
  return destination;
}

/** One subscriber; what it has no room for waits here. */
class TopicSource implements SubscriptionSource {
  /** Un-ACKed means the window alone here: nobody else waits for what this subscriber does not want. */
  readonly takesNack = true;
  readonly #subscription: Subscription;
  readonly #limits: Limits;
  readonly #closed: () => void;
  #waiting: Message[] = [];
  #waitingBytes = 0;

  constructor(subscription: Subscription, limits: Limits, closed: () => void) {
    this.#subscription = subscription;
    this.#limits = limits;
    this.#closed = closed;
  }

  publish(message: Message, overflow: Overflow): void {
    if (this.#waiting.length === 0 && this.#hasRoom(overflow)) {
      this.#pass(message);
      return;
    }
    this.#hold(message, overflow);
  }

  resume(): void {
    while (this.#subscription.hasRoom) {
      const message = this.#drop();
      if (message === undefined) return;
      this.#pass(message);
    }
  }

  close(): void {
    this.#waiting = [];
    this.#closed();
  }

  /** Who is closed when behind needs no second queue: the outbox has its own bound. */
  #hasRoom(overflow: Overflow): boolean {
    return overflow === "close" ? !this.#subscription.isWindowFull : this.#subscription.hasRoom;
  }

  #pass(message: Message): void {
    if (this.#subscription.ackMode === "auto") this.#subscription.send(message);
    else this.#subscription.deliver(message, 0);
  }

  #hold(message: Message, overflow: Overflow): void {
    if (overflow === "keep-last") while (this.#drop() !== undefined);
    this.#waiting.push(message);
    this.#waitingBytes += message.body.octets;
    const { maxOutboxBytes } = this.#limits;
    if (overflow === "close") {
      if (this.#waitingBytes > maxOutboxBytes)
        this.#subscription.session.disconnect(Disconnect.ofOverflow(this.#limits));
      return;
    }
    while (this.#waitingBytes > maxOutboxBytes && this.#waiting.length > 1) this.#drop();
  }

  #drop(): Message | undefined {
    const message = this.#waiting.shift();
    if (message !== undefined) this.#waitingBytes -= message.body.octets;
    return message;
  }
}
