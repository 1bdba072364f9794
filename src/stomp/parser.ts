/** Octets to frames, incrementally: cut anywhere, several per chunk, every bound checked as octets arrive. */
import { commandOf, isUnescaped, mayHaveBody } from "./commands.ts";
import { excerpt, FrameError } from "./errors.ts";
import { Headers, unescapeHeader } from "./headers.ts";
import { OctetBuffer } from "./octet-buffer.ts";
import type { Command, Peer, Version } from "./commands.ts";
import type { Frame } from "./frame.ts";

export type FrameLimits = {
  readonly maxBodyBytes: number;
  /** Header lines of a frame, repeated ones included. */
  readonly maxHeaders: number;
  readonly maxHeaderLineBytes: number;
  /** For the lines named passcode or authorization. */
  readonly maxCredentialLineBytes: number;
  /** Command and header lines of a frame in total. */
  readonly maxHeaderBytes: number;
};

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const MAX_COMMAND_OCTETS = 32;
const CREDENTIAL_LINE = /^(?:passcode|authorization)\s*:/i;
const CONTENT_LENGTH = /^[0-9]{1,7}$/;
const NO_BODY = new Uint8Array(0);

/** A frame whose head is complete. */
type Head = {
  readonly command: Command;
  readonly headers: Headers;
  /** Octets up to and including the blank line. */
  readonly length: number;
  /** Counted body, or undefined when the first NUL ends it. */
  readonly contentLength: number | undefined;
};

/**
 * Pull parser: `push` octets, then call `next` until it returns undefined. Between two frames `version` and `limits`
 * may be set, so that the frames behind a CONNECT in the same chunk are read as negotiated. The cost is linear in the
 * octets however they are cut. After a FrameError the stream is of no use.
 */
export class FrameParser {
  /** Undefined until negotiated: CRLF is accepted as in 1.2. */
  version: Version | undefined;
  limits: FrameLimits;
  /** EOLs skipped between frames so far: heart-beats, or the EOL after a frame. */
  heartbeats = 0;
  readonly #peer: Peer;
  readonly #buffer = new OctetBuffer();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #head: Head | undefined;
  /** Of an unfinished head: where its current line begins, how far that was searched, and how many lines it has. */
  #lineStart = 0;
  #searched = 0;
  #lines = 0;

  constructor(limits: FrameLimits, peer: Peer = "client") {
    this.limits = limits;
    this.#peer = peer;
  }

  /** An unfinished frame is buffered. */
  get isMidFrame(): boolean {
    return this.#head !== undefined || this.#buffer.length > 0;
  }

  /** Buffers octets; the chunk must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#buffer.append(chunk);
  }

  /** The next complete frame, or undefined until more octets come. Throws FrameError. */
  next(): Frame | undefined {
    if (this.#head === undefined) {
      if (this.#lineStart === 0 && this.#searched === 0 && !this.#skipEols()) return undefined;
      this.#head = this.#readHead();
    }
    return this.#head === undefined ? undefined : this.#readBody(this.#head);
  }

  /** EOLs and stray NULs between frames are skipped (STOMP 1.2, Augmented BNF); false when nothing else is there. */
  #skipEols(): boolean {
    let count = 0;
    for (let octet = this.#buffer.at(0); octet !== undefined; octet = this.#buffer.at(count)) {
      if (octet === CR && this.#buffer.at(count + 1) === undefined) break;
      if (octet === CR && this.#buffer.at(count + 1) === LF) count += 1;
      else if (octet !== LF && octet !== NUL) break;
      if (octet !== NUL) this.heartbeats += 1;
      count += 1;
    }
    this.#buffer.consume(count);
    const first = this.#buffer.at(0);
    return first !== undefined && !(first === CR && this.#buffer.length === 1);
  }

  /** Looks at each line as it completes, so that no bound waits for the end of the head. */
  #readHead(): Head | undefined {
    for (;;) {
      const end = this.#buffer.indexOf(LF, this.#searched);
      this.#checkLine(end < 0 ? this.#buffer.length : end, end >= 0);
      if (end < 0) {
        this.#searched = this.#buffer.length;
        return undefined;
      }
      const isBlank = this.#isBlank(end);
      this.#lines += 1;
      this.#lineStart = this.#searched = end + 1;
      if (!isBlank) continue;
      const head = this.#parseHead(end + 1);
      this.#lineStart = this.#searched = this.#lines = 0;
      return head;
    }
  }

  #isBlank(end: number): boolean {
    if (this.#lines === 0) return false;
    const length = end - this.#lineStart;
    return length === 0 || (length === 1 && this.#endsWithCr && this.#buffer.at(this.#lineStart) === CR);
  }

  /** A CR before LF belongs to the EOL (STOMP 1.2); in 1.0 and 1.1 it is data. */
  get #endsWithCr(): boolean {
    return this.version === undefined || this.version === "1.2";
  }

  #checkLine(end: number, isComplete: boolean): void {
    const length = end - this.#lineStart;
    if (this.#lines === 0) {
      // One more for the CR of CRLF.
      if (length > MAX_COMMAND_OCTETS + 1) throw unknownCommand(this.#peek(0, MAX_COMMAND_OCTETS));
      return;
    }
    if (length > 0 && this.#lines > this.limits.maxHeaders && !(isComplete && this.#isBlank(end))) {
      const onlyCr = length === 1 && this.#endsWithCr && this.#buffer.at(this.#lineStart) === CR;
      if (!onlyCr) throw new FrameError("TOO_MANY_HEADERS", `more than ${this.limits.maxHeaders} headers`);
    }
    if (length > this.limits.maxHeaderLineBytes) this.#checkLongLine(length);
    if (end > this.limits.maxHeaderBytes) {
      throw new FrameError("HEADERS_TOO_LARGE", `headers of more than ${this.limits.maxHeaderBytes} octets`);
    }
  }

  #checkLongLine(length: number): void {
    const begin = this.#peek(this.#lineStart, 32);
    const limit = CREDENTIAL_LINE.test(begin) ? this.limits.maxCredentialLineBytes : this.limits.maxHeaderLineBytes;
    if (length <= limit) return;
    throw new FrameError("HEADER_TOO_LONG", `header line ${this.#lines} has more than ${limit} octets`);
  }

  /** Some octets as Latin-1, for looking and for error texts. */
  #peek(from: number, length: number): string {
    const to = Math.min(from + length, this.#buffer.length);
    return String.fromCharCode(...this.#buffer.slice(from, to));
  }

  #parseHead(length: number): Head {
    const lines = this.#decode(this.#buffer.slice(0, length)).split("\n");
    const command = this.#commandOf(this.#withoutCr(lines[0] ?? ""));
    const flat: string[] = [];
    // Behind the last header line come the blank line and what split leaves behind its LF.
    for (let index = 1; index < lines.length - 2; index += 1) this.#parseLine(command, lines[index] ?? "", index, flat);
    const headers = new Headers(flat);
    const contentLength = this.#contentLengthOf(command, headers);
    return { command, headers, length, contentLength };
  }

  #decode(octets: Uint8Array): string {
    try {
      return this.#decoder.decode(octets);
    } catch {
      throw new FrameError("BAD_UTF8", "the frame's head is not valid UTF-8");
    }
  }

  #withoutCr(line: string): string {
    return this.#endsWithCr && line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  #commandOf(name: string): Command {
    const command = commandOf(this.#peer, name);
    if (command === undefined) throw unknownCommand(name);
    return command;
  }

  #parseLine(command: Command, raw: string, number: number, flat: string[]): void {
    const line = this.#withoutCr(raw);
    const colon = line.indexOf(":");
    if (colon < 1) {
      throw new FrameError("BAD_HEADER", `header line ${number} has ${colon < 0 ? "no colon" : "no name"}`, receiptIn(flat));
    }
    if (this.#endsWithCr && line.includes("\r")) {
      throw new FrameError("BAD_HEADER", `header line ${number} has a CR before its end`, receiptIn(flat));
    }
    if (line.includes("\0")) {
      throw new FrameError("BAD_HEADER", `header line ${number} has a NUL`, receiptIn(flat));
    }
    flat.push(...this.#entryOf(command, line, colon, flat));
  }

  /** Escapes per version; trimming is customary in 1.0 and forbidden later. */
  #entryOf(command: Command, line: string, colon: number, flat: readonly string[]): [string, string] {
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (this.version === "1.0") return [name.trim(), value.trim()];
    if (isUnescaped(command) || !line.includes("\\")) return [name, value];
    const version = this.version ?? "1.2";
    try {
      return [unescapeHeader(name, version), unescapeHeader(value, version)];
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw new FrameError(error.code, error.message, receiptIn(flat));
    }
  }

  #contentLengthOf(command: Command, headers: Headers): number | undefined {
    const value = headers.get("content-length");
    if (value === undefined) return undefined;
    const receipt = headers.get("receipt");
    const detail = receipt === undefined ? {} : { receipt };
    if (!CONTENT_LENGTH.test(value)) {
      throw new FrameError("BAD_CONTENT_LENGTH", `content-length is ${excerpt(value)}`, detail);
    }
    const length = Number(value);
    if (length > this.limits.maxBodyBytes) {
      throw new FrameError("FRAME_TOO_LARGE", `a body of more than ${this.limits.maxBodyBytes} octets`, detail);
    }
    if (length > 0 && !this.#toleratesBody(command)) throw unexpectedBody(command, detail);
    return length;
  }

  /** In 1.0 the body of a SUBSCRIBE is ignored; later versions forbid it. */
  #toleratesBody(command: Command): boolean {
    return mayHaveBody(command) || (this.version === "1.0" && command === "SUBSCRIBE");
  }

  #readBody(head: Head): Frame | undefined {
    const end = head.contentLength === undefined ? this.#endOfBody(head) : this.#endOfCounted(head);
    if (end === undefined) return undefined;
    const body = mayHaveBody(head.command) ? this.#buffer.slice(head.length, end) : NO_BODY;
    this.#buffer.consume(end + 1);
    this.#head = undefined;
    this.#searched = 0;
    return { command: head.command, headers: head.headers, body };
  }

  #endOfBody(head: Head): number | undefined {
    const { length, command, headers } = head;
    const end = this.#buffer.indexOf(NUL, Math.max(length, this.#searched));
    const bodyLength = (end < 0 ? this.#buffer.length : end) - length;
    const receipt = headers.get("receipt");
    const detail = receipt === undefined ? {} : { receipt };
    if (bodyLength > 0 && !this.#toleratesBody(command)) throw unexpectedBody(command, detail);
    if (bodyLength > this.limits.maxBodyBytes) {
      throw new FrameError("FRAME_TOO_LARGE", `a body of more than ${this.limits.maxBodyBytes} octets`, detail);
    }
    if (end >= 0) return end;
    this.#searched = this.#buffer.length;
    return undefined;
  }

  #endOfCounted({ length, contentLength = 0, headers }: Head): number | undefined {
    const end = length + contentLength;
    const octet = this.#buffer.at(end);
    if (octet === undefined) return undefined;
    if (octet === NUL) return end;
    const receipt = headers.get("receipt");
    throw new FrameError(
      "MISSING_NUL",
      `the octet after a body of ${contentLength} octets is not NUL`,
      receipt === undefined ? {} : { receipt },
    );
  }
}

function receiptIn(flat: readonly string[]): { receipt?: string } {
  const receipt = new Headers(flat).get("receipt");
  return receipt === undefined ? {} : { receipt };
}

function unexpectedBody(command: Command, detail: { receipt?: string }): FrameError {
  return new FrameError("UNEXPECTED_BODY", `${command} may not have a body`, detail);
}

function unknownCommand(name: string): FrameError {
  const command = name.replace(/\r$/, "");
  const hint = hintFor(command);
  return new FrameError("UNKNOWN_COMMAND", `${excerpt(command)} is no command`, hint === undefined ? {} : { hint });
}

function hintFor(command: string): string | undefined {
  if (command.startsWith("\ufeff") || command.startsWith("\u00ef\u00bb\u00bf")) {
    return "the stream begins with a byte order mark";
  }
  if (commandOf("client", command.toUpperCase()) !== undefined) return "commands are upper case";
  return commandOf("server", command) === undefined ? undefined : "only a server sends this command";
}
