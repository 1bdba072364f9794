/** A message of a queue, and its place there. */
import { keepBody } from "../message.ts";
import type { HeaderList } from "../../stomp/headers.ts";
import type { Body } from "../message.ts";
import type { QueueChange, StoredMessage } from "./queue-store.ts";

/** What a message costs beside its octets. */
const OVERHEAD_OCTETS = 512;

/** A message of a queue. */
export type QueuedMessage = {
  readonly id: string;
  /** The queue it is in. */
  readonly destination: string;
  readonly headers: HeaderList;
  readonly body: Body;
  /** What it counts against the bound of all queues. */
  readonly octets: number;
  /** Epoch ms after which nobody wants it. */
  readonly expiresAt: number | undefined;
  /** Whether it is stored. */
  readonly isDurable: boolean;
};

/** A message in this queue. */
export type Entry = {
  readonly place: number;
  readonly message: QueuedMessage;
  /** Deliveries so far. */
  attempts: number;
  /** Deliveries that the store knows of: it hears of each before it is made. Infinity where nothing is stored. */
  recorded: number;
  /** Waits for a transaction or the store: nothing behind it is delivered before. */
  isHeld: boolean;
};

/** What a message counts against the bound of all queues; a header's text takes two octets a character. */
export function octetsOf(headers: HeaderList, bodyOctets: number): number {
  return headers.reduce(
    (sum, [name, value]) => sum + 2 * (name.length + value.length),
    OVERHEAD_OCTETS + bodyOctets,
  );
}

/** The change that stores an entry. */
export function appending({ place, message, recorded }: Entry): QueueChange {
  const { destination, id, headers, body, expiresAt = 0 } = message;
  const octets = body.text === undefined ? new Uint8Array(body.binary) : new TextEncoder().encode(body.text);
  return {
    type: "append",
    message: { place, destination, id, headers, body: octets, expiresAt, attempts: recorded },
  };
}

export function messageFrom({ destination, id, headers, body, expiresAt }: StoredMessage): QueuedMessage {
  return {
    id,
    destination,
    headers,
    body: keepBody(body),
    octets: octetsOf(headers, body.length),
    expiresAt: expiresAt === 0 ? undefined : expiresAt,
    isDurable: true,
  };
}

export function isExpired({ expiresAt }: QueuedMessage, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
