/** How destinations are judged, in the same order for SEND and SUBSCRIBE. */
import { Disconnect, refusal } from "./errors.ts";
import type { Refusal } from "./errors.ts";

/** Where a session hears its refusals without losing its connection. */
export const ERRORS_DESTINATION = "/user/queue/errors";

/** General destinations: fan-out, and competing consumers. */
export const TOPICS = "/topic/";
export const QUEUES = "/queue/";
/** Names of queues that are private to a session. */
export const TEMPORARY_QUEUES = "/temp-queue/";

export const MAX_DESTINATION_OCTETS = 255;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
const GUARDED = ["/user/", "/chat/topic/", TOPICS, QUEUES];

/**
 * The destination as sent, when it is well-formed: printable ASCII without empty, `.` or `..` segments, matched
 * octet by octet, never decoded. Throws Disconnect MISSING_DESTINATION or Refusal BAD_DESTINATION.
 */
export function parseDestination(value: string | undefined): string {
  if (value === undefined || value.trim() === "") throw Disconnect.of("MISSING_DESTINATION");
  if (value.length > MAX_DESTINATION_OCTETS) {
    throw refusal("BAD_DESTINATION", { hint: `at most ${MAX_DESTINATION_OCTETS} octets` });
  }
  if (!PRINTABLE_ASCII.test(value)) throw refusal("BAD_DESTINATION");
  const segments = value.split("/");
  if (value.startsWith("/")) segments.shift();
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw refusal("BAD_DESTINATION");
  }
  return value;
}

/** Whether a destination that is not open belongs to a guarded space: told FORBIDDEN, else UNKNOWN. */
export function isGuarded(destination: string): boolean {
  return GUARDED.some((prefix) => destination.startsWith(prefix));
}

export function unknownDestination(): Refusal {
  return refusal("UNKNOWN_DESTINATION");
}
