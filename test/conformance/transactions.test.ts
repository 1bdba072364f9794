/** 2I: what takes effect together. */
import { expect } from "vitest";
import { refusal } from "../../src/broker/errors.ts";
import { point } from "./point.ts";
import { durable, expectEnd, nameOf, tell, textsOn, useStage } from "./stage.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { TestClient } from "../helpers/test-chat.ts";

const stage = useStage();

const command = (client: TestClient, verb: string, id = "t"): ReturnType<TestClient["request"]> =>
  client.request(`${verb}\ntransaction:${id}\n`, "");
const send = (client: TestClient, text: string, id = "t"): ReturnType<TestClient["request"]> =>
  client.request(`SEND\ndestination:/topic/a\ntransaction:${id}\n`, text);

/** A consumer in client-individual mode (1.0 has client alone) that holds two messages of a queue. */
async function holding(version: Version): Promise<TestClient> {
  const mode = version === "1.0" ? "client" : "client-individual";
  const client = await stage.listen(version, "/queue/a", `ack:${mode}\n`);
  for (const text of ["1", "2"]) await client.request("SEND\ndestination:/queue/a\n", text);
  return client;
}

point("#75 a missing id, a second BEGIN and an id that is not open end the connection", async (version) => {
  const begin = "BEGIN\ntransaction:t\n\n^@";
  for (const [input, code] of [
    ["BEGIN\n\n^@", "MISSING_TRANSACTION"],
    ["COMMIT\n\n^@", "MISSING_TRANSACTION"],
    ["ABORT\ntransaction:\n\n^@", "MISSING_TRANSACTION"],
    [begin + begin, "TRANSACTION_EXISTS"],
    ["COMMIT\ntransaction:t\n\n^@", "UNKNOWN_TRANSACTION"],
    ["ABORT\ntransaction:t\n\n^@", "UNKNOWN_TRANSACTION"],
    [`${begin}COMMIT\ntransaction:t\n\n^@COMMIT\ntransaction:t\n\n^@`, "UNKNOWN_TRANSACTION"],
    ["SEND\ndestination:/topic/a\ntransaction:t\n\nx^@", "UNKNOWN_TRANSACTION"],
  ] as const) {
    const client = await stage.listen(version);
    await tell(client, input);
    expectEnd(client, code, 1002, input);
    expect(client.messagesOn("s")).toEqual([]);
  }
});

point("#75 nor may an ACK or NACK name one", async (version) => {
  for (const verb of version === "1.0" ? ["ACK"] : ["ACK", "NACK"]) {
    const client = await holding(version);
    await tell(client, `${verb}\ntransaction:t\n${nameOf(version, client.messagesOn("s")[0])}\n^@`);
    expectEnd(client, "UNKNOWN_TRANSACTION", 1002, verb);
    client.connection.vanish();
  }
});

point("#76 nothing is seen before COMMIT, and with it everything, in order", async (version) => {
  const reader = await stage.listen(version);
  const client = await holding(version);
  await command(client, "BEGIN");
  await send(client, "1");
  await client.request(`ACK\ntransaction:t\n${nameOf(version, client.messagesOn("s")[0])}`, "");
  await send(client, "2");
  await client.request("SEND\ndestination:/topic/a\n", "outside");
  expect(textsOn(reader)).toEqual(["outside"]);
  await command(client, "COMMIT");
  expect(textsOn(reader)).toEqual(["outside", "1", "2"]);
  client.connection.vanish();
  expect(textsOn(await stage.listen(version, "/queue/a"))).toEqual(["2"]);
});

point("#76 a COMMIT of which one part fails does nothing at all", async (version) => {
  stage.begin({ limits: { maxQueueMessages: 1 } });
  const client = await stage.listen(version);
  await client.subscribe("errors", "/user/queue/errors");
  await command(client, "BEGIN");
  await send(client, "never");
  for (const text of ["1", "2"]) await client.request("SEND\ndestination:/queue/a\ntransaction:t\n", text);
  expect(await command(client, "COMMIT")).toBeUndefined();
  expect(client.refusals()).toEqual(["RETRY_LATER"]);
  expect([textsOn(client), stage.chat.broker.queues.octets]).toEqual([[], 0]);
});

point(
  "#76 what is durable of it is stored together: chat messages and queues, or none of them",
  async (version) => {
    const kept = durable();
    stage.begin(kept);
    const client = await stage.join(version);
    await client.subscribe("errors", "/user/queue/errors");
    const guest = await stage.chat.connect(stage.chat.guest());
    const say = (userTo: string): ReturnType<TestClient["request"]> =>
      client.request(
        "SEND\ndestination:/chat/message\ntransaction:t\n",
        JSON.stringify({ userFrom: client.id, userTo, message: "hello" }),
      );
    const keep = (text: string): ReturnType<TestClient["request"]> =>
      client.request("SEND\ndestination:/queue/a\npersistent:true\ntransaction:t\n", text);
    await command(client, "BEGIN");
    await keep("never");
    await say("nobody-with-this-id-at-all");
    expect(await command(client, "COMMIT")).toBeUndefined();
    expect(client.refusals()).toEqual(["UNKNOWN_USER"]);
    await command(client, "BEGIN");
    await keep("kept");
    await say(guest.id);
    expect(await command(client, "COMMIT")).toBeDefined();
    expect(guest.texts()).toEqual(["hello"]);
    stage.begin(kept);
    await stage.chat.broker.queues.recover();
    expect(textsOn(await stage.listen(version, "/queue/a"))).toEqual(["kept"]);
  },
);

point("#76 ABORT drops all of it", async (version) => {
  const client = await stage.listen(version);
  await command(client, "BEGIN");
  await send(client, "never");
  await command(client, "ABORT");
  await client.request("SEND\ndestination:/topic/a\n", "after");
  expect(textsOn(client)).toEqual(["after"]);
});

point("#76 SUBSCRIBE and UNSUBSCRIBE take effect at once", async (version) => {
  const client = await stage.join(version);
  const say = (text: string): Promise<unknown> => client.request("SEND\ndestination:/topic/a\n", text);
  await command(client, "BEGIN");
  await client.subscribe("s", "/topic/a", "transaction:t\n");
  await say("1");
  await client.request("UNSUBSCRIBE\nid:s\ntransaction:t\n", "");
  await say("2");
  await command(client, "ABORT");
  await say("3");
  expect(textsOn(client)).toEqual(["1"]);
});

point("#77 DISCONNECT and a lost connection abort what is open", async (version) => {
  const reader = await stage.listen(version);
  for (const end of ["DISCONNECT", "loss"]) {
    const client = await holding(version);
    await command(client, "BEGIN");
    await send(client, "never");
    await client.request(`ACK\ntransaction:t\n${nameOf(version, client.messagesOn("s")[1])}`, "");
    if (end === "loss") client.connection.vanish();
    else await tell(client, "DISCONNECT\n\n^@");
    const next = await stage.listen(version, "/queue/a");
    expect(textsOn(next), end).toEqual(["1", "2"]);
    next.connection.vanish();
  }
  expect(textsOn(reader)).toEqual([]);
});

point("#78 ids are the connection's own, and may be used again", async (version) => {
  const reader = await stage.listen(version);
  const [one, other] = [await stage.join(version), await stage.join(version)];
  for (const client of [one, other]) expect(await command(client, "BEGIN")).toBeDefined();
  await send(one, "one");
  await send(other, "other");
  await command(other, "COMMIT");
  expect(textsOn(reader)).toEqual(["other"]);
  await command(one, "ABORT");
  for (const text of ["again", "and again"]) {
    await command(one, "BEGIN");
    await send(one, text);
    await command(one, "COMMIT");
  }
  expect(textsOn(reader)).toEqual(["other", "again", "and again"]);
});

point("#79 as many as may be, and one more ends the connection", async (version) => {
  stage.begin({ limits: { maxTransactions: 2, maxTransactionFrames: 3, maxTransactionBytes: 1024 } });
  const begin = (id: number): string => `BEGIN\ntransaction:${id}\n\n^@`;
  const sendIn = (octets: number): string =>
    `SEND\ndestination:/topic/a\ntransaction:1\n\n${"x".repeat(octets)}^@`;
  for (const [most, more] of [
    [begin(1) + begin(2), begin(3)],
    [begin(1) + sendIn(1).repeat(3), sendIn(1)],
    [begin(1) + sendIn(512).repeat(2), sendIn(1)],
  ] as const) {
    const client = await stage.join(version);
    await tell(client, most);
    expect(client.error()).toBeUndefined();
    await tell(client, more);
    expectEnd(client, "TRANSACTION_LIMIT", 1008, more);
  }
});

point("#79 one that stays open for too long ends the connection", async (version) => {
  const client = await stage.join(version);
  await command(client, "BEGIN");
  stage.pass(stage.chat.broker.limits.transactionTimeoutMs - 1);
  expect(client.error()).toBeUndefined();
  stage.pass(1);
  expectEnd(client, "TRANSACTION_LIMIT", 1008);
});

point("#80 whether the sender may is asked at SEND", async (version) => {
  const guest = await stage.chat.connect(stage.chat.guest(), { version });
  await command(guest, "BEGIN");
  expect(await send(guest, "never")).toBeUndefined();
  expect(guest.refusals()).toEqual(["FORBIDDEN_DESTINATION"]);
  expect(await command(guest, "COMMIT")).toBeDefined();
});

point("#80 and again at COMMIT", async (version) => {
  let isOpen = true;
  stage.begin({
    access: {
      refusalOf: (_principal, verb) =>
        isOpen || verb === "SUBSCRIBE" ? undefined : refusal("FORBIDDEN_DESTINATION"),
    },
  });
  const client = await stage.listen(version);
  await client.subscribe("errors", "/user/queue/errors");
  await command(client, "BEGIN");
  expect(await send(client, "never")).toBeDefined();
  isOpen = false;
  expect(await command(client, "COMMIT")).toBeUndefined();
  expect([client.refusals(), textsOn(client)]).toEqual([["FORBIDDEN_DESTINATION"], []]);
});

point("#81 ABORT leaves outstanding what was ACKed or NACKed inside", async (version) => {
  const client = await holding(version);
  const names = client.messagesOn("s").map((message) => nameOf(version, message));
  await command(client, "BEGIN");
  await client.request(`ACK\ntransaction:t\n${names[0] ?? ""}`, "");
  if (version !== "1.0") await client.request(`NACK\ntransaction:t\n${names[1] ?? ""}`, "");
  await command(client, "ABORT");
  expect(textsOn(client)).toEqual(["1", "2"]);
  for (const name of names) await client.request(`ACK\n${name}`, "");
  expect(client.error()).toBeUndefined();
  client.connection.vanish();
  expect(textsOn(await stage.listen(version, "/queue/a"))).toEqual([]);
});
