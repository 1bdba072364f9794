/** Version and heart-beat negotiation (STOMP 1.2, Protocol Negotiation and Heart-beating). */
import { VERSIONS } from "./commands.ts";
import type { Version } from "./commands.ts";

/** The highest version both speak; no `accept-version` means 1.0; undefined when there is none in common. */
export function negotiateVersion(acceptVersion: string | undefined): Version | undefined {
  if (acceptVersion === undefined) return "1.0";
  const accepted = acceptVersion.split(",").map((version) => version.trim());
  return VERSIONS.findLast((version) => accepted.includes(version));
}

/** One side's wish in ms: how often it can send, how often it wants to hear; 0 is never. */
export type HeartbeatWish = { readonly sends: number; readonly wants: number };

/** Intervals in ms from our side: send at least so often, and expect to receive so often; 0 is never. */
export type Heartbeat = { readonly send: number; readonly receive: number };

/** An hour: longer wishes are typing errors. */
/** The longest interval that may be wished. */
export const MAX_HEARTBEAT_MS = 3_600_000;

/** The `heart-beat` header; missing means 0,0; undefined when malformed or above an hour (BAD_HEARTBEAT). */
export function parseHeartbeat(value: string | undefined): HeartbeatWish | undefined {
  if (value === undefined) return { sends: 0, wants: 0 };
  const match = /^([0-9]{1,7}),([0-9]{1,7})$/.exec(value);
  if (match === null) return undefined;
  const sends = Number(match[1]);
  const wants = Number(match[2]);
  return sends > MAX_HEARTBEAT_MS || wants > MAX_HEARTBEAT_MS ? undefined : { sends, wants };
}

/** The agreed intervals seen from our side: 0 when either side does not care, else the max of both wishes. */
export function agreeHeartbeat(ours: HeartbeatWish, theirs: HeartbeatWish): Heartbeat {
  return { send: agree(ours.sends, theirs.wants), receive: agree(theirs.sends, ours.wants) };
}

function agree(sends: number, wants: number): number {
  return sends === 0 || wants === 0 ? 0 : Math.max(sends, wants);
}
