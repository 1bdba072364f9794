/** The header `prefetch` of a SUBSCRIBE: how many un-ACKed messages a consumer takes at once. */
import { refusal } from "../errors.ts";
import type { Headers } from "../../stomp/headers.ts";
import type { Limits } from "../limits.ts";

/** The window asked for, MAX_UNACKED when none was; a greater one is cut. Throws Refusal UNSUPPORTED_HEADER. */
export function parsePrefetch(headers: Headers, { maxUnacked }: Limits): number {
  const value = headers.get("prefetch");
  if (value === undefined) return maxUnacked;
  if (!/^[1-9][0-9]{0,5}$/.test(value)) {
    throw refusal("UNSUPPORTED_HEADER", { field: "prefetch", hint: `1 to ${maxUnacked}` });
  }
  return Math.min(Number(value), maxUnacked);
}
