/** The headers of a SEND that travel with its message to general destinations (STOMP 1.2, SEND). */
import type { HeaderList, Headers } from "../../stomp/headers.ts";

/** What speaks of the SEND itself, is the server's to say, or is a secret that was put there by mistake. */
const KEPT_BACK = new Set([
  "destination",
  "receipt",
  "transaction",
  "login",
  "passcode",
  "authorization",
  "content-length",
  "message-id",
  "subscription",
  "ack",
  "redelivered",
  "delivery-attempt",
  "dead-letter-from",
  "dead-letter-reason",
]);

/** First occurrences, in order; `replyTo` takes the place of the header `reply-to`. */
export function userHeaders(headers: Headers, replyTo?: string): HeaderList {
  const kept: [string, string][] = [];
  for (const [name, value] of headers.entries()) {
    if (KEPT_BACK.has(name.toLowerCase())) continue;
    kept.push([name, name === "reply-to" ? (replyTo ?? value) : value]);
  }
  return kept;
}
