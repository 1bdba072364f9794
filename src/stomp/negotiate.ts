/** Version and heart-beat negotiation (STOMP 1.2, Protocol Negotiation and Heart-beating). */
import { VERSIONS } from "./commands.ts";
import type { Version } from "./commands.ts";

/** The highest version both speak; no header means 1.0; undefined when there is none in common. */
export function negotiateVersion(acceptVersion: string | undefined): Version | undefined {
  if (acceptVersion === undefined) return "1.0";
  const accepted = new Set(acceptVersion.split(",").map((version) => version.trim()));
  return VERSIONS.findLast((version) => accepted.has(version));
}

/** One side's wish in ms: how often it can send, how often it wants to hear; 0 is never. */
export type HeartbeatWish = { readonly sends: number; readonly wants: number };

/** An hour: longer wishes are typing errors. */
const MAX_HEARTBEAT_MS = 3_600_000;

/** The `heart-beat` header; missing means 0,0; undefined when malformed or above an hour. */
export function parseHeartbeat(value: string | undefined): HeartbeatWish | undefined {
  if (value === undefined) return { sends: 0, wants: 0 };
  const match = /^([0-9]{1,10}),([0-9]{1,10})$/.exec(value);
  if (match === null) return undefined;
  const [sends, wants] = [Number(match[1]), Number(match[2])];
  return sends > MAX_HEARTBEAT_MS || wants > MAX_HEARTBEAT_MS ? undefined : { sends, wants };
}

/** The agreed intervals in ms seen from our side: 0 when either side does not care, else the max of both wishes. */
export function agreeHeartbeat(ours: HeartbeatWish, theirs: HeartbeatWish): { send: number; receive: number } {
  return { send: agree(ours.sends, theirs.wants), receive: agree(theirs.sends, ours.wants) };
}

function agree(sends: number, wants: number): number {
  return sends === 0 || wants === 0 ? 0 : Math.max(sends, wants);
}
