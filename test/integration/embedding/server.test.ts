/** The public API within a program: making, listening, speaking, hearing, closing. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createChatServer, OptionsError } from "../../../src/index.ts";
import { ADMIN_PASSCODE, embed, embedAndListen, host } from "../../helpers/embedded.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatEvents, ChatServer } from "../../../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "customer-chat-embedded-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ADMIN = { login: "admin", passcode: ADMIN_PASSCODE };

async function guestOf(webSocketUrl: string): Promise<RawClient> {
  return (await RawClient.connect(webSocketUrl)).subscribeAll();
}

/** Everything heard of these events, in order, by name. */
function hear(chat: ChatServer, ...names: (keyof ChatEvents)[]): [string, ChatEvents[keyof ChatEvents]][] {
  const heard: [string, ChatEvents[keyof ChatEvents]][] = [];
  for (const name of names) chat.on(name, (fact) => heard.push([name, fact]));
  return heard;
}

describe("bad options", () => {
  it("are told all at once, and nothing is made", async () => {
    const dataDir = join(directory, "never");
    const options = {
      dataDir,
      publicUrl: "ftp://chat.example.com",
      guests: "yes",
      adminPasscode: "hunter2",
      limits: { maxHeaders: 1, maxHeader: 1 },
      stor: "memory",
      logger: "loud",
      serviceName: "a b",
    };
    const failed = await createChatServer(options as never).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(OptionsError);
    const { problems, message } = failed as OptionsError;
    expect(problems.map((line) => line.split(":")[0]).sort()).toEqual(
      [
        "adminPasscode",
        "guests",
        "limits.maxHeader",
        "limits.maxHeaders",
        "logger",
        "publicUrl",
        "serviceName",
      ]
        .concat("stor")
        .sort(),
    );
    expect(message).toBe(problems.join("\n"));
    expect(message).not.toContain("hunter2");
    expect(readdirSync(directory)).not.toContain("never");
  });

  it("of listen are told, and listen may be called again", async () => {
    const chat = await embed();
    await expect(chat.listen({ port: -1, host: "no host!" })).rejects.toThrow(/^port: .*\nhost: /);
    expect((await chat.listen({ port: 0 })).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe("listening", () => {
  it("twice is refused, after a port that is taken it may be tried again", async () => {
    const taken = await host();
    const chat = await embed();
    const port = Number(new URL(taken.url).port);
    await expect(chat.listen({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const { url } = await chat.listen({ port: 0 });
    await expect(chat.listen({ port: 0 })).rejects.toThrow("listens already");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each([[{ prot: 0 }], [null], ["3000"]])("at %j is no address", async (address) => {
    const chat = await embed();
    await expect(chat.listen(address as never)).rejects.toBeInstanceOf(OptionsError);
    await expect(createChatServer(address as never)).rejects.toBeInstanceOf(OptionsError);
  });

  it("serves the demo page, and answers what it does not know", async () => {
    const { url } = await embedAndListen();
    expect((await fetch(`${url}/`)).headers.get("content-type")).toMatch(/html/);
    const unknown = await fetch(`${url}/nothing`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "NOT_FOUND" }]);
  });

  it("ends with close, which may come before it has begun and twice", async () => {
    const chat = await embed();
    const listening = chat.listen({ port: 0 });
    const closed = chat.close();
    expect(chat.close()).toBe(closed);
    await closed;
    const { url } = await listening;
    await expect(fetch(url)).rejects.toThrow();
    await expect(chat.listen()).rejects.toThrow("is closed");
    expect(() => chat.attach({} as never)).toThrow("is closed");
    await expect(chat.send({ userTo: "x", message: "Hello" })).rejects.toMatchObject({ code: "RETRY_LATER" });
    await expect(chat.publish("/topic/a", "x")).rejects.toMatchObject({ code: "RETRY_LATER" });
  });

  it("closed, tells clients to come back", async () => {
    const { chat, webSocketUrl } = await embedAndListen();
    const guest = await guestOf(webSocketUrl);
    await chat.close();
    await until("it is told", () => guest.closed !== undefined);
    expect([guest.closed?.code, guest.of("ERROR")[0]?.headers.get("code")]).toEqual([1012, "SHUTTING_DOWN"]);
  });
});

describe("a data directory", () => {
  it("keeps conversations and tokens from one server to the next, which gets it when the first is closed", async () => {
    const dataDir = join(directory, "kept");
    const options = { store: undefined, dataDir } as never;
    const first = await embedAndListen(options);
    await expect(createChatServer({ dataDir })).rejects.toThrow(`already in use by pid ${process.pid}`);
    const guest = await guestOf(first.webSocketUrl);
    expect((await guest.say("support", "Is it open?"))?.headers.get("seq")).toBe("1");
    await first.chat.close();
    const second = await embedAndListen(options);
    const again = await RawClient.connect(second.webSocketUrl, {
      passcode: guest.connected.get("token") ?? "",
    });
    expect(again.id).toBe(guest.id);
    expect((await again.say("support", "Hello?"))?.headers.get("seq")).toBe("2");
  });

  it("has no admin unless a passcode was given", async () => {
    const without = await embedAndListen();
    const refused = await RawClient.connect(without.webSocketUrl, ADMIN);
    expect(refused.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    const given = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    expect((await RawClient.connect(given.webSocketUrl, ADMIN)).of("CONNECTED")).toHaveLength(1);
  });
});

describe("send", () => {
  it("reaches the customer, and resolves with what a RECEIPT says", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ serviceName: "Shop" });
    const guest = await guestOf(webSocketUrl);
    const receipt = await chat.send({ userTo: guest.id, message: "Your order is on its way." });
    await until("it arrives", () => guest.texts().length === 1);
    const [body] = guest.bodies("messages");
    expect(receipt).toEqual({
      messageId: body?.["id"],
      conversation: body?.["conversation"],
      seq: 1,
      position: expect.stringMatching(/^[A-Za-z0-9]+-1$/) as string,
    });
    const [opened] = guest.bodies("events").filter(({ type }) => type === "conversation.opened");
    expect(opened).toMatchObject({
      data: { conversation: { state: "active", assignee: { kind: "service", name: "Shop" } } },
    });
  });

  it("with a clientId stores once; the answer of an agent after release goes through the desk", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    const guest = await guestOf(webSocketUrl);
    const message = { userTo: guest.id, message: "Hello", clientId: "hello-1" };
    const [first, second] = await Promise.all([chat.send(message), chat.send(message)]);
    expect(second).toEqual(first);
    await expect(chat.send({ ...message, message: "Other" })).rejects.toMatchObject({
      code: "DUPLICATE_ID_CONFLICT",
    });
    const agent = await (await RawClient.connect(webSocketUrl, ADMIN)).subscribeAll();
    await chat.release(first.conversation);
    await expect(chat.release(first.conversation)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await agent.say(guest.id, "It is me.")).toBeDefined();
    await expect(chat.send({ userTo: guest.id, message: "And me" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const own = { userFrom: agent.id, userTo: guest.id, message: "In the agent's name" };
    expect(await chat.send(own)).toMatchObject({ seq: 3 });
  });

  it.each([
    ["nobody", { userTo: "nobody", message: "Hello" }, "UNKNOWN_USER"],
    ["support", { userTo: "support", message: "Hello" }, "FORBIDDEN_RECEIVER"],
    ["no text", { userTo: "GUEST", message: " " }, "EMPTY_MESSAGE"],
    ["no string", { userTo: "GUEST", message: 5 }, "BAD_TYPE"],
    ["half a character", { userTo: "GUEST", message: "a\ud800b" }, "BAD_CHARACTER"],
    ["no message", { userTo: "GUEST" }, "MISSING_FIELD"],
    ["a mistyped clientId", { userTo: "GUEST", message: "Hello", clientID: "a" }, "UNKNOWN_FIELD"],
    ["a BigInt as message", { userTo: "GUEST", message: 5n }, "BAD_TYPE"],
    ["a BigInt as sender", { userFrom: 5n, userTo: "GUEST", message: "Hello" }, "BAD_TYPE"],
    ["a function as receiver", { userTo: () => "GUEST", message: "Hello" }, "BAD_TYPE"],
    ["a customer as sender", { userFrom: "GUEST", userTo: "GUEST", message: "Hello" }, "FORBIDDEN_SENDER"],
    ["an unknown sender", { userFrom: "x", userTo: "GUEST", message: "Hello" }, "FORBIDDEN_SENDER"],
  ])("to %s is refused as a SEND would be", async (_name, message, code) => {
    const { chat, webSocketUrl } = await embedAndListen();
    const guest = await guestOf(webSocketUrl);
    await guest.say("support", "first");
    const placed = Object.entries(message).map(([name, value]) => [
      name,
      value === "GUEST" ? guest.id : value,
    ]);
    await expect(chat.send(Object.fromEntries(placed) as never)).rejects.toMatchObject({ code });
  });

  it.each([
    [undefined, "EMPTY_BODY"],
    [null, "BAD_TYPE"],
    ["Hello", "BAD_TYPE"],
    [[], "BAD_TYPE"],
  ])("of %j, which is no message, is refused as such a body would be", async (message, code) => {
    const chat = await embed();
    await expect(chat.send(message as never)).rejects.toMatchObject({ name: "Refusal", code });
  });

  it.each([5n, undefined, null, {}])("a conversation that is %s cannot be released", async (conversation) => {
    const chat = await embed();
    await expect(chat.release(conversation as never)).rejects.toMatchObject({
      name: "Refusal",
      code: "BAD_TYPE",
    });
  });

  it("whose service name is an agent's login is refused", async () => {
    const chat = await embed({ adminPasscode: ADMIN_PASSCODE, serviceName: "admin" });
    await expect(chat.send({ userTo: "x", message: "Hello" })).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

function numbered(count: number, value = ""): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, value]));
}

describe("publish", () => {
  it("reaches topics and queues, octets and headers as they are", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    const agent = await RawClient.connect(webSocketUrl, ADMIN);
    await agent.subscribe("t", "/topic/orders/*");
    await agent.subscribe("q", "/queue/orders");
    await chat.publish("/topic/orders/7", '{"paid":true}', {
      "content-type": "application/json",
      "x:y": "a\nb",
    });
    await chat.publish("/queue/orders", new Uint8Array([0, 255]));
    await until("both arrive", () => agent.on("t").length + agent.on("q").length === 2);
    const [topic] = agent.on("t");
    expect([topic?.headers.get("destination"), topic?.headers.get("x:y")]).toEqual([
      "/topic/orders/7",
      "a\nb",
    ]);
    expect(agent.bodies("t")).toEqual([{ paid: true }]);
    expect([...(agent.on("q")[0]?.body ?? [])]).toEqual([0, 255]);
  });

  it("takes as many headers as a frame, and passes on those that a SEND passes on", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    const agent = await RawClient.connect(webSocketUrl, ADMIN);
    await agent.subscribe("t", "/topic/a");
    const kept = { receipt: "1", passcode: "secret", "message-id": "mine", "content-length": "7" };
    // The content-length that is counted takes the place of the one that was said.
    await chat.publish("/topic/a", "{}", { ...kept, ...numbered(27, "x") });
    await until("it arrives", () => agent.on("t").length === 1);
    const [message] = agent.on("t");
    expect([...(message?.headers.entries() ?? [])].map(([name]) => name)).toEqual([
      "destination",
      "subscription",
      "message-id",
      ...Object.keys(numbered(27)),
      "content-length",
    ]);
    expect(message?.headers.get("message-id")).not.toBe("mine");
    expect(message?.headers.get("content-length")).toBe("2");
  });

  it.each([
    ["/topic/a//b", "x", {}, { code: "BAD_DESTINATION" }],
    ["/topic/*", "x", {}, { code: "BAD_DESTINATION" }],
    ["/chat/topic/support", "x", {}, { code: "FORBIDDEN_DESTINATION" }],
    ["/user/queue/messages", "x", {}, { code: "FORBIDDEN_DESTINATION" }],
    ["/chat/message", "x", {}, { code: "UNKNOWN_DESTINATION" }],
    ["nowhere", "x", {}, { code: "UNKNOWN_DESTINATION" }],
    ["", "x", {}, { name: "TypeError" }],
    [undefined, "x", {}, { name: "TypeError" }],
    ["/topic/a", { a: 1 }, {}, { name: "TypeError" }],
    ["/topic/a", "x", { count: 1 }, { name: "TypeError" }],
    ["/topic/a", "x", null, { name: "TypeError", message: "headers are an object of strings" }],
    ["/topic/a", "x", "a:1", { name: "TypeError", message: "headers are an object of strings" }],
    [
      "/topic/a",
      "x",
      new Map([["a", "1"]]),
      { name: "TypeError", message: "headers are an object of strings" },
    ],
    ["/topic/a", "x", { "": "1" }, { name: "RangeError", cause: { code: "BAD_HEADER" } }],
    ["/topic/a", "x", { a: "\0" }, { name: "RangeError", cause: { code: "BAD_HEADER" } }],
    ["/topic/a", "x", { "a\0": "" }, { name: "RangeError", cause: { code: "BAD_HEADER" } }],
    ["/topic/a", "half \ud83d", {}, { name: "RangeError", cause: { code: "BAD_UTF8" } }],
    ["/topic/a", "x", { a: "\ude00 half" }, { name: "RangeError", cause: { code: "BAD_UTF8" } }],
    ["/topic/a", "x", { "\ud83d": "a" }, { name: "RangeError", cause: { code: "BAD_UTF8" } }],
    ["/topic/\ud83d", "x", {}, { name: "RangeError", cause: { code: "BAD_UTF8" } }],
    ["/topic/a", "x".repeat(65_537), {}, { name: "RangeError", cause: { code: "FRAME_TOO_LARGE" } }],
    // With destination and content-length one more than may be.
    ["/topic/a", "x", numbered(31), { name: "RangeError", cause: { code: "TOO_MANY_HEADERS" } }],
    ["/topic/a", "x", { a: "\n".repeat(1024) }, { name: "RangeError", cause: { code: "HEADER_TOO_LONG" } }],
    [
      "/topic/a",
      "x",
      numbered(5, "x".repeat(2000)),
      { name: "RangeError", cause: { code: "HEADERS_TOO_LARGE" } },
    ],
  ])("to %s of %.20s with %o is rejected", async (destination, body, headers, error) => {
    const chat = await embed();
    await expect(chat.publish(destination as string, body as string, headers as never)).rejects.toMatchObject(
      error,
    );
  });
});

describe("events", () => {
  it("tell sessions, messages after the commit, changes and marks, in order", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    const heard = hear(chat, "connected", "disconnected", "conversation", "message", "read");
    const guest = await guestOf(webSocketUrl);
    const agent = await (await RawClient.connect(webSocketUrl, ADMIN)).subscribeAll();
    const receipt = await guest.say("support", "Is it open?");
    await agent.say(guest.id, "It is.");
    await guest.close();
    await until("the end is told", () => heard.at(-1)?.[0] === "disconnected");
    const told = heard.map(([name, fact]) => {
      const { type, message } = fact as { type?: string; message?: { message: string } };
      return [name, type ?? message?.message].filter(Boolean).join(" ");
    });
    expect(told).toEqual([
      "connected",
      "connected",
      "conversation conversation.opened",
      "message Is it open?",
      "conversation conversation.assigned",
      "message It is.",
      "read",
      "disconnected",
    ]);
    expect(heard[0]?.[1]).toMatchObject({ user: { id: guest.id, kind: "guest" }, sessions: 1 });
    expect(heard[3]?.[1]).toMatchObject({
      message: { id: receipt?.headers.get("message-id"), userFrom: guest.id, seq: 1 },
      conversation: { state: "waiting", lastSeq: 1 },
    });
    expect(heard.at(-1)?.[1]).toMatchObject({ user: { id: guest.id }, sessions: 0 });
  });

  it("tell what was refused, to whom and for what", async () => {
    const { chat, webSocketUrl } = await embedAndListen();
    const heard = hear(chat, "refused");
    const guest = await guestOf(webSocketUrl);
    await guest.say("nobody", "Hello");
    await RawClient.connect(webSocketUrl, { login: "anna", passcode: "wrong" });
    const spoilt = await guestOf(webSocketUrl);
    spoilt.send("SEND\nno colon\n\n^@");
    await until("it is told", () => heard.length === 3);
    expect(heard).toMatchObject([
      ["refused", { code: "FORBIDDEN_RECEIVER", user: { id: guest.id }, destination: "/chat/message" }],
      ["refused", { code: "AUTH_FAILED", command: "CONNECT" }],
      ["refused", { code: "BAD_HEADER", user: { id: spoilt.id }, command: "SEND" }],
    ]);
    expect(heard[1]?.[1]).not.toHaveProperty("user");
  });

  it("a listener that throws or rejects harms nobody and is logged; one that was ended hears no more", async () => {
    const logged: unknown[] = [];
    const note = (fields: unknown): void => void logged.push(fields);
    const logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };
    const { chat, webSocketUrl } = await embedAndListen({ logger });
    const heard: string[] = [];
    chat.on("message", () => {
      throw new Error("thrown");
    });
    chat.on("message", () => Promise.reject(new Error("rejected")));
    const end = chat.on("message", ({ message }) => heard.push(message.message));
    const guest = await guestOf(webSocketUrl);
    expect(await guest.say("support", "one")).toBeDefined();
    end();
    expect(await guest.say("support", "two")).toBeDefined();
    expect(heard).toEqual(["one"]);
    const errors = logged.map((fields) => (fields as { error: Error }).error.message);
    expect(errors.sort()).toEqual(["rejected", "rejected", "thrown", "thrown"]);
  });

  it("that do not exist, and listeners that are no functions, are refused", async () => {
    const chat = await embed();
    expect(() => chat.on("messages" as never, () => undefined)).toThrow(
      /no event messages; there are .*message/,
    );
    expect(() => chat.on("__proto__" as never, () => undefined)).toThrow(TypeError);
    expect(() => chat.on("message", undefined as never)).toThrow(TypeError);
  });
});

describe("two servers in one process", () => {
  it("have nothing of each other: accounts, tokens, topics, events, SockJS sessions", async () => {
    const one = await embedAndListen({ adminPasscode: ADMIN_PASSCODE });
    const other = await embedAndListen();
    const heard = hear(other.chat, "connected", "message", "refused");
    const guest = await guestOf(one.webSocketUrl);
    const agent = await RawClient.connect(one.webSocketUrl, ADMIN);
    await agent.subscribe("t", "/topic/a");
    await guest.say("support", "Hello");
    await other.chat.publish("/topic/a", "of the other");
    await one.chat.publish("/topic/a", "of its own");
    await until("one arrives", () => agent.on("t").length > 0);
    expect(agent.on("t").map(({ body }) => Buffer.from(body).toString())).toEqual(["of its own"]);
    await expect(other.chat.send({ userTo: guest.id, message: "Hello" })).rejects.toMatchObject({
      code: "UNKNOWN_USER",
    });
    expect(heard).toEqual([]);

    const token = guest.connected.get("token") ?? "";
    for (const credentials of [{ passcode: token }, ADMIN]) {
      const refused = await RawClient.connect(other.webSocketUrl, credentials);
      expect(refused.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    }
    const session = "/chat/000/abcdefgh";
    const opened = await fetch(`${one.url}${session}/xhr`, { method: "POST" });
    expect(await opened.text()).toBe("o\n");
    const sent = await fetch(`${other.url}${session}/xhr_send`, { method: "POST", body: '["x"]' });
    expect(sent.status).toBe(404);
  });

  it("on one data directory are refused, on two they live and end apart", async () => {
    const options = (name: string): never => ({ store: undefined, dataDir: join(directory, name) }) as never;
    const one = await embedAndListen(options("one"));
    const two = await embedAndListen(options("two"));
    const guest = await guestOf(two.webSocketUrl);
    await one.chat.close();
    expect((await guest.say("support", "still here"))?.headers.get("seq")).toBe("1");
  });
});
