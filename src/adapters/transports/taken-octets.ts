/** How many octets of a socket the kernel has really taken. */
import type { Duplex } from "node:stream";

/** Both figures move while a long write is under way; Node uses them for its own socket timeout. */
type Handle = {
  readonly bytesWritten?: unknown;
  readonly writeQueueSize?: unknown;
  readonly _parent?: Handle;
};

type Counted = Duplex & { readonly _handle?: Handle | null; readonly bytesWritten?: number };

/**
 * A count that grows with each octet the kernel takes. `socket.bytesWritten` alone does not: it counts what was handed
 * over, so it jumps at a write and stands still while the peer takes a long batch slowly.
 */
export function takenOctets(socket: Duplex): number {
  const { _handle: handle, bytesWritten = 0, writableLength } = socket as Counted;
  // TLS counts a write when all of it is gone; the TCP handle below it sees the pieces.
  const { bytesWritten: dispatched, writeQueueSize: queued } = handle?._parent ?? handle ?? {};
  if (typeof dispatched === "number" && typeof queued === "number") return dispatched - queued;
  return bytesWritten - writableLength;
}
