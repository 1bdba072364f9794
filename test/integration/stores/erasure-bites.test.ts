/** The bites of an erasure stay small: the index of words is not merged while words are taken out, only once at the end. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { Desk } from "../../contract/desk.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";

const MESSAGES = 3000;
const BITE = 50;

let folder: string;
let store: DurableStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  store = await createSqliteStore({ file: join(folder, "chat.db") });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Octets of the words that the index has, and from which share of deleted rows on it merges by itself. */
function index(): unknown {
  const database = new DatabaseSync(join(folder, "chat.db"), { readOnly: true });
  const found = database
    .prepare(
      `SELECT (SELECT sum(length(block)) > 100000 FROM message_words_data) AS "isFull",
              (SELECT v FROM message_words_config WHERE k = 'deletemerge') AS "mergesAt"`,
    )
    .get();
  database.close();
  return { ...found };
}

it("of a customer with thousands of messages", async () => {
  const desk = new Desk(store);
  const guest = desk.guest();
  const words = (count: number): string =>
    createHash("sha512").update(String(count)).digest("hex").match(/.{6}/g)?.join(" ") ?? "";
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, count) => desk.post(guest, "support", words(count))),
  );
  while ((await store.execute("indexMessages", { limit: 500 })) > 0) continue;
  expect(index()).toEqual({ isFull: 1, mergesAt: null });

  await store.execute("beginErasure", { customer: guest.id, now: 0 });
  let bite: { next: number } | undefined = { next: 0 };
  while (bite !== undefined)
    bite = await store.execute("eraseMessages", { user: guest.id, after: bite.next, limit: BITE });
  expect(index()).toEqual({ isFull: 1, mergesAt: 0 });

  let goesOn = await store.execute("mergeWords", { begin: true, limit: 10 });
  while (goesOn) goesOn = await store.execute("mergeWords", { begin: false, limit: 10 });
  expect(index()).toEqual({ isFull: 0, mergesAt: 10 });
});
