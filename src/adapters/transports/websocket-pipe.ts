/** One WebSocket of `ws` as a pipe with counted output, answered pings and a close that always ends. */
import { takenOctets } from "./taken-octets.ts";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** RFC 6455, 7.1.5: the connection was closed without a Close of the peer. */
const NO_CLOSE = 1006;

/** A peer that does not answer Close, or does not take what was written before it, is cut off after this. */
export const CLOSE_TIMEOUT_MS = 5000;

/** Octets that a peer may send behind our Close, which it may not have seen. */
const MAX_DROPPED_OCTETS = 64 * 1024;

/** RFC 6455, 5.5: a control frame carries 125 octets, two of them the code. */
const MAX_REASON_OCTETS = 123;

const AS_TEXT = { binary: false };
const AS_BINARY = { binary: true };

export type PipeListener = {
  message(data: Buffer, isBinary: boolean): void;
  ponged(): void;
  drained(): void;
  /** The peer said Close; `closed` follows at once. */
  ended(): void;
  /** Called once; nothing follows. */
  closed(): void;
};

export class WebSocketPipe {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #listener: PipeListener | undefined;
  #taken = 0;
  #hadBuffered = false;
  #closing = false;
  #terminator: NodeJS.Timeout | undefined;
  #pingsSent = 0;
  #pingsAnswered = 0;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
    // Too long, bad UTF-8, bad framing: `ws` itself answers with the close code, and 'close' follows.
    ws.on("error", () => undefined);
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (!this.#closing && data.length > 0) this.#listener?.message(data, isBinary);
    });
    ws.on("pong", (payload: Buffer) => {
      this.#pong(payload);
    });
    ws.once("close", (code: number) => {
      clearTimeout(this.#terminator);
      this.#closing = true;
      // `ws` answers Close before anybody hears of it: what came before it can be carried out, but not answered.
      if (code !== NO_CLOSE) this.#listener?.ended();
      this.#listener?.closed();
    });
  }

  /** Says who hears of this pipe; call it in the turn that made it. */
  listen(listener: PipeListener): void {
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return !this.#closing && this.#ws.readyState === this.#ws.OPEN;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  /** Octets the kernel has taken, our framing included. */
  get writtenBytes(): number {
    return (this.#taken = Math.max(this.#taken, takenOctets(this.#socket)));
  }

  /** Sends one message. */
  send(data: string | Uint8Array, isBinary: boolean): void {
    if (!this.isOpen) return;
    this.#ws.send(data, isBinary ? AS_BINARY : AS_TEXT, this.#onFlushed);
    if (this.#ws.bufferedAmount > 0) this.#hadBuffered = true;
  }

  ping(): void {
    if (!this.isOpen) return;
    this.#pingsSent += 1;
    this.#ws.ping(String(this.#pingsSent));
  }

  pause(): void {
    if (this.isOpen) this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#ws.close(code, cutReason(reason));
    // The peer's Close has to be read. What else it sends is dropped, as long as it is not a flood.
    this.#ws.resume();
    let dropped = 0;
    this.#socket.on("data", (chunk: Buffer) => {
      dropped += chunk.length;
      if (dropped > MAX_DROPPED_OCTETS) this.terminate();
    });
    // `ws` has such a timer too, but none for a peer that had already sent its FIN.
    this.#terminator = setTimeout(() => {
      this.terminate();
    }, CLOSE_TIMEOUT_MS);
    this.#terminator.unref();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** One function for all writes: nearly every write finds nothing to tell. */
  readonly #onFlushed = (): void => {
    if (!this.#hadBuffered || this.#ws.bufferedAmount > 0 || !this.isOpen) return;
    this.#hadBuffered = false;
    this.#listener?.drained();
  };

  /** RFC 6455, 5.5.3: a peer may answer only the last of several pings, and may send pongs nobody asked for. */
  #pong(payload: Buffer): void {
    const answered = Number(payload.toString("latin1"));
    if (!Number.isInteger(answered) || answered > this.#pingsSent) return;
    for (; this.#pingsAnswered < answered; this.#pingsAnswered += 1) this.#listener?.ponged();
  }
}

/** As many whole characters as a Close frame holds: half of one is a protocol error to the peer. */
function cutReason(reason: string): Buffer {
  const octets = Buffer.alloc(MAX_REASON_OCTETS);
  const { written } = new TextEncoder().encodeInto(reason, octets);
  return octets.subarray(0, written);
}
