/** `/chat/topic/support`: who is online and who waits, then every connection and conversation event, gap-free. */
import { composeEvent } from "./envelope.ts";
import { requireAuto } from "./event-queues.ts";
import { Feed } from "./feed.ts";
import { SNAPSHOT_ROWS } from "./wire.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Message } from "../broker/message.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Clock } from "./clock.ts";
import type { DeskSnapshot } from "./operations/queries.ts";
import type { Presence } from "./presence.ts";
import type { ChatStore } from "./store.ts";

/** What one list of a snapshot may hold: all of it fits an outbox, whatever visitors call themselves and their pages. */
const LIST_OCTETS = 192 * 1024;

/** As many rows as fit, from the start. */
function fitting<Row>(rows: readonly Row[]): readonly Row[] {
  let octets = 0;
  const end = rows.findIndex((row) => (octets += Buffer.byteLength(JSON.stringify(row)) + 1) > LIST_OCTETS);
  return end === -1 ? rows : rows.slice(0, end);
}

export class SupportTopic implements ApplicationDestination {
  readonly #store: ChatStore;
  readonly #presence: Presence;
  readonly #clock: Clock;
  readonly #feeds = new Set<Feed>();
  /** Tells this process's events from an earlier one's. */
  readonly #start: string;
  #count = 0;

  constructor(store: ChatStore, presence: Presence, clock: Clock) {
    this.#store = store;
    this.#presence = presence;
    this.#clock = clock;
    this.#start = clock
      .id()
      .replaceAll(/[^A-Za-z0-9]/g, "")
      .slice(0, 8);
  }

  readonly openSubscription = (subscription: Subscription): Reply => {
    requireAuto(subscription);
    const feed = new Feed(
      subscription,
      (apply, failed) => {
        this.#store
          .execute("deskSnapshot", null, undefined, (desk) => {
            apply(this.#snapshot(desk));
          })
          .catch(failed);
      },
      () => {
        this.#feeds.delete(feed);
      },
    );
    this.#feeds.add(feed);
    subscription.source = feed;
    return {
      afterwards: () => {
        feed.start();
      },
    };
  };

  /** Publishes the next event; it counts even when nobody listens. */
  publish(type: string, data: unknown, at = this.#clock.now()): void {
    this.#count += 1;
    if (this.#feeds.size === 0) return;
    const message = composeEvent(this.#clock.id(), { type, at, data }, { rev: this.#rev });
    for (const feed of this.#feeds) feed.publish(message);
  }

  get #rev(): string {
    return `${this.#start}-${this.#count}`;
  }

  #snapshot({ counts, waiting }: DeskSnapshot): Message {
    const online = fitting(this.#presence.customers(SNAPSHOT_ROWS));
    const shown = fitting(waiting);
    const agents = fitting(this.#presence.agents(SNAPSHOT_ROWS));
    const data = {
      counts: { online: this.#presence.customerCount, ...counts },
      online,
      agents,
      waiting: shown,
      more:
        this.#presence.customerCount > online.length ||
        this.#presence.agentCount > agents.length ||
        counts.waiting > shown.length,
    };
    const event = { type: "snapshot", at: this.#clock.now(), data };
    return composeEvent(this.#clock.id(), event, { rev: this.#rev });
  }
}
