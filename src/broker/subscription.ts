/** One subscription of a session: composes MESSAGE heads, tracks what is un-ACKed. */
import type { Prepared, Settlement, SubscriptionSource } from "./application-destination.ts";
import type { Message, Recipient } from "./message.ts";
import type { Session } from "./session.ts";

export type AckMode = "auto" | "client" | "client-individual";

/** Feeds a subscription that is sent to from outside alone. */
const NO_SOURCE: SubscriptionSource = { close: () => undefined };

/** A delivery that waits for its ACK. */
export type Unacked = {
  /** What ACK and NACK call it: the `ack` of its MESSAGE, before 1.2 the message-id. */
  readonly name: string;
  readonly position: number;
  /** Who is about to settle it. */
  settledBy: object | undefined;
};

export class Subscription {
  readonly session: Session;
  /** Undefined for a STOMP 1.0 subscription without id. */
  readonly id: string | undefined;
  readonly destination: string;
  readonly ackMode: AckMode;
  source = NO_SOURCE;
  /** Un-ACKed messages before delivery pauses. */
  window: number;
  #closed = false;
  readonly #nextAck: () => string;
  /** By their names, in delivery order. */
  readonly #unacked = new Map<string, Unacked>();

  /** `nextAck` makes the `ack` of a MESSAGE. */
  constructor(
    session: Session,
    options: { id: string | undefined; destination: string; ackMode: AckMode; nextAck: () => string },
  ) {
    this.session = session;
    this.id = options.id;
    this.destination = options.destination;
    this.ackMode = options.ackMode;
    this.#nextAck = options.nextAck;
    this.window = session.limits.maxUnacked;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Room in the session's outbox and in the window of un-ACKed messages. */
  get hasRoom(): boolean {
    return this.session.outbox.hasRoom && !this.isWindowFull;
  }

  get isWindowFull(): boolean {
    return this.#unacked.size >= this.window;
  }

  /** How many deliveries there is room for, as far as it can be known before their octets are. */
  get room(): number {
    return this.#closed || !this.session.outbox.hasRoom ? 0 : Math.max(0, this.window - this.#unacked.size);
  }

  /** Queues a MESSAGE that needs no proof. */
  send(message: Message): void {
    this.session.outbox.push(message.frameFor(this.#recipient(undefined)));
  }

  /** Queues a MESSAGE and tells the source when it was written, and when the client proved or ACKed it. */
  deliver(message: Message, position: number): void {
    const { session, source } = this;
    if (this.ackMode === "auto") {
      session.outbox.push(message.frameFor(this.#recipient(undefined)), {
        written: () => {
          source.written?.(position);
          if (source.proven !== undefined) session.proof.written(source, position);
        },
      });
      return;
    }
    const ack = this.#nextAck();
    const name = session.version === "1.2" ? ack : message.messageId;
    this.#unacked.set(name, { name, position, settledBy: undefined });
    session.outbox.push(message.frameFor(this.#recipient(ack)));
  }

  /** The delivery of this name, if nobody is about to settle it. */
  unackedOf(name: string): Unacked | undefined {
    const unacked = this.#unacked.get(name);
    return unacked?.settledBy === undefined ? unacked : undefined;
  }

  /** Whether deliveries can be handed back. */
  get takesNack(): boolean {
    return this.source.takesNack === true;
  }

  /**
   * What an ACK or NACK of a delivery that waits for one will do: in `client` mode of all before it too (STOMP 1.2,
   * SUBSCRIBE ack Header).
   */
  settle(named: Unacked, settlement: Settlement, by: object): Prepared {
    const settled = this.#coveredBy(named);
    for (const unacked of settled) unacked.settledBy = by;
    const positions = settled.map(({ position }) => position);
    const { operation, apply, cancel } = this.source.settle?.(positions, settlement) ?? {};
    return {
      ...(operation === undefined ? {} : { operation }),
      apply: () => {
        for (const { name } of settled) this.#unacked.delete(name);
        apply?.();
        this.source.resume?.();
      },
      cancel: () => {
        for (const unacked of settled) unacked.settledBy = undefined;
        cancel?.();
      },
    };
  }

  #coveredBy(named: Unacked): readonly Unacked[] {
    if (this.ackMode === "client-individual") return [named];
    const covered: Unacked[] = [];
    for (const unacked of this.#unacked.values()) {
      if (unacked.settledBy === undefined) covered.push(unacked);
      if (unacked === named) break;
    }
    return covered;
  }

  #recipient(ack: string | undefined): Recipient {
    const { version, connection } = this.session;
    const { destination, id: subscription } = this;
    return { version, destination, subscription, ack, carriesBinary: connection.carriesBinary };
  }

  close(): void {
    this.#closed = true;
    this.#unacked.clear();
    this.source.close();
  }
}
