/** A session's bounded output: frames queue here and leave as one batch per event-loop turn. */
import type { Connection } from "./connection.ts";
import type { Flusher } from "./flusher.ts";
import type { Limits } from "./limits.ts";
import type { OutboundFrame } from "./outbound-frame.ts";

/** Below this a source may write on; above it the socket gets no more until it drained. */
const ROOM_OCTETS = 64 * 1024;

/** A delivery that wants to know that its octets were handed to the connection. */
export type Delivery = { written(): void };

export type OutboxListener = {
  /** A batch was handed to the connection. */
  wrote(deliveries: readonly Delivery[]): void;
  /** A batch that left no room, or the peer behind, was taken by its kernel at once: there is room again. */
  cleared(): void;
  /** More is queued than the bound allows. */
  overflowed(): void;
};

export class Outbox {
  readonly #connection: Connection;
  readonly #flusher: Flusher;
  readonly #limits: Limits;
  readonly #listener: OutboxListener;
  #frames: OutboundFrame[] = [];
  #deliveries: Delivery[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #closed = false;

  constructor(connection: Connection, flusher: Flusher, limits: Limits, listener: OutboxListener) {
    this.#connection = connection;
    this.#flusher = flusher;
    this.#limits = limits;
    this.#listener = listener;
  }

  /** Octets queued here and in the connection that the peer's kernel has not taken; 0 once closed. */
  get pendingBytes(): number {
    return this.#closed ? 0 : this.#queuedBytes + this.#connection.bufferedBytes;
  }

  get hasRoom(): boolean {
    return !this.#closed && this.pendingBytes < ROOM_OCTETS;
  }

  /** So far behind that a snapshot is better than the backlog. */
  get isBehind(): boolean {
    return this.pendingBytes > this.#limits.maxFeedBytes;
  }

  /** Queues a frame for this turn's batch. */
  push(frame: OutboundFrame, delivery?: Delivery): void {
    if (this.#closed) return;
    this.#frames.push(frame);
    if (delivery !== undefined) this.#deliveries.push(delivery);
    this.#queuedBytes += frame.byteLength;
    if (this.pendingBytes > this.#limits.maxOutboxBytes) {
      this.#listener.overflowed();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#flusher.schedule(this);
  }

  /** Writes what is queued, unless the connection still has enough to write; `drained()` comes back to it. */
  flush(): void {
    this.#scheduled = false;
    if (this.#frames.length === 0 || this.#connection.bufferedBytes >= ROOM_OCTETS) return;
    this.#write();
  }

  /** Writes everything at once, room or not: the connection is about to close. */
  flushAll(): void {
    if (this.#frames.length > 0) this.#write();
  }

  /** Drops everything queued. */
  clear(): void {
    this.#frames = [];
    this.#deliveries = [];
    this.#queuedBytes = 0;
  }

  /** Takes nothing more. */
  close(): void {
    this.#closed = true;
  }

  #write(): void {
    const frames = this.#frames;
    const deliveries = this.#deliveries;
    const wasFull = !this.hasRoom || this.isBehind;
    this.clear();
    this.#connection.write(frames);
    this.#listener.wrote(deliveries);
    if (wasFull && this.hasRoom) this.#listener.cleared();
  }
}
