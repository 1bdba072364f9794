/** `/temp-queue/<name>`: queues of one session for the answers to what it sends, under addresses nobody can guess. */
import { parseDestination, TEMPORARY_QUEUES } from "../destination.ts";
import { Disconnect, Refusal } from "../errors.ts";
import { parsePrefetch } from "./prefetch.ts";
import { REPLY_ADDRESSES, requireQueueName } from "./queue-names.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Headers } from "../../stomp/headers.ts";
import type { AccessPolicy, ApplicationDestination, Reply } from "../application-destination.ts";
import type { Limits } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";

/**
 * What the receivers of a SEND are to see as `reply-to`; undefined where it passes as it came. A name of a temporary
 * queue becomes its address, and the sender is subscribed to it; the server itself, which has no session, has none.
 * Throws Refusal or Disconnect.
 */
export type ReplyTo = (session: Session | undefined, headers: Headers) => string | undefined;

export type TemporaryQueuesParts = {
  readonly access: AccessPolicy;
  readonly limits: Limits;
  readonly nextId: () => string;
  /** Subscribes to the queue at an address, which is made when it is not there; `ended` follows its last subscription. */
  readonly open: (subscription: Subscription, address: string, ended: () => void) => void;
};

export class TemporaryQueues implements ApplicationDestination {
  readonly #parts: TemporaryQueuesParts;
  /** Addresses by name: the same name is another queue in another session. */
  readonly #addresses = new WeakMap<Session, Map<string, string>>();

  constructor(parts: TemporaryQueuesParts) {
    this.#parts = parts;
  }

  readonly openSubscription = (subscription: Subscription, frame: Frame): Reply => {
    requireQueueName(subscription.destination);
    subscription.window = parsePrefetch(frame.headers, this.#parts.limits);
    this.#open(subscription);
    return {};
  };

  readonly replyTo: ReplyTo = (session, headers) => {
    const name = headers.get("reply-to");
    if (session === undefined || name?.startsWith(TEMPORARY_QUEUES) !== true) return undefined;
    try {
      return this.#addressOf(session, name) ?? this.#subscribe(session, name);
    } catch (error) {
      throw error instanceof Refusal
        ? new Refusal(error.code, error.message, { ...error.detail, field: "reply-to" })
        : error;
    }
  };

  #addressOf(session: Session, name: string): string | undefined {
    return this.#addresses.get(session)?.get(name);
  }

  /** Who asks for an answer hears it: a subscription in mode auto that has the queue's name as its id. */
  #subscribe(session: Session, name: string): string {
    requireQueueName(parseDestination(name));
    const refused = this.#parts.access.refusalOf(session.principal, "SUBSCRIBE", name);
    if (refused !== undefined) throw refused;
    if (session.subscriptions.has(name, name)) throw Disconnect.of("DUPLICATE_SUBSCRIPTION_ID");
    return this.#open(session.subscriptions.add(name, name, "auto"));
  }

  #open(subscription: Subscription): string {
    const { session, destination: name } = subscription;
    const address = this.#addressOf(session, name) ?? REPLY_ADDRESSES + this.#parts.nextId();
    const addresses = this.#addresses.get(session) ?? new Map<string, string>();
    this.#parts.open(subscription, address, () => addresses.delete(name));
    this.#addresses.set(session, addresses.set(name, address));
    return address;
  }
}
