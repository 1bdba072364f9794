/** Transactions: SEND, ACK and NACK together or not at all, bounded, and over with their session. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

let chat: TestChat;
let client: TestClient;

beforeEach(async () => {
  await begin();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function begin(limits: ConstructorParameters<typeof TestChat>[0] = {}): Promise<void> {
  chat = new TestChat(limits);
  client = await chat.connect(await chat.agent(), { queues: false });
  await client.subscribe("errors", "/user/queue/errors");
  await client.subscribe("t", "/topic/a");
}

const command = (verb: string, id = "one"): Promise<unknown> =>
  client.request(`${verb}\ntransaction:${id}\n`, "");
const send = (destination: string, body: string, id = "one"): Promise<unknown> =>
  client.request(`SEND\ndestination:${destination}\ntransaction:${id}\n`, body);
const say = (userTo: string, message: string, clientId: string): Promise<unknown> =>
  send("/chat/message", JSON.stringify({ userFrom: client.id, userTo, message, clientId }));
const texts = (id: string, of = client): string[] =>
  of.messagesOn(id).map(({ body }) => new TextDecoder().decode(body));
/** A transaction with `count` bodies of 60,000 octets, still open. */
const large = (id: string, count: number): string =>
  `BEGIN\ntransaction:${id}\n\n^@${`SEND\ndestination:/queue/large\ntransaction:${id}\n\n${"x".repeat(60_000)}^@`.repeat(count)}`;
const code = (): unknown => client.error()?.headers.get("code");

describe("COMMIT", () => {
  it("shows nothing before it and everything with it, in order; receipts inside come at once", async () => {
    await client.subscribe("q", "/queue/a");
    expect(await command("BEGIN")).toBeDefined();
    for (const text of ["1", "2"]) expect(await send("/topic/a", text)).toBeDefined();
    expect(await send("/queue/a", "3")).toBeDefined();
    expect([texts("t"), texts("q")]).toEqual([[], []]);
    await client.request("SEND\ndestination:/topic/a\n", "outside");
    expect(await command("COMMIT")).toBeDefined();
    expect([texts("t"), texts("q")]).toEqual([["outside", "1", "2"], ["3"]]);
    const [, message] = client.messagesOn("t");
    expect(message?.headers.has("transaction")).toBe(false);
  });

  it("makes chat messages durable together, and all else follows them", async () => {
    const guest = await chat.connect(chat.guest());
    await guest.say("support", "hello");
    await command("BEGIN");
    await say(guest.id, "one", "c1");
    await send("/topic/a", "told");
    await say(guest.id, "two", "c2");
    await settled();
    expect(guest.texts()).toEqual([]);
    expect(await command("COMMIT")).toBeDefined();
    expect(guest.texts()).toEqual(["one", "two"]);
    expect(texts("t")).toEqual(["told"]);
  });

  it("of which one message is refused does nothing at all, and says which code it was", async () => {
    const [guest, stranger] = [await chat.connect(chat.guest()), "A".repeat(22)];
    await guest.say("support", "hello");
    await client.request("SEND\ndestination:/queue/a\n", "kept");
    await client.subscribe("q", "/queue/a", "ack:client\n");
    const ack = client.messagesOn("q")[0]?.headers.get("ack");
    await command("BEGIN");
    await say(guest.id, "never", "c1");
    await send("/topic/a", "never");
    await send("/queue/b", "never");
    await client.request(`ACK\nid:${ack}\ntransaction:one\n`, "");
    await say(stranger, "never", "c2");
    expect(await command("COMMIT")).toBeUndefined();
    expect(client.refusals()).toEqual(["UNKNOWN_USER"]);
    expect(client.messagesOn("errors")[0]?.headers.get("command")).toBe("COMMIT");
    expect([guest.texts(), texts("t")]).toEqual([[], []]);
    const { items } = await chat.store.execute("conversations", { principal: client.principal, limit: 10 });
    expect(items).toMatchObject([{ state: "waiting", lastSeq: 1 }]);
    await client.subscribe("b", "/queue/b");
    expect(texts("b")).toEqual([]);
    await client.request(`ACK\nid:${ack}\n`, "");
    expect(client.error()).toBeUndefined();
    expect(chat.broker.queues.octets).toBe(0);
  });

  it("of more than a queue has room for does nothing at all", async () => {
    chat.close();
    await begin({ limits: { maxQueueMessages: 2 } });
    await command("BEGIN");
    await send("/topic/a", "never");
    for (const text of ["1", "2", "3"]) await send("/queue/a", text);
    expect(await command("COMMIT")).toBeUndefined();
    expect(client.refusals()).toEqual(["RETRY_LATER"]);
    expect(texts("t")).toEqual([]);
    expect([chat.broker.queues.octets, chat.broker.queues.size]).toEqual([0, 0]);
  });

  it("holds up what follows until it is durable: a message after it comes after it", async () => {
    const guest = await chat.connect(chat.guest());
    await guest.say("support", "hello");
    await command("BEGIN");
    await say(guest.id, "one", "c1");
    await send("/topic/a", "inside");
    client.connection.send("COMMIT\ntransaction:one\n\n^@SEND\ndestination:/topic/a\n\nafter^@");
    await settled();
    expect(texts("t")).toEqual(["inside", "after"]);
  });
});

describe("ACK and NACK", () => {
  async function delivered(mode: string): Promise<string[]> {
    for (const text of ["1", "2", "3"]) await client.request("SEND\ndestination:/queue/a\n", text);
    await client.subscribe("q", "/queue/a", `ack:${mode}\n`);
    return client.messagesOn("q").map(({ headers }) => headers.get("ack") ?? "");
  }

  it("take effect at COMMIT; an id that an earlier one of the same transaction settled is absorbed", async () => {
    const acks = await delivered("client");
    await command("BEGIN");
    for (const id of [acks[1], acks[0]]) await client.request(`ACK\nid:${id}\ntransaction:one\n`, "");
    await client.request(`NACK\nid:${acks[2]}\ntransaction:one\n`, "");
    expect(texts("q")).toEqual(["1", "2", "3"]);
    expect(await command("COMMIT")).toBeDefined();
    expect(texts("q")).toEqual(["1", "2", "3", "3"]);
  });

  it("leave the delivery outstanding after ABORT", async () => {
    const acks = await delivered("client-individual");
    await command("BEGIN");
    await client.request(`ACK\nid:${acks[0]}\ntransaction:one\n`, "");
    await client.request(`NACK\nid:${acks[1]}\ntransaction:one\n`, "");
    expect(await command("ABORT")).toBeDefined();
    expect(texts("q")).toEqual(["1", "2", "3"]);
    for (const id of acks) await client.request(`ACK\nid:${id}\n`, "");
    expect(client.error()).toBeUndefined();
    expect(chat.broker.queues.octets).toBe(0);
  });

  it("of a delivery that was settled outside meanwhile end the session", async () => {
    const acks = await delivered("client-individual");
    await command("BEGIN");
    await client.request(`ACK\nid:${acks[0]}\ntransaction:one\n`, "");
    await client.request(`ACK\nid:${acks[0]}\n`, "");
    await command("COMMIT");
    expect(code()).toBe("UNKNOWN_ACK");
  });
});

describe("a transaction", () => {
  it("that is ABORTed leaves nothing, and its id may be used again", async () => {
    await command("BEGIN");
    await send("/topic/a", "never");
    await command("ABORT");
    await command("BEGIN");
    await send("/topic/a", "now");
    await command("COMMIT");
    expect(texts("t")).toEqual(["now"]);
  });

  it("is one of its session: another's of the same name is another", async () => {
    const other = await chat.connect(await chat.agent(), { queues: false });
    await command("BEGIN");
    expect(await other.request("BEGIN\ntransaction:one\n", "")).toBeDefined();
    await other.request("SEND\ndestination:/topic/a\ntransaction:one\n", "theirs");
    await command("COMMIT");
    expect(texts("t")).toEqual([]);
    await other.request("COMMIT\ntransaction:one\n", "");
    expect(texts("t")).toEqual(["theirs"]);
  });

  it.each(["DISCONNECT\n\n^@", "FOO\n\n^@"])("is aborted with its session by %j", async (end) => {
    const other = await chat.connect(await chat.agent(), { queues: false });
    await other.subscribe("t", "/topic/a");
    await command("BEGIN");
    await send("/topic/a", "never");
    client.connection.send(end);
    await settled();
    expect(texts("t", other)).toEqual([]);
  });

  it.each([
    ["BEGIN without a name", "BEGIN\n\n^@", "MISSING_TRANSACTION"],
    ["BEGIN with an empty name", "BEGIN\ntransaction:\n\n^@", "MISSING_TRANSACTION"],
    ["COMMIT without a name", "COMMIT\n\n^@", "MISSING_TRANSACTION"],
    ["ABORT without a name", "ABORT\n\n^@", "MISSING_TRANSACTION"],
    ["COMMIT of none", "COMMIT\ntransaction:none\n\n^@", "UNKNOWN_TRANSACTION"],
    ["ABORT of none", "ABORT\ntransaction:none\n\n^@", "UNKNOWN_TRANSACTION"],
    ["SEND in none", "SEND\ndestination:/topic/a\ntransaction:none\n\n^@", "UNKNOWN_TRANSACTION"],
    ["BEGIN twice", "BEGIN\ntransaction:a\n\n^@BEGIN\ntransaction:a\n\n^@", "TRANSACTION_EXISTS"],
    ["ACK of nothing", "BEGIN\ntransaction:a\n\n^@ACK\nid:none\ntransaction:a\n\n^@", "UNKNOWN_ACK"],
    [
      "COMMIT twice",
      "BEGIN\ntransaction:a\n\n^@COMMIT\ntransaction:a\n\n^@COMMIT\ntransaction:a\n\n^@",
      "UNKNOWN_TRANSACTION",
    ],
    [
      "one more than may be open",
      Array.from({ length: 5 }, (_, index) => `BEGIN\ntransaction:${index}\n\n^@`).join(""),
      "TRANSACTION_LIMIT",
    ],
    [
      "one frame more than it may have",
      `BEGIN\ntransaction:a\n\n^@${"SEND\ndestination:/topic/a\ntransaction:a\n\n^@".repeat(33)}`,
      "TRANSACTION_LIMIT",
    ],
    ["more octets than it may have", large("a", 18), "TRANSACTION_LIMIT"],
  ])("by %s ends the session", async (_, frames, expected) => {
    client.connection.send(frames);
    await settled();
    expect(code()).toBe(expected);
  });

  it("of 32 frames is not too long", async () => {
    client.connection.send(
      `BEGIN\ntransaction:a\n\n^@${"SEND\ndestination:/topic/a\ntransaction:a\n\nx^@".repeat(32)}`,
    );
    await command("COMMIT", "a");
    expect(texts("t")).toHaveLength(32);
  });

  it.each([
    ["at most 4 open", Array.from({ length: 5 }, (_, index) => `BEGIN\ntransaction:${index}\n\n^@`).join("")],
    [
      "at most 32 frames in one",
      `BEGIN\ntransaction:a\n\n^@${"SEND\ndestination:/topic/a\ntransaction:a\n\n^@".repeat(33)}`,
    ],
    ["bodies of at most 1048576 octets", large("a", 18)],
  ])("that is too much is told how much may be: %s", async (hint, frames) => {
    client.connection.send(frames);
    await settled();
    expect(new TextDecoder().decode(client.error()?.body)).toContain(hint);
  });

  it.each(["COMMIT", "ABORT"])("takes no room after its %s", async (end) => {
    for (const id of ["a", "b", "c"]) {
      client.connection.send(large(id, 10));
      await command(end, id);
    }
    expect(client.error()).toBeUndefined();
  });

  it("that is open for too long ends its session", async () => {
    await command("BEGIN");
    chat.monotonic += 29_999;
    client.connection.send("\n");
    chat.broker.sweep();
    expect(client.error()).toBeUndefined();
    chat.monotonic += 1;
    chat.broker.sweep();
    await settled();
    expect(code()).toBe("TRANSACTION_LIMIT");
  });
});

it("a queue that is full refuses COMMIT and not the SEND: an ACK beside it is not carried out alone", async () => {
  chat.close();
  await begin({ limits: { maxQueueMessages: 1 } });
  await client.request("SEND\ndestination:/queue/full\n", "there");
  await client.request("SEND\ndestination:/queue/jobs\n", "job");
  await client.subscribe("jobs", "/queue/jobs", "ack:client-individual\n");
  const ack = client.messagesOn("jobs")[0]?.headers.get("ack") ?? "";
  await command("BEGIN");
  await send("/queue/full", "result");
  await client.request(`ACK\nid:${ack}\ntransaction:one\n`, "");
  expect(client.refusals()).toEqual([]);
  await command("COMMIT");
  expect(client.refusals()).toEqual(["RETRY_LATER"]);
  // The job is still outstanding: ACK settles it.
  await client.request(`ACK\nid:${ack}\n`, "");
  expect(client.error()).toBeUndefined();
});

describe("inside a transaction is refused at once", () => {
  it.each([
    ["/nowhere", "x", "UNKNOWN_DESTINATION"],
    ["/chat/topic/support", "x", "FORBIDDEN_DESTINATION"],
    ["/topic/*", "x", "BAD_DESTINATION"],
    ["/chat/message", "{}", "MISSING_FIELD"],
    ["/chat/history", "{}", "UNSUPPORTED"],
    ["/chat/typing", "{}", "UNSUPPORTED"],
  ])("a SEND to %s of %j: %s", async (destination, body, expected) => {
    await command("BEGIN");
    await send(destination, body);
    expect(client.refusals()).toEqual([expected]);
    await send("/topic/a", "goes on");
    await command("COMMIT");
    expect(texts("t")).toEqual(["goes on"]);
  });
});
