/** ACK and NACK name one delivery, never a later one of the same message: not pipelined, not in a transaction. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryStore } from "../../../../src/adapters/stores/memory-store.ts";
import { createQueueStore } from "../../../../src/chat/queue-store.ts";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { Frame } from "../../../../src/stomp/frame.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

const QUEUE = "/queue/work";
const DEAD_LETTERS = "/queue/dead-letters/work";

let chat: TestChat;
let sender: TestClient;

beforeEach(async () => {
  const store = createMemoryStore();
  chat = new TestChat({ store, queueStore: createQueueStore(store) });
  sender = await join();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function join(version = "1.2"): Promise<TestClient> {
  return chat.connect(await chat.agent(), { queues: false, version });
}

async function work(mode: string, version = "1.2", destination = QUEUE): Promise<TestClient> {
  const client = await join(version);
  await client.subscribe("s", destination, `ack:${mode}\n`);
  return client;
}

async function send(texts: readonly string[], more = "", destination = QUEUE): Promise<void> {
  for (const text of texts) await sender.request(`SEND\ndestination:${destination}\n${more}`, text);
}

const textOf = ({ body }: Frame): string => new TextDecoder().decode(body);
const texts = (client: TestClient): string[] => client.messagesOn("s").map(textOf);
const header = (frame: Frame | undefined, name: string): string => frame?.headers.get(name) ?? "";
const acks = (client: TestClient): string[] => client.messagesOn("s").map((frame) => header(frame, "ack"));
const attempts = (client: TestClient): string[] =>
  client.messagesOn("s").map((frame) => header(frame, "delivery-attempt"));
const code = (client: TestClient): string => header(client.error(), "code");

/** How a version names the nth delivery of subscription `s`. */
function nameOf(client: TestClient, version: string, index: number): string {
  const frame = client.messagesOn("s")[index];
  if (version === "1.2") return `id:${header(frame, "ack")}\n`;
  return `message-id:${header(frame, "message-id")}\nsubscription:s\n`;
}

async function tell(client: TestClient, ...frames: readonly string[]): Promise<void> {
  client.connection.send(frames.join(""));
  await settled();
}

describe("the ack of a MESSAGE", () => {
  it.each(["1.0", "1.1", "1.2"])("in %s is another one for each delivery, and short", async (version) => {
    const client = await work("client", version);
    await client.subscribe("t", "/topic/a", "ack:client\n");
    await send(["1", "2"]);
    await send(["3"], "", "/topic/a");
    const again = await work("client", version);
    client.connection.vanish();
    await settled();
    const all = [client, again].flatMap(({ connection }) => connection.of("MESSAGE"));
    const values = all.map((frame) => header(frame, "ack"));
    expect([values.length, new Set(values).size]).toEqual([5, 5]);
    for (const value of values) expect(value).toMatch(/^[A-Za-z0-9_-]{8}\.[1-9][0-9]*$/);
  });

  it("of a session that is over names nothing in the next one, whose deliveries are as many", async () => {
    const first = await work("client");
    await send(["1"]);
    first.connection.vanish();
    const next = await work("client");
    expect(texts(next)).toEqual(["1"]);
    await tell(next, `ACK\nid:${acks(first)[0]}\n\n^@`);
    expect(code(next)).toBe("UNKNOWN_ACK");
    expect(texts(await work("auto"))).toEqual(["1"]);
  });
});

describe("pipelined", () => {
  it("NACKs of one delivery cost one attempt: the second is UNKNOWN_ACK and nothing is a dead letter", async () => {
    const undertaker = await work("auto", "1.2", DEAD_LETTERS);
    const client = await work("client-individual");
    await send(["work"]);
    const nack = `NACK\n${nameOf(client, "1.2", 0)}\n^@`;
    await tell(client, ...Array.from({ length: 5 }, () => nack));
    expect([code(client), attempts(client), texts(undertaker)]).toEqual(["UNKNOWN_ACK", ["", "2"], []]);
    const next = await work("auto");
    expect([texts(next), attempts(next)]).toEqual([["work"], ["3"]]);
  });

  it("ACK behind the NACK of the same delivery does not settle the next one, which nobody has seen", async () => {
    const client = await work("client-individual");
    await send(["work"]);
    const name = nameOf(client, "1.2", 0);
    await tell(client, `NACK\n${name}\n^@`, `ACK\n${name}\n^@`);
    expect(code(client)).toBe("UNKNOWN_ACK");
    expect(texts(await work("auto"))).toEqual(["work"]);
  });

  it("in 1.1, where a message-id is all there is, the delivery that waits then is meant", async () => {
    const client = await work("client-individual", "1.1");
    await send(["work"]);
    const name = nameOf(client, "1.1", 0);
    await tell(client, `NACK\n${name}\n^@`, `ACK\n${name}receipt:r\n\n^@`);
    expect([code(client), client.receiptOf("r")?.command, attempts(client)]).toEqual([
      "",
      "RECEIPT",
      ["", "2"],
    ]);
    expect(chat.broker.queues.octets).toBe(0);
  });
});

describe.each(["1.1", "1.2"])("in a transaction of %s", (version) => {
  it.each([
    ["of a queue", "", "ACK"],
    ["of a queue", "", "NACK"],
    ["of a queue, stored,", "persistent:true\n", "ACK"],
    ["of a queue, stored,", "persistent:true\n", "NACK"],
  ])("a delivery %s that came back meanwhile (%j): %s names it, not the one after", async (_, more, verb) => {
    const client = await work("client", version);
    await send(["work"], more);
    const name = nameOf(client, version, 0);
    await tell(client, "BEGIN\ntransaction:t\n\n^@", `${verb}\ntransaction:t\n${name}receipt:in\n\n^@`);
    await tell(client, `NACK\n${name}\n^@`);
    expect([client.receiptOf("in")?.command, attempts(client)]).toEqual(["RECEIPT", ["", "2"]]);
    await tell(client, "COMMIT\ntransaction:t\n\n^@");
    expect(code(client)).toBe("UNKNOWN_ACK");
    const next = await work("auto");
    expect([texts(next), attempts(next)]).toEqual([["work"], ["3"]]);
  });

  it("a delivery of a temporary queue too", async () => {
    const client = await work("client", version, "/temp-queue/answers");
    const worker = await work("auto");
    await client.request(`SEND\ndestination:${QUEUE}\nreply-to:/temp-queue/answers\n`, "?");
    await send(["42"], "", header(worker.messagesOn("s")[0], "reply-to"));
    const name = nameOf(client, version, 0);
    await tell(client, "BEGIN\ntransaction:t\n\n^@", `ACK\ntransaction:t\n${name}\n^@`, `NACK\n${name}\n^@`);
    expect(texts(client)).toEqual(["42", "42"]);
    await tell(client, "COMMIT\ntransaction:t\n\n^@");
    expect(code(client)).toBe("UNKNOWN_ACK");
  });

  it("a delivery whose subscription ended and was opened anew is settled, by the server", async () => {
    const client = await work("client", version);
    await send(["work"]);
    const name = nameOf(client, version, 0);
    await tell(client, "BEGIN\ntransaction:t\n\n^@", `ACK\ntransaction:t\n${name}\n^@`);
    await client.request("UNSUBSCRIBE\nid:s\n", "");
    await client.subscribe("s", QUEUE, "ack:client\n");
    expect(attempts(client)).toEqual(["", "2"]);
    await tell(client, "COMMIT\ntransaction:t\n\n^@");
    expect(code(client)).toBe("UNKNOWN_ACK");
    expect(texts(await work("auto"))).toEqual(["work"]);
  });

  it("both of one delivery are one: the second is absorbed, and after ABORT it waits as before", async () => {
    const client = await work("client", version);
    await send(["work"]);
    const name = nameOf(client, version, 0);
    const inside = ["NACK", "ACK"].map((verb) => `${verb}\ntransaction:t\n${name}\n^@`);
    await tell(client, "BEGIN\ntransaction:t\n\n^@", ...inside, "ABORT\ntransaction:t\n\n^@");
    await tell(client, "BEGIN\ntransaction:t\n\n^@", ...inside, "COMMIT\ntransaction:t\nreceipt:r\n\n^@");
    expect([code(client), client.receiptOf("r")?.command]).toEqual(["", "RECEIPT"]);
    expect(attempts(client)).toEqual(["", "2"]);
  });
});

describe.each(["1.1", "1.2"])("in mode client of %s", (version) => {
  it("all before it are those delivered before it, also when they came back", async () => {
    const client = await work("client", version);
    await send(["1", "2", "3"]);
    await client.request(`NACK\n${nameOf(client, version, 1)}`, "");
    expect(texts(client)).toEqual(["1", "2", "3", "1", "2"]);
    await client.request(`ACK\n${nameOf(client, version, 2)}`, "");
    await client.request(`ACK\n${nameOf(client, version, 3)}`, "");
    client.connection.vanish();
    expect(code(client)).toBe("");
    expect(texts(await work("auto"))).toEqual(["2"]);
  });
});

it("a mailbox is read again under other names, and those of before are settled", async () => {
  const guest = await chat.connect(chat.guest(), { queues: false });
  await guest.subscribe("events", "/user/queue/events");
  await guest.say("support", "hello");
  await sender.say(guest.id, "welcome");
  await guest.subscribe("s", "/user/queue/messages", "ack:client-individual\n");
  const [before] = acks(guest);
  await guest.request("UNSUBSCRIBE\nid:s\n", "");
  await guest.subscribe("s", "/user/queue/messages", "ack:client-individual\n");
  expect(new Set(acks(guest)).size).toBe(acks(guest).length);
  await guest.request(`ACK\nid:${acks(guest).at(-1)}\n`, "");
  expect(code(guest)).toBe("");
  await tell(guest, `ACK\nid:${before}\n\n^@`);
  expect(code(guest)).toBe("UNKNOWN_ACK");
});
