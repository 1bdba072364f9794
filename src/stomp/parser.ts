/** Octets to frames, incrementally: cut anywhere, several per chunk, every bound checked as octets arrive. */
import { mayHaveBody } from "./commands.ts";
import { excerpt, FrameError } from "./errors.ts";
import { HeadScanner } from "./head-scanner.ts";
import { findReceipt, readHeaders } from "./head-text.ts";
import { OctetBuffer } from "./octet-buffer.ts";
import type { Command, Peer, Version } from "./commands.ts";
import type { Frame } from "./frame.ts";
import type { FrameLimits } from "./head-scanner.ts";
import type { Headers } from "./headers.ts";

export type { FrameLimits } from "./head-scanner.ts";

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
/** No sign, no space, no exponent: whoever reads a length otherwise than the next parser lets frames be smuggled. */
const CONTENT_LENGTH = /^[0-9]{1,7}$/;
const NO_BODY = new Uint8Array(0);

/** A frame whose head is complete. */
type Head = {
  readonly command: Command;
  readonly headers: Headers;
  /** Octets up to and including the blank line. */
  readonly length: number;
  /** Counted body, or undefined when the first NUL ends it (STOMP 1.2, Header content-length). */
  readonly contentLength: number | undefined;
};

/**
 * Pull parser: `push` octets, then call `next` until it returns undefined. Between two frames `version` and `limits`
 * may be set, so that the frames behind a CONNECT in the same chunk are read as negotiated. The cost is linear in the
 * octets however they are cut. After a FrameError the stream is of no use: `next` throws it again.
 */
export class FrameParser {
  /** Undefined until negotiated: CRLF is accepted as in 1.2. */
  version: Version | undefined;
  limits: FrameLimits;
  #heartbeats = 0;
  readonly #buffer = new OctetBuffer();
  readonly #scanner: HeadScanner;
  #head: Head | undefined;
  /** How far an uncounted body was searched for its NUL. */
  #searched = 0;
  #isMidFrame = false;
  #failure: FrameError | undefined;

  /** `accepts` says whose commands are legal here. */
  constructor(limits: FrameLimits, accepts: Peer = "client") {
    this.limits = limits;
    this.#scanner = new HeadScanner(accepts);
  }

  /** The last `next` found a frame begun and not finished. */
  get isMidFrame(): boolean {
    return this.#isMidFrame;
  }

  /** The command and the `receipt` of the frame begun and not finished, where their lines are complete and readable. */
  get begun(): { readonly command: Command | undefined; readonly receipt: string | undefined } {
    return { command: this.#scanner.command, receipt: this.#isMidFrame ? this.#findReceipt() : undefined };
  }

  /** Octets were pushed that no frame has taken yet. */
  get hasOctets(): boolean {
    return this.#buffer.length > 0;
  }

  /** EOLs skipped between frames so far: heart-beats, or the EOL behind a frame. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** Buffers octets; the chunk must not be changed afterwards, bodies may share its memory. */
  push(chunk: Uint8Array): void {
    if (this.#failure === undefined) this.#buffer.append(chunk);
  }

  /** The next complete frame, or undefined until more octets come. Throws FrameError. */
  next(): Frame | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const frame = this.#read();
      this.#isMidFrame = frame === undefined && this.#buffer.length > 0;
      if (this.#isMidFrame) this.#buffer.trim();
      return frame;
    } catch (error) {
      throw error instanceof FrameError ? this.#fail(error) : error;
    }
  }

  #read(): Frame | undefined {
    if (this.#head === undefined) {
      if (!this.#scanner.hasBegun && !this.#skipEols()) return undefined;
      const command = this.#scanner.scan(this.#buffer, this.limits, this.#acceptsCrlf);
      if (command === undefined) return undefined;
      this.#head = this.#readHead(command);
    }
    return this.#readBody(this.#head);
  }

  /** EOLs and stray NULs between frames are skipped (STOMP 1.2, Augmented BNF); true when a frame begins behind them. */
  #skipEols(): boolean {
    const buffer = this.#buffer;
    let count = 0;
    for (let octet = buffer.at(0); octet !== undefined; octet = buffer.at(count)) {
      const isCrlf = octet === CR && buffer.at(count + 1) === LF;
      if (!isCrlf && octet !== LF && octet !== NUL) break;
      if (octet !== NUL) this.#heartbeats += 1;
      count += isCrlf ? 2 : 1;
    }
    if (count > 0) buffer.consume(count);
    // A CR that came last may be half an EOL.
    return buffer.length > 1 || (buffer.length === 1 && buffer.at(0) !== CR);
  }

  /** A CR before LF belongs to the EOL (STOMP 1.2); in 1.0 and 1.1 it is data. */
  get #acceptsCrlf(): boolean {
    return this.version === undefined || this.version === "1.2";
  }

  #readHead(command: Command): Head {
    const { octets, start } = this.#buffer;
    const headers = readHeaders(octets, start, this.#scanner, command, this.version);
    const { length } = this.#scanner;
    return { command, headers, length, contentLength: this.#contentLengthOf(command, headers) };
  }

  #contentLengthOf(command: Command, headers: Headers): number | undefined {
    const value = headers.get("content-length");
    if (value === undefined) return undefined;
    if (!CONTENT_LENGTH.test(value)) {
      throw new FrameError("BAD_CONTENT_LENGTH", `content-length is ${excerpt(value)}`);
    }
    const length = Number(value);
    this.#checkBody(command, this.#scanner.length, length);
    return length;
  }

  /** Of a body declared, or received so far. */
  #checkBody(command: Command, headLength: number, length: number): void {
    if (length === 0) return;
    // In 1.0 the body of a SUBSCRIBE is ignored; later versions forbid it.
    if (!mayHaveBody(command) && !(this.version === "1.0" && command === "SUBSCRIBE")) {
      throw new FrameError("UNEXPECTED_BODY", `${command} may not have a body`);
    }
    const { maxBodyBytes, maxFrameBytes } = this.limits;
    if (length > maxBodyBytes)
      throw new FrameError("FRAME_TOO_LARGE", `a body of more than ${maxBodyBytes} octets`);
    if (maxFrameBytes !== undefined && headLength + length > maxFrameBytes)
      throw new FrameError("FRAME_TOO_LARGE", `a frame of more than ${maxFrameBytes} octets`);
  }

  #readBody(head: Head): Frame | undefined {
    const end = head.contentLength === undefined ? this.#endOfBody(head) : this.#endOfCounted(head);
    if (end === undefined) return undefined;
    const { command, headers, length } = head;
    const body = mayHaveBody(command) ? this.#buffer.slice(length, end) : NO_BODY;
    this.#buffer.consume(end + 1);
    this.#head = undefined;
    this.#searched = 0;
    this.#scanner.reset();
    return { command, headers, body };
  }

  #endOfBody({ command, length }: Head): number | undefined {
    const end = this.#buffer.indexOf(NUL, Math.max(length, this.#searched));
    this.#searched = end < 0 ? this.#buffer.length : end;
    this.#checkBody(command, length, this.#searched - length);
    return end < 0 ? undefined : end;
  }

  #endOfCounted({ length, contentLength = 0 }: Head): number | undefined {
    const end = length + contentLength;
    const octet = this.#buffer.at(end);
    if (octet === undefined) return undefined;
    if (octet === NUL) return end;
    throw new FrameError("MISSING_NUL", `the octet after a body of ${contentLength} octets is not NUL`);
  }

  /** Ends the stream: what was buffered is let go, but the frame's command and receipt are looked up first. */
  #fail(error: FrameError): FrameError {
    this.#failure = error.of(this.#scanner.command, this.#findReceipt());
    this.#buffer.clear();
    this.#head = undefined;
    this.#isMidFrame = false;
    return this.#failure;
  }

  #findReceipt(): string | undefined {
    const { maxHeaderBytes, maxHeaderLineBytes } = this.limits;
    const head = this.#buffer.slice(0, Math.min(this.#buffer.length, maxHeaderBytes));
    return findReceipt(head, maxHeaderLineBytes, this.version);
  }
}
