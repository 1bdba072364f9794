/** The broker's durable queues in the chat's store: one writer, so that a transaction can span both. */
import type { QueueStore } from "../broker/general/queue-store.ts";
import type { ChatStore } from "./store.ts";

/** Bodies may be large: a page stays below some megabytes. */
const PAGE = 100;

export function createQueueStore(store: ChatStore): QueueStore {
  return {
    read: (after) => store.execute("queuedMessages", { after, limit: PAGE }),
    write: async (changes) => {
      await store.execute("changeQueues", { changes });
    },
    operationOf: (changes) => ({ name: "changeQueues", input: { changes } }),
  };
}
