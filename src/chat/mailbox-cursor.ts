/** One subscription's way through a mailbox: pages from the store while it is behind, live when it has caught up. */
import { Disconnect } from "../broker/errors.ts";
import { MailboxDelivery } from "./mailbox-delivery.ts";
import type { Prepared, SubscriptionSource } from "../broker/application-destination.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Mailbox } from "./mailbox.ts";
import type { MailboxItem } from "./operations/mailbox.ts";
import type { ChatStore } from "./store.ts";

const PAGE = 100;
const PRUNED = "what comes next is no longer kept; a new subscription with since says so";

export class MailboxCursor implements SubscriptionSource {
  readonly #subscription: Subscription;
  readonly #mailbox: Mailbox;
  readonly #store: ChatStore;
  readonly #closed: (cursor: MailboxCursor) => void;
  /** Everything up to here was delivered or is not for this session; undefined before `start`. */
  #at: number | undefined;
  #provenTo = 0;
  #knownHead = 0;
  /** Head at the time of SUBSCRIBE: behind it the session is not sent what it sent itself. */
  #head = 0;
  #reading = false;
  /** Offsets behind the head that this session sent itself and the cursor has not passed. */
  readonly #sentHere = new Set<number>();

  constructor(
    subscription: Subscription,
    mailbox: Mailbox,
    store: ChatStore,
    closed: (cursor: MailboxCursor) => void,
  ) {
    this.#subscription = subscription;
    this.#mailbox = mailbox;
    this.#store = store;
    this.#closed = closed;
  }

  get sessionId(): string {
    return this.#subscription.session.id;
  }

  /** Begins to deliver behind `at`; called after the RECEIPT was queued. */
  start(at: number, head: number): void {
    this.#at = at;
    this.#provenTo = at;
    this.#head = head;
    this.#knownHead = Math.max(this.#knownHead, head);
    for (const offset of this.#sentHere) if (offset <= head) this.#sentHere.delete(offset);
    this.#pump();
  }

  /** An entry was committed; `sentHere` when this cursor's session sent it. */
  publish(delivery: MailboxDelivery, sentHere: boolean): void {
    const { offset } = delivery.item;
    this.#knownHead = Math.max(this.#knownHead, offset);
    if (sentHere) this.#sentHere.add(offset);
    if (this.#reading || this.#at !== offset - 1) {
      this.#pump();
      return;
    }
    if (this.#subscription.hasRoom || sentHere) this.#pass(delivery);
  }

  /** The mailbox grew by other means than a post. */
  wake(head: number): void {
    this.#knownHead = Math.max(this.#knownHead, head);
    this.#pump();
  }

  resume(): void {
    this.#pump();
  }

  proven(position: number): void {
    this.#mailbox.proveRange(this.#provenTo, position);
    this.#provenTo = Math.max(this.#provenTo, position);
  }

  settle(positions: readonly number[]): Prepared {
    return {
      apply: () => {
        this.#mailbox.prove(positions);
      },
    };
  }

  close(): void {
    this.#closed(this);
  }

  #pump(): void {
    if (this.#at === undefined || this.#reading || this.#at >= this.#knownHead) return;
    if (this.#subscription.isClosed || !this.#subscription.hasRoom) return;
    this.#reading = true;
    void this.#readPage(this.#at);
  }

  async #readPage(after: number): Promise<void> {
    const { userId } = this.#mailbox;
    try {
      const items = await this.#store.execute("mailboxPage", { user: userId, after, limit: PAGE });
      this.#reading = false;
      if (this.#subscription.isClosed) return;
      // Retention was faster: what is left out here would be missed without a word.
      if (items[0]?.offset === after + 1) this.#passAll(items);
      else this.#subscription.session.disconnect(Disconnect.of("SLOW_CONSUMER", { hint: PRUNED }));
      this.#pump();
    } catch {
      this.#reading = false;
      this.#retryLater();
    }
  }

  #passAll(items: readonly MailboxItem[]): void {
    for (const item of items) {
      if (this.#subscription.isClosed || !this.#subscription.hasRoom) return;
      this.#pass(new MailboxDelivery(this.#store.epoch, item));
    }
  }

  #pass(delivery: MailboxDelivery): void {
    const { offset, own, body } = delivery.item;
    this.#mailbox.see(offset, { conversation: body.conversation, seq: body.seq, own });
    this.#at = offset;
    if (this.#sentHere.delete(offset) && offset > this.#head) return;
    if (own && this.#subscription.ackMode === "auto") this.#subscription.send(delivery.message);
    else this.#subscription.deliver(delivery.message, offset);
  }

  /** The store could not be read: the session keeps its subscription and the cursor its place. */
  #retryLater(): void {
    setTimeout(() => {
      this.#pump();
    }, 1000).unref();
  }
}
