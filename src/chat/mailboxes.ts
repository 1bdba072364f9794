/** `/user/queue/messages`: opens cursors, delivers what was committed, keeps the delivered marks. */
import { MailboxCursor } from "./mailbox-cursor.ts";
import { MailboxBodies } from "./mailbox-bodies.ts";
import { MailboxDelivery } from "./mailbox-delivery.ts";
import { Mailbox } from "./mailbox.ts";
import { formatPosition, parsePosition } from "./position.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Subscription } from "../broker/subscription.ts";
import type { Frame } from "../stomp/frame.ts";
import type { Fact } from "./facts.ts";
import type { MailboxState } from "./operations/mailbox.ts";
import type { ChatStore } from "./store.ts";

/** What a SUBSCRIBE is told: in its RECEIPT, or as event `mailbox.subscribed` without one. */
export type Subscribed = { readonly recovered: boolean; readonly position: string; readonly head: string };

/** Tells a subscription's session; resolves when it was told, or does not listen. */
export type Announce = (subscription: Subscription, subscribed: Subscribed) => Promise<unknown>;

export class Mailboxes implements ApplicationDestination {
  readonly #store: ChatStore;
  readonly #announce: Announce;
  readonly #byUser = new Map<string, Mailbox>();

  constructor(store: ChatStore, announce: Announce) {
    this.#store = store;
    this.#announce = announce;
  }

  readonly openSubscription = (subscription: Subscription, frame: Frame): Promise<Reply> => {
    const since = frame.headers.get("since");
    const wanted = since === undefined ? undefined : parsePosition(since);
    const userId = subscription.session.principal.id;
    const mailbox = this.#mailboxOf(userId);
    const cursor = new MailboxCursor(subscription, mailbox, this.#store, (closed) => {
      this.#close(mailbox, closed);
    });
    // Registered before the store is asked, so that nothing committed meanwhile goes by unnoticed.
    mailbox.cursors.add(cursor);
    subscription.source = cursor;
    return this.#open(subscription, frame, mailbox, cursor, wanted);
  };

  async #open(
    subscription: Subscription,
    frame: Frame,
    mailbox: Mailbox,
    cursor: MailboxCursor,
    wanted: ReturnType<typeof parsePosition> | undefined,
  ): Promise<Reply> {
    const state = await this.#store.execute("mailboxState", { user: mailbox.userId });
    mailbox.start(state.delivered);
    const { at, recovered } = startOf(state, wanted, this.#store.epoch);
    // A position that is not known here says nothing of what the client has.
    if (!recovered) mailbox.leaveHoleUpTo(at);
    else if (wanted !== undefined) mailbox.skipTo(at);
    const subscribed: Subscribed = {
      recovered,
      position: formatPosition(this.#store.epoch, at),
      head: formatPosition(this.#store.epoch, state.head),
    };
    return {
      receiptHeaders: [
        ["recovered", String(recovered)],
        ["position", subscribed.position],
        ["head", subscribed.head],
      ],
      afterwards: () => {
        const begin = (): void => {
          if (!subscription.isClosed) cursor.start(at, state.head);
        };
        if (frame.headers.has("receipt")) begin();
        else void this.#announce(subscription, subscribed).then(begin);
      },
    };
  }

  /** Delivers a committed message to every cursor of its mailboxes. */
  deliver(fact: Extract<Fact, { type: "message.posted" }>, origin: string | undefined): void {
    let bodies: MailboxBodies | undefined;
    for (const { user, offset, own } of fact.entries) {
      const mailbox = this.#byUser.get(user);
      if (mailbox === undefined) continue;
      bodies ??= new MailboxBodies(fact.message);
      const delivery = new MailboxDelivery(this.#store.epoch, { offset, own, body: fact.message }, bodies);
      mailbox.see(offset, { conversation: fact.message.conversation, seq: fact.message.seq, own });
      for (const cursor of mailbox.cursors) cursor.publish(delivery, own && cursor.sessionId === origin);
    }
  }

  /** A mailbox grew by other means than a post: its cursors read on. */
  wake(userId: string, head: number): void {
    for (const cursor of this.#byUser.get(userId)?.cursors ?? []) cursor.wake(head);
  }

  #mailboxOf(userId: string): Mailbox {
    let mailbox = this.#byUser.get(userId);
    if (mailbox === undefined) {
      mailbox = new Mailbox(userId, (user, offset, seqs) => {
        // A mark that could not be stored moves again with the next proof.
        const covered = seqs === undefined ? {} : { seqs };
        this.#store.execute("delivered", { user, offset, ...covered }).catch(() => undefined);
      });
      this.#byUser.set(userId, mailbox);
    }
    return mailbox;
  }

  #close(mailbox: Mailbox, cursor: MailboxCursor): void {
    mailbox.cursors.delete(cursor);
    if (mailbox.cursors.size === 0) this.#byUser.delete(mailbox.userId);
  }
}

/** Where a subscription starts, and whether nothing between there and now is missing. */
function startOf(
  { delivered, head, floor }: MailboxState,
  wanted: ReturnType<typeof parsePosition> | undefined,
  epoch: string,
): { at: number; recovered: boolean } {
  const at = wanted === undefined ? delivered : wanted.offset;
  const whole = (wanted === undefined || wanted.epoch === epoch) && at >= floor && at <= head;
  return whole ? { at, recovered: true } : { at: head, recovered: false };
}
