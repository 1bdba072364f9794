/** One subscription of a session: composes MESSAGE heads, tracks what is un-ACKed. */
import { Disconnect } from "./errors.ts";
import type { SubscriptionSource } from "./application-destination.ts";
import type { Message } from "./message.ts";
import type { Session } from "./session.ts";

export type AckMode = "auto" | "client" | "client-individual";

export class Subscription {
  readonly session: Session;
  /** Undefined for a STOMP 1.0 subscription without id. */
  readonly id: string | undefined;
  readonly destination: string;
  readonly ackMode: AckMode;
  source: SubscriptionSource | undefined;
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
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Room in the session's outbox and in the window of un-ACKed messages. */
  get hasRoom(): boolean {
    return this.session.outbox.hasRoom && this.#unacked.size < this.session.limits.maxUnacked;
  }

  /** Queues a MESSAGE that needs no proof. */
  send(message: Message): void {
    const frame = message.frameFor(this.session.version, this.destination, this.id, undefined);
    this.session.outbox.push(frame);
  }

  /** Queues a MESSAGE and tells the source when the client proved or ACKed it. */
  deliver(message: Message, position: number): void {
    const { session, source } = this;
    if (source === undefined) return;
    if (this.ackMode === "auto") {
      const frame = message.frameFor(session.version, this.destination, this.id, undefined);
      session.outbox.push(frame, {
        written: () => {
          session.proof.written(source, position);
        },
      });
      return;
    }
    this.#unacked.set(message.messageId, position);
    const ack = `${this.#serial}.${message.messageId}`;
    session.outbox.push(message.frameFor(session.version, this.destination, this.id, ack));
  }

  /** Whether an ACK id of STOMP 1.2 belongs here; gives the message-id it names. */
  messageIdOf(ack: string): string | undefined {
    const prefix = `${this.#serial}.`;
    return ack.startsWith(prefix) ? ack.slice(prefix.length) : undefined;
  }

  hasUnacked(messageId: string): boolean {
    return this.#unacked.has(messageId);
  }

  /** Settles one delivery, in `client` mode all before it too (STOMP 1.2, SUBSCRIBE ack Header). */
  acknowledge(messageId: string): void {
    const position = this.#unacked.get(messageId);
    if (position === undefined) throw Disconnect.of("UNKNOWN_ACK");
    const settled: number[] = [];
    if (this.ackMode === "client") {
      for (const [id, earlier] of this.#unacked) {
        settled.push(earlier);
        this.#unacked.delete(id);
        if (id === messageId) break;
      }
    } else {
      settled.push(position);
      this.#unacked.delete(messageId);
    }
    this.source?.acknowledged?.(settled);
    this.source?.resume?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unacked.clear();
    this.source?.close();
  }
}
