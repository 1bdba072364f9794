/** Messages of the broker's durable queues: in the same store, so that one transaction can hold them and the chat's. */
import { answer } from "./outcome.ts";
import type { QueueChange, StoredMessage } from "../../broker/general/queue-store.ts";
import type { Tables } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

export type ChangeQueuesInput = { readonly changes: readonly QueueChange[] };

export function changeQueues(tables: Tables, { changes }: ChangeQueuesInput): Outcome<null> {
  for (const change of changes) {
    switch (change.type) {
      case "append":
        tables.queued.insert(change.message);
        break;
      case "deliver":
        tables.queued.setAttempts(change.place, change.attempts);
        break;
      case "remove":
        tables.queued.remove(change.place);
    }
  }
  return answer(null);
}

export type QueuedMessagesInput = { readonly after: number; readonly limit: number };

export function queuedMessages(
  tables: Tables,
  { after, limit }: QueuedMessagesInput,
): Outcome<readonly StoredMessage[]> {
  return answer(tables.queued.after(after, limit));
}
