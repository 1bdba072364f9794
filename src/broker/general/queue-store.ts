/** The port of durable queues: where messages with `persistent:true` are kept. */
import type { HeaderList } from "../../stomp/headers.ts";
import type { DurableOperation } from "../application-destination.ts";

export type StoredMessage = {
  /** Its order among all stored messages; positive, given by the broker. */
  readonly place: number;
  /** The queue. */
  readonly destination: string;
  readonly id: string;
  readonly headers: HeaderList;
  /** In memory of its own. */
  readonly body: Uint8Array;
  /** Epoch ms; 0 is never. */
  readonly expiresAt: number;
  /** Deliveries that were made, or were about to be. */
  readonly attempts: number;
};

export type QueueChange =
  | { readonly type: "append"; readonly message: StoredMessage }
  | { readonly type: "deliver"; readonly place: number; readonly attempts: number }
  | { readonly type: "remove"; readonly place: number };

/** Changes take effect in the order in which they were asked for. A change of what is not there has no effect. */
export interface QueueStore {
  /** The next messages behind this place, by place; none at the end. */
  read(after: number): Promise<readonly StoredMessage[]>;
  /** Resolves when all changes are durable; rejects with Refusal, and then none is. */
  write(changes: readonly QueueChange[]): Promise<void>;
  /** The same as a part of a transaction, for `BrokerOptions.commit`. */
  operationOf(changes: readonly QueueChange[]): DurableOperation;
}
