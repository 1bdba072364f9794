/** A TCP or TLS socket as a Connection: its octets are the STOMP octet stream. */
import { takenOctets } from "./taken-octets.ts";
import type { Socket } from "node:net";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { OutboundFrame } from "../../broker/outbound-frame.ts";

/** A peer that does not take what closing writes is gone after it. */
export const CLOSE_TIMEOUT_MS = 5000;
/** Octets that a peer may send behind our end, which it may not have seen. */
const MAX_DROPPED_OCTETS = 1024 * 1024;
/** So many times it may have taken some of it meanwhile. */
const MAX_CLOSE_TIMEOUTS = 12;

export class TcpConnection implements Connection {
  readonly transport = "tcp";
  readonly carriesBinary = true;
  readonly isBrowser = false;
  readonly userAgent = undefined;
  readonly ping = undefined;
  readonly remoteAddress: string;
  readonly #socket: Socket;
  #listener: ConnectionListener | undefined;
  #taken = 0;
  #hadBuffered = false;
  #isClosing = false;
  /** Octets that came behind our end. */
  #dropped = 0;
  #terminator: NodeJS.Timeout | undefined;

  constructor(socket: Socket, remoteAddress: string) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    // Not before the handshake of TLS: a peer that ends within it would keep its socket.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
  }

  /** Hands everything read from now on to the session. */
  attach(listener: ConnectionListener): void {
    this.#listener = listener;
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => {
      if (!this.#isClosing) listener.receive(chunk);
      else if ((this.#dropped += chunk.length) > MAX_DROPPED_OCTETS) socket.destroy();
    });
    socket.once("end", () => {
      if (!this.#isClosing) listener.ended();
    });
    // What broke is told by 'close', which follows.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(this.#terminator);
      listener.closed();
    });
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get writtenBytes(): number {
    return (this.#taken = Math.max(this.#taken, takenOctets(this.#socket)));
  }

  write(frames: readonly OutboundFrame[]): void {
    if (this.#isClosing || frames.length === 0 || !this.#socket.writable) return;
    const [first] = frames;
    const octets =
      first !== undefined && frames.length === 1
        ? first.octets
        : Buffer.concat(frames.map((frame) => frame.octets));
    this.#socket.write(octets, this.#onFlushed);
    if (this.bufferedBytes > 0) this.#hadBuffered = true;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** STOMP has no close codes outside of WebSocket: the ERROR before it has told the reason. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    // What the peer still sends is read and dropped: unread octets would reset the connection under the last ERROR.
    this.#socket.resume();
    this.#socket.end();
    this.#giveUpLater(MAX_CLOSE_TIMEOUTS);
  }

  #giveUpLater(timeouts: number): void {
    const before = this.writtenBytes;
    this.#terminator = setTimeout(() => {
      if (timeouts > 1 && this.writtenBytes > before) this.#giveUpLater(timeouts - 1);
      else this.#socket.destroy();
    }, CLOSE_TIMEOUT_MS);
    this.#terminator.unref();
  }

  readonly #onFlushed = (): void => {
    if (!this.#hadBuffered || this.bufferedBytes > 0 || this.#isClosing) return;
    this.#hadBuffered = false;
    this.#listener?.drained();
  };
}
