/** Answers: `reply-to:/temp-queue/<name>` makes a queue that only the session which asked can read. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { Frame } from "../../../../src/stomp/frame.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

const ADDRESS = /^\/queue\/reply-to\/[A-Za-z0-9_-]{22}$/;
const NAME = "/temp-queue/answers";

let chat: TestChat;
let asker: TestClient;
let worker: TestClient;

beforeEach(async () => {
  await begin();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function begin(limits: ConstructorParameters<typeof TestChat>[0] = {}): Promise<void> {
  chat = new TestChat(limits);
  asker = await join();
  worker = await join();
  await worker.subscribe("q", "/queue/work");
}

async function join(version = "1.2"): Promise<TestClient> {
  const client = await chat.connect(await chat.agent(), { queues: false, version });
  await client.subscribe("errors", "/user/queue/errors");
  return client;
}

const textOf = ({ body }: Frame): string => new TextDecoder().decode(body);
const texts = (client: TestClient, id = NAME): string[] => client.messagesOn(id).map(textOf);

async function ask(client = asker, text = "?", more = "", replyTo = NAME): Promise<Frame | undefined> {
  return client.request(`SEND\ndestination:/queue/work\nreply-to:${replyTo}\n${more}`, text);
}

const addresses = (): string[] =>
  worker.messagesOn("q").map(({ headers }) => headers.get("reply-to") ?? "none");

async function answer(text: string, address = addresses().at(-1)): Promise<Frame | undefined> {
  return worker.request(`SEND\ndestination:${address}\n`, text);
}

describe("reply-to:/temp-queue/<name>", () => {
  it("gives the receiver an address, and what is sent there comes to who asked, without a SUBSCRIBE", async () => {
    await ask();
    expect(addresses()).toEqual([expect.stringMatching(ADDRESS)]);
    expect(await answer("42")).toBeDefined();
    const [reply] = asker.messagesOn(NAME);
    expect(textOf(reply as Frame)).toBe("42");
    expect(reply?.headers.get("destination")).toBe(addresses()[0]);
    expect(reply?.headers.has("ack")).toBe(false);
  });

  it("keeps its address for the session, and has another for another name and in another session", async () => {
    const other = await join();
    await ask();
    await ask();
    await ask(asker, "?", "", "/temp-queue/more");
    await ask(other);
    const [one, two, three, four] = addresses();
    expect(one).toBe(two);
    expect(new Set([one, three, four]).size).toBe(3);
    await answer("theirs", four);
    await answer("more", three);
    expect([texts(asker), texts(asker, "/temp-queue/more"), texts(other)]).toEqual([
      [],
      ["more"],
      ["theirs"],
    ]);
  });

  it("works on topics, and from whoever has the address", async () => {
    await worker.subscribe("t", "/topic/questions");
    await asker.request(`SEND\ndestination:/topic/questions\nreply-to:${NAME}\n`, "?");
    const address = worker.messagesOn("t")[0]?.headers.get("reply-to");
    const service = await chat.connect(chat.service("queues"), { queues: false });
    expect(await service.request(`SEND\ndestination:${address}\n`, "from afar")).toBeDefined();
    expect(texts(asker)).toEqual(["from afar"]);
  });

  it("can be asked back: an answer may carry a reply-to of its own", async () => {
    await ask();
    await worker.request(`SEND\ndestination:${addresses()[0]}\nreply-to:/temp-queue/back\n`, "which?");
    const back = asker.messagesOn(NAME)[0]?.headers.get("reply-to");
    await asker.request(`SEND\ndestination:${back}\n`, "this");
    expect(texts(worker, "/temp-queue/back")).toEqual(["this"]);
  });

  it("is served in the subscription that the session opened itself, in its ack mode", async () => {
    await asker.subscribe("mine", NAME, "ack:client-individual\nprefetch:1\n");
    await ask();
    await answer("1");
    await answer("2");
    expect([texts(asker, "mine"), texts(asker)]).toEqual([["1"], []]);
    const ack = (): string => asker.messagesOn("mine").at(-1)?.headers.get("ack") ?? "none";
    await asker.request(`NACK\nid:${ack()}\n`, "");
    expect(texts(asker, "mine")).toEqual(["1", "1"]);
    await asker.request(`ACK\nid:${ack()}\n`, "");
    expect(texts(asker, "mine")).toEqual(["1", "1", "2"]);
  });

  it.each(["1.0", "1.1"])("works in %s", async (version) => {
    const old = await join(version);
    await ask(old);
    await answer("42");
    expect(texts(old)).toEqual(["42"]);
  });

  it.each(["/queue/answers", "/topic/answers", "anything at all", "/temp-queue", ""])(
    "of %j passes as it came",
    async (replyTo) => {
      await ask(asker, "?", "", replyTo);
      expect(addresses()).toEqual([replyTo]);
      expect(chat.broker.queues.size).toBe(1);
    },
  );

  it("inside a transaction takes effect with it, and so does the answer", async () => {
    await asker.request("BEGIN\ntransaction:one\n", "");
    await ask(asker, "?", "transaction:one\n");
    expect(addresses()).toEqual([]);
    await asker.request("COMMIT\ntransaction:one\n", "");
    await worker.request("BEGIN\ntransaction:one\n", "");
    await worker.request(`SEND\ndestination:${addresses()[0]}\ntransaction:one\n`, "42");
    expect(texts(asker)).toEqual([]);
    await worker.request("COMMIT\ntransaction:one\n", "");
    expect(texts(asker)).toEqual(["42"]);
  });
});

describe("is refused:", () => {
  it.each([
    ["SUBSCRIBE to an address", "SUBSCRIBE\nid:x\ndestination:ADDRESS\n", "FORBIDDEN_DESTINATION"],
    [
      "SUBSCRIBE to an address that never was",
      "SUBSCRIBE\nid:x\ndestination:/queue/reply-to/x\n",
      "FORBIDDEN_DESTINATION",
    ],
    ["SEND to an address that never was", "SEND\ndestination:/queue/reply-to/x\n", "UNKNOWN_DESTINATION"],
    ["SEND to a name", `SEND\ndestination:${NAME}\n`, "UNKNOWN_DESTINATION"],
    [
      "SUBSCRIBE to all addresses",
      "SUBSCRIBE\nid:x\ndestination:/queue/reply-to/**\n",
      "FORBIDDEN_DESTINATION",
    ],
    ["SUBSCRIBE to a pattern", "SUBSCRIBE\nid:x\ndestination:/temp-queue/*\n", "BAD_DESTINATION"],
    ["reply-to without a name", "SEND\ndestination:/queue/work\nreply-to:/temp-queue/\n", "BAD_DESTINATION"],
    ["reply-to with a pattern", "SEND\ndestination:/queue/work\nreply-to:/temp-queue/*\n", "BAD_DESTINATION"],
    [
      "reply-to that is no destination",
      "SEND\ndestination:/topic/t\nreply-to:/temp-queue/a/../b\n",
      "BAD_DESTINATION",
    ],
  ])("%s", async (_what, head, code) => {
    await ask();
    await worker.request(head.replace("ADDRESS", addresses()[0] ?? ""), "");
    expect(worker.refusals()).toEqual([code]);
    const [refusal] = worker.bodiesOn("errors");
    expect(refusal?.["field"]).toBe(head.includes("reply-to:") ? "reply-to" : undefined);
    expect(worker.messagesOn("q")).toHaveLength(1);
  });

  it("an id that the session uses for something else", async () => {
    await asker.subscribe(NAME, "/queue/other");
    await ask();
    expect(asker.error()?.headers.get("code")).toBe("DUPLICATE_SUBSCRIPTION_ID");
  });

  it("to a service without the scope of queues, and every guest, as what does not exist", async () => {
    const service = await chat.connect(chat.service("topics"), { queues: false });
    await service.subscribe("errors", "/user/queue/errors");
    await service.request(`SEND\ndestination:/topic/t\nreply-to:${NAME}\n`, "?");
    await service.subscribe("x", NAME);
    expect(service.refusals()).toEqual(["UNKNOWN_DESTINATION", "UNKNOWN_DESTINATION"]);
    await ask();
    const guest = await chat.connect(chat.guest());
    await guest.subscribe("x", NAME);
    await guest.request(`SEND\ndestination:${NAME}\n`, "");
    await guest.request(`SEND\ndestination:${addresses()[0]}\n`, "");
    await guest.subscribe("x", addresses()[0] ?? "");
    expect(guest.refusals()).toEqual([
      "UNKNOWN_DESTINATION",
      "UNKNOWN_DESTINATION",
      "FORBIDDEN_DESTINATION",
      "FORBIDDEN_DESTINATION",
    ]);
  });
});

describe("a temporary queue", () => {
  it.each(["its session ends", "its subscription ends"])(
    "is gone when %s, with what it held",
    async (how) => {
      await asker.subscribe("mine", NAME, "ack:client\nprefetch:1\n");
      await ask();
      await answer("1");
      await answer("2");
      if (how === "its session ends") asker.connection.vanish();
      else await asker.request("UNSUBSCRIBE\nid:mine\n", "");
      expect(chat.broker.queues.octets).toBe(0);
      expect(await answer("too late")).toBeUndefined();
      expect(worker.refusals()).toEqual(["UNKNOWN_DESTINATION"]);
      expect(chat.broker.queues.size).toBe(1);
    },
  );

  it("is made anew, at another address, after an UNSUBSCRIBE of its name", async () => {
    await ask();
    expect(await asker.request(`UNSUBSCRIBE\nid:${NAME}\n`, "")).toBeDefined();
    await ask();
    const [before, after] = addresses();
    expect(after).not.toBe(before);
    await answer("42", after);
    expect(texts(asker)).toEqual(["42"]);
  });

  it("has no dead letters", async () => {
    await asker.subscribe("mine", NAME, "ack:client\n");
    await ask();
    await answer("unwanted");
    await asker.request(`NACK\nid:${asker.messagesOn("mine")[0]?.headers.get("ack")}\nrequeue:false\n`, "");
    expect([chat.broker.queues.size, chat.broker.queues.octets]).toEqual([2, 0]);
  });

  it("counts as a subscription of its session, and is bounded like any queue", async () => {
    chat.close();
    await begin({ limits: { maxSubscriptions: 4, maxQueueMessages: 2 } });
    for (const name of ["a", "b", "c", "d"]) await ask(asker, "?", "", `/temp-queue/${name}`);
    expect(asker.refusals()).toEqual(["TOO_MANY_SUBSCRIPTIONS"]);
    expect(addresses()).toHaveLength(3);
    asker.connection.isStalled = true;
    asker.connection.bufferedBytes = 100_000;
    for (const text of ["1", "2", "3"]) await answer(text);
    expect(worker.refusals()).toEqual(["RETRY_LATER"]);
  });

  it("leaves nothing behind, however often sessions come and go", async () => {
    for (let count = 0; count < 200; count += 1) {
      asker.connection.send(
        `SEND\ndestination:/topic/t\nreply-to:${NAME}\n\n?^@UNSUBSCRIBE\nid:${NAME}\n\n^@`,
      );
    }
    await settled();
    expect(chat.broker.queues.size).toBe(1);
    expect(asker.error()).toBeUndefined();
  });
});
