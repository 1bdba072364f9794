/** SockJS's message framing: a[...] and c[...] out, JSON arrays of strings in. */
import { isUtf8 } from "node:buffer";
import type { OutboundFrame } from "../../broker/outbound-frame.ts";

/** What sockjs-protocol wants escaped because some browser loses it; JSON.stringify leaves these as they are. */
const UNSAFE = /[\ud800-\udfff\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/;
const ALL_UNSAFE = new RegExp(UNSAFE.source, "g");

/** One `a[...]` with an element for each frame; undefined when a frame has no text, which SockJS cannot carry. */
export function encodeBatch(frames: readonly OutboundFrame[]): string | undefined {
  if (frames.some((frame) => frame.text === undefined)) return undefined;
  return `a[${frames.map(quote).join(",")}]`;
}

export function encodeClose(code: number, reason: string): string {
  return `c${JSON.stringify([code, reason])}`;
}

function quote({ quoted }: OutboundFrame): string {
  if (!UNSAFE.test(quoted)) return quoted;
  return quoted.replace(ALL_UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export type SockjsPayload =
  | { readonly kind: "octets"; readonly octets: Buffer }
  | { readonly kind: "empty" | "brokenJson" | "notStrings" | "badUtf8" };

/** Parses what a client sent: the octets of all its messages in order. */
export function parsePayload(payload: Buffer, accepts: "array" | "array or string"): SockjsPayload {
  if (payload.length === 0) return { kind: "empty" };
  if (!isUtf8(payload)) return { kind: "badUtf8" };
  let value: unknown;
  try {
    value = JSON.parse(payload.toString("utf8"));
  } catch {
    return { kind: "brokenJson" };
  }
  const messages = typeof value === "string" && accepts === "array or string" ? [value] : value;
  if (!isArrayOfStrings(messages)) return { kind: "notStrings" };
  // Each by itself: two halves of a pair in two messages are two lone surrogates.
  if (!messages.every((message) => message.isWellFormed())) return { kind: "badUtf8" };
  return { kind: "octets", octets: Buffer.from(messages.join("")) };
}

function isArrayOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
