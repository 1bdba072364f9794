/** What the codec's tests share: a parser with small round limits, and frames in a form that compares. */
import { FrameError } from "../../../src/stomp/errors.ts";
import { FrameParser } from "../../../src/stomp/parser.ts";
import type { Peer, Version } from "../../../src/stomp/commands.ts";
import type { FrameErrorCode } from "../../../src/stomp/errors.ts";
import type { Frame } from "../../../src/stomp/frame.ts";
import type { FrameLimits } from "../../../src/stomp/parser.ts";

export const LIMITS: FrameLimits = {
  maxBodyBytes: 64 * 1024,
  maxHeaders: 32,
  maxHeaderLineBytes: 2048,
  maxCredentialLineBytes: 4096,
  maxHeaderBytes: 8192,
};

export type PlainFrame = { command: string; headers: [string, string][]; body: number[] };

export type ReadingOptions = { version?: Version | undefined; accepts?: Peer; limits?: Partial<FrameLimits> };

export function parserFor({ version, accepts = "client", limits = {} }: ReadingOptions = {}): FrameParser {
  const parser = new FrameParser({ ...LIMITS, ...limits }, accepts);
  parser.version = version;
  return parser;
}

/** `^@` stands for NUL. */
export function octetsOf(text: string): Uint8Array {
  return new TextEncoder().encode(text.replaceAll("^@", "\0"));
}

export function plain(frame: Frame): PlainFrame {
  return { command: frame.command, headers: [...frame.headers.entries()], body: [...frame.body] };
}

export function textOf(frame: PlainFrame | undefined): string {
  return new TextDecoder().decode(new Uint8Array(frame?.body ?? []));
}

/** All frames that are complete by now. */
export function drain(parser: FrameParser): PlainFrame[] {
  const frames: PlainFrame[] = [];
  for (let frame = parser.next(); frame !== undefined; frame = parser.next()) frames.push(plain(frame));
  return frames;
}

/** Feeds chunk by chunk and parses after each. */
export function readChunks(parser: FrameParser, chunks: readonly Uint8Array[]): PlainFrame[] {
  return chunks.flatMap((chunk) => {
    parser.push(chunk);
    return drain(parser);
  });
}

export function read(text: string, options: ReadingOptions = {}): PlainFrame[] {
  return readChunks(parserFor(options), [octetsOf(text)]);
}

export function each(octets: Uint8Array): Uint8Array[] {
  return [...octets].map((octet) => Uint8Array.of(octet));
}

export function cut(octets: Uint8Array, places: readonly number[]): Uint8Array[] {
  const bounds = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((a, b) => a - b);
  return [0, ...bounds].map((from, index) => octets.slice(from, bounds[index] ?? octets.length));
}

/** The FrameError that reading ends with. */
export function failureOf(run: () => unknown): FrameError {
  try {
    run();
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

export function codeOf(text: string, options: ReadingOptions = {}): FrameErrorCode {
  return failureOf(() => read(text, options)).code;
}
