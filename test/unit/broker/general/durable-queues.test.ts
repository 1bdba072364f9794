/** `persistent:true`: what was receipted survives a restart, in its order, marked and counted; what was ACKed does not come again. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DurableQueues, header, QUEUE, texts } from "../../../helpers/durable-queues.ts";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

let desk: DurableQueues;

beforeEach(async () => {
  desk = new DurableQueues();
  await desk.start();
});
afterEach(() => {
  desk.chat.close();
  expect(desk.chat.errors).toEqual([]);
});

const marks = (client: TestClient): string[] =>
  client.messagesOn("s").map((frame) => header(frame, "delivery-attempt"));

describe("persistent", () => {
  it.each(["yes", "TRUE", "1", ""])("of %j is refused", async (value) => {
    await desk.sender.request(`SEND\ndestination:${QUEUE}\npersistent:${value}\n`, "x");
    expect(desk.sender.bodiesOn("errors")).toMatchObject([
      { code: "UNSUPPORTED_HEADER", field: "persistent" },
    ]);
    expect(await desk.stored()).toEqual([]);
  });

  it("of false is volatile, and so is its absence", async () => {
    await desk.sender.request(`SEND\ndestination:${QUEUE}\npersistent:false\n`, "x");
    await desk.sender.request(`SEND\ndestination:${QUEUE}\n`, "y");
    expect(await desk.stored()).toEqual([]);
    expect(texts(await desk.work("auto"))).toEqual(["x", "y"]);
  });

  it("on topics is a header like any other", async () => {
    const client = await desk.work("auto", "", "/topic/t");
    await desk.sender.request("SEND\ndestination:/topic/t\npersistent:maybe\n", "x");
    expect(header(client.messagesOn("s")[0], "persistent")).toBe("maybe");
    expect(desk.sender.refusals()).toEqual([]);
  });

  it("is refused for an answer: a temporary queue is not kept", async () => {
    const client = await desk.work("auto", "", "/topic/t");
    await desk.sender.request("SEND\ndestination:/topic/t\nreply-to:/temp-queue/a\n", "?");
    const address = header(client.messagesOn("s")[0], "reply-to");
    await desk.sender.request(`SEND\ndestination:${address}\npersistent:true\n`, "x");
    expect(desk.sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
  });

  it("is refused where there is no store for it", async () => {
    desk.chat.close();
    desk.chat = new TestChat();
    desk.sender = await desk.join();
    await desk.sender.subscribe("errors", "/user/queue/errors");
    await desk.sender.request(`SEND\ndestination:${QUEUE}\npersistent:true\n`, "x");
    expect(desk.sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
    expect(desk.chat.broker.queues.size).toBe(0);
  });
});

describe("after a restart", () => {
  it("what was receipted is there in its order, as it was sent, and what was volatile is not", async () => {
    await desk.sender.request(
      `SEND\ndestination:${QUEUE}\npersistent:true\ncolour:blue\ncontent-type:text/plain\n`,
      "1",
    );
    await desk.send("2", "v", "3");
    await desk.start();
    const client = await desk.work("auto");
    expect([texts(client), marks(client)]).toEqual([
      ["1", "2", "3"],
      ["", "", ""],
    ]);
    const [first] = client.messagesOn("s");
    expect(
      ["colour", "content-type", "persistent", "destination"].map((name) => header(first, name)),
    ).toEqual(["blue", "text/plain", "true", QUEUE]);
    await settled();
    expect([await desk.stored(), desk.chat.broker.queues.octets]).toEqual([[], 0]);
  });

  it("a body of any octets is the same", async () => {
    const octets = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
    const head = `SEND\ndestination:${QUEUE}\npersistent:true\ncontent-length:4\n\n`;
    desk.sender.connection.send(Buffer.concat([Buffer.from(head), octets, Buffer.from([0])]));
    await settled();
    await desk.start();
    const client = await desk.work("auto");
    expect(Buffer.from(client.messagesOn("s")[0]?.body ?? [])).toEqual(octets);
  });

  it("what was delivered and not settled comes again, marked; what was never delivered is not marked", async () => {
    await desk.work("client", "prefetch:2\n");
    await desk.send("1", "2", "3");
    await desk.start();
    const client = await desk.work("client");
    expect([texts(client), marks(client)]).toEqual([
      ["1", "2", "3"],
      ["2", "2", ""],
    ]);
    expect(client.messagesOn("s").map((frame) => header(frame, "redelivered"))).toEqual(["true", "true", ""]);
  });

  it("what waited before it was delivered is marked too", async () => {
    await desk.send("1", "2", "3");
    await desk.work("client", "prefetch:2\n");
    await desk.start();
    const client = await desk.work("client");
    expect(marks(client)).toEqual(["2", "2", ""]);
  });

  it("what was ACKed does not come again, in every mode", async () => {
    const cumulative = await desk.work("client", "prefetch:3\n");
    await desk.send("1", "2", "3");
    expect(await desk.settle(cumulative, "2")).toBeDefined();
    cumulative.connection.vanish();
    await desk.start();
    const individual = await desk.work("client-individual");
    expect(texts(individual)).toEqual(["3"]);
    await desk.send("4", "5");
    expect(await desk.settle(individual, "4")).toBeDefined();
    await desk.start();
    expect(texts(await desk.work("auto"))).toEqual(["3", "5"]);
    await settled();
    await desk.start();
    expect(texts(await desk.work("auto"))).toEqual([]);
  });

  it("what has expired does not come, and what has not yet expires then", async () => {
    for (const [text, ms] of [
      ["1", 1000],
      ["2", 5000],
      ["3", 5000],
    ] as const) {
      await desk.sender.request(
        `SEND\ndestination:${QUEUE}\npersistent:true\nexpires:${desk.chat.now + ms}\n`,
        text,
      );
    }
    desk.chat.now += 1000;
    await desk.start();
    await settled();
    expect(await desk.stored()).toEqual(["2", "3"]);
    const client = await desk.work("client", "prefetch:1\n");
    expect(texts(client)).toEqual(["2"]);
    desk.chat.now += 4000;
    desk.chat.broker.sweep();
    await desk.settle(client, "2");
    expect([texts(client), await desk.stored()]).toEqual([["2"], []]);
  });

  it("the bounds count what is there", async () => {
    await desk.send("1", "2");
    const { octets } = desk.chat.broker.queues;
    await desk.start({ maxQueueMessages: 2 });
    expect(desk.chat.broker.queues.octets).toBe(octets);
    desk.pipeline("3");
    await settled();
    expect(desk.sender.refusals()).toEqual(["RETRY_LATER"]);
    expect(texts(await desk.work("auto"))).toEqual(["1", "2"]);
  });

  it("attempts go on, and the last one leaves a dead letter, which is durable", async () => {
    await desk.start({ maxDeliveryAttempts: 2 });
    await desk.work("client");
    await desk.send("poison");
    await desk.start({ maxDeliveryAttempts: 2 });
    const client = await desk.work("client");
    expect(marks(client)).toEqual(["2"]);
    expect(await desk.settle(client, "poison", "NACK")).toBeDefined();
    await desk.start({ maxDeliveryAttempts: 2 });
    expect(texts(await desk.work("auto"))).toEqual([]);
    const undertaker = await desk.work("client", "", "/queue/dead-letters/work");
    expect(header(undertaker.messagesOn("s")[0], "dead-letter-reason")).toBe("attempts");
    expect(await desk.settle(undertaker, "poison")).toBeDefined();
    expect(await desk.stored()).toEqual([]);
  });

  it("what was in its last attempt is a dead letter", async () => {
    await desk.start({ maxDeliveryAttempts: 1 });
    await desk.work("client", "prefetch:1\n");
    await desk.send("1", "2");
    await desk.start({ maxDeliveryAttempts: 1 });
    await settled();
    expect(texts(await desk.work("auto", "", "/queue/dead-letters/work"))).toEqual(["1"]);
    expect(texts(await desk.work("auto"))).toEqual(["2"]);
  });

  it.each(["NACK without requeue", "the end of the session"])(
    "dead letters by %s are durable",
    async (how) => {
      await desk.start({ maxDeliveryAttempts: 1 });
      const client = await desk.work("client");
      await desk.send("1");
      if (how.startsWith("NACK")) await desk.settle(client, "1", "NACK", "requeue:false\n");
      else client.connection.vanish();
      await settled();
      await desk.start();
      const undertaker = await desk.work("auto", "", "/queue/dead-letters/work");
      expect(texts(undertaker)).toEqual(["1"]);
      expect(header(undertaker.messagesOn("s")[0], "redelivered")).toBe("");
    },
  );
});

it("a durable message with no room among the dead letters is gone from the store too, and counted", async () => {
  await desk.start({ maxDeliveryAttempts: 1, maxQueueMessages: 1 });
  const client = await desk.work("client");
  await desk.send("1");
  await desk.settle(client, "1", "NACK", "requeue:false\n");
  await desk.send("2");
  client.connection.vanish();
  await settled();
  expect([...desk.chat.broker.stats.droppedDeadLetters]).toEqual([["attempts", 1]]);
  expect(await desk.stored()).toEqual(["1"]);
});

describe("order", () => {
  it("is that of acceptance, persistent or not, also while the store takes its time", async () => {
    const client = await desk.work("client");
    let proceed = (): void => undefined;
    desk.store.waitsFor = new Promise((resolve) => (proceed = resolve));
    const receipts = desk.pipeline("1", "v2", "3", "v4");
    const other = await desk.join();
    await other.request(`SEND\ndestination:${QUEUE}\n`, "v5");
    expect(texts(client)).toEqual([]);
    expect(receipts.map((receipt) => desk.sender.receiptOf(receipt))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    proceed();
    await settled();
    expect(texts(client)).toEqual(["1", "v2", "3", "v4", "v5"]);
  });

  it("of a transaction is that of its frames, and nothing comes between", async () => {
    const client = await desk.work("client");
    await desk.sender.request("BEGIN\ntransaction:t\n", "");
    for (const text of ["v1", "2", "v3", "4"]) {
      const persistent = text.startsWith("v") ? "" : "persistent:true\n";
      await desk.sender.request(`SEND\ndestination:${QUEUE}\ntransaction:t\n${persistent}`, text);
    }
    expect(await desk.stored()).toEqual([]);
    const other = await desk.join();
    desk.sender.connection.send("COMMIT\ntransaction:t\n\n^@");
    await other.request(`SEND\ndestination:${QUEUE}\n`, "v5");
    expect(texts(client)).toEqual(["v1", "2", "v3", "4", "v5"]);
    expect(await desk.stored()).toEqual(["2", "4"]);
  });

  it("holds for what comes back", async () => {
    const client = await desk.work("client", "prefetch:3\n");
    await desk.send("1", "v2", "3", "4");
    client.connection.vanish();
    const next = await desk.work("auto");
    await settled();
    expect([texts(next), marks(next)]).toEqual([
      ["1", "v2", "3", "4"],
      ["2", "2", "2", ""],
    ]);
  });
});
