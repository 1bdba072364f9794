/** The in-process STOMP broker: opens sessions, knows who is connected, ends everybody. */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { setImmediate, setTimeout } from "node:timers/promises";
import { Disconnect, refusal } from "./errors.ts";
import { isGuarded, parseDestination, QUEUES, TEMPORARY_QUEUES, TOPICS } from "./destination.ts";
import { Flusher } from "./flusher.ts";
import { DroppedDeadLetters } from "./general/dropped-dead-letters.ts";
import { Queues } from "./general/queues.ts";
import { TemporaryQueues } from "./general/temporary-queues.ts";
import { Topics } from "./general/topics.ts";
import { Admission } from "./admission.ts";
import { Pace } from "./pace.ts";
import { Session } from "./session.ts";
import { Stats } from "./stats.ts";
import { Sweep, sweepInterval } from "./sweep.ts";
import type { Frame } from "../stomp/frame.ts";
import type { AccessPolicy, ApplicationDestination, DurableOperation } from "./application-destination.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Connection, ConnectionListener } from "./connection.ts";
import type { AnsweredFrame } from "./error-frames.ts";
import type { QueueStore } from "./general/queue-store.ts";
import type { Overflow } from "./general/topics.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Principal } from "./principal.ts";
import type { Rates } from "./rates.ts";

export type BrokerOptions = {
  readonly limits: Limits;
  readonly authenticator: Authenticator;
  readonly access: AccessPolicy;
  /** Destinations of the floor above, matched exactly. */
  readonly destinations: ReadonlyMap<string, ApplicationDestination>;
  /** Makes the durable parts of a session's transaction durable together; rejects with Refusal, and then none is. */
  readonly commit: (operations: readonly DurableOperation[], session: Session) => Promise<unknown>;
  /** Keeps messages of queues; without it none is durable. */
  readonly queueStore?: QueueStore;
  readonly log: Log;
  /** Without them there are none. */
  readonly rates?: Rates;
  /** Whether many people may come from an address: then it is not closed out for one of them. Default: none. */
  readonly isShared?: (address: string) => boolean;
  /** What happens to a subscriber of a topic who does not keep up; default close. */
  readonly topicOverflow?: (destination: string) => Overflow;
  /** CONNECTED's `server`: name/version. */
  readonly serverName: string;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** Epoch milliseconds. */
  readonly wallClock?: () => number;
  /** Epoch ms by which credentials age; default: the wall clock. */
  readonly ageClock?: () => number;
};

export type BrokerEvents = {
  /** After CONNECTED was queued. */
  connected: [session: Session];
  /** Once for each session that was connected. */
  disconnected: [session: Session];
  /** A frame was answered with a refusal or ended its session, with this code; read or not, whole or not. */
  refused: [session: Session, about: AnsweredFrame, code: string];
};

export class Broker {
  readonly limits: Limits;
  readonly authenticator: Authenticator;
  readonly access: AccessPolicy;
  readonly destinations: ReadonlyMap<string, ApplicationDestination>;
  readonly commit: BrokerOptions["commit"];
  readonly rates: Rates | undefined;
  /** Asked by the transports before they open a connection. */
  readonly admission: Admission;
  readonly log: Log;
  readonly serverName: string;
  readonly now: () => number;
  readonly flusher = new Flusher();
  readonly stats = new Stats();
  readonly events = new EventEmitter<BrokerEvents>();
  readonly topics: Topics;
  readonly queues: Queues;
  readonly temporaryQueues: TemporaryQueues;
  readonly #wallClock: () => number;
  readonly #ageClock: () => number;
  readonly #sessions = new Set<Session>();
  /** Connected sessions by the principal's id. */
  readonly #byUser = new Map<string, Set<Session>>();
  readonly #sweep: Sweep;
  readonly #timer: NodeJS.Timeout;
  #draining = false;

  constructor(options: BrokerOptions) {
    this.limits = options.limits;
    this.authenticator = options.authenticator;
    this.access = options.access;
    this.destinations = options.destinations;
    this.commit = options.commit;
    this.rates = options.rates;
    this.admission = new Admission(options.limits, options.rates, options.isShared);
    this.log = options.log;
    this.serverName = options.serverName;
    this.now = options.now ?? (() => performance.now());
    this.#wallClock = options.wallClock ?? Date.now;
    this.#ageClock = options.ageClock ?? this.#wallClock;
    this.#sweep = new Sweep(this.limits);
    const nextId = (): string => this.nextId();
    this.temporaryQueues = new TemporaryQueues({
      access: this.access,
      limits: this.limits,
      nextId,
      open: (...temporary) => {
        this.queues.openTemporary(...temporary);
      },
    });
    const { replyTo } = this.temporaryQueues;
    this.topics = new Topics({
      limits: this.limits,
      nextId,
      replyTo,
      overflow: options.topicOverflow ?? (() => "close"),
    });
    this.queues = new Queues({
      limits: this.limits,
      nextId,
      now: this.#wallClock,
      replyTo,
      store: options.queueStore,
      dropped: new DroppedDeadLetters(this.stats, this.log, this.now),
    });
    this.#timer = setInterval(() => {
      this.sweep();
    }, sweepInterval(this.limits));
    this.#timer.unref();
  }

  /** Sessions that are not over, connected or not. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Opens the session of a new connection, which hands it what it reads. */
  open(connection: Connection): ConnectionListener {
    this.stats.connectionsOpened += 1;
    this.admission.opened(connection.remoteAddress);
    const session = new Session(this, connection, this.nextId());
    this.#sessions.add(session);
    if (this.#draining) session.drain();
    return session;
  }

  /** Who serves a destination: the floor above by its exact name, else the topics or queues it is one of. */
  ownerOf(destination: string): ApplicationDestination | undefined {
    const owner = this.destinations.get(destination);
    if (owner !== undefined) return owner;
    if (destination.startsWith(TOPICS)) return this.topics;
    if (destination.startsWith(TEMPORARY_QUEUES)) return this.temporaryQueues;
    return destination.startsWith(QUEUES) ? this.queues : undefined;
  }

  /**
   * A SEND to a general destination by the server's own program. Resolves when a client would get its RECEIPT; rejects
   * with the Refusal the client would get.
   */
  async publish(program: Principal, send: Frame): Promise<void> {
    if (this.#draining) throw refusal("RETRY_LATER");
    const name = parseDestination(send.headers.get("destination"));
    const owner = name.startsWith(TOPICS) ? this.topics : name.startsWith(QUEUES) ? this.queues : undefined;
    if (owner === undefined) throw refusal(isGuarded(name) ? "FORBIDDEN_DESTINATION" : "UNKNOWN_DESTINATION");
    const refused = this.access.refusalOf(program, "SEND", name);
    if (refused !== undefined) throw refused;
    await owner.handleSend(undefined, send);
  }

  sessionsOf(userId: string): readonly Session[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /** Ends the sessions of a user with a typed reason: all of them, or those that came with one credential. */
  disconnectUser(userId: string, reason: Disconnect, credentialId?: string): void {
    const revocation = { userId, reason, ...(credentialId === undefined ? {} : { credentialId }) };
    for (const session of this.sessionsOf(userId)) session.revoke(revocation);
    for (const session of this.#sessions) if (session.state === "authenticating") session.revoke(revocation);
  }

  /** How fast a session of this principal may send: services are programs of the operator's, and have no rate. */
  paceOf({ kind }: Principal): Pace | undefined {
    return this.rates === undefined || kind === "service" ? undefined : new Pace(this.limits, kind, this.now);
  }

  /** A random id of 128 bits. */
  nextId(): string {
    return randomBytes(16).toString("base64url");
  }

  /** Looks at every deadline of every session. The timer calls it; tests with a clock of their own may too. */
  sweep(): void {
    const now = this.now();
    const epoch = this.#ageClock();
    for (const session of this.#sessions) this.#sweep.visit(session, now, epoch);
    this.queues.sweep();
  }

  /**
   * Serves on for `readMs`, so that what is on its way arrives; answers every frame received, ends every session with
   * SHUTTING_DOWN. Resolves when all are gone or `ms` after that. New sessions are told so at once.
   */
  async drain(ms: number, readMs = 0): Promise<void> {
    this.#draining = true;
    await setTimeout(readMs);
    // What the kernel had for us by now is read within the next turn of the event loop, this one being half over.
    await setImmediate();
    await setImmediate();
    for (const session of this.#sessions) session.drain();
    const deadline = performance.now() + ms;
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await setTimeout(20);
    }
    for (const session of this.#sessions) session.disconnect(Disconnect.of("SHUTTING_DOWN"));
  }

  /** Stops the shared timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** A session of this broker is connected. Sessions call it. */
  connected(session: Session): void {
    const { id } = session.principal;
    const sessions = this.#byUser.get(id);
    if (sessions === undefined) this.#byUser.set(id, new Set([session]));
    else sessions.add(session);
    this.events.emit("connected", session);
  }

  /** A session of this broker is over. Sessions call it; only the first call counts. */
  forget(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.admission.closed(session.connection.remoteAddress);
    if (session.authentication === undefined) return;
    const { id } = session.principal;
    const sessions = this.#byUser.get(id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#byUser.delete(id);
    this.events.emit("disconnected", session);
  }
}
