/** A WebSocket that speaks SockJS framing, as a Connection. */
import { encodeBatch, encodeClose, parsePayload } from "./sockjs-framing.ts";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { OutboundFrame } from "../../broker/outbound-frame.ts";
import type { ConnectionFacts } from "./request-facts.ts";
import type { WebSocketPipe } from "./websocket-pipe.ts";

export class SockjsWebSocketConnection implements Connection {
  readonly transport = "sockjs-websocket";
  readonly carriesBinary = false;
  readonly remoteAddress: string;
  readonly isBrowser: boolean;
  readonly userAgent: string | undefined;
  readonly #pipe: WebSocketPipe;
  #listener: ConnectionListener | undefined;

  /** Says `o` at once. */
  constructor(pipe: WebSocketPipe, { remoteAddress, isBrowser, userAgent }: ConnectionFacts) {
    this.#pipe = pipe;
    this.remoteAddress = remoteAddress;
    this.isBrowser = isBrowser;
    this.userAgent = userAgent;
    pipe.send("o", false);
  }

  /** Hands everything read from now on to the session. */
  attach(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#pipe.listen({
      message: (data) => {
        this.#receive(data, listener);
      },
      ponged: () => {
        listener.ponged();
      },
      drained: () => {
        listener.drained();
      },
      ended: () => {
        listener.ended();
      },
      closed: () => {
        listener.closed();
      },
    });
  }

  get bufferedBytes(): number {
    return this.#pipe.bufferedBytes;
  }

  get writtenBytes(): number {
    return this.#pipe.writtenBytes;
  }

  write(frames: readonly OutboundFrame[]): void {
    if (frames.length === 0) return;
    const batch = encodeBatch(frames);
    // Does not happen on chat destinations, and the broker sends others in base64 (CONTRACT 4).
    if (batch === undefined) this.close(1011, "a frame is not text");
    else this.#pipe.send(batch, false);
  }

  ping = (): void => {
    this.#pipe.ping();
  };

  pause(): void {
    this.#pipe.pause();
  }

  resume(): void {
    this.#pipe.resume();
  }

  close(code: number, reason: string): void {
    this.#pipe.send(encodeClose(code, reason), false);
    this.#pipe.close(code, reason);
  }

  /** Proxies close idle sockets; one with STOMP's own heart-beats, or with output to write, is not idle. */
  sendHeartbeat(): void {
    if (this.#listener?.sendsHeartbeats === true || this.#pipe.bufferedBytes > 0) return;
    this.#pipe.send("h", false);
  }

  #receive(data: Buffer, listener: ConnectionListener): void {
    const payload = parsePayload(data, "array or string");
    switch (payload.kind) {
      case "octets":
        if (payload.octets.length > 0) listener.receive(payload.octets);
        return;
      case "empty":
        return;
      case "brokenJson":
        // sockjs-protocol, test_broken_json: no close frame, the connection ends.
        this.#pipe.close(1002, "Broken framing.");
        return;
      case "notStrings":
        listener.fail("BAD_FRAME", "SockJS messages are strings");
        return;
      case "badUtf8":
        listener.fail("BAD_UTF8", "a SockJS message is not well-formed Unicode");
    }
  }
}
