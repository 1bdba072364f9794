/** The memory store keeps the contract. */
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { chatQueues, queueStoreContract } from "./queue-store-contract.ts";
import { storeContract } from "./store-contract.ts";
import type { OpenStore } from "./desk.ts";

const open: OpenStore = (retention) =>
  Promise.resolve(createMemoryStore(retention === undefined ? undefined : { ...retention, now: Date.now }));

storeContract("the memory store", open);
queueStoreContract("queues in the memory store", () => Promise.resolve(chatQueues(createMemoryStore())));
