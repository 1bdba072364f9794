/** The SQLite store keeps the contract. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import { storeContract } from "./store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

storeContract("the SQLite store", (retention) => {
  count += 1;
  return createSqliteStore({
    file: join(folder, `${count}.db`),
    ...(retention === undefined ? {} : { retention }),
  });
});
