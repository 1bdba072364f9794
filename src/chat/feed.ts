/** A subscription that starts with a snapshot and goes on with events; one that falls behind gets a new snapshot. */
import type { SubscriptionSource } from "../broker/application-destination.ts";
import type { Message } from "../broker/message.ts";
import type { Subscription } from "../broker/subscription.ts";

/**
 * Asks for a snapshot and calls `apply` with it synchronously, in order with the events: every event published
 * before that call is contained in it, none published after it is.
 */
export type TakeSnapshot = (apply: (snapshot: Message) => void, failed: () => void) => void;

type State = "new" | "waiting" | "live" | "behind" | "closed";

export class Feed implements SubscriptionSource {
  readonly subscription: Subscription;
  readonly #takeSnapshot: TakeSnapshot;
  readonly #closed: (feed: Feed) => void;
  /** Resolves when the first snapshot was sent, or the feed closed without. */
  readonly begun: Promise<void>;
  #begin: () => void = () => undefined;
  #state: State = "new";

  constructor(subscription: Subscription, takeSnapshot: TakeSnapshot, closed: (feed: Feed) => void) {
    this.subscription = subscription;
    this.#takeSnapshot = takeSnapshot;
    this.#closed = closed;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** Sends the first snapshot; called after the RECEIPT was queued. */
  start(): void {
    if (this.#state === "new") this.#request();
  }

  /** Sends an event, unless a snapshot that contains it is to come. */
  publish(message: Message): void {
    if (this.#state !== "live") return;
    if (this.subscription.session.outbox.isBehind) this.#state = "behind";
    else this.subscription.send(message);
  }

  resume(): void {
    if (this.#state === "behind") this.#request();
  }

  close(): void {
    this.#state = "closed";
    this.#begin();
    this.#closed(this);
  }

  #request(): void {
    this.#state = "waiting";
    this.#takeSnapshot(
      (snapshot) => {
        if (this.#state !== "waiting") return;
        this.#state = "live";
        this.subscription.send(snapshot);
        this.#begin();
      },
      () => {
        if (this.#state !== "waiting") return;
        this.#state = "behind";
        setTimeout(() => {
          this.resume();
        }, 1000).unref();
      },
    );
  }
}
