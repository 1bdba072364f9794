/** 2G: subscriptions, and the MESSAGEs that come of them. */
import { expect } from "vitest";
import { point } from "./point.ts";
import { expectEnd, headerOf, tell, textsOn, useStage } from "./stage.ts";

const stage = useStage();
const SEND = "SEND\ndestination:/topic/a\n\n";

point(
  "#58 id is required",
  async (version) => {
    const client = await stage.join(version);
    await tell(client, "SUBSCRIBE\ndestination:/topic/a\n\n^@");
    expectEnd(client, "MISSING_ID", 1002);
  },
  ["1.1", "1.2"],
);

point(
  "#58 without id a subscription goes by its destination",
  async (version) => {
    const client = await stage.join(version);
    await tell(client, `SUBSCRIBE\ndestination:/topic/a\nreceipt:1\n\n^@${SEND}x^@`);
    const [message] = client.connection.of("MESSAGE");
    expect([message?.headers.has("subscription"), headerOf(message, "destination")]).toEqual([
      false,
      "/topic/a",
    ]);
    await tell(client, `UNSUBSCRIBE\ndestination:/topic/a\n\n^@${SEND}y^@`);
    expect(client.connection.of("MESSAGE")).toHaveLength(1);
    await tell(client, "SUBSCRIBE\ndestination:/topic/a\n\n^@SUBSCRIBE\ndestination:/topic/a\n\n^@");
    expectEnd(client, "DUPLICATE_SUBSCRIPTION_ID");
  },
  ["1.0"],
);

point("#59 an id in use ends the connection, whatever the destination", async (version) => {
  for (const destination of ["/topic/a", "/topic/b", "/nowhere"]) {
    const client = await stage.listen(version);
    await tell(client, `SUBSCRIBE\nid:s\ndestination:${destination}\n\n^@`);
    expectEnd(client, "DUPLICATE_SUBSCRIPTION_ID", 1002, destination);
  }
});

point("#59 an id of another connection is another", async (version) => {
  const [one, other] = [await stage.listen(version), await stage.listen(version)];
  await tell(one, `${SEND}x^@`);
  expect([textsOn(one), textsOn(other)]).toEqual([["x"], ["x"]]);
});

point("#60 each subscription of a connection gets a copy", async (version) => {
  const client = await stage.listen(version);
  await client.subscribe("t", "/topic/a");
  await client.subscribe("pattern", "/topic/*");
  await tell(client, `${SEND}x^@`);
  expect(["s", "t", "pattern"].map((id) => textsOn(client, id))).toEqual([["x"], ["x"], ["x"]]);
});

point("#61 ack is auto by default, and any mode the version knows", async (version) => {
  const modes = ["", "ack:auto\n", "ack:client\n", "ack:client-individual\n"];
  for (const mode of version === "1.0" ? modes.slice(0, 3) : modes) {
    const client = await stage.listen(version, "/topic/a", mode);
    await tell(client, `${SEND}x^@`);
    expect(client.messagesOn("s"), mode).toHaveLength(1);
    expect(client.messagesOn("s")[0]?.headers.has("ack"), mode).toBe(mode.includes("client"));
    client.connection.vanish();
  }
});

point("#61 other modes end the connection", async (version) => {
  for (const mode of [
    "",
    "Auto",
    "none",
    "individual",
    ...(version === "1.0" ? ["client-individual"] : []),
  ]) {
    const client = await stage.join(version);
    await tell(client, `SUBSCRIBE\nid:s\ndestination:/topic/a\nack:${mode}\n\n^@`);
    expectEnd(client, "BAD_ACK_MODE", 1002, mode);
  }
});

/** What an agent cannot subscribe to, and why. */
const REFUSED = [
  ["/nowhere", "UNKNOWN_DESTINATION"],
  ["/topic/a*", "BAD_DESTINATION"],
  ["/user/queue/none", "FORBIDDEN_DESTINATION"],
] as const;

point("#62 what cannot be subscribed to is ERROR, and the close comes behind it", async (version) => {
  for (const [destination, code] of REFUSED) {
    const client = await stage.join(version);
    await tell(client, `SUBSCRIBE\nid:s\ndestination:${destination}\nreceipt:r\n\n^@`);
    expectEnd(client, code, 1008, destination);
    expect(headerOf(client.error(), "receipt-id")).toBe("r");
  }
});

point("#62 a session that subscribed to refusals gets them, and goes on", async (version) => {
  const client = await stage.join(version);
  await client.subscribe("errors", "/user/queue/errors");
  for (const [destination] of REFUSED) await client.subscribe("s", destination);
  expect(client.refusals()).toEqual(REFUSED.map(([, code]) => code));
  expect(client.connection.closedWith).toBeUndefined();
});

point("#63 behind UNSUBSCRIBE no MESSAGE comes", async (version) => {
  const client = await stage.listen(version);
  await tell(client, `${SEND}1^@UNSUBSCRIBE\nid:s\nreceipt:gone\n\n^@${SEND}2^@`);
  await tell(client, `${SEND}3^@`);
  expect(textsOn(client)).toEqual(["1"]);
  expect(client.connection.frames.at(-1)?.command).toBe("RECEIPT");
});

point("#63 what was not ACKed goes back to its queue, in order", async (version) => {
  const client = await stage.listen(version, "/queue/a", "ack:client\nprefetch:2\n");
  for (const text of ["1", "2", "3"]) await client.request("SEND\ndestination:/queue/a\n", text);
  await client.request("UNSUBSCRIBE\nid:s\n", "");
  const next = await stage.listen(version, "/queue/a");
  expect([textsOn(client), textsOn(next)]).toEqual([
    ["1", "2"],
    ["1", "2", "3"],
  ]);
});

point("#64 an unknown id ends the connection", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "UNSUBSCRIBE\nid:s\n\n^@UNSUBSCRIBE\nid:s\n\n^@");
  expectEnd(client, "UNKNOWN_SUBSCRIPTION", 1002);
});

point("#64 the id of a refused SUBSCRIBE is known, once", async (version) => {
  const client = await stage.join(version);
  await client.subscribe("errors", "/user/queue/errors");
  await client.subscribe("s", "/nowhere");
  expect(await client.request("UNSUBSCRIBE\nid:s\n", "")).toBeDefined();
  await tell(client, "UNSUBSCRIBE\nid:s\n\n^@");
  expectEnd(client, "UNKNOWN_SUBSCRIPTION");
});

point("#65 MESSAGE has destination, subscription and an id of its own", async (version) => {
  const client = await stage.listen(version);
  for (let count = 0; count < 20; count += 1) client.connection.send(`${SEND}x^@`);
  await tell(client);
  const messages = client.messagesOn("s");
  expect(new Set(messages.map((frame) => headerOf(frame, "message-id"))).size).toBe(20);
  for (const message of messages) expect(headerOf(message, "destination")).toBe("/topic/a");
});

point("#65 ack is there exactly in the client modes, and its own for each delivery", async (version) => {
  const modes = version === "1.0" ? ["auto", "client"] : ["auto", "client", "client-individual"];
  const client = await stage.join(version);
  for (const mode of modes) await client.subscribe(mode, "/topic/a", `ack:${mode}\n`);
  await tell(client, `${SEND}1^@${SEND}2^@`);
  const acks = modes.map((mode) => client.messagesOn(mode).map((frame) => headerOf(frame, "ack")));
  expect(acks[0]).toEqual([undefined, undefined]);
  const ids = acks.slice(1).flat();
  expect(ids).not.toContain(undefined);
  expect(new Set(ids).size).toBe(ids.length);
});

point("#66 an id may be used again, with another mode and destination", async (version) => {
  const client = await stage.listen(version);
  await client.request("UNSUBSCRIBE\nid:s\n", "");
  await client.subscribe("s", "/topic/b", "ack:client\n");
  await tell(client, `${SEND}a^@SEND\ndestination:/topic/b\n\nb^@`);
  expect(textsOn(client)).toEqual(["b"]);
  expect(client.messagesOn("s")[0]?.headers.has("ack")).toBe(true);
});

point("#67 messages come in the order in which they were accepted", async (version) => {
  const reader = await stage.listen(version);
  const senders = [await stage.join(version), await stage.join(version)];
  const expected: string[] = [];
  for (let count = 0; count < 100; count += 1) {
    expected.push(String(count));
    senders[count % 2]?.connection.send(`${SEND}${count}^@`);
  }
  await tell(reader);
  expect(textsOn(reader)).toEqual(expected);
});

point("#67 SUBSCRIBE and UNSUBSCRIBE take effect in the order of the frames", async (version) => {
  const client = await stage.join(version);
  const subscribe = "SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^@";
  const round = (name: number): string =>
    `${SEND}before ${name}^@${subscribe}${SEND}in ${name}^@UNSUBSCRIBE\nid:s\n\n^@${SEND}after ${name}^@`;
  const rounds = Array.from({ length: 50 }, (_, count) => count);
  await tell(client, rounds.map(round).join(""));
  expect(textsOn(client)).toEqual(rounds.map((count) => `in ${count}`));
});
