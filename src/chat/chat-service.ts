/** The chat itself: joins destinations, store, queues and presence, and tells everybody what happened. */
import { isCustomer, servesCustomers } from "./access-policy.ts";
import { AuditTrail } from "./audit-trail.ts";
import { Availability } from "./availability.ts";
import { createBlockCommands } from "./block-commands.ts";
import { createCommands, planMessage } from "./commands.ts";
import { EventQueues } from "./event-queues.ts";
import { Mailboxes } from "./mailboxes.ts";
import { MessageRates } from "./message-rates.ts";
import { guestNetworkOf } from "../broker/network.ts";
import { NotesTopic } from "./notes-topic.ts";
import { PageNews } from "./page-news.ts";
import { Presence, shown } from "./presence.ts";
import { SearchIndex } from "./search-index.ts";
import { SupportTopic } from "./support-topic.ts";
import { createTeamCommands } from "./team-commands.ts";
import { previewOf } from "./conversation.ts";
import { Disconnect } from "../broker/errors.ts";
import { EVENTS_QUEUE, MESSAGES_QUEUE, NOTES_TOPIC, SUPPORT_TOPIC } from "./wire.ts";
import type { ApplicationDestination, DurableOperation } from "../broker/application-destination.ts";
import type { Broker } from "../broker/broker.ts";
import type { Principal } from "../broker/principal.ts";
import type { Session } from "../broker/session.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { Clock } from "./clock.ts";
import type { Fact } from "./facts.ts";
import type { PostResult } from "./operations/post.ts";
import type { Step } from "./operations/transaction.ts";
import type { ChatStore } from "./store.ts";
import type { CommandParts } from "./stored-command.ts";

export class ChatService {
  readonly presence = new Presence();
  readonly audit: AuditTrail;
  readonly rates: MessageRates;
  /** Every destination of the chat, by its exact name. */
  readonly destinations: ReadonlyMap<string, ApplicationDestination>;
  readonly #events: EventQueues;
  readonly #mailboxes: Mailboxes;
  readonly #support: SupportTopic;
  readonly #notes: NotesTopic;
  readonly #availability: Availability;
  readonly #index: SearchIndex;
  readonly #store: ChatStore;
  readonly #parts: CommandParts;

  constructor(store: ChatStore, clock: Clock, rates = new MessageRates(undefined)) {
    this.#store = store;
    this.audit = new AuditTrail(store, clock.now);
    this.rates = rates;
    this.#availability = new Availability((available) => {
      this.#events.publishToCustomers({
        type: "support.availability",
        at: clock.now(),
        data: { available },
      });
    });
    this.#events = new EventQueues(store, clock, () => this.#availability.available);
    this.#notes = new NotesTopic(store, clock);
    this.#index = new SearchIndex(store);
    this.#support = new SupportTopic(store, this.presence, clock);
    this.#mailboxes = new Mailboxes(store, (subscription, subscribed) => {
      const data = { subscription: subscription.id ?? null, ...subscribed };
      const event = { type: "mailbox.subscribed", at: clock.now(), data };
      return this.#events.answer(this.#events.listenersOf(subscription.session), event, undefined);
    });
    this.#parts = {
      store,
      clock,
      events: this.#events,
      pages: new PageNews(this.presence, this.#support),
      presence: this.presence,
      audit: this.audit,
      rates,
    };
    this.destinations = new Map<string, ApplicationDestination>([
      [MESSAGES_QUEUE, this.#mailboxes],
      [EVENTS_QUEUE, this.#events],
      [SUPPORT_TOPIC, this.#support],
      [NOTES_TOPIC, this.#notes],
      ...createCommands(this.#parts),
      ...createTeamCommands(this.#parts),
      ...createBlockCommands(this.#parts),
    ]);
  }

  /** Carries out together what the frames of one transaction prepared. */
  readonly commit = (operations: readonly DurableOperation[], session: Session): Promise<unknown> => {
    // They come from `prepareSend` of these destinations and from the QueueStore on the same store, and from nowhere else.
    const steps = operations as readonly Step[];
    const execute = (all: readonly Step[]): Promise<readonly PostResult[]> =>
      this.#store.execute("transaction", { steps: all }, session.id);
    const messages = steps.filter(({ name }) => name === "post").length;
    if (messages === 0) return execute(steps);
    return this.rates.counting(session, messages, (limits) =>
      execute(
        steps.map((step) => (step.name === "post" ? { ...step, input: { ...step.input, ...limits } } : step)),
      ),
    );
  };

  /**
   * Posts the body of a SEND to `/chat/message` for a principal of the server's own program; resolves with the headers
   * of its RECEIPT, once it is stored, and rejects with the Refusal that a session would get.
   */
  async post(principal: Principal, body: string): Promise<HeaderList> {
    const sender = { id: "", principal, authentication: undefined };
    return (await planMessage(this.#parts, sender, body).perform()).receiptHeaders ?? [];
  }

  /**
   * Follows the broker's sessions and the store's facts; called once, before either starts. `observe` hears each fact
   * after those whom it concerns were told.
   */
  attach(broker: Broker, observe: (fact: Fact) => void = () => undefined): void {
    broker.events.on("connected", (session) => {
      this.#announce("connected", session, this.presence.add(session));
    });
    broker.events.on("disconnected", (session) => {
      this.#announce("disconnected", session, this.presence.remove(session));
    });
    broker.events.on("refused", ({ authentication, connection }, { command, destination }, code) => {
      if (authentication === undefined || command === undefined) return;
      this.audit.refused(code, {
        principal: authentication.principal,
        address: connection.remoteAddress,
        verb: command,
        destination: destination ?? "",
      });
    });
    this.#store.onFact((fact, origin) => {
      this.#tell(broker, fact, origin);
      observe(fact);
    });
    // The store answers in order: this is known before anybody was authenticated.
    this.#store
      .execute("agentStatuses", null, undefined, (statuses) => {
        for (const { user, status } of statuses) this.presence.setStatus(user, status);
      })
      .catch(() => undefined);
    this.#index.wake();
  }

  #announce(what: "connected" | "disconnected", session: Session, sessions: number): void {
    const { principal, connection } = session;
    const data = { user: shown(principal), session: session.id, sessions };
    const isNew = what === "connected";
    if (isCustomer(principal)) {
      const { userAgent } = connection;
      this.#support.publish(
        `customer.${what}`,
        isNew && userAgent !== undefined ? { ...data, userAgent } : data,
      );
    } else if (servesCustomers(principal)) {
      const status = this.presence.statusOf(principal.id);
      this.#support.publish(
        `agent.${what}`,
        isNew && principal.kind === "agent" ? { ...data, status } : data,
      );
      this.#availability.observe(this.presence.isSomebodyThere);
    }
  }

  #tell(broker: Broker, fact: Fact, origin: string | undefined): void {
    switch (fact.type) {
      case "message.posted":
        this.#mailboxes.deliver(fact, origin);
        this.#tellWaiting(fact);
        this.#index.wake();
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
      case "note.written":
        this.#notes.publish(fact.note);
        return;
      case "agent.status":
        this.presence.setStatus(fact.user.id, fact.status);
        this.#support.publish(fact.type, { user: fact.user, status: fact.status });
        this.#availability.observe(this.presence.isSomebodyThere);
        return;
      case "canned-response.saved":
        this.#support.publish(fact.type, { shortcut: fact.shortcut, text: fact.text, by: fact.by });
        return;
      case "canned-response.deleted":
        this.#support.publish(fact.type, { shortcut: fact.shortcut, by: fact.by });
        return;
      case "customer.blocked":
        this.#support.publish(fact.type, {
          user: fact.user,
          ...(fact.by === undefined ? {} : { by: fact.by }),
        });
        this.#endBlocked(broker, fact);
        return;
      case "customer.unblocked":
        this.#support.publish(fact.type, { user: fact.user, by: fact.by });
        return;
      case "customer.identified":
        this.#support.publish(fact.type, { from: fact.from, user: fact.user });
        return;
      case "customer.erased":
        this.#support.publish(fact.type, { user: fact.user });
        return;
      case "credentials.revoked":
        broker.disconnectUser(fact.user, Disconnect.of("REVOKED"), fact.credentialId);
    }
  }

  #endBlocked(broker: Broker, { users, networks }: Extract<Fact, { type: "customer.blocked" }>): void {
    for (const user of users) broker.disconnectUser(user, Disconnect.of("SENDER_BLOCKED"));
    if (networks.length === 0) return;
    for (const { authentication, connection } of broker.sessions) {
      const isGuest = authentication?.principal.kind === "guest";
      if (!isGuest || !networks.includes(guestNetworkOf(connection.remoteAddress))) continue;
      broker.disconnectUser(authentication.principal.id, Disconnect.of("SENDER_BLOCKED"));
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
    waitingSince,
    audience,
  }: Extract<Fact, { type: "conversation.changed" }>): void {
    const data = {
      conversation,
      ...(by === undefined ? {} : { by }),
      afterSeq,
      ...(reason === undefined ? {} : { reason }),
    };
    this.#events.publish(audience, { type: event, at, data });
    const shown = { ...data, ...(preview === undefined ? {} : { preview }), ...waitOf(waitingSince) };
    this.#support.publish(event, shown, at);
  }

  /** While a conversation waits, the desk sees each of its messages as a preview. */
  #tellWaiting({ message, conversation, waitingSince }: Extract<Fact, { type: "message.posted" }>): void {
    if (conversation.state !== "waiting") return;
    const preview = previewOf(message.message);
    const data = { conversation, afterSeq: message.seq, preview, ...waitOf(waitingSince) };
    this.#support.publish("conversation.updated", data);
  }
}

function waitOf(since: number | undefined): { readonly waitingSince?: string } {
  return since === undefined ? {} : { waitingSince: new Date(since).toISOString() };
}
