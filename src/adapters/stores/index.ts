/** The stores that come with the server, and the port that one of your own implements. */
export { createMemoryStore } from "./memory-store.ts";
export { createSqliteStore } from "./sqlite-store.ts";
export type { ChatStore, FactListener } from "../../chat/store.ts";
export type { Fact } from "../../chat/facts.ts";
export type { OperationInput, OperationName, OperationResult } from "../../chat/operations/index.ts";
export type { Retention } from "./retention.ts";
export type { DurableStore, SqliteOptions } from "./sqlite-store.ts";
