/** A raw WebSocket as a Connection: the messages of each side, text or binary, are one STOMP octet stream. */
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { OutboundFrame } from "../../broker/outbound-frame.ts";
import type { ConnectionFacts } from "./request-facts.ts";
import type { WebSocketPipe } from "./websocket-pipe.ts";

const LF = 0x0a;
const CR = 0x0d;

export class WebSocketConnection implements Connection {
  readonly transport = "websocket";
  readonly carriesBinary = true;
  readonly remoteAddress: string;
  readonly isBrowser: boolean;
  readonly userAgent: string | undefined;
  readonly #pipe: WebSocketPipe;
  /** A client that only sends binary is one whose text messages end at a NUL (React Native; stompjs #55, #89). */
  #peerSentText = false;
  #peerSentBinary = false;

  constructor(pipe: WebSocketPipe, { remoteAddress, isBrowser, userAgent }: ConnectionFacts) {
    this.#pipe = pipe;
    this.remoteAddress = remoteAddress;
    this.isBrowser = isBrowser;
    this.userAgent = userAgent;
  }

  /** Hands everything read from now on to the session. */
  attach(listener: ConnectionListener): void {
    this.#pipe.listen({
      message: (data, isBinary) => {
        this.#rememberType(data, isBinary);
        listener.receive(data);
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

  /** One message for the whole batch, unless text and other octets alternate: each keeps its own type. */
  write(frames: readonly OutboundFrame[]): void {
    if (this.#peerSentBinary && !this.#peerSentText) {
      this.#send(frames, true);
      return;
    }
    let from = 0;
    for (let at = 1; at <= frames.length; at += 1) {
      const isBinary = frames[from]?.text === undefined;
      if (at < frames.length && (frames[at]?.text === undefined) === isBinary) continue;
      this.#send(from === 0 && at === frames.length ? frames : frames.slice(from, at), isBinary);
      from = at;
    }
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
    this.#pipe.close(code, reason);
  }

  #send(frames: readonly OutboundFrame[], isBinary: boolean): void {
    const [first, ...others] = frames;
    if (first === undefined) return;
    if (others.length === 0) this.#pipe.send(first.octets, isBinary);
    else if (isBinary) this.#pipe.send(Buffer.concat(frames.map((frame) => frame.octets)), true);
    else this.#pipe.send(frames.map((frame) => frame.text).join(""), false);
  }

  #rememberType(data: Buffer, isBinary: boolean): void {
    if (isBinary) this.#peerSentBinary = true;
    // stompjs sends its heart-beat as text even where it is told to send frames as binary.
    else this.#peerSentText ||= data.some((octet) => octet !== LF && octet !== CR);
  }
}
