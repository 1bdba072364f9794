/** The text of a frame's header lines: decoded, trimmed or unescaped as the version asks. */
import { isUnescaped } from "./commands.ts";
import { FrameError } from "./errors.ts";
import { Headers, unescapeHeader } from "./headers.ts";
import type { Command, Version } from "./commands.ts";
import type { HeadScanner } from "./head-scanner.ts";

/** A byte order mark is data here, not a mark. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NO_HEADERS = new Headers([]);
const RECEIPT = "receipt:";

/** The headers of a complete head whose first octet is `octets[start]`. Throws FrameError BAD_UTF8, BAD_ESCAPE, BAD_HEADER. */
export function readHeaders(
  octets: Uint8Array,
  start: number,
  head: HeadScanner,
  command: Command,
  version: Version | undefined,
): Headers {
  const { marks, headerCount } = head;
  if (headerCount === 0) return NO_HEADERS;
  const first = marks[0] as number;
  const last = marks[3 * headerCount - 1] as number;
  const text = decode(octets, start + first, start + last);
  // One decoding for all lines, unless some character takes several octets: then positions differ.
  const isAscii = text.length === last - first;
  const flat: string[] = [];
  for (let index = 0; index < 3 * headerCount; index += 3) {
    const line = [marks[index], marks[index + 1], marks[index + 2]];
    const [begin, colon, end] = line as [number, number, number];
    if (isAscii)
      flat.push(text.slice(begin - first, colon - first), text.slice(colon + 1 - first, end - first));
    else
      flat.push(decode(octets, start + begin, start + colon), decode(octets, start + colon + 1, start + end));
  }
  if (version === "1.0" || (version === undefined && opensVersion10(command, flat))) trimAll(flat);
  else if (!isUnescaped(command) && text.includes("\\")) unescapeAll(flat, version ?? "1.2");
  return new Headers(flat);
}

/** A CONNECT that asks for no version is one of 1.0 (STOMP 1.2, Protocol Negotiation). */
function opensVersion10(command: Command, flat: readonly string[]): boolean {
  return command === "CONNECT" && !flat.some((text, index) => index % 2 === 0 && text === "accept-version");
}

function decode(octets: Uint8Array, from: number, to: number): string {
  try {
    return decoder.decode(octets.subarray(from, to));
  } catch {
    throw new FrameError("BAD_UTF8", "the frame's head is not valid UTF-8");
  }
}

function unescapeAll(flat: string[], version: Version): void {
  for (const [index, text] of flat.entries()) flat[index] = unescapeHeader(text, version);
}

/** Customary in 1.0, whose examples are padded; forbidden later (STOMP 1.2, Value Encoding). */
function trimAll(flat: string[]): void {
  for (const [index, text] of flat.entries()) {
    flat[index] = trimSpaces(text);
    if (index % 2 === 0 && flat[index] === "") {
      throw new FrameError("BAD_HEADER", `header line ${index / 2 + 1} has no name`);
    }
  }
}

/** Spaces only: in 1.0 a CR is data. */
function trimSpaces(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text[from] === " ") from += 1;
  while (to > from && text[to - 1] === " ") to -= 1;
  return text.slice(from, to);
}

/**
 * The first `receipt` in what arrived of a frame that is being refused, if its line is complete, readable and of at
 * most `maxLine` octets.
 */
export function findReceipt(
  octets: Uint8Array,
  maxLine: number,
  version: Version | undefined,
): string | undefined {
  let begin = octets.indexOf(0x0a) + 1;
  for (let end = octets.indexOf(0x0a, begin); begin > 0 && end >= begin; end = octets.indexOf(0x0a, begin)) {
    const hasCr = version !== "1.0" && version !== "1.1" && octets[end - 1] === 0x0d;
    const line = octets.subarray(begin, hasCr ? end - 1 : end);
    if (line.length === 0) return undefined;
    if (line.length <= maxLine && beginsReceipt(line)) return receiptIn(line, version);
    begin = end + 1;
  }
  return undefined;
}

function beginsReceipt(line: Uint8Array): boolean {
  for (let index = 0; index < RECEIPT.length; index += 1) {
    if (line[index] !== RECEIPT.charCodeAt(index)) return false;
  }
  return true;
}

function receiptIn(line: Uint8Array, version: Version | undefined): string | undefined {
  try {
    const value = decode(line, RECEIPT.length, line.length);
    if (/[\0\r]/.test(value)) return undefined;
    return version === "1.0" ? trimSpaces(value) : unescapeHeader(value, version ?? "1.2");
  } catch {
    return undefined;
  }
}
