/** What a WebSocket may send before its session is open: the library holds it, and the session sees none of it. */
import type { Duplex } from "node:stream";
import type { ConnectionListener } from "../../broker/connection.ts";

/** A chunk that is held costs more than its octets. */
const CHUNK_OCTETS = 32;

/**
 * Counts what the socket reads until the session is open. Beyond `maxOctets` without a CONNECT the session fails with
 * FRAME_TOO_LARGE; whoever goes on sending as much while it ends is `cut`. Call it behind whatever reads the socket.
 */
export function watchStranger(
  socket: Duplex,
  listener: ConnectionListener,
  maxOctets: number,
  cut: () => void,
): void {
  let octets = 0;
  let wasTold = false;
  const count = (chunk: Buffer): void => {
    const { state } = listener;
    if (state === "open") socket.off("data", count);
    // Behind a CONNECT more may follow at once: it is not read on meanwhile.
    if (state === "open" || state === "authenticating") return;
    octets += chunk.length + CHUNK_OCTETS;
    if (octets <= maxOctets) return;
    if (wasTold) {
      cut();
      return;
    }
    wasTold = true;
    octets = 0;
    listener.fail("FRAME_TOO_LARGE", `at most ${maxOctets} octets before CONNECT`);
  };
  socket.on("data", count);
}
