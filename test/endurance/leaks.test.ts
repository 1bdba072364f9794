/** What came and went leaves nothing behind. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { liveHeapMiB } from "../helpers/live-heap.ts";
import { settled, TestChat } from "../helpers/test-chat.ts";
import type { TestClient } from "../helpers/test-chat.ts";

const DESTINATIONS = [
  "/topic/a",
  "/topic/a/*/c",
  "/topic/**",
  "/queue/a",
  "/chat/topic/support",
  "/user/queue/messages",
  "/user/queue/events",
  "/user/queue/errors",
];
/** Compiled code, and what the collector leaves for later. */
const NOISE_MIB = 5;

let chat: TestChat;

beforeEach(() => {
  chat = new TestChat();
});
afterEach(() => {
  chat.close();
});

const maps = (): unknown => ({
  sessions: chat.broker.sessions.size,
  topics: chat.broker.topics.size,
  queues: chat.broker.queues.size,
});

async function subscribeAndLeave({ connection }: TestClient, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    const destination = DESTINATIONS[count % DESTINATIONS.length] ?? "";
    connection.send(`SUBSCRIBE\nid:${count}\ndestination:${destination}\n\n^@UNSUBSCRIBE\nid:${count}\n\n^@`);
    if (count % 20 === 0) await settled(3);
  }
  await settled();
  expect(connection.closedWith).toBeUndefined();
  connection.frames.length = 0;
}

/** Every second one says goodbye, the others vanish, with a transaction open and a message un-ACKed. */
async function comeAndGo(times: number): Promise<void> {
  const agent = await chat.agent();
  for (let count = 0; count < times; count += 1) {
    const client = await chat.connect(agent);
    client.connection.send(
      "SUBSCRIBE\nid:q\ndestination:/queue/b\nack:client\n\n^@BEGIN\ntransaction:t\n\n^@",
    );
    client.connection.send("SUBSCRIBE\nid:t\ndestination:/topic/b/*\n\n^@");
    if (count % 2 === 0) client.connection.send("DISCONNECT\n\n^@");
    else client.connection.vanish();
    await settled(2);
  }
}

it("10,000 SUBSCRIBEs and UNSUBSCRIBEs on one session", async () => {
  const client = await chat.connect(await chat.agent(), { queues: false });
  await subscribeAndLeave(client, 2000);
  const before = { maps: maps(), heap: liveHeapMiB() };
  await subscribeAndLeave(client, 10_000);
  expect(maps()).toEqual(before.maps);
  expect(liveHeapMiB() - before.heap).toBeLessThan(NOISE_MIB);
});

it("1,000 sessions that came and went", async () => {
  await comeAndGo(200);
  const before = { maps: maps(), heap: liveHeapMiB() };
  await comeAndGo(1000);
  expect(maps()).toEqual(before.maps);
  expect(maps()).toEqual({ sessions: 0, topics: 0, queues: 0 });
  expect(liveHeapMiB() - before.heap).toBeLessThan(NOISE_MIB);
});
