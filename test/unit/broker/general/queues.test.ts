/** `/queue/**`: competing consumers, ack and nack in every mode and version, redelivery, dead letters, bounds. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { Frame } from "../../../../src/stomp/frame.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

const QUEUE = "/queue/work";

let chat: TestChat;
let sender: TestClient;

beforeEach(async () => {
  await begin();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function begin(limits: ConstructorParameters<typeof TestChat>[0] = {}): Promise<void> {
  chat = new TestChat(limits);
  sender = await join();
  await sender.subscribe("errors", "/user/queue/errors");
}

async function join(version = "1.2"): Promise<TestClient> {
  return chat.connect(await chat.agent(), { queues: false, version });
}

async function work(mode: string, more = "", version = "1.2"): Promise<TestClient> {
  const client = await join(version);
  await client.subscribe("s", QUEUE, `ack:${mode}\n${more}`);
  return client;
}

async function send(...texts: readonly string[]): Promise<void> {
  for (const text of texts) sender.pipeline(`SEND\ndestination:${QUEUE}\n`, text);
  await settled();
}

const textOf = ({ body }: Frame): string => new TextDecoder().decode(body);
const texts = (client: TestClient): string[] => client.connection.of("MESSAGE").map(textOf);
const last = (client: TestClient): Frame | undefined => client.connection.of("MESSAGE").at(-1);
const header = (frame: Frame | undefined, name: string): string => frame?.headers.get(name) ?? "";
const ack = async (client: TestClient, frame: Frame | undefined, verb = "ACK", more = ""): Promise<void> => {
  await client.request(`${verb}\nid:${header(frame, "ack")}\n${more}`, "");
};

describe("a message", () => {
  it("goes to one consumer, each in turn, in the order of acceptance", async () => {
    const [one, two, three] = [await work("auto"), await work("auto"), await work("auto")];
    await send("1", "2", "3", "4", "5", "6", "7");
    expect([texts(one), texts(two), texts(three)]).toEqual([
      ["1", "4", "7"],
      ["2", "5"],
      ["3", "6"],
    ]);
    expect(header(last(one), "destination")).toBe(QUEUE);
  });

  it("waits while nobody consumes, and costs nothing once it is gone", async () => {
    await send("1", "2");
    expect(chat.broker.queues.octets).toBeGreaterThan(0);
    const client = await work("auto");
    await settled();
    expect(texts(client)).toEqual(["1", "2"]);
    client.connection.vanish();
    expect([chat.broker.queues.size, chat.broker.queues.octets]).toEqual([0, 0]);
  });

  it("that was queued for a session but never written goes to the next one", async () => {
    const client = await work("auto");
    client.connection.isStalled = true;
    client.connection.bufferedBytes = 100_000;
    await send("1");
    client.connection.vanish();
    expect(texts(await work("auto"))).toEqual(["1"]);
  });
});

describe("ACK", () => {
  it("in client mode settles all before it, on that subscription alone", async () => {
    const client = await work("client");
    await client.subscribe("other", "/queue/other", "ack:client\n");
    await send("1", "2", "3");
    await sender.request("SEND\ndestination:/queue/other\n", "other");
    await ack(client, client.messagesOn("s")[1]);
    client.connection.vanish();
    const next = await work("auto");
    await next.subscribe("other", "/queue/other");
    await settled();
    expect(next.messagesOn("s").map(textOf)).toEqual(["3"]);
    expect(next.messagesOn("other").map(textOf)).toEqual(["other"]);
  });

  it("in client-individual mode settles exactly one", async () => {
    const client = await work("client-individual");
    await send("1", "2", "3");
    await ack(client, client.messagesOn("s")[1]);
    client.connection.vanish();
    expect(texts(await work("auto"))).toEqual(["1", "3"]);
  });

  it.each([
    ["1.1", (frame: Frame) => `subscription:s\nmessage-id:${header(frame, "message-id")}\n`],
    ["1.0", (frame: Frame) => `message-id:${header(frame, "message-id")}\n`],
  ])("of %s names the message its own way", async (version, name) => {
    const client = await work("client", "", version);
    await send("1", "2");
    const [first] = client.connection.of("MESSAGE");
    expect(await client.request(`ACK\n${name(first as Frame)}`, "")).toBeDefined();
    client.connection.vanish();
    expect(texts(await work("auto"))).toEqual(["2"]);
  });

  it("of what is settled, of another session's and on an auto subscription is UNKNOWN_ACK, without effect", async () => {
    const [one, two, auto] = [await work("client"), await join(), await work("auto")];
    await send("1", "2");
    for (const client of [two, auto]) {
      await ack(client, last(one));
      expect(client.error()?.headers.get("code")).toBe("UNKNOWN_ACK");
    }
    await ack(one, last(one));
    await ack(one, last(one));
    expect(one.error()?.headers.get("code")).toBe("UNKNOWN_ACK");
  });
});

describe("NACK", () => {
  it("brings the message back to the head, marked and counted", async () => {
    const client = await work("client-individual", "prefetch:1\n");
    await send("1", "2");
    await ack(client, last(client), "NACK");
    expect(texts(client)).toEqual(["1", "1"]);
    expect([header(last(client), "redelivered"), header(last(client), "delivery-attempt")]).toEqual([
      "true",
      "2",
    ]);
    await ack(client, last(client));
    expect(texts(client)).toEqual(["1", "1", "2"]);
    expect(last(client)?.headers.has("redelivered")).toBe(false);
  });

  it("in client mode is cumulative", async () => {
    const client = await work("client", "prefetch:3\n");
    await send("1", "2", "3");
    await ack(client, client.messagesOn("s")[1], "NACK");
    expect(texts(client)).toEqual(["1", "2", "3", "1", "2"]);
  });

  it("after the last attempt leaves a dead letter, as it was, that says where it was and why", async () => {
    chat.close();
    await begin({ limits: { maxDeliveryAttempts: 3 } });
    const client = await work("client");
    sender.pipeline(`SEND\ndestination:${QUEUE}\ncolour:blue\n`, "poison");
    await settled();
    for (let attempt = 1; attempt <= 3; attempt += 1) await ack(client, last(client), "NACK");
    expect(texts(client)).toHaveLength(3);
    const undertaker = await join();
    await undertaker.subscribe("d", "/queue/dead-letters/work", "ack:client\n");
    const [dead] = undertaker.messagesOn("d");
    expect(textOf(dead as Frame)).toBe("poison");
    expect(
      ["colour", "dead-letter-from", "dead-letter-reason", "destination"].map((name) => header(dead, name)),
    ).toEqual(["blue", QUEUE, "attempts", "/queue/dead-letters/work"]);
    for (let attempt = 1; attempt <= 5; attempt += 1) await ack(undertaker, last(undertaker), "NACK");
    expect(undertaker.messagesOn("d")).toHaveLength(6);
  });

  it("without requeue leaves a dead letter at once", async () => {
    const client = await work("client");
    await send("1", "2");
    await ack(client, client.messagesOn("s")[0], "NACK", "requeue:false\n");
    await client.subscribe("d", "/queue/dead-letters/work");
    expect(client.messagesOn("d").map((frame) => header(frame, "dead-letter-reason"))).toEqual(["rejected"]);
    expect(client.messagesOn("s")).toHaveLength(2);
  });

  it("has no room among the dead letters: it ends, is counted, and the log has a line a minute", async () => {
    chat.close();
    await begin({ limits: { maxQueueMessages: 1, maxDeliveryAttempts: 1 } });
    const client = await work("client");
    const fail = async (text: string, how: string): Promise<string> => {
      await send(text);
      const message = last(client);
      await ack(client, message, "NACK", how);
      return header(message, "message-id");
    };
    await fail("1", "requeue:false\n");
    expect([chat.broker.stats.droppedDeadLetters.size, chat.warnings]).toEqual([0, []]);
    const lost = await fail("2", "requeue:false\n");
    chat.monotonic = 59_999;
    await fail("3", "");
    const queue = "/queue/dead-letters/work";
    expect(chat.warnings).toEqual([{ queue, messageId: lost, reason: "rejected" }]);
    chat.monotonic = 60_000;
    const later = await fail("4", "");
    expect(chat.warnings.slice(1)).toEqual([{ queue, messageId: later, reason: "attempts" }]);
    expect([...chat.broker.stats.droppedDeadLetters]).toEqual([
      ["rejected", 1],
      ["attempts", 2],
    ]);
    await client.subscribe("d", queue);
    expect(client.messagesOn("d").map(textOf)).toEqual(["1"]);
  });

  it("has no room among the dead letters: nothing is counted where its transaction comes to nothing", async () => {
    chat.close();
    await begin({ limits: { maxQueueMessages: 1 } });
    const client = await work("client");
    await send("1");
    await ack(client, last(client), "NACK", "requeue:false\n");
    await send("2");
    client.pipeline("BEGIN\ntransaction:t\n", "");
    await ack(client, last(client), "NACK", "requeue:false\ntransaction:t\n");
    client.pipeline("ABORT\ntransaction:t\n", "");
    await settled();
    expect(chat.broker.stats.droppedDeadLetters.size).toBe(0);
    await ack(client, last(client), "NACK", "requeue:false\n");
    expect([...chat.broker.stats.droppedDeadLetters]).toEqual([["rejected", 1]]);
  });

  it("in the queue with the longest name leaves a dead letter that can be read", async () => {
    const name = "q".repeat(235);
    const client = await join();
    await client.subscribe("s", `/queue/${name}`, "ack:client\n");
    await sender.request(`SEND\ndestination:/queue/${name}\n`, "1");
    await ack(client, client.messagesOn("s")[0], "NACK", "requeue:false\n");
    await client.subscribe("d", `/queue/dead-letters/${name}`);
    expect(client.messagesOn("d").map(textOf)).toEqual(["1"]);
  });

  it("does not exist in 1.0", async () => {
    const client = await work("client", "", "1.0");
    await send("1");
    await client.request(`NACK\nmessage-id:${header(last(client), "message-id")}\n`, "");
    expect(client.error()?.headers.get("code")).toBe("UNKNOWN_COMMAND");
  });
});

describe("what a consumer leaves unsettled", () => {
  it.each(["its session ends", "it unsubscribes"])("comes back in order when %s", async (how) => {
    const client = await work("client", "prefetch:2\n");
    await send("1", "2", "3", "4");
    await ack(client, client.messagesOn("s")[0]);
    if (how === "it unsubscribes") await client.request("UNSUBSCRIBE\nid:s\n", "");
    else client.connection.vanish();
    const next = await work("auto");
    await settled();
    expect(texts(next)).toEqual(["2", "3", "4"]);
    expect(next.messagesOn("s").map((frame) => header(frame, "redelivered"))).toEqual(["true", "true", ""]);
  });

  it("goes on to the consumers that stay, ahead of what came later", async () => {
    const leaving = await work("client", "prefetch:3\n");
    await send("1", "2", "3", "4");
    const staying = await work("client");
    expect(texts(staying)).toEqual(["4"]);
    leaving.connection.vanish();
    await settled();
    expect(texts(staying)).toEqual(["4", "1", "2", "3"]);
  });
});

describe("prefetch", () => {
  it("is the window: the others get what one has no room for", async () => {
    const [one, many] = [await work("client", "prefetch:1\n"), await work("client", "prefetch:100\n")];
    await send("1", "2", "3", "4");
    expect([texts(one), texts(many)]).toEqual([["1"], ["2", "3", "4"]]);
  });

  it.each(["0", "-1", "x", "1.5", ""])("of %j is refused", async (value) => {
    await sender.subscribe("s", QUEUE, `prefetch:${value}\n`);
    expect(sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
  });
});

describe("expires", () => {
  it("drops what nobody took in time, from every place", async () => {
    sender.pipeline(`SEND\ndestination:${QUEUE}\n`, "1");
    sender.pipeline(`SEND\ndestination:${QUEUE}\nexpires:${chat.now + 1000}\n`, "2");
    sender.pipeline(`SEND\ndestination:${QUEUE}\nexpires:0\n`, "3");
    await settled();
    const before = chat.broker.queues.octets;
    chat.now += 1000;
    chat.broker.sweep();
    expect(chat.broker.queues.octets).toBeLessThan(before);
    expect(texts(await work("auto"))).toEqual(["1", "3"]);
  });

  it("holds at the moment of delivery, and for what comes back", async () => {
    const client = await work("client");
    sender.pipeline(`SEND\ndestination:${QUEUE}\nexpires:${chat.now + 1000}\n`, "late");
    await settled();
    chat.now += 1000;
    await ack(client, last(client), "NACK");
    expect(texts(client)).toEqual(["late"]);
    sender.pipeline(`SEND\ndestination:${QUEUE}\nexpires:${chat.now}\n`, "too late");
    await settled();
    expect(texts(client)).toEqual(["late"]);
    expect(client.error()).toBeUndefined();
  });

  const named: Record<string, (frame: Frame) => string> = {
    "1.2": (frame) => `id:${header(frame, "ack")}\n`,
    "1.1": (frame) => `subscription:s\nmessage-id:${header(frame, "message-id")}\n`,
    "1.0": (frame) => `message-id:${header(frame, "message-id")}\n`,
  };

  it.each([
    ["1.2", "client", "ACK"],
    ["1.2", "client-individual", "ACK"],
    ["1.1", "client", "ACK"],
    ["1.1", "client-individual", "ACK"],
    ["1.0", "client", "ACK"],
    ["1.2", "client", "NACK"],
    ["1.2", "client-individual", "NACK"],
    ["1.1", "client", "NACK"],
    ["1.1", "client-individual", "NACK"],
  ])("takes nothing from who has it: %s, %s: %s is accepted, and it does not come again", async (...how) => {
    const [version, mode, verb] = how;
    const client = await work(mode, "", version);
    for (const text of ["1", "2", "3"]) {
      sender.pipeline(`SEND\ndestination:${QUEUE}\nexpires:${chat.now + 1000}\n`, text);
    }
    await settled();
    chat.now += 2000;
    chat.broker.sweep();
    const frames = client.connection.of("MESSAGE");
    for (const frame of mode === "client" ? frames.slice(1, 2) : frames.slice(0, 2)) {
      expect(await client.request(`${verb}\n${named[version]?.(frame) ?? ""}`, "")).toBeDefined();
    }
    await client.request("BEGIN\ntransaction:t\n", "");
    const third = named[version]?.(frames[2] as Frame) ?? "";
    expect(await client.request(`${verb}\n${third}transaction:t\n`, "")).toBeDefined();
    chat.broker.sweep();
    expect(await client.request("COMMIT\ntransaction:t\n", "")).toBeDefined();
    expect(texts(client)).toEqual(["1", "2", "3"]);
    expect([client.error(), chat.broker.queues.octets]).toEqual([undefined, 0]);
  });

  it("that is no time is refused", async () => {
    await sender.request(`SEND\ndestination:${QUEUE}\nexpires:tomorrow\n`, "x");
    expect(sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
  });
});

describe("bounds", () => {
  it("a full queue refuses with the time to try again, and takes more once there is room", async () => {
    chat.close();
    await begin({ limits: { maxQueueMessages: 2 } });
    await send("1", "2", "3");
    expect(sender.refusals()).toEqual(["RETRY_LATER"]);
    expect(sender.messagesOn("errors")[0]?.headers.get("retry-after-ms")).toBe("1000");
    const client = await work("auto");
    await send("4");
    expect(texts(client)).toEqual(["1", "2", "4"]);
  });

  it("all queues together hold no more octets than they may", async () => {
    chat.close();
    await begin({ limits: { maxQueuedBytes: 10_000 } });
    for (let count = 0; count < 30; count += 1) {
      sender.pipeline(`SEND\ndestination:/queue/${count}\n`, "x".repeat(1000));
    }
    await settled();
    expect(chat.broker.queues.octets).toBeLessThanOrEqual(10_000);
    expect(new Set(sender.refusals())).toEqual(new Set(["RETRY_LATER"]));
  });
});

it.each([
  ["SUBSCRIBE\nid:1\ndestination:/queue/*\n\n^@", "BAD_DESTINATION"],
  ["SEND\ndestination:/queue/**\n\n^@", "BAD_DESTINATION"],
  [`SEND\ndestination:/queue/${"q".repeat(236)}\n\n^@`, "BAD_DESTINATION"],
  [`SUBSCRIBE\nid:1\ndestination:/queue/${"q".repeat(236)}\n\n^@`, "BAD_DESTINATION"],
  ["SEND\ndestination:/queue/a\npersistent:true\n\n^@", "UNSUPPORTED_HEADER"],
])("%j is refused %s", async (frame, code) => {
  sender.connection.send(frame);
  await settled();
  expect(sender.refusals()).toEqual([code]);
});

it("10,000 subscriptions and sessions that come and go leave nothing behind", async () => {
  const client = await join();
  for (let count = 0; count < 10_000; count += 1) {
    client.connection.send(
      `SUBSCRIBE\nid:s\ndestination:/queue/${count % 7}\n\n^@UNSUBSCRIBE\nid:s\n\n^@` +
        `SUBSCRIBE\nid:t\ndestination:/topic/*/${count % 5}\n\n^@UNSUBSCRIBE\nid:t\n\n^@`,
    );
  }
  await settled();
  expect([chat.broker.queues.size, chat.broker.topics.size]).toEqual([0, 0]);
  expect(client.error()).toBeUndefined();
});
