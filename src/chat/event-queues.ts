/** `/user/queue/events`: each user's snapshot of open conversations, then what concerns the user. */
import { isCustomer } from "./access-policy.ts";
import { composeEvent } from "./envelope.ts";
import { refuse } from "./errors.ts";
import { Feed } from "./feed.ts";
import { EVENTS_QUEUE, SNAPSHOT_ROWS } from "./wire.ts";
import type { ApplicationDestination, Reply, SubscriptionSource } from "../broker/application-destination.ts";
import type { Session } from "../broker/session.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Clock } from "./clock.ts";
import type { Event } from "./envelope.ts";
import type { ChatStore } from "./store.ts";

export class EventQueues implements ApplicationDestination {
  readonly #store: ChatStore;
  readonly #clock: Clock;
  readonly #isAvailable: () => boolean;
  readonly #byUser = new Map<string, Set<Feed>>();

  /** `isAvailable` says whether somebody is there for customers. */
  constructor(store: ChatStore, clock: Clock, isAvailable: () => boolean) {
    this.#store = store;
    this.#clock = clock;
    this.#isAvailable = isAvailable;
  }

  readonly openSubscription = (subscription: Subscription): Reply => {
    requireAuto(subscription);
    const { principal } = subscription.session;
    const user = principal.id;
    const feeds = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, feeds);
    const feed = new Feed(
      subscription,
      (apply, failed) => {
        this.#store
          .execute("openConversations", { user }, undefined, (conversations) => {
            const data = {
              conversations: conversations.slice(0, SNAPSHOT_ROWS),
              more: conversations.length > SNAPSHOT_ROWS,
              ...(isCustomer(principal) ? { available: this.#isAvailable() } : {}),
            };
            apply(composeEvent(this.#clock.id(), { type: "snapshot", at: this.#clock.now(), data }));
          })
          .catch(failed);
      },
      () => {
        feeds.delete(feed);
        if (feeds.size === 0 && this.#byUser.get(user) === feeds) this.#byUser.delete(user);
      },
    );
    feeds.add(feed);
    subscription.source = feed;
    return {
      afterwards: () => {
        feed.start();
      },
    };
  };

  /** Publishes an event to every session of these users that listens. */
  publish(users: readonly string[], event: Event): void {
    const feeds = users.map((user) => this.#byUser.get(user)).filter((found) => found !== undefined);
    if (feeds.length === 0) return;
    const message = composeEvent(this.#clock.id(), event);
    for (const ofUser of feeds) for (const feed of ofUser) feed.publish(message);
  }

  /** Publishes an event to every guest and customer who listens. */
  publishToCustomers(event: Event): void {
    const message = composeEvent(this.#clock.id(), event);
    for (const feeds of this.#byUser.values()) {
      for (const feed of feeds) if (isCustomer(feed.subscription.session.principal)) feed.publish(message);
    }
  }

  /** The session's subscriptions to its events, for `answer`. */
  listenersOf(session: Session): readonly Subscription[] {
    return session.subscriptions.of(EVENTS_QUEUE);
  }

  /**
   * Answers those who listened when the question came, behind the snapshot each starts with; false when none listens any
   * more. A subscription behind the question may wait for this very answer: its snapshot follows its RECEIPT.
   */
  async answer(
    listeners: readonly Subscription[],
    event: Event,
    receipt: string | undefined,
  ): Promise<boolean> {
    await Promise.all(listeners.map(({ source }) => begun(source)));
    const listening = listeners.filter(({ isClosed }) => !isClosed);
    if (listening.length === 0) return false;
    const message = composeEvent(this.#clock.id(), event, receipt === undefined ? {} : { receipt });
    for (const subscription of listening) subscription.send(message);
    return true;
  }
}

async function begun(source: SubscriptionSource | undefined): Promise<void> {
  if (source instanceof Feed) await source.begun;
}

/** Events and topics are `auto` only. */
export function requireAuto(subscription: Subscription): void {
  if (subscription.ackMode !== "auto") {
    throw refuse("UNSUPPORTED", { field: "ack", hint: "this destination is auto only" });
  }
}
