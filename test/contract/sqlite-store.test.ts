/** The SQLite store keeps the contract. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import { chatQueues, queueStoreContract } from "./queue-store-contract.ts";
import { storeContract } from "./store-contract.ts";
import type { OpenStore } from "./desk.ts";

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open: OpenStore = (retention) => {
  count += 1;
  return createSqliteStore({
    file: join(folder, `${count}.db`),
    ...(retention === undefined ? {} : { retention }),
  });
};

storeContract("the SQLite store", open);
queueStoreContract("queues in the SQLite store", async () => {
  count += 1;
  return chatQueues(await createSqliteStore({ file: join(folder, `${count}.db`) }));
});
