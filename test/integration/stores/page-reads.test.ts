/** Reads of pages hold up nobody who writes, and all of them are answered. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";

const PAGES = Array.from({ length: 50 }, (_, index) => `page ${index}`);

let directory: string;
let store: DurableStore;
let answered: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "customer-chat-"));
  store = await createSqliteStore({ file: join(directory, "chat.db") });
  answered = [];
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Told when it is answered or refused. */
async function tell(name: string, work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
  answered.push(name);
}

const page = (name: string): Promise<void> =>
  tell(name, store.execute("mailboxPage", { user: "nobody", after: 0, limit: 100 }));

it("a write that is asked behind fifty pages waits for two of them", async () => {
  const pages = PAGES.map(page);
  const input = { id: "a", login: "anna", name: "Anna", role: "agent", passcodeHash: "-", now: 0 } as const;
  await tell("write", store.execute("addAgent", input));
  expect(answered).toEqual([...PAGES.slice(0, 2), "write"]);
  await Promise.all(pages);
  expect(answered).toEqual([...PAGES.slice(0, 2), "write", ...PAGES.slice(2)]);
});

it("those that are refused make room for the next", async () => {
  const principal = { id: "a", kind: "agent", role: "agent" } as const;
  const input = { principal, conversation: "none", limit: 1 };
  await Promise.all(PAGES.map((name) => tell(name, store.execute("history", input))));
  expect(answered).toEqual(PAGES);
});

it("all that were asked for are answered before the store closes", async () => {
  const read = PAGES.map(() => store.execute("mailboxPage", { user: "nobody", after: 0, limit: 100 }));
  await store.close();
  expect(await Promise.all(read)).toEqual(PAGES.map(() => []));
});
