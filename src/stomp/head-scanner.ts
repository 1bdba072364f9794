/** Finds the end of a frame's head, line by line as octets arrive, and holds every bound on it. */
import { commandIn } from "./commands.ts";
import { FrameError } from "./errors.ts";
import { unknownCommand } from "./unknown-command.ts";
import type { Command, Peer } from "./commands.ts";
import type { OctetBuffer } from "./octet-buffer.ts";

/** Bounds on one frame, in octets unless they say otherwise. */
export type FrameLimits = {
  readonly maxBodyBytes: number;
  /** Header lines of a frame, repeated ones included. */
  readonly maxHeaders: number;
  /** A header line without its EOL. */
  readonly maxHeaderLineBytes: number;
  /** The same for the lines named passcode or authorization, in any case. */
  readonly maxCredentialLineBytes: number;
  /** Command line and header lines of a frame with their EOLs. */
  readonly maxHeaderBytes: number;
  /** Head and body together; without it each has its own bound alone. */
  readonly maxFrameBytes?: number;
};

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const MAX_COMMAND_OCTETS = 32;
const CREDENTIAL_LINE = /^(?:passcode|authorization) *:/i;

/** All positions count from the frame's first octet, so that the buffer may move meanwhile. */
export class HeadScanner {
  /** Of each header line: where it begins, its first colon, where it ends; only the first 3 x `headerCount` count. */
  readonly marks: number[] = [];
  headerCount = 0;
  /** Octets of the whole head, the blank line included; known when `scan` has returned the command. */
  length = 0;
  readonly #peer: Peer;
  #command: Command | undefined;
  #scanned = 0;
  #lineStart = 0;
  #colon = -1;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Octets of an unfinished head were looked at. */
  get hasBegun(): boolean {
    return this.#scanned > 0;
  }

  /** Of the frame being read, once its line is complete. */
  get command(): Command | undefined {
    return this.#command;
  }

  reset(): void {
    this.headerCount = this.length = this.#scanned = this.#lineStart = 0;
    this.#command = undefined;
    this.#colon = -1;
  }

  /** Goes on where it stopped; the frame's command once the blank line was found. Throws FrameError. */
  scan(
    { octets, start, length }: OctetBuffer,
    limits: FrameLimits,
    acceptsCrlf: boolean,
  ): Command | undefined {
    let index = this.#scanned;
    for (; index < length; index += 1) {
      const octet = octets[start + index] as number;
      if (octet > COLON) continue;
      if (octet === LF) {
        const isCrlf = acceptsCrlf && index > this.#lineStart && octets[start + index - 1] === CR;
        const command = this.#endLine(octets, start, isCrlf ? index - 1 : index, index + 1, limits);
        if (command !== undefined) return command;
      } else if (octet === COLON) {
        if (this.#colon < 0) this.#colon = index;
      } else if (octet === NUL) {
        throw this.#misplaced(octets, start, index, "a NUL; is the blank line missing?");
      } else if (octet === CR && acceptsCrlf) {
        // Whether it belongs to an EOL shows with the next octet.
        if (index + 1 === length) break;
        if (octets[start + index + 1] !== LF)
          throw this.#misplaced(octets, start, index, "a CR before its end");
      }
    }
    this.#scanned = index;
    this.#checkLine(octets, start, index, index, limits);
    return undefined;
  }

  /** The command if this line, blank, is the head's last. */
  #endLine(
    octets: Uint8Array,
    start: number,
    end: number,
    next: number,
    limits: FrameLimits,
  ): Command | undefined {
    const begin = this.#lineStart;
    if (this.#command !== undefined && begin === end) {
      this.length = next;
      return this.#command;
    }
    this.#checkLine(octets, start, end, next, limits);
    if (this.#command === undefined) this.#readCommand(octets, start, end);
    else this.#markHeader(begin, end);
    this.#lineStart = next;
    this.#colon = -1;
    return undefined;
  }

  #readCommand(octets: Uint8Array, start: number, end: number): void {
    this.#command = commandIn(this.#peer, octets, start, start + end);
    if (this.#command === undefined) throw unknownCommand(octets.subarray(start, start + end));
  }

  #markHeader(begin: number, end: number): void {
    const colon = this.#colon;
    if (colon <= begin) {
      throw new FrameError(
        "BAD_HEADER",
        `header line ${this.#lineNumber} has ${colon < 0 ? "no colon" : "no name"}`,
      );
    }
    const mark = 3 * this.headerCount;
    this.marks[mark] = begin;
    this.marks[mark + 1] = colon;
    this.marks[mark + 2] = end;
    this.headerCount += 1;
  }

  /** Of the line that ends at `end`, or has got so far; `total` is the head's length with it. */
  #checkLine(octets: Uint8Array, start: number, end: number, total: number, limits: FrameLimits): void {
    const length = end - this.#lineStart;
    if (length === 0) return;
    if (this.#command === undefined) {
      if (length > MAX_COMMAND_OCTETS)
        throw unknownCommand(octets.subarray(start, start + MAX_COMMAND_OCTETS));
      return;
    }
    if (this.headerCount >= limits.maxHeaders) {
      throw new FrameError("TOO_MANY_HEADERS", `more than ${limits.maxHeaders} headers`);
    }
    if (length > limits.maxHeaderLineBytes) this.#checkLongLine(octets, start, length, limits);
    if (total > limits.maxHeaderBytes) {
      throw new FrameError("HEADERS_TOO_LARGE", `headers of more than ${limits.maxHeaderBytes} octets`);
    }
  }

  #checkLongLine(octets: Uint8Array, start: number, length: number, limits: FrameLimits): void {
    const from = start + this.#lineStart;
    const begin = String.fromCharCode(...octets.subarray(from, from + 32));
    const limit = CREDENTIAL_LINE.test(begin) ? limits.maxCredentialLineBytes : limits.maxHeaderLineBytes;
    if (length <= limit) return;
    throw new FrameError("HEADER_TOO_LONG", `header line ${this.#lineNumber} has more than ${limit} octets`);
  }

  #misplaced(octets: Uint8Array, start: number, index: number, what: string): FrameError {
    if (this.#command === undefined) return unknownCommand(octets.subarray(start, start + index));
    return new FrameError("BAD_HEADER", `header line ${this.#lineNumber} has ${what}`);
  }

  /** Of the header line being read; the command's line is not counted. */
  get #lineNumber(): number {
    return this.headerCount + 1;
  }
}
