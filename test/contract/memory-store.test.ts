/** The memory store keeps the contract. */
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { storeContract } from "./store-contract.ts";

storeContract("the memory store", (retention) =>
  Promise.resolve(createMemoryStore(retention === undefined ? undefined : { ...retention, now: Date.now })),
);
