/** `/user/queue/events`: the snapshot comes first, whatever a client pipelines behind its SUBSCRIBE. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

let chat: TestChat;
let guest: TestClient;
let conversation: string;

beforeEach(async () => {
  chat = new TestChat();
  guest = await chat.connect(chat.guest());
  conversation = (await guest.say("support", "hello"))?.headers.get("conversation") ?? "";
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

/** Subscribes to both queues, and asks for a history, in one chunk. */
async function pipelined(messagesFirst: boolean): Promise<TestClient> {
  const client = await chat.connect(guest.principal, { queues: false });
  const subscriptions = [
    "SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\nsince:none-0\n\n^@",
    "SUBSCRIBE\nid:events\ndestination:/user/queue/events\n\n^@",
  ];
  const history = `SEND\ndestination:/chat/history\nreceipt:h\n\n{"conversation":"${conversation}"}^@`;
  client.connection.send((messagesFirst ? subscriptions : subscriptions.toReversed()).join("") + history);
  await settled();
  return client;
}

describe.each([true, false])("pipelined, the mailbox first: %s", (messagesFirst) => {
  it("a history and mailbox.subscribed follow the snapshot, and the history comes before its RECEIPT", async () => {
    const client = await pipelined(messagesFirst);
    const types = client.events().map(({ type }) => type);
    expect(types[0]).toBe("snapshot");
    expect(types).toContain("history");
    // Without a listener at that moment, nobody is told.
    expect(types.filter((type) => type === "mailbox.subscribed")).toHaveLength(1);
    const frames = client.connection.frames;
    const history = frames.findIndex(({ headers }) => headers.get("receipt-id") === "h");
    const receipt = frames.findIndex(({ command }) => command === "RECEIPT");
    expect(history).toBeGreaterThan(-1);
    expect(frames[history]?.command).toBe("MESSAGE");
    expect(receipt).toBeGreaterThan(history);
  });
});

it("mailbox.subscribed comes before the mailbox's first MESSAGE", async () => {
  const client = await chat.connect(guest.principal, { queues: false });
  const position = `${chat.store.epoch}-0`;
  client.connection.send(
    "SUBSCRIBE\nid:events\ndestination:/user/queue/events\n\n^@" +
      `SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\nsince:${position}\n\n^@`,
  );
  await settled();
  const order = client.connection.of("MESSAGE").map((frame) => frame.headers.get("subscription"));
  expect(order).toEqual(["events", "events", "messages"]);
  expect(client.events().map(({ type }) => type)).toEqual(["snapshot", "mailbox.subscribed"]);
});

it("a history is refused UNSUPPORTED when its session left the queue before the snapshot came", async () => {
  const client = await chat.connect(guest.principal, { queues: false });
  await client.subscribe("errors", "/user/queue/errors");
  client.connection.send(
    "SUBSCRIBE\nid:events\ndestination:/user/queue/events\n\n^@" +
      `SEND\ndestination:/chat/history\n\n{"conversation":"${conversation}"}^@` +
      "UNSUBSCRIBE\nid:events\n\n^@",
  );
  await settled();
  expect(client.refusals()).toEqual(["UNSUPPORTED"]);
});

it("a history does not wait for a subscription behind it, which waits for the history's RECEIPT", async () => {
  const client = await chat.connect(guest.principal);
  client.connection.send(
    `SEND\ndestination:/chat/history\nreceipt:h\n\n{"conversation":"${conversation}"}^@` +
      "SUBSCRIBE\nid:again\ndestination:/user/queue/events\nreceipt:s\n\n^@",
  );
  await settled();
  const receipts = client.connection.of("RECEIPT").map(({ headers }) => headers.get("receipt-id"));
  expect(receipts.slice(-2)).toEqual(["h", "s"]);
  expect(client.events("history")).toHaveLength(1);
  expect(client.bodiesOn("again").map(({ type }) => type)).toEqual(["snapshot"]);
});

it("a transfer to nobody, to a customer and to an agent who is away is a CONFLICT with the state", async () => {
  const agent = await chat.connect(await chat.agent());
  const away = await chat.agent();
  await agent.say(guest.id, "welcome");
  for (const to of ["AAAAAAAAAAAAAAAAAAAAAA", guest.id, away.id]) {
    await agent.send("/chat/transfer", { conversation, to });
  }
  expect(agent.refusals()).toEqual(["CONFLICT", "CONFLICT", "CONFLICT"]);
  expect(agent.bodiesOn("errors")[0]).toMatchObject({ field: "to", state: "active" });
});

it("agents are told with each event of a chat that waits since when it does, which a release does not change", async () => {
  const anna = await chat.connect(await chat.agent());
  await anna.subscribe("support", "/chat/topic/support");
  const since = new Date(chat.now).toISOString();
  chat.now += 60_000;
  await guest.say("support", "still there?");
  await anna.send("/chat/claim", { conversation });
  chat.now += 60_000;
  await anna.send("/chat/release", { conversation });
  await guest.say("support", "anybody?");
  type Told = { readonly type: string; readonly data: { readonly waitingSince?: string } };
  const told = anna.bodiesOn("support").slice(1) as Told[];
  expect(told.map(({ type, data }) => [type, data.waitingSince])).toEqual([
    ["conversation.updated", since],
    ["conversation.assigned", undefined],
    ["conversation.requeued", since],
    ["conversation.updated", since],
  ]);
  const { items } = await chat.store.execute("conversations", { principal: anna.principal, limit: 1 });
  expect(items[0]?.waitingSince).toBe(since);
  expect(JSON.stringify([guest.events(), anna.events()])).not.toContain("waitingSince");
});

it("a session that falls behind its bound gets one new snapshot instead of its backlog, then goes on live", async () => {
  const anna = await chat.connect(await chat.agent());
  await anna.subscribe("support", "/chat/topic/support");
  const before = anna.bodiesOn("support").length;
  anna.connection.isStalled = true;
  anna.connection.bufferedBytes = 300 * 1024;
  for (let count = 0; count < 20; count += 1) await guest.say("support", `unseen ${count}`);
  expect(anna.bodiesOn("support")).toHaveLength(before);
  anna.connection.release();
  await settled();
  await guest.say("support", "seen");
  const after = anna.bodiesOn("support").slice(before) as { type: string; rev: string }[];
  expect(after.map(({ type }) => type)).toEqual(["snapshot", "conversation.updated"]);
  const [snapshot, next] = after.map(({ rev }) => Number(rev.split("-")[1]));
  expect(next).toBe((snapshot ?? 0) + 1);
});
