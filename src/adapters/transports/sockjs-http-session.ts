/** A SockJS session over HTTP as a Connection: output on responses that come and go, input by xhr_send. */
import { TrackedResponses } from "./tracked-responses.ts";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { OutboundFrame } from "../../broker/outbound-frame.ts";
import type { ConnectionFacts } from "./request-facts.ts";
import type { LibrarySession } from "./sockjs-library.ts";

/** A peer that fetches neither the last output nor the close frame is given up after this. */
const CLOSE_TIMEOUT_MS = 5000;
/** A client sends one xhr_send after the other; more at once is not one. */
const MAX_SENDS = 8;
/** Before CONNECTED. */
const MAX_OPENING_SENDS = 1;

export type HttpTransport = "xhr-polling" | "xhr-streaming" | "eventsource";

type HeldSend = { readonly octets: Buffer; readonly answer: () => void };

export class SockjsHttpSession implements Connection {
  readonly transport: HttpTransport;
  readonly carriesBinary = false;
  readonly remoteAddress: string;
  readonly userAgent: string | undefined;
  readonly ping = undefined;
  /** What the library calls it. */
  readonly libraryId: string;
  readonly #over: () => void;
  readonly #responses: TrackedResponses;
  #isBrowser: boolean;
  #library: LibrarySession | undefined;
  #listener: ConnectionListener | undefined;
  #parkedBytes = 0;
  #hadBuffered = false;
  #paused = false;
  #sends = 0;
  #held: HeldSend[] = [];
  #state: "open" | "closing" | "closed" = "open";
  #closeWasSent = false;
  #deadline: NodeJS.Timeout | undefined;

  /** `over` is called when the library's session is gone: the id is free again. */
  constructor(transport: HttpTransport, libraryId: string, facts: ConnectionFacts, over: () => void) {
    const { remoteAddress, isBrowser, userAgent } = facts;
    this.transport = transport;
    this.libraryId = libraryId;
    this.#over = over;
    this.remoteAddress = remoteAddress;
    this.#isBrowser = isBrowser;
    this.userAgent = userAgent;
    this.#responses = new TrackedResponses({
      wrote: () => {
        this.#hadBuffered = true;
      },
      flushed: () => {
        this.#settle();
      },
      broke: () => {
        // What was in it is lost, and a STOMP stream with a hole must not go on.
        this.end(1002, "a response was cut off");
      },
    });
  }

  /** The library opened its side: from now on frames flow. */
  opened(library: LibrarySession, open: (connection: Connection) => ConnectionListener): void {
    this.#library = library;
    library.onceClosed(() => {
      this.#closed();
    });
    this.#listener = open(this);
  }

  get isBrowser(): boolean {
    return this.#isBrowser;
  }

  /** Any request of the session may show it: a same-origin GET carries no Origin, the POST after it does. */
  sawBrowser(): void {
    this.#isBrowser = true;
  }

  get hasReceiver(): boolean {
    return this.#library?.hasReceiver ?? false;
  }

  /** A new receiver's response; call it before the library writes to it. */
  track(response: ServerResponse, socket: Duplex): void {
    this.#responses.track(response, socket);
    if (this.#state !== "closing") return;
    // A poll carries one message: the close frame comes after what is parked.
    const isOneMessage = this.transport === "xhr-polling";
    if (!isOneMessage || !this.#library?.hasParked()) this.#closeWasSent = true;
  }

  get bufferedBytes(): number {
    if (this.#state === "closed") return 0;
    return this.#responses.bufferedBytes + (this.#library?.hasParked() ? this.#parkedBytes : 0);
  }

  get writtenBytes(): number {
    return this.#responses.writtenBytes;
  }

  write(frames: readonly OutboundFrame[]): void {
    const library = this.#library;
    if (this.#state !== "open" || library === undefined) return;
    const texts = frames.flatMap(({ text }) => text ?? []);
    if (texts.length < frames.length) {
      // Does not happen on chat destinations, and the broker sends others in base64 (CONTRACT 4).
      this.close(1011, "a frame is not text");
      return;
    }
    if (!library.hasParked()) this.#parkedBytes = 0;
    library.write(texts);
    if (!library.hasParked()) return;
    for (const { byteLength } of frames) this.#parkedBytes += byteLength;
    this.#hadBuffered = true;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#release();
  }

  close(code: number, reason: string): void {
    if (this.#state !== "open" || this.#library === undefined) return;
    this.#state = "closing";
    this.#closeWasSent = this.#library.hasReceiver;
    this.#library.close(code, reason);
    this.#deadline = setTimeout(() => {
      this.end(code, reason);
    }, CLOSE_TIMEOUT_MS);
    this.#deadline.unref();
    this.resume();
    this.#settle();
  }

  /** Ends everything of the session now, taken by the peer or not. */
  end(code: number, reason: string): void {
    this.#library?.end(code, reason);
  }

  /** CONNECT succeeded, and the session has not ended. */
  get isConnected(): boolean {
    return this.#listener?.state === "open";
  }

  /** Asks for leave to read an xhr_send; each one that has it must be `endSend`ed. */
  beginSend(): boolean {
    if (this.#sends >= (this.isConnected ? MAX_SENDS : MAX_OPENING_SENDS)) return false;
    this.#sends += 1;
    return true;
  }

  endSend(): void {
    this.#sends -= 1;
  }

  /** Hands on what an xhr_send carried, then answers it; both wait while reading is paused. */
  receive(octets: Buffer, answer: () => void): void {
    const send = { octets, answer };
    if (this.#paused && this.#state === "open") this.#held.push(send);
    else this.#receive(send);
  }

  fail(code: "BAD_FRAME" | "BAD_UTF8", reason: string): void {
    if (this.#state === "open") this.#listener?.fail(code, reason);
  }

  /** The session may pause again with any of them. */
  #release(): void {
    while (!this.#paused) {
      const send = this.#held.shift();
      if (send === undefined) return;
      this.#receive(send);
    }
  }

  #receive({ octets, answer }: HeldSend): void {
    if (this.#state === "open" && octets.length > 0) this.#listener?.receive(octets);
    answer();
  }

  #settle(): void {
    if (this.bufferedBytes > 0) return;
    if (this.#hadBuffered && this.#state === "open") {
      this.#hadBuffered = false;
      this.#listener?.drained();
    }
    if (this.#closeWasSent && this.#responses.size === 0) this.#tellClosed();
  }

  /** The library's session is over. */
  #closed(): void {
    clearTimeout(this.#deadline);
    this.#over();
    this.#tellClosed();
    // Nobody waits for what a peer has not taken by now, and its socket must not stay for it.
    this.#responses.destroy();
    this.resume();
  }

  #tellClosed(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#listener?.closed();
  }
}
