/** The port a transport implements: an open pipe that carries one STOMP octet stream each way. */
import type { OutboundFrame } from "./outbound-frame.ts";

export type TransportName =
  "websocket" | "sockjs-websocket" | "xhr-streaming" | "xhr-polling" | "eventsource" | "tcp" | "memory";

/** `opening`: no CONNECT yet. `ending`: no frame takes effect any more. */
export type SessionState = "opening" | "authenticating" | "open" | "ending" | "closed";

/**
 * What the broker needs of a pipe. It writes and closes; reading is the transport's, which hands what it read
 * to the session it got from `Broker.open(connection)`, in order, and calls back as `ConnectionListener` says.
 */
export interface Connection {
  readonly transport: TransportName;
  /** The peer's address after TRUST_PROXY was applied. For limits and logs, never for trust. */
  readonly remoteAddress: string;
  /** What the peer's requests call it, at most 256 characters; undefined where they do not. For show, never for trust. */
  readonly userAgent: string | undefined;
  /** False where nothing but text can be written: frames with other octets must not come. */
  readonly carriesBinary: boolean;
  /** A request of it carried Origin or Sec-Fetch-Site: its background tabs wake once a minute. */
  readonly isBrowser: boolean;
  /** Octets given to `write` that the peer's kernel has not taken yet; `drained()` follows when they are gone. */
  readonly bufferedBytes: number;
  /** A growing count of octets that left this process: it stands still while the peer takes nothing. */
  readonly writtenBytes: number;
  /** Writes the frames in order as one batch: one system call where the transport can. Ignored once closed. */
  write(frames: readonly OutboundFrame[]): void;
  /** Asks the peer for a sign of life behind all that was written; undefined where the transport has no ping. */
  readonly ping: (() => void) | undefined;
  /** Stops reading from the peer until `resume()`; what was read before may still arrive. */
  pause(): void;
  resume(): void;
  /** Flushes what was written, then closes with a WebSocket close code; gives up on a silent peer after 5 s. */
  close(code: number, reason: string): void;
}

/** What a transport tells the session of its connection; the session implements it. */
export interface ConnectionListener {
  /** Until it is `open` the peer is nobody: its transport holds little of what it has not finished. */
  readonly state: SessionState;
  /** STOMP heart-beats towards the peer were agreed: a WebSocket of ours needs none of SockJS's. */
  readonly sendsHeartbeats: boolean;
  /** Octets of the STOMP stream, cut anywhere. Kept by reference: the transport must not reuse the memory. */
  receive(chunk: Uint8Array): void;
  /** The oldest unanswered `ping()` was answered. */
  ponged(): void;
  /** `bufferedBytes` fell to 0 after it was not. */
  drained(): void;
  /** The peer broke the transport's own framing: the session answers ERROR with this code and closes. */
  fail(code: "BAD_FRAME" | "BAD_UTF8" | "FRAME_TOO_LARGE", reason: string): void;
  /**
   * The peer said in order that nothing more comes. What it sent before is carried out and answered, then the session
   * closes the connection; where nothing can be written any more, `closed()` follows at once. Called once at most.
   */
  ended(): void;
  /** The pipe is gone, whoever closed it. Called once; nothing follows. */
  closed(): void;
}
