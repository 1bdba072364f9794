/** Frames to text or octets, per version. */
import { isUnescaped } from "./commands.ts";
import { escapeHeader } from "./headers.ts";
import type { Command, Version } from "./commands.ts";
import type { HeaderList } from "./headers.ts";

const encoder = new TextEncoder();

/**
 * Command, headers and the blank line; body and NUL follow. Throws RangeError for a header this version or command
 * cannot carry (STOMP 1.2, Value Encoding): a broken frame is never written.
 */
export function serializeHead(command: Command, headers: HeaderList, version: Version): string {
  // CONNECT and CONNECTED are never escaped, so like 1.0 they cannot carry what would need it.
  const encoding = isUnescaped(command) ? "1.0" : version;
  let head = `${command}\n`;
  for (const [name, value] of headers) {
    if (name === "") throw new RangeError("a header needs a name");
    head += `${escapeHeader(name, encoding, true)}:${escapeHeader(value, encoding)}\n`;
  }
  return `${head}\n`;
}

/**
 * A whole frame as text. A body, an empty one too, gets its `content-length` in octets; one among `headers` is left
 * out, since of repeated headers the first counts (STOMP 1.2, Header content-length). Throws as `serializeHead`.
 */
export function serializeFrame(
  command: Command,
  headers: HeaderList,
  body: string | undefined,
  version: Version,
): string {
  if (body === undefined) return `${serializeHead(command, headers, version)}\0`;
  return `${serializeHead(command, counted(headers, byteLength(body)), version)}${body}\0`;
}

/** A whole frame with any octets as body; otherwise as `serializeFrame`. */
export function serializeOctets(
  command: Command,
  headers: HeaderList,
  body: Uint8Array,
  version: Version,
): Uint8Array {
  const head = encoder.encode(serializeHead(command, counted(headers, body.length), version));
  const frame = new Uint8Array(head.length + body.length + 1);
  frame.set(head);
  frame.set(body, head.length);
  return frame;
}

function counted(headers: HeaderList, octets: number): HeaderList {
  return [...headers.filter(([name]) => name !== "content-length"), ["content-length", String(octets)]];
}

/** Octets of a text in UTF-8; a lone surrogate counts as U+FFFD, as it is encoded. */
export function byteLength(text: string): number {
  let octets = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    octets += code < 0x800 ? 1 : 2;
    if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) index += 1;
  }
  return octets;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
