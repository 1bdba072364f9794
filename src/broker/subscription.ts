/** One subscription of a session: composes MESSAGE heads, tracks what is un-ACKed. */
import { Disconnect } from "./errors.ts";
import type { SubscriptionSource } from "./application-destination.ts";
import type { Message, Recipient } from "./message.ts";
import type { Session } from "./session.ts";

export type AckMode = "auto" | "client" | "client-individual";

export class Subscription {
  readonly session: Session;
  /** Undefined for a STOMP 1.0 subscription without id. */
  readonly id: string | undefined;
  readonly destination: string;
  readonly ackMode: AckMode;
  source: SubscriptionSource | undefined;
  /** Un-ACKed messages before delivery pauses. */
  window: number;
  #closed = false;
  /** Counts the session's subscriptions: makes ACK ids unique in the session. */
  readonly #serial: number;
  /** Positions of un-ACKed deliveries by message-id, in delivery order. */
  readonly #unacked = new Map<string, number>();

  constructor(
    session: Session,
    options: { id: string | undefined; destination: string; ackMode: AckMode; serial: number },
  ) {
    this.session = session;
    this.id = options.id;
    this.destination = options.destination;
    this.ackMode = options.ackMode;
    this.#serial = options.serial;
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

  /** Queues a MESSAGE that needs no proof. */
  send(message: Message): void {
    this.session.outbox.push(message.frameFor(this.#recipient(undefined)));
  }

  /** Queues a MESSAGE and tells the source when it was written, and when the client proved or ACKed it. */
  deliver(message: Message, position: number): void {
    const { session, source } = this;
    if (source === undefined) return;
    if (this.ackMode === "auto") {
      session.outbox.push(message.frameFor(this.#recipient(undefined)), {
        written: () => {
          source.written?.(position);
          if (source.proven !== undefined) session.proof.written(source, position);
        },
      });
      return;
    }
    this.#unacked.set(message.messageId, position);
    session.outbox.push(message.frameFor(this.#recipient(`${this.#serial}.${message.messageId}`)));
  }

  /** Whether an ACK id of STOMP 1.2 belongs here; gives the message-id it names. */
  messageIdOf(ack: string): string | undefined {
    const prefix = `${this.#serial}.`;
    return ack.startsWith(prefix) ? ack.slice(prefix.length) : undefined;
  }

  hasUnacked(messageId: string): boolean {
    return this.#unacked.has(messageId);
  }

  /** ACK of one delivery, in `client` mode of all before it too (STOMP 1.2, SUBSCRIBE ack Header). */
  acknowledge(messageId: string): void {
    const settled = this.#settle(messageId);
    this.source?.acknowledged?.(settled);
    this.source?.resume?.();
  }

  /** Whether deliveries can be handed back. */
  get takesNack(): boolean {
    return this.source?.rejected !== undefined;
  }

  /** NACK of the same deliveries that an ACK would settle. */
  reject(messageId: string, requeue: boolean): void {
    const settled = this.#settle(messageId);
    this.source?.rejected?.(settled, requeue);
    this.source?.resume?.();
  }

  #settle(messageId: string): readonly number[] {
    const position = this.#unacked.get(messageId);
    if (position === undefined) throw Disconnect.of("UNKNOWN_ACK");
    if (this.ackMode === "client-individual") {
      this.#unacked.delete(messageId);
      return [position];
    }
    const settled: number[] = [];
    for (const [id, earlier] of this.#unacked) {
      settled.push(earlier);
      this.#unacked.delete(id);
      if (id === messageId) break;
    }
    return settled;
  }

  #recipient(ack: string | undefined): Recipient {
    const { version, connection } = this.session;
    const { destination, id: subscription } = this;
    return { version, destination, subscription, ack, carriesBinary: connection.carriesBinary };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unacked.clear();
    this.source?.close();
  }
}
