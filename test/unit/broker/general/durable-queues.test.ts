/** `persistent:true`: what was receipted survives a restart, in its order, marked and counted; what was ACKed does not come again. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryStore } from "../../../../src/adapters/stores/memory-store.ts";
import { createQueueStore } from "../../../../src/chat/queue-store.ts";
import { refuse } from "../../../../src/chat/errors.ts";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { DurableOperation } from "../../../../src/broker/application-destination.ts";
import type { QueueChange, QueueStore } from "../../../../src/broker/general/queue-store.ts";
import type { RefusalCode } from "../../../../src/chat/errors.ts";
import type { ChatStore } from "../../../../src/chat/store.ts";
import type { Limits } from "../../../../src/broker/limits.ts";
import type { Frame } from "../../../../src/stomp/frame.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

const QUEUE = "/queue/work";

/** A store that can be told to wait or to refuse. */
class TestStore implements QueueStore {
  readonly chat: ChatStore = createMemoryStore();
  readonly #inner = createQueueStore(this.chat);
  readonly written: QueueChange[] = [];
  refusesWith: RefusalCode | undefined;
  waitsFor: Promise<void> | undefined;

  read(after: number): ReturnType<QueueStore["read"]> {
    return this.#inner.read(after);
  }

  operationOf(changes: readonly QueueChange[]): DurableOperation {
    return this.#inner.operationOf(changes);
  }

  async write(changes: readonly QueueChange[]): Promise<void> {
    await this.waitsFor;
    if (this.refusesWith !== undefined) throw refuse(this.refusesWith);
    await this.#inner.write(changes);
    this.written.push(...changes);
  }
}

let store: TestStore;
let chat: TestChat;
let sender: TestClient;

beforeEach(async () => {
  store = new TestStore();
  await start();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

/** Another process on the same store: the one before is gone without a word. */
async function start(limits: Partial<Limits> = {}): Promise<void> {
  const now = (chat as TestChat | undefined)?.now;
  (chat as TestChat | undefined)?.close();
  chat = new TestChat({ store: store.chat, queueStore: store, limits });
  chat.now = now ?? chat.now;
  await chat.broker.queues.recover();
  sender = await join();
  await sender.subscribe("errors", "/user/queue/errors");
}

async function join(version = "1.2"): Promise<TestClient> {
  return chat.connect(await chat.agent(), { queues: false, version });
}

async function work(mode: string, more = "", destination = QUEUE): Promise<TestClient> {
  const client = await join();
  await client.subscribe("s", destination, `ack:${mode}\n${more}`);
  return client;
}

/** Texts that begin with v are volatile. */
function pipeline(...texts: readonly string[]): string[] {
  return texts.map((text) =>
    sender.pipeline(`SEND\ndestination:${QUEUE}\n${text.startsWith("v") ? "" : "persistent:true\n"}`, text),
  );
}

async function send(...texts: readonly string[]): Promise<void> {
  const receipts = pipeline(...texts);
  await settled();
  for (const receipt of receipts) expect(sender.receiptOf(receipt)).toBeDefined();
}

const textOf = ({ body }: Frame): string => new TextDecoder().decode(body);
const texts = (client: TestClient): string[] => client.messagesOn("s").map(textOf);
const header = (frame: Frame | undefined, name: string): string => frame?.headers.get(name) ?? "";
const marks = (client: TestClient): string[] =>
  client.messagesOn("s").map((frame) => header(frame, "delivery-attempt"));

async function settle(client: TestClient, text: string, verb = "ACK", more = ""): Promise<Frame | undefined> {
  const frame = client.messagesOn("s").findLast((message) => textOf(message) === text);
  return client.request(`${verb}\nid:${header(frame, "ack")}\n${more}`, "");
}

async function stored(): Promise<string[]> {
  return (await store.read(0)).map(({ body }) => Buffer.from(body).toString());
}

describe("persistent", () => {
  it.each(["yes", "TRUE", "1", ""])("of %j is refused", async (value) => {
    await sender.request(`SEND\ndestination:${QUEUE}\npersistent:${value}\n`, "x");
    expect(sender.bodiesOn("errors")).toMatchObject([{ code: "UNSUPPORTED_HEADER", field: "persistent" }]);
    expect(await stored()).toEqual([]);
  });

  it("of false is volatile, and so is its absence", async () => {
    await sender.request(`SEND\ndestination:${QUEUE}\npersistent:false\n`, "x");
    await sender.request(`SEND\ndestination:${QUEUE}\n`, "y");
    expect(await stored()).toEqual([]);
    expect(texts(await work("auto"))).toEqual(["x", "y"]);
  });

  it("on topics is a header like any other", async () => {
    const client = await work("auto", "", "/topic/t");
    await sender.request("SEND\ndestination:/topic/t\npersistent:maybe\n", "x");
    expect(header(client.messagesOn("s")[0], "persistent")).toBe("maybe");
    expect(sender.refusals()).toEqual([]);
  });

  it("is refused for an answer: a temporary queue is not kept", async () => {
    const client = await work("auto", "", "/topic/t");
    await sender.request("SEND\ndestination:/topic/t\nreply-to:/temp-queue/a\n", "?");
    const address = header(client.messagesOn("s")[0], "reply-to");
    await sender.request(`SEND\ndestination:${address}\npersistent:true\n`, "x");
    expect(sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
  });

  it("is refused where there is no store for it", async () => {
    chat.close();
    chat = new TestChat();
    sender = await join();
    await sender.subscribe("errors", "/user/queue/errors");
    await sender.request(`SEND\ndestination:${QUEUE}\npersistent:true\n`, "x");
    expect(sender.refusals()).toEqual(["UNSUPPORTED_HEADER"]);
    expect(chat.broker.queues.size).toBe(0);
  });
});

describe("after a restart", () => {
  it("what was receipted is there in its order, as it was sent, and what was volatile is not", async () => {
    await sender.request(
      `SEND\ndestination:${QUEUE}\npersistent:true\ncolour:blue\ncontent-type:text/plain\n`,
      "1",
    );
    await send("2", "v", "3");
    await start();
    const client = await work("auto");
    expect([texts(client), marks(client)]).toEqual([
      ["1", "2", "3"],
      ["", "", ""],
    ]);
    const [first] = client.messagesOn("s");
    expect(
      ["colour", "content-type", "persistent", "destination"].map((name) => header(first, name)),
    ).toEqual(["blue", "text/plain", "true", QUEUE]);
    await settled();
    expect([await stored(), chat.broker.queues.octets]).toEqual([[], 0]);
  });

  it("a body of any octets is the same", async () => {
    const octets = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
    const head = `SEND\ndestination:${QUEUE}\npersistent:true\ncontent-length:4\n\n`;
    sender.connection.send(Buffer.concat([Buffer.from(head), octets, Buffer.from([0])]));
    await settled();
    await start();
    const client = await work("auto");
    expect(Buffer.from(client.messagesOn("s")[0]?.body ?? [])).toEqual(octets);
  });

  it("what was delivered and not settled comes again, marked; what was never delivered is not marked", async () => {
    await work("client", "prefetch:2\n");
    await send("1", "2", "3");
    await start();
    const client = await work("client");
    expect([texts(client), marks(client)]).toEqual([
      ["1", "2", "3"],
      ["2", "2", ""],
    ]);
    expect(client.messagesOn("s").map((frame) => header(frame, "redelivered"))).toEqual(["true", "true", ""]);
  });

  it("what waited before it was delivered is marked too", async () => {
    await send("1", "2", "3");
    await work("client", "prefetch:2\n");
    await start();
    const client = await work("client");
    expect(marks(client)).toEqual(["2", "2", ""]);
  });

  it("what was ACKed does not come again, in every mode", async () => {
    const cumulative = await work("client", "prefetch:3\n");
    await send("1", "2", "3");
    expect(await settle(cumulative, "2")).toBeDefined();
    cumulative.connection.vanish();
    await start();
    const individual = await work("client-individual");
    expect(texts(individual)).toEqual(["3"]);
    await send("4", "5");
    expect(await settle(individual, "4")).toBeDefined();
    await start();
    expect(texts(await work("auto"))).toEqual(["3", "5"]);
    await settled();
    await start();
    expect(texts(await work("auto"))).toEqual([]);
  });

  it("what has expired does not come, and what has not yet expires then", async () => {
    for (const [text, ms] of [
      ["1", 1000],
      ["2", 5000],
      ["3", 5000],
    ] as const) {
      await sender.request(`SEND\ndestination:${QUEUE}\npersistent:true\nexpires:${chat.now + ms}\n`, text);
    }
    chat.now += 1000;
    await start();
    await settled();
    expect(await stored()).toEqual(["2", "3"]);
    const client = await work("client", "prefetch:1\n");
    expect(texts(client)).toEqual(["2"]);
    chat.now += 4000;
    chat.broker.sweep();
    await settle(client, "2");
    expect([texts(client), await stored()]).toEqual([["2"], []]);
  });

  it("the bounds count what is there", async () => {
    await send("1", "2");
    const { octets } = chat.broker.queues;
    await start({ maxQueueMessages: 2 });
    expect(chat.broker.queues.octets).toBe(octets);
    pipeline("3");
    await settled();
    expect(sender.refusals()).toEqual(["RETRY_LATER"]);
    expect(texts(await work("auto"))).toEqual(["1", "2"]);
  });

  it("attempts go on, and the last one leaves a dead letter, which is durable", async () => {
    await start({ maxDeliveryAttempts: 2 });
    await work("client");
    await send("poison");
    await start({ maxDeliveryAttempts: 2 });
    const client = await work("client");
    expect(marks(client)).toEqual(["2"]);
    expect(await settle(client, "poison", "NACK")).toBeDefined();
    await start({ maxDeliveryAttempts: 2 });
    expect(texts(await work("auto"))).toEqual([]);
    const undertaker = await work("client", "", "/queue/dead-letters/work");
    expect(header(undertaker.messagesOn("s")[0], "dead-letter-reason")).toBe("attempts");
    expect(await settle(undertaker, "poison")).toBeDefined();
    expect(await stored()).toEqual([]);
  });

  it("what was in its last attempt is a dead letter", async () => {
    await start({ maxDeliveryAttempts: 1 });
    await work("client", "prefetch:1\n");
    await send("1", "2");
    await start({ maxDeliveryAttempts: 1 });
    await settled();
    expect(texts(await work("auto", "", "/queue/dead-letters/work"))).toEqual(["1"]);
    expect(texts(await work("auto"))).toEqual(["2"]);
  });

  it.each(["NACK without requeue", "the end of the session"])(
    "dead letters by %s are durable",
    async (how) => {
      await start({ maxDeliveryAttempts: 1 });
      const client = await work("client");
      await send("1");
      if (how.startsWith("NACK")) await settle(client, "1", "NACK", "requeue:false\n");
      else client.connection.vanish();
      await settled();
      await start();
      const undertaker = await work("auto", "", "/queue/dead-letters/work");
      expect(texts(undertaker)).toEqual(["1"]);
      expect(header(undertaker.messagesOn("s")[0], "redelivered")).toBe("");
    },
  );
});

it("a durable message with no room among the dead letters is gone from the store too, and counted", async () => {
  await start({ maxDeliveryAttempts: 1, maxQueueMessages: 1 });
  const client = await work("client");
  await send("1");
  await settle(client, "1", "NACK", "requeue:false\n");
  await send("2");
  client.connection.vanish();
  await settled();
  expect([...chat.broker.stats.droppedDeadLetters]).toEqual([["attempts", 1]]);
  expect(await stored()).toEqual(["1"]);
});

describe("order", () => {
  it("is that of acceptance, persistent or not, also while the store takes its time", async () => {
    const client = await work("client");
    let proceed = (): void => undefined;
    store.waitsFor = new Promise((resolve) => (proceed = resolve));
    const receipts = pipeline("1", "v2", "3", "v4");
    const other = await join();
    await other.request(`SEND\ndestination:${QUEUE}\n`, "v5");
    expect(texts(client)).toEqual([]);
    expect(receipts.map((receipt) => sender.receiptOf(receipt))).toEqual([
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
    const client = await work("client");
    await sender.request("BEGIN\ntransaction:t\n", "");
    for (const text of ["v1", "2", "v3", "4"]) {
      const persistent = text.startsWith("v") ? "" : "persistent:true\n";
      await sender.request(`SEND\ndestination:${QUEUE}\ntransaction:t\n${persistent}`, text);
    }
    expect(await stored()).toEqual([]);
    const other = await join();
    sender.connection.send("COMMIT\ntransaction:t\n\n^@");
    await other.request(`SEND\ndestination:${QUEUE}\n`, "v5");
    expect(texts(client)).toEqual(["v1", "2", "v3", "4", "v5"]);
    expect(await stored()).toEqual(["2", "4"]);
  });

  it("holds for what comes back", async () => {
    const client = await work("client", "prefetch:3\n");
    await send("1", "v2", "3", "4");
    client.connection.vanish();
    const next = await work("auto");
    await settled();
    expect([texts(next), marks(next)]).toEqual([
      ["1", "v2", "3", "4"],
      ["2", "2", "2", ""],
    ]);
  });
});

describe("a store that refuses", () => {
  it.each(["STORAGE_FULL", "RETRY_LATER", "INTERNAL"] as const)("%s: so is the SEND", async (code) => {
    const client = await work("auto");
    store.refusesWith = code;
    pipeline("1", "v2");
    await settled();
    store.refusesWith = undefined;
    await send("3");
    expect(sender.refusals()).toEqual([code]);
    expect(texts(client)).toEqual(["v2", "3"]);
    await settled();
    expect(chat.broker.queues.octets).toBe(0);
    expect(chat.errors.splice(0)).toHaveLength(code === "INTERNAL" ? 1 : 0);
  });

  it("because it is broken: who is refused is told where to find it in the log", async () => {
    store.refusesWith = "INTERNAL";
    pipeline("1");
    await settled();
    const [error] = chat.errors.splice(0) as { requestId: string }[];
    expect(sender.bodiesOn("errors")).toMatchObject([{ code: "INTERNAL", requestId: error?.requestId }]);
  });

  it("holds back deliveries that it cannot know of, until it can", async () => {
    await send("1");
    store.refusesWith = "RETRY_LATER";
    const client = await work("client");
    expect(texts(client)).toEqual([]);
    store.refusesWith = undefined;
    chat.broker.sweep();
    await settled();
    expect(texts(client)).toEqual(["1"]);
  });

  it("hears later of what was settled by itself, such as in mode auto", async () => {
    const client = await work("auto");
    let proceed = (): void => undefined;
    await send("1");
    store.waitsFor = new Promise((resolve) => (proceed = resolve));
    pipeline("2");
    await settled();
    store.refusesWith = "STORAGE_FULL";
    proceed();
    await settled();
    expect(sender.refusals()).toEqual(["STORAGE_FULL"]);
    store.refusesWith = undefined;
    chat.broker.sweep();
    await settled();
    expect([texts(client), await stored()]).toEqual([["1"], []]);
  });
});

describe("an ACK or NACK", () => {
  /** The broker commits through the chat's store. */
  function refuseCommits(): () => void {
    const execute = vi.spyOn(store.chat, "execute").mockRejectedValue(refuse("STORAGE_FULL"));
    return () => {
      execute.mockRestore();
    };
  }

  it.each(["ACK", "NACK"])("(%s) that the store refuses is refused, and can be repeated", async (verb) => {
    const client = await work("client");
    await client.subscribe("errors", "/user/queue/errors");
    await send("1", "v2", "3");
    const accept = refuseCommits();
    expect(await settle(client, "3", verb, "requeue:false\n")).toBeUndefined();
    accept();
    expect(client.refusals()).toEqual(["STORAGE_FULL"]);
    expect(await settle(client, "3", verb, "requeue:false\n")).toBeDefined();
    expect(await stored()).toEqual(verb === "ACK" ? [] : ["1", "3"]);
  });

  it("that the store refuses after the subscription ended brings the message back", async () => {
    const client = await work("client");
    await client.subscribe("errors", "/user/queue/errors");
    await send("1");
    const accept = refuseCommits();
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\n\n^@UNSUBSCRIBE\nid:s\n\n^@`);
    await settled();
    accept();
    expect(client.refusals()).toEqual(["STORAGE_FULL"]);
    expect(texts(await work("client"))).toEqual(["1"]);
  });

  it("that is being stored when the subscription ends holds", async () => {
    const client = await work("client");
    await send("1");
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\n\n^@UNSUBSCRIBE\nid:s\n\n^@`);
    const next = await work("client");
    await settled();
    expect([texts(next), await stored()]).toEqual([[], []]);
  });

  it("of what one before it is settling is UNKNOWN_ACK", async () => {
    const client = await work("client-individual");
    await send("1");
    const ack = header(client.messagesOn("s")[0], "ack");
    client.connection.send(`ACK\nid:${ack}\nreceipt:one\n\n^@ACK\nid:${ack}\n\n^@`);
    await settled();
    expect(client.receiptOf("one")).toBeDefined();
    expect(client.error()?.headers.get("code")).toBe("UNKNOWN_ACK");
  });
});

describe("a transaction", () => {
  it("stores chat messages, messages of queues and ACKs as one", async () => {
    const guest = await chat.connect(chat.guest());
    await guest.say("support", "hello");
    await send("1");
    await sender.subscribe("s", QUEUE, "ack:client\n");
    const ack = header(sender.messagesOn("s")[0], "ack");
    const frames = async (userTo: string): Promise<Frame | undefined> => {
      await sender.request("BEGIN\ntransaction:t\n", "");
      await sender.request(`ACK\nid:${ack}\ntransaction:t\n`, "");
      await sender.request("SEND\ndestination:/queue/next\npersistent:true\ntransaction:t\n", "2");
      const message = JSON.stringify({ userFrom: sender.id, userTo, message: "done" });
      await sender.request("SEND\ndestination:/chat/message\ntransaction:t\n", message);
      return sender.request("COMMIT\ntransaction:t\n", "");
    };
    expect(await frames("A".repeat(22))).toBeUndefined();
    expect([sender.refusals(), await stored(), guest.texts()]).toEqual([["UNKNOWN_USER"], ["1"], []]);
    expect(await frames(guest.id)).toBeDefined();
    expect([await stored(), guest.texts()]).toEqual([["2"], ["done"]]);
    await start();
    expect(texts(await work("auto", "", "/queue/next"))).toEqual(["2"]);
  });

  it("absorbs an ACK of what it settles already, also of durable messages", async () => {
    await send("1", "2");
    const client = await work("client");
    const [one, two] = client.messagesOn("s").map((frame) => header(frame, "ack"));
    await client.request("BEGIN\ntransaction:t\n", "");
    for (const id of [two, one]) await client.request(`ACK\nid:${id}\ntransaction:t\n`, "");
    expect(await client.request("COMMIT\ntransaction:t\n", "")).toBeDefined();
    expect(await stored()).toEqual([]);
  });

  it("that is aborted leaves nothing", async () => {
    await sender.request("BEGIN\ntransaction:t\n", "");
    await sender.request(`SEND\ndestination:${QUEUE}\npersistent:true\ntransaction:t\n`, "1");
    await sender.request("ABORT\ntransaction:t\n", "");
    expect([await stored(), chat.broker.queues.octets, chat.broker.queues.size]).toEqual([[], 0, 0]);
  });
});

it("stores a message that goes to a waiting consumer once, and removes it once", async () => {
  const client = await work("auto");
  await send("1", "2", "3");
  await settled();
  expect(texts(client)).toEqual(["1", "2", "3"]);
  expect(store.written.map(({ type }) => type)).toEqual([
    "append",
    "append",
    "append",
    "remove",
    "remove",
    "remove",
  ]);
});
