/** Durable messages and their store: what it refuses is refused and can be repeated, transactions are one, what it hears late holds. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refuse } from "../../../../src/chat/errors.ts";
import { DurableQueues, header, QUEUE, texts } from "../../../helpers/durable-queues.ts";
import { settled } from "../../../helpers/test-chat.ts";
import type { Frame } from "../../../../src/stomp/frame.ts";

let desk: DurableQueues;

beforeEach(async () => {
  desk = new DurableQueues();
  await desk.start();
});
afterEach(() => {
  desk.chat.close();
  expect(desk.chat.errors).toEqual([]);
});

describe("a store that refuses", () => {
  it.each(["STORAGE_FULL", "RETRY_LATER", "INTERNAL"] as const)("%s: so is the SEND", async (code) => {
    const client = await desk.work("auto");
    desk.store.refusesWith = code;
    desk.pipeline("1", "v2");
    await settled();
    desk.store.refusesWith = undefined;
    await desk.send("3");
    expect(desk.sender.refusals()).toEqual([code]);
    expect(texts(client)).toEqual(["v2", "3"]);
    await settled();
    expect(desk.chat.broker.queues.octets).toBe(0);
    expect(desk.chat.errors.splice(0)).toHaveLength(code === "INTERNAL" ? 1 : 0);
  });

  it("because it is broken: who is refused is told where to find it in the log", async () => {
    desk.store.refusesWith = "INTERNAL";
    desk.pipeline("1");
    await settled();
    const [error] = desk.chat.errors.splice(0) as { requestId: string }[];
    expect(desk.sender.bodiesOn("errors")).toMatchObject([{ code: "INTERNAL", requestId: error?.requestId }]);
  });

  it("holds back deliveries that it cannot know of, until it can", async () => {
    await desk.send("1");
    desk.store.refusesWith = "RETRY_LATER";
    const client = await desk.work("client");
    expect(texts(client)).toEqual([]);
    desk.store.refusesWith = undefined;
    desk.chat.broker.sweep();
    await settled();
    expect(texts(client)).toEqual(["1"]);
  });

  it("hears later of what was settled by itself, such as in mode auto", async () => {
    const client = await desk.work("auto");
    let proceed = (): void => undefined;
    await desk.send("1");
    desk.store.waitsFor = new Promise((resolve) => (proceed = resolve));
    desk.pipeline("2");
    await settled();
    desk.store.refusesWith = "STORAGE_FULL";
    proceed();
    await settled();
    expect(desk.sender.refusals()).toEqual(["STORAGE_FULL"]);
    desk.store.refusesWith = undefined;
    desk.chat.broker.sweep();
    await settled();
    expect([texts(client), await desk.stored()]).toEqual([["1"], []]);
  });
});

describe("an ACK or NACK", () => {
  /** The broker commits through the chat's store. */
  function refuseCommits(): () => void {
    const execute = vi.spyOn(desk.store.chat, "execute").mockRejectedValue(refuse("STORAGE_FULL"));
    return () => {
      execute.mockRestore();
    };
  }

  it.each(["ACK", "NACK"])("(%s) that the store refuses is refused, and can be repeated", async (verb) => {
    const client = await desk.work("client");
    await client.subscribe("errors", "/user/queue/errors");
    await desk.send("1", "v2", "3");
    const accept = refuseCommits();
    expect(await desk.settle(client, "3", verb, "requeue:false\n")).toBeUndefined();
    accept();
    expect(client.refusals()).toEqual(["STORAGE_FULL"]);
    expect(await desk.settle(client, "3", verb, "requeue:false\n")).toBeDefined();
    expect(await desk.stored()).toEqual(verb === "ACK" ? [] : ["1", "3"]);
  });

  it("that the store refuses after the subscription ended brings the message back", async () => {
    const client = await desk.work("client");
    await client.subscribe("errors", "/user/queue/errors");
    await desk.send("1");
    const accept = refuseCommits();
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\n\n^@UNSUBSCRIBE\nid:s\n\n^@`);
    await settled();
    accept();
    expect(client.refusals()).toEqual(["STORAGE_FULL"]);
    expect(texts(await desk.work("client"))).toEqual(["1"]);
  });

  it("that is being stored when the subscription ends holds", async () => {
    const client = await desk.work("client");
    await desk.send("1");
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\n\n^@UNSUBSCRIBE\nid:s\n\n^@`);
    const next = await desk.work("client");
    await settled();
    expect([texts(next), await desk.stored()]).toEqual([[], []]);
  });

  it("of what one before it is settling is UNKNOWN_ACK", async () => {
    const client = await desk.work("client-individual");
    await desk.send("1");
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\nreceipt:one\n\n^@ACK\nid:${ack}\n\n^@`);
    await settled();
    expect(client.receiptOf("one")).toBeDefined();
    expect(client.error()?.headers.get("code")).toBe("UNKNOWN_ACK");
  });
});

describe("a transaction", () => {
  it("stores chat messages, messages of queues and ACKs as one", async () => {
    const guest = await desk.chat.connect(desk.chat.guest());
    await guest.say("support", "hello");
    await desk.send("1");
    await desk.sender.subscribe("s", QUEUE, "ack:client\n");
    const ack = header(desk.sender.messagesOn("s")[0], "ack");
    const frames = async (userTo: string): Promise<Frame | undefined> => {
      await desk.sender.request("BEGIN\ntransaction:t\n", "");
      await desk.sender.request(`ACK\nid:${ack}\ntransaction:t\n`, "");
      await desk.sender.request("SEND\ndestination:/queue/next\npersistent:true\ntransaction:t\n", "2");
      const message = JSON.stringify({ userFrom: desk.sender.id, userTo, message: "done" });
      await desk.sender.request("SEND\ndestination:/chat/message\ntransaction:t\n", message);
      return desk.sender.request("COMMIT\ntransaction:t\n", "");
    };
    expect(await frames("A".repeat(22))).toBeUndefined();
    expect([desk.sender.refusals(), await desk.stored(), guest.texts()]).toEqual([
      ["UNKNOWN_USER"],
      ["1"],
      [],
    ]);
    expect(await frames(guest.id)).toBeDefined();
    expect([await desk.stored(), guest.texts()]).toEqual([["2"], ["done"]]);
    await desk.start();
    expect(texts(await desk.work("auto", "", "/queue/next"))).toEqual(["2"]);
  });

  it("absorbs an ACK of what it settles already, also of durable messages", async () => {
    await desk.send("1", "2");
    const client = await desk.work("client");
    const [one, two] = client.messagesOn("s").map((frame) => header(frame, "ack"));
    await client.request("BEGIN\ntransaction:t\n", "");
    for (const id of [two, one]) await client.request(`ACK\nid:${id}\ntransaction:t\n`, "");
    expect(await client.request("COMMIT\ntransaction:t\n", "")).toBeDefined();
    expect(await desk.stored()).toEqual([]);
  });

  it("that is aborted leaves nothing", async () => {
    await desk.sender.request("BEGIN\ntransaction:t\n", "");
    await desk.sender.request(`SEND\ndestination:${QUEUE}\npersistent:true\ntransaction:t\n`, "1");
    await desk.sender.request("ABORT\ntransaction:t\n", "");
    expect([await desk.stored(), desk.chat.broker.queues.octets, desk.chat.broker.queues.size]).toEqual([
      [],
      0,
      0,
    ]);
  });
});

it("stores a message that goes to a waiting consumer once, and removes it once", async () => {
  const client = await desk.work("auto");
  await desk.send("1", "2", "3");
  await settled();
  expect(texts(client)).toEqual(["1", "2", "3"]);
  expect(desk.store.written.map(({ type }) => type)).toEqual([
    "append",
    "append",
    "append",
    "remove",
    "remove",
    "remove",
  ]);
});
