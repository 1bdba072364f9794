/** The chat itself: joins destinations, store, queues and presence, and tells everybody what happened. */
import { servesCustomers } from "./access-policy.ts";
import { createCommands } from "./commands.ts";
import { EventQueues } from "./event-queues.ts";
import { Mailboxes } from "./mailboxes.ts";
import { Presence, shown } from "./presence.ts";
import { SupportTopic } from "./support-topic.ts";
import { previewOf } from "./conversation.ts";
import { Disconnect } from "../broker/errors.ts";
import { EVENTS_QUEUE, MESSAGES_QUEUE, SUPPORT_TOPIC } from "./wire.ts";
import type { ApplicationDestination, DurableOperation } from "../broker/application-destination.ts";
import type { Broker } from "../broker/broker.ts";
import type { Session } from "../broker/session.ts";
import type { Clock } from "./clock.ts";
import type { Fact } from "./facts.ts";
import type { Step } from "./operations/transaction.ts";
import type { ChatStore } from "./store.ts";

export class ChatService {
  readonly presence = new Presence();
  /** Every destination of the chat, by its exact name. */
  readonly destinations: ReadonlyMap<string, ApplicationDestination>;
  readonly #events: EventQueues;
  readonly #mailboxes: Mailboxes;
  readonly #support: SupportTopic;
  readonly #store: ChatStore;

  constructor(store: ChatStore, clock: Clock) {
    this.#store = store;
    this.#events = new EventQueues(store, clock);
    this.#support = new SupportTopic(store, this.presence, clock);
    this.#mailboxes = new Mailboxes(store, (subscription, subscribed) => {
      const data = { subscription: subscription.id ?? null, ...subscribed };
      const event = { type: "mailbox.subscribed", at: clock.now(), data };
      return this.#events.answer(subscription.session, event, undefined);
    });
    const events = this.#events;
    this.destinations = new Map<string, ApplicationDestination>([
      [MESSAGES_QUEUE, this.#mailboxes],
      [EVENTS_QUEUE, events],
      [SUPPORT_TOPIC, this.#support],
      ...createCommands({ store, clock, events, presence: this.presence }),
    ]);
  }

  /** Carries out what the SENDs of one transaction to the chat's destinations prepared. */
  readonly commit = (operations: readonly DurableOperation[], session: Session): Promise<unknown> => {
    // They come from `prepareSend` of these destinations and from nowhere else.
    return this.#store.execute("transaction", { steps: operations as readonly Step[] }, session.id);
  };

  /** Follows the broker's sessions and the store's facts; called once, before either starts. */
  attach(broker: Broker): void {
    broker.events.on("connected", (session) => {
      this.#announce("connected", session, this.presence.add(session));
    });
    broker.events.on("disconnected", (session) => {
      this.#announce("disconnected", session, this.presence.remove(session));
    });
    this.#store.onFact((fact, origin) => {
      this.#tell(broker, fact, origin);
    });
  }

  #announce(what: "connected" | "disconnected", session: Session, sessions: number): void {
    const { principal } = session;
    const data = { user: shown(principal), session: session.id, sessions };
    if (principal.kind === "guest" || principal.kind === "customer") {
      this.#support.publish(`customer.${what}`, data);
    } else if (servesCustomers(principal)) {
      this.#support.publish(`agent.${what}`, data);
    }
  }

  #tell(broker: Broker, fact: Fact, origin: string | undefined): void {
    switch (fact.type) {
      case "message.posted":
        this.#mailboxes.deliver(fact, origin);
        this.#tellWaiting(fact);
        return;
      case "conversation.changed":
        this.#tellChange(fact);
        return;
      case "mailbox.grown":
        this.#mailboxes.wake(fact.user, fact.head);
        return;
      case "message.delivered":
      case "message.read": {
        const { conversation, user, seq } = fact;
        this.#events.publish(fact.audience, {
          type: fact.type,
          at: Date.now(),
          data: { conversation, user, seq },
        });
        return;
      }
      case "customer.identified":
        this.#support.publish(fact.type, { from: fact.from, user: fact.user });
        return;
      case "credentials.revoked":
        broker.disconnectUser(fact.user, Disconnect.of("REVOKED"), fact.credentialId);
    }
  }

  #tellChange({
    event,
    at,
    conversation,
    by,
    afterSeq,
    reason,
    preview,
    audience,
  }: Extract<Fact, { type: "conversation.changed" }>): void {
    const data = {
      conversation,
      ...(by === undefined ? {} : { by }),
      afterSeq,
      ...(reason === undefined ? {} : { reason }),
    };
    this.#events.publish(audience, { type: event, at, data });
    this.#support.publish(event, preview === undefined ? data : { ...data, preview }, at);
  }

  /** While a conversation waits, the desk sees each of its messages as a preview. */
  #tellWaiting({ message, conversation }: Extract<Fact, { type: "message.posted" }>): void {
    if (conversation.state !== "waiting") return;
    const data = { conversation, afterSeq: message.seq, preview: previewOf(message.message) };
    this.#support.publish("conversation.updated", data);
  }
}
