/** Proof of delivery where nothing is ACKed: a sign of life from the peer behind what was written. */
import type { Connection } from "./connection.ts";
import type { SubscriptionSource } from "./application-destination.ts";

/** A session with unproven deliveries is pinged at once, at most this often. */
const PING_INTERVAL_MS = 1000;

type Unproven = { readonly source: SubscriptionSource; position: number };

/**
 * Pings behind the written deliveries and proves them by the pong. Where the transport has no ping, octets received
 * after the output drained are the sign.
 */
export class DeliveryProof {
  readonly #connection: Connection;
  #written: Unproven[] = [];
  /** Written before the outstanding ping, or before the output last drained. */
  #awaited: Unproven[] = [];
  #pingedAt = -Infinity;
  #pingOutstanding = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A delivery was handed to the connection. */
  written(source: SubscriptionSource, position: number): void {
    remember(this.#written, source, position);
  }

  /** Pings if something is unproven and it is time; called after each write and by the sweep. */
  seek(now: number): void {
    if (this.#written.length === 0) return;
    if (this.#connection.ping === undefined) {
      if (this.#connection.bufferedBytes === 0) this.drained();
      return;
    }
    if (this.#pingOutstanding || now - this.#pingedAt < PING_INTERVAL_MS) return;
    this.#pingedAt = now;
    this.#pingOutstanding = true;
    this.#awaited = this.#written;
    this.#written = [];
    this.#connection.ping();
  }

  /** The connection's output was taken by the peer's kernel. */
  drained(): void {
    if (this.#connection.ping !== undefined) return;
    for (const { source, position } of this.#written) remember(this.#awaited, source, position);
    this.#written = [];
  }

  /** Octets came in: on a transport without ping they prove what was drained before. */
  received(): void {
    if (this.#connection.ping === undefined) this.#prove();
  }

  ponged(): void {
    if (!this.#pingOutstanding) return;
    this.#pingOutstanding = false;
    this.#prove();
  }

  #prove(): void {
    if (this.#awaited.length === 0) return;
    const proven = this.#awaited;
    this.#awaited = [];
    for (const { source, position } of proven) source.proven?.(position);
  }
}

/** One entry a source: its positions only grow. */
function remember(unproven: Unproven[], source: SubscriptionSource, position: number): void {
  const known = unproven.find((entry) => entry.source === source);
  if (known === undefined) unproven.push({ source, position });
  else known.position = position;
}
