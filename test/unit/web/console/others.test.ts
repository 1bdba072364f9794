/** The list of all chats: what was read of it, and what events told since. */
import { beforeEach, expect, it } from "vitest";
import {
  changeOthers,
  doubtOthers,
  eraseInOthers,
  forgetOthers,
  hasOlder,
  opened,
  others,
  refreshOthers,
  showOlder,
} from "../../../../src/web/console/others.ts";
import type { ConversationDetail, ConversationState } from "../../../../src/chat/wire.ts";
import type { ChatClient } from "../../../../src/web/client/index.ts";

/** The server's, newest first. */
let stored: ConversationDetail[];
/** Queries that were answered. */
let queries: number;

const client = {
  listConversations: async ({ limit = 50, before }: { limit?: number; before?: string } = {}) => {
    const start = before === undefined ? 0 : stored.findIndex(({ id }) => id === before) + 1;
    const items = stored.slice(start, start + limit);
    const next = stored.length > start + limit ? items.at(-1)?.id : undefined;
    await Promise.resolve();
    queries += 1;
    return next === undefined ? { items } : { items, next };
  },
  conversationDetail: (id: string) => Promise.resolve(stored.find((one) => one.id === id)),
} as unknown as ChatClient;

function begin(count: number, state: ConversationState = "active"): void {
  for (let made = 0; made < count; made += 1) {
    const id = `c${stored.length}`;
    const marks = { deliveredSeq: 0, readSeq: 0, unread: 0, lastSeq: 1, version: 1 };
    const openedAt = new Date(stored.length * 1000).toISOString();
    stored.unshift({
      id,
      state,
      customer: { id: `g-${id}`, kind: "guest" },
      assignee: null,
      openedAt,
      ...marks,
    });
  }
}

/** The server changes it, and tells. */
function close(id: string, isTold = true): void {
  stored = stored.map((one) => (one.id === id ? { ...one, state: "closed", version: 2 } : one));
  const changed = stored.find((one) => one.id === id);
  if (isTold && changed !== undefined) changeOthers(changed, 0);
}

const ids = (): string[] => others.value.map(({ id }) => id);
const storedIds = (): string[] => stored.map(({ id }) => id);
const stateOf = (id: string): string | undefined => others.value.find((one) => one.id === id)?.state;

beforeEach(() => {
  forgetOthers();
  stored = [];
  queries = 0;
});

it("what an event tells is there at once, the newest first, and each once when it was read", async () => {
  begin(3);
  await refreshOthers(client);
  begin(2);
  for (const one of stored.slice(0, 2).reverse()) changeOthers(one, 0);
  close("c1");
  expect(ids()).toEqual(storedIds());
  expect(stateOf("c1")).toBe("closed");
  await refreshOthers(client);
  expect(ids()).toEqual(storedIds());
});

it("of a customer who was erased no words stay", async () => {
  begin(2);
  const newest = { userFrom: "g-c0", preview: "hello", sentAt: "2026-05-01T10:00:00.000Z" };
  stored = stored.map((one) => ({ ...one, newest }));
  await refreshOthers(client);
  eraseInOthers({ id: "g-c0", kind: "guest", erased: true });
  expect(others.value.map((one) => [one.customer.erased, one.newest?.preview])).toEqual([
    [undefined, "hello"],
    [true, ""],
  ]);
});

it("what an event tells while a page is on its way is newer than the page", async () => {
  begin(3);
  await refreshOthers(client);
  const reading = refreshOthers(client);
  close("c1");
  await reading;
  expect(stateOf("c1")).toBe("closed");
});

it("what is on its way to an agent who signs out is not shown to the next one", async () => {
  begin(3);
  const reading = refreshOthers(client);
  forgetOthers();
  await reading;
  expect(ids()).toEqual([]);
});

it("older ones that were asked for stay, and new ones push the last of the page to them", async () => {
  begin(150);
  await refreshOthers(client);
  await showOlder(client);
  expect([ids().length, hasOlder.value]).toEqual([150, false]);
  begin(60);
  close("c20");
  await refreshOthers(client);
  expect(ids()).toEqual(storedIds());
  expect(stateOf("c20")).toBe("closed");
});

it("more new ones than a page leave no gap before older ones that were asked for", async () => {
  begin(150);
  await refreshOthers(client);
  await showOlder(client);
  begin(213);
  await refreshOthers(client);
  expect([ids(), hasOlder.value]).toEqual([storedIds().slice(0, 100), true]);
  while (hasOlder.value) await showOlder(client);
  expect(ids()).toEqual(storedIds());
});

it("older ones are shown at the first request, although the newest page is read meanwhile", async () => {
  begin(150);
  await refreshOthers(client);
  begin(1);
  const reading = refreshOthers(client);
  await Promise.all([showOlder(client), reading]);
  expect(ids()).toEqual(storedIds());
});

it("where events may have been missed all that is shown is read again, and the opened one that no page has", async () => {
  begin(350);
  await refreshOthers(client);
  await showOlder(client);
  opened.value = stored.find(({ id }) => id === "c5");
  for (const id of ["c200", "c340", "c5"]) close(id, false);
  await refreshOthers(client);
  expect([stateOf("c340"), stateOf("c200")]).toEqual(["closed", "active"]);
  doubtOthers();
  queries = 0;
  await refreshOthers(client);
  expect([stateOf("c200"), opened.value?.state, ids().length, queries]).toEqual(["closed", "closed", 200, 2]);
  await refreshOthers(client);
  expect([ids(), queries]).toEqual([storedIds().slice(0, 200), 3]);
});
