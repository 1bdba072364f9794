/** A guest who becomes a customer: the conversation moves at once, however long it is. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { Desk, newId } from "../../contract/desk.ts";
import type { Principal } from "../../../src/broker/principal.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";

const MESSAGES = 3000;
/** What a commit of a dozen rows writes, wherever they are; 3,000 rewritten rows are more than twice that. */
const MOST_OCTETS = 120_000;

let folder: string;
let file: string;
let store: DurableStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  file = join(folder, "chat.db");
  store = await createSqliteStore({ file });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** With nothing remembered, and a log that is empty. */
async function reopen(): Promise<Desk> {
  await store.close();
  store = await createSqliteStore({ file });
  return new Desk(store);
}

it("writes some rows and none of the messages", async () => {
  const desk = new Desk(store);
  const guest = desk.guest();
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, at) => desk.post(guest, "support", `written ${at}`)),
  );
  await reopen();
  const identity = { id: newId(), subject: "carla", guest: { id: guest.id, generation: 0 }, now: desk.now };
  await store.execute("identify", identity);
  expect(statSync(`${file}-wal`).size).toBeLessThan(MOST_OCTETS);
  const state = await store.execute("mailboxState", { user: identity.id });
  expect(state).toMatchObject({ head: MESSAGES });
});

it("reopens what the guest wrote in, not what began at the same place and has no message", async () => {
  let desk = new Desk(store);
  const [guest, anna] = [desk.guest(), await desk.agent()];
  const customer: Principal = { id: newId(), kind: "customer" };
  const { now } = desk;
  await store.execute("identify", { id: customer.id, subject: "carla", now });
  const { conversation } = await desk.post(guest, "support", "written");
  const invitation = { sender: anna, to: customer.id, conversationId: newId(), now };
  const empty = await store.execute("invite", invitation);
  await store.execute("close", { principal: anna, conversation: empty.conversation, now });
  const merged = { id: newId(), subject: "carla", guest: { id: guest.id, generation: 0 }, now };
  await store.execute("identify", merged);
  await store.execute("close", { principal: customer, conversation, now });
  desk = await reopen();
  expect(await desk.post(customer, "support", "again")).toMatchObject({ conversation, seq: 2 });
});
