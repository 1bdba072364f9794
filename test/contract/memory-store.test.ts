/** The memory store keeps the contract. */
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { auditContract } from "./audit-contract.ts";
import { blockContract } from "./block-contract.ts";
import { erasureContract } from "./erasure-contract.ts";
import { chatQueues, queueStoreContract } from "./queue-store-contract.ts";
import { storeContract } from "./store-contract.ts";
import { teamContract } from "./team-contract.ts";
import type { OpenStore } from "./store-contract.ts";

const open: OpenStore = (retention) =>
  Promise.resolve(createMemoryStore(retention === undefined ? undefined : { ...retention, now: Date.now }));

storeContract("the memory store", open);
teamContract("the memory store", open);
erasureContract("the memory store", open);
auditContract("the memory store", open);
blockContract("the memory store", open);
queueStoreContract("queues in the memory store", () => Promise.resolve(chatQueues(createMemoryStore())));
