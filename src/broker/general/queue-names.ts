/** The names below `/queue/` that mean something to the broker. */
import { MAX_DESTINATION_OCTETS, QUEUES } from "../destination.ts";
import { refusal } from "../errors.ts";

/** Dead letters of `/queue/a/b` are in `/queue/dead-letters/a/b`. */
const DEAD_LETTERS = `${QUEUES}dead-letters/`;

/** Where answers for one session are sent: random names that only the server makes. */
export const REPLY_ADDRESSES = `${QUEUES}reply-to/`;

export function isDeadLetters(queue: string): boolean {
  return queue.startsWith(DEAD_LETTERS);
}

export function isReplyAddress(queue: string): boolean {
  return queue.startsWith(REPLY_ADDRESSES);
}

/** Where what nobody could handle goes; undefined for queues whose messages end with them. */
export function deadLettersOf(queue: string): string | undefined {
  return isDeadLetters(queue) || isReplyAddress(queue)
    ? undefined
    : DEAD_LETTERS + queue.slice(QUEUES.length);
}

/** Throws Refusal BAD_DESTINATION for what looks like a pattern, and for a name too long to have dead letters. */
export function requireQueueName(destination: string): void {
  if (destination.includes("*")) throw refusal("BAD_DESTINATION", { hint: "queues have no patterns" });
  const deadLetters = deadLettersOf(destination);
  if (deadLetters !== undefined && deadLetters.length > MAX_DESTINATION_OCTETS) {
    throw refusal("BAD_DESTINATION", { hint: "the name of its dead letters would be too long" });
  }
}
