/** 2E: when a RECEIPT leaves, and what it promises. */
import { expect } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { settled } from "../helpers/test-chat.ts";
import { point } from "./point.ts";
import { durable, expectEnd, headerOf, nameOf, tell, textsOn, useStage } from "./stage.ts";
import type { OperationName } from "../../src/chat/operations/index.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { TestClient } from "../helpers/test-chat.ts";

const stage = useStage();

/** The receipt-ids that came, in order. */
const receipts = (client: TestClient): (string | undefined)[] =>
  client.connection.of("RECEIPT").map((frame) => headerOf(frame, "receipt-id"));

point("#46 every frame but CONNECT gets the RECEIPT it asks for", async (version) => {
  const client = await stage.join(version);
  const send = "SEND\ndestination:/queue/a\n";
  await client.request("SUBSCRIBE\nid:s\ndestination:/queue/a\nack:client\n", "");
  for (const body of ["1", "2"]) await client.request(send, body);
  const [first, second] = client.messagesOn("s");
  const frames = [
    `ACK\n${nameOf(version, first)}`,
    ...(version === "1.0" ? [] : [`NACK\n${nameOf(version, second)}`]),
    "BEGIN\ntransaction:t\n",
    "COMMIT\ntransaction:t\n",
    "BEGIN\ntransaction:t\n",
    "ABORT\ntransaction:t\n",
    "UNSUBSCRIBE\nid:s\n",
    "DISCONNECT\n",
  ];
  for (const frame of frames) expect(await client.request(frame, ""), frame).toBeDefined();
  expect(receipts(client)).toHaveLength(3 + frames.length);
  expect(client.error()).toBeUndefined();
});

point("#46 no frame gets one that did not ask", async (version) => {
  const client = await stage.join(version);
  await tell(client, "SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\n\nx^@");
  expect(textsOn(client)).toEqual(["x"]);
  expect(receipts(client)).toEqual([]);
});

point("#47 after the RECEIPT of a SUBSCRIBE every message comes", async (version) => {
  const [client, sender] = [await stage.join(version), await stage.join(version)];
  client.connection.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:1\n\n^@");
  sender.connection.send("SEND\ndestination:/topic/a\n\nx^@");
  await settled();
  expect(client.connection.frames.slice(1).map(({ command }) => command)).toEqual(["RECEIPT", "MESSAGE"]);
});

point("#47 the RECEIPT of a SEND waits for its commit, and later ones wait for it", async (version) => {
  const { store, commit } = heldStore();
  stage.begin({ store });
  const client = await stage.chat.connect(stage.chat.guest(), { version, queues: false });
  const body = JSON.stringify({ userFrom: client.id, userTo: "support", message: "hello" });
  await tell(
    client,
    `SEND\ndestination:/chat/message\nreceipt:1\n\n${body}^@BEGIN\ntransaction:t\nreceipt:2\n\n^@`,
  );
  expect(receipts(client)).toEqual([]);
  commit();
  await settled();
  expect(receipts(client)).toEqual(["1", "2"]);
  const [receipt] = client.connection.of("RECEIPT");
  expect(headerOf(receipt, "message-id")).toMatch(/^[\w-]{22}$/);
});

point("#47 the RECEIPT of a persistent SEND, and of its ACK, waits for its commit", async (version) => {
  const { store, commit } = heldStore("changeQueues");
  stage.begin(durable(store));
  const client = await stage.listen(version, "/queue/a", "ack:client\n");
  await tell(client, "SEND\ndestination:/queue/a\npersistent:true\nreceipt:1\n\nx^@");
  expect([receipts(client), textsOn(client)]).toEqual([["r1"], []]);
  commit();
  await settled();
  expect([receipts(client), textsOn(client)]).toEqual([["r1", "1"], ["x"]]);
  await client.request(`ACK\n${nameOf(version, client.messagesOn("s")[0])}`, "");
  expect(receipts(client)).toEqual(["r1", "1", "r2"]);
  stage.begin(durable(store));
  await stage.chat.broker.queues.recover();
  expect(textsOn(await stage.listen(version, "/queue/a"))).toEqual([]);
});

point("#48 what fails gets no RECEIPT: ERROR, or a refusal, carries its id", async (version) => {
  const strict = await stage.join(version);
  await tell(strict, "SEND\ndestination:/nowhere\nreceipt:gone\n\nx^@");
  expectEnd(strict, "UNKNOWN_DESTINATION");
  expect([headerOf(strict.error(), "receipt-id"), receipts(strict)]).toEqual(["gone", []]);
  const lenient = await stage.join(version);
  await tell(lenient, "SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@");
  await tell(lenient, "SEND\ndestination:/nowhere\nreceipt:told\n\nx^@");
  expect(headerOf(lenient.messagesOn("e")[0], "receipt-id")).toBe("told");
  await tell(lenient, "UNSUBSCRIBE\nid:none\nreceipt:fatal\n\n^@");
  expect([headerOf(lenient.error(), "receipt-id"), receipts(lenient)]).toEqual(["fatal", []]);
});

point("#49 in a transaction it says: accepted into it", async (version) => {
  const client = await stage.listen(version, "/queue/a", "ack:client\n");
  await client.request("SEND\ndestination:/queue/a\n", "first");
  await client.request("BEGIN\ntransaction:t\n", "");
  const inside = [
    await client.request("SEND\ndestination:/queue/a\ntransaction:t\n", "second"),
    await client.request(`ACK\ntransaction:t\n${nameOf(version, client.messagesOn("s")[0])}`, ""),
  ];
  expect(inside.map((frame) => frame?.command)).toEqual(["RECEIPT", "RECEIPT"]);
  expect(textsOn(client)).toEqual(["first"]);
  expect(await client.request("COMMIT\ntransaction:t\n", "")).toBeDefined();
  expect(textsOn(client)).toEqual(["first", "second"]);
});

point("#50 frames received before the end of a connection are processed", async (version) => {
  const reader = await stage.listen(version);
  const guest = await stage.chat.connect(stage.chat.guest(), { version, queues: false });
  const agent = await stage.join(version);
  const body = JSON.stringify({ userFrom: guest.id, userTo: "support", message: "hello" });
  guest.connection.send(`SEND\ndestination:/chat/message\n\n${body}^@`);
  guest.connection.vanish();
  agent.connection.send("SEND\ndestination:/topic/a\n\nx^@DISCONNECT\n\n^@");
  agent.connection.vanish();
  await settled();
  expect(textsOn(reader)).toEqual(["x"]);
  const query = { principal: agent.principal, limit: 10 };
  const { items } = await stage.chat.store.execute("conversations", query);
  expect(items).toMatchObject([{ customer: { id: guest.id }, lastSeq: 1 }]);
});

point("#51 the value may be any text, and is escaped", async (version) => {
  const client = await stage.join(version);
  await tell(client, "BEGIN\ntransaction:t\nreceipt:a\\cb\\\\c\\n€ d\n\n^@");
  expect(receipts(client)).toEqual(["a:b\\c\n€ d"]);
  expect(client.connection.wire).toContain("\nreceipt-id:a\\cb\\\\c\\n€ d\n");
});

point("#51 128 octets are not too long, 129 are", async (version) => {
  const client = await stage.join(version);
  await tell(client, `BEGIN\ntransaction:t\nreceipt:${"é".repeat(64)}\n\n^@`);
  expect(receipts(client)).toEqual(["é".repeat(64)]);
  await tell(client, `ABORT\ntransaction:t\nreceipt:${"é".repeat(64)}x\n\n^@`);
  expectEnd(client, "BAD_RECEIPT", 1002);
});

/** A store that makes nothing durable until `commit`. */
function heldStore(operation: OperationName = "post"): { store: ChatStore; commit: () => void } {
  const store: ChatStore = createMemoryStore();
  let commit = (): void => undefined;
  const committed = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const execute = store.execute.bind(store);
  store.execute = async (name, ...rest) => {
    if (name === operation) await committed;
    return execute(name, ...rest);
  };
  return { store, commit };
}
