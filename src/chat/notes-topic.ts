/** `/chat/topic/notes`: every private note as it is written, for those who serve customers. */
import { composeEvent } from "./envelope.ts";
import { requireAuto } from "./event-queues.ts";
import { Feed } from "./feed.ts";
import { copyFor } from "./note-copy.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Message } from "../broker/message.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Clock } from "./clock.ts";
import type { ChatStore } from "./store.ts";
import type { Note } from "./wire.ts";

export class NotesTopic implements ApplicationDestination {
  readonly #store: ChatStore;
  readonly #clock: Clock;
  readonly #feeds = new Set<Feed>();

  constructor(store: ChatStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  readonly openSubscription = (subscription: Subscription): Reply => {
    requireAuto(subscription);
    const feed = new Feed(
      subscription,
      (apply, failed) => {
        this.#store
          .execute("latestNotes", null, undefined, (latest) => {
            const event = { type: "snapshot", at: this.#clock.now(), data: { latest } };
            apply(composeEvent(this.#clock.id(), event));
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

  publish(note: Note): void {
    if (this.#feeds.size === 0) return;
    const [id, at] = [this.#clock.id(), this.#clock.now()];
    const compose = (data: Note): Message => composeEvent(id, { type: "note.written", at, data });
    const [own, others] = [compose(note), compose(copyFor("", note))];
    for (const feed of this.#feeds) {
      const isAuthor = feed.subscription.session.principal.id === note.author.id;
      feed.publish(isAuthor ? own : others);
    }
  }
}
