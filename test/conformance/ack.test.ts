/** 2H: how deliveries are settled. */
import { expect } from "vitest";
import { point } from "./point.ts";
import { durable, expectEnd, headerOf, nameOf, tell, textsOn, useStage } from "./stage.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { TestClient } from "../helpers/test-chat.ts";

const stage = useStage();
const QUEUE = "/queue/work";

/** A consumer that has got these messages and settled none. */
async function holding(version: Version, mode: string, texts: readonly string[]): Promise<TestClient> {
  const client = await stage.listen(version, QUEUE, `ack:${mode}\n`);
  const sender = await stage.join(version);
  for (const text of texts) await sender.request(`SEND\ndestination:${QUEUE}\n`, text);
  expect(textsOn(client)).toEqual(texts);
  return client;
}

/** ACK or NACK of a delivery of subscription `s`, by its index. */
async function settle(
  client: TestClient,
  version: Version,
  index: number,
  verb = "ACK",
  more = "",
): Promise<void> {
  await client.request(`${verb}\n${nameOf(version, client.messagesOn("s")[index])}${more}`, "");
}

/** What is left for the next consumer once this one is gone. */
async function leftBehind(client: TestClient, version: Version): Promise<string[]> {
  client.connection.vanish();
  return textsOn(await stage.listen(version, QUEUE));
}

point("#68 each version names the delivery its own way", async (version) => {
  const client = await holding(version, "client", ["1", "2"]);
  await settle(client, version, 0);
  expect(client.error()).toBeUndefined();
  expect(await leftBehind(client, version)).toEqual(["2"]);
});

point("#68 and not without that name", async (version) => {
  const client = await holding(version, "client", ["1"]);
  const [message] = client.messagesOn("s");
  const messageId = `message-id:${headerOf(message, "message-id") ?? ""}\n`;
  const wrong = { "1.0": "subscription:s\n", "1.1": messageId, "1.2": `${messageId}subscription:s\n` }[
    version
  ];
  await tell(client, `ACK\n${wrong}\n^@`);
  expectEnd(client, "MISSING_ID", 1002);
});

point(
  "#68 there is no NACK",
  async (version) => {
    const client = await holding(version, "client", ["1"]);
    await settle(client, version, 0, "NACK");
    expectEnd(client, "UNKNOWN_COMMAND", 1002);
  },
  ["1.0"],
);

point("#69 in mode client ACK settles all before it, of that subscription alone", async (version) => {
  const client = await holding(version, "client", ["1", "2", "3"]);
  await client.subscribe("other", "/queue/other", "ack:client\n");
  await client.request("SEND\ndestination:/queue/other\n", "other");
  await settle(client, version, 1);
  expect(await leftBehind(client, version)).toEqual(["3"]);
  expect(textsOn(await stage.listen(version, "/queue/other"))).toEqual(["other"]);
});

point(
  "#69 in mode client NACK hands back all before it",
  async (version) => {
    const client = await holding(version, "client", ["1", "2", "3"]);
    await settle(client, version, 1, "NACK");
    expect(textsOn(client)).toEqual(["1", "2", "3", "1", "2"]);
  },
  ["1.1", "1.2"],
);

point("#70 in mode client-individual ACK and NACK are about one message", async (version) => {
  const client = await holding(version, "client-individual", ["1", "2", "3"]);
  await settle(client, version, 1);
  await settle(client, version, 2, "NACK");
  expect(textsOn(client)).toEqual(["1", "2", "3", "3"]);
  expect(await leftBehind(client, version)).toEqual(["1", "3"]);
});

point("#71 what is settled, unknown or another connection's ends the connection", async (version) => {
  const settled = await holding(version, "client", ["1"]);
  await settle(settled, version, 0);
  await settle(settled, version, 0);
  expectEnd(settled, "UNKNOWN_ACK", 1002);
  const owner = await holding(version, "client", ["2"]);
  const other = await stage.listen(version, "/topic/a", "ack:client\n");
  await tell(other, `ACK\n${nameOf(version, owner.messagesOn("s")[0])}\n^@`);
  expectEnd(other, "UNKNOWN_ACK", 1002);
  await settle(owner, version, 0);
  expect(owner.error()).toBeUndefined();
});

point("#71 so does an ACK on an auto subscription", async (version) => {
  const client = await holding(version, "auto", ["1"]);
  const messageId = headerOf(client.messagesOn("s")[0], "message-id") ?? "";
  await tell(client, `ACK\nid:${messageId}\nmessage-id:${messageId}\nsubscription:s\n\n^@`);
  expectEnd(client, "UNKNOWN_ACK", 1002);
});

point(
  "#71 so does the name of a delivery that was handed back, though the message is here again",
  async (version) => {
    const client = await holding(version, "client", ["1"]);
    await settle(client, version, 0, "NACK");
    expect(textsOn(client)).toEqual(["1", "1"]);
    await settle(client, version, 0);
    expectEnd(client, "UNKNOWN_ACK", 1002);
    expect(textsOn(await stage.listen(version, QUEUE))).toEqual(["1"]);
  },
  ["1.2"],
);

point("#71 an ACK of a transaction names the delivery there was when it came", async (version) => {
  const client = await holding(version, "client", ["1"]);
  await client.request("BEGIN\ntransaction:t\n", "");
  await settle(client, version, 0, "ACK", "transaction:t\n");
  await client.request("UNSUBSCRIBE\nid:s\n", "");
  await client.subscribe("s", QUEUE, "ack:client\n");
  expect(textsOn(client)).toEqual(["1", "1"]);
  await tell(client, "COMMIT\ntransaction:t\n\n^@");
  expectEnd(client, "UNKNOWN_ACK", 1002);
  expect(textsOn(await stage.listen(version, QUEUE))).toEqual(["1"]);
});

point("#71 an id that an earlier ACK of the same transaction settles is absorbed", async (version) => {
  const client = await holding(version, "client", ["1", "2", "3"]);
  await client.request("BEGIN\ntransaction:t\n", "");
  for (const index of [1, 0]) await settle(client, version, index, "ACK", "transaction:t\n");
  expect(await client.request("COMMIT\ntransaction:t\n", "")).toBeDefined();
  expect(await leftBehind(client, version)).toEqual(["3"]);
});

point("#72 NACK brings a message back to the head, marked and counted", async (version) => {
  const client = await stage.listen(version, QUEUE, "ack:client-individual\nprefetch:1\n");
  for (const text of ["1", "2"]) await client.request(`SEND\ndestination:${QUEUE}\n`, text);
  await settle(client, version, 0, "NACK");
  expect(textsOn(client)).toEqual(["1", "1"]);
  const marks = client
    .messagesOn("s")
    .map((frame) => [headerOf(frame, "redelivered"), headerOf(frame, "delivery-attempt")]);
  expect(marks).toEqual([
    [undefined, undefined],
    ["true", "2"],
  ]);
});

point("#72 after its last attempt, or with requeue:false, it is a dead letter", async (version) => {
  stage.begin({ limits: { maxDeliveryAttempts: 2 } });
  const client = await stage.listen(version, QUEUE, "ack:client-individual\n");
  const undertaker = await stage.listen(version, "/queue/dead-letters/work");
  for (const text of ["tried", "rejected"]) await client.request(`SEND\ndestination:${QUEUE}\n`, text);
  await settle(client, version, 1, "NACK", "requeue:false\n");
  await settle(client, version, 0, "NACK");
  await settle(client, version, 2, "NACK");
  expect(textsOn(client)).toEqual(["tried", "rejected", "tried"]);
  expect(textsOn(undertaker)).toEqual(["rejected", "tried"]);
  const reasons = undertaker.messagesOn("s").map((frame) => headerOf(frame, "dead-letter-reason"));
  expect(reasons).toEqual(["rejected", "attempts"]);
});

point("#72 on a topic NACK settles, and in a mailbox it is refused", async (version) => {
  const client = await stage.listen(version, "/topic/a", "ack:client-individual\nprefetch:1\n");
  for (const text of ["1", "2"]) await client.request("SEND\ndestination:/topic/a\n", text);
  await settle(client, version, 0, "NACK");
  expect(textsOn(client)).toEqual(["1", "2"]);
  const anna = await stage.join(version);
  const guest = await stage.chat.connect(stage.chat.guest(), { version, queues: false });
  await guest.subscribe("errors", "/user/queue/errors");
  await guest.subscribe("s", "/user/queue/messages", "ack:client\n");
  await guest.say("support", "hello");
  await anna.say(guest.id, "welcome");
  await settle(guest, version, 0, "NACK");
  expect(guest.refusals()).toEqual(["UNSUPPORTED"]);
});

point(
  "#73 what a lost connection had not ACKed goes to another consumer, first and marked",
  async (version) => {
    const client = await stage.listen(version, QUEUE, "ack:client\nprefetch:2\n");
    for (const text of ["1", "2", "3"]) await client.request(`SEND\ndestination:${QUEUE}\n`, text);
    client.connection.vanish();
    const next = await stage.listen(version, QUEUE);
    expect(textsOn(next)).toEqual(["1", "2", "3"]);
    const marks = next.messagesOn("s").map((frame) => headerOf(frame, "redelivered"));
    expect(marks).toEqual(["true", "true", undefined]);
  },
);

point(
  "#73 what was stored and not ACKed comes again after a restart, in order and marked",
  async (version) => {
    const kept = durable();
    stage.begin(kept);
    const client = await stage.listen(version, QUEUE, "ack:client\nprefetch:2\n");
    for (const text of ["1", "2", "3"])
      await client.request(`SEND\ndestination:${QUEUE}\npersistent:true\n`, text);
    await client.request(`ACK\n${nameOf(version, client.messagesOn("s")[0])}`, "");
    stage.begin(kept);
    await stage.chat.broker.queues.recover();
    const next = await stage.listen(version, QUEUE);
    expect(textsOn(next)).toEqual(["2", "3"]);
    expect(headerOf(next.messagesOn("s")[0], "redelivered")).toBe("true");
  },
);

point("#74 on a topic un-ACKed messages count against the window alone", async (version) => {
  const client = await stage.listen(version, "/topic/a", "ack:client\nprefetch:2\n");
  const other = await stage.listen(version, "/topic/a");
  for (const text of ["1", "2", "3"]) await other.request("SEND\ndestination:/topic/a\n", text);
  expect([textsOn(client), textsOn(other)]).toEqual([
    ["1", "2"],
    ["1", "2", "3"],
  ]);
  await settle(client, version, 0);
  expect(textsOn(client)).toEqual(["1", "2", "3"]);
  client.connection.vanish();
  expect(textsOn(other)).toEqual(["1", "2", "3"]);
  expect(textsOn(await stage.listen(version))).toEqual([]);
});
