/** What can be wrong with octets that ought to be a frame. */

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

/** A frame that cannot be read; the stream is of no use after it. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: FrameErrorCode;
  /** The frame's `receipt`, when it was readable. */
  readonly receipt: string | undefined;
  /** What to do about it, in plain words. */
  readonly hint: string | undefined;

  constructor(code: FrameErrorCode, message: string, detail: { receipt?: string; hint?: string } = {}) {
    super(message);
    this.code = code;
    this.receipt = detail.receipt;
    this.hint = detail.hint;
  }
}

const SHOWN_CHARACTERS = 64;

/** A piece of a peer's input, cut and escaped for an error text. */
export function excerpt(text: string): string {
  const cut = JSON.stringify(text.slice(0, SHOWN_CHARACTERS)).slice(1, -1);
  return `"${cut.slice(0, SHOWN_CHARACTERS)}"`;
}
