/** What can be wrong with octets that ought to be a frame. */
import type { Command } from "./commands.ts";

/** Closed: each is a Disconnect code on the wire. */
export type FrameErrorCode =
  | "UNKNOWN_COMMAND"
  | "BAD_HEADER"
  | "BAD_ESCAPE"
  | "BAD_UTF8"
  | "TOO_MANY_HEADERS"
  | "HEADER_TOO_LONG"
  | "HEADERS_TOO_LARGE"
  | "BAD_CONTENT_LENGTH"
  | "MISSING_NUL"
  | "FRAME_TOO_LARGE"
  | "UNEXPECTED_BODY";

export type FrameErrorDetail = {
  readonly command?: Command | undefined;
  readonly receipt?: string | undefined;
  readonly hint?: string | undefined;
};

/** A frame that cannot be read; the stream is of no use after it. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FrameErrorCode;
  /** The frame's command, when its line was already complete and is one that may be read here. */
  readonly command: Command | undefined;
  /** The frame's `receipt`, when its line was already complete and readable. */
  readonly receipt: string | undefined;
  /** What to do about it, in plain words. */
  readonly hint: string | undefined;

  constructor(code: FrameErrorCode, message: string, detail: FrameErrorDetail = {}) {
    super(message);
    this.code = code;
    this.command = detail.command;
    this.receipt = detail.receipt;
    this.hint = detail.hint;
  }

  /** The same fault, with what is known of its frame. */
  of(command: Command | undefined, receipt: string | undefined): FrameError {
    return new FrameError(this.code, this.message, { command, receipt, hint: this.hint });
  }
}

const SHOWN_CHARACTERS = 64;

/** A piece of a peer's input for an error text: printable ASCII in quotes, at most 64 characters of it. */
export function excerpt(text: string): string {
  const escaped = text
    .slice(0, SHOWN_CHARACTERS)
    .replace(
      /[^\x20-\x7e]|["\\]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return `"${escaped.slice(0, SHOWN_CHARACTERS)}"`;
}
