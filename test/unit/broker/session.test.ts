/** Sessions: order of answers, errors that close, deadlines, heart-beats, bounds. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Disconnect } from "../../../src/broker/errors.ts";
import { bodyOf, MemoryConnection } from "../../helpers/memory-connection.ts";
import { settled, TestChat } from "../../helpers/test-chat.ts";

let chat: TestChat;

beforeEach(() => {
  chat = new TestChat();
});
afterEach(() => {
  chat.close();
});

function open(input: string): MemoryConnection {
  const connection = new MemoryConnection(chat.broker);
  connection.send(input);
  return connection;
}

async function connected(headers = "accept-version:1.2\n", options = {}): Promise<MemoryConnection> {
  const connection = new MemoryConnection(chat.broker, options);
  connection.send(`CONNECT\n${headers}\n^@`);
  await settled();
  expect(connection.of("CONNECTED")).toHaveLength(1);
  return connection;
}

describe("CONNECT", () => {
  it("negotiates the version and tells session, server, heart-beat and the principal's id", async () => {
    const connection = await connected("accept-version:1.0,1.1,1.2\nheart-beat:1,1\n");
    const { headers } = connection.of("CONNECTED")[0] ?? { headers: undefined };
    expect(headers?.get("version")).toBe("1.2");
    expect(headers?.get("heart-beat")).toBe("10000,10000");
    expect(headers?.get("user-name")).toMatch(/^[\w-]{22}$/);
    expect(headers?.get("server")).toBe("customer-chat/test");
    expect(headers?.get("session")).toBeDefined();
  });

  it.each([
    ["SEND\ndestination:/chat/message\n\n{}^@", "NOT_CONNECTED", 1008],
    ["CONNECT\naccept-version:9.9\n\n^@", "UNSUPPORTED_VERSION", 1002],
    ["CONNECT\nheart-beat:1\n\n^@", "BAD_HEARTBEAT", 1002],
    ["CONNECT\nlogin:nobody\n\n^@", "AUTH_FAILED", 1008],
    ["GET / HTTP/1.1\r\n\r\n", "UNKNOWN_COMMAND", 1002],
  ])("answers %j with %s and closes with %i", async (input, code, close) => {
    const connection = open(input);
    await settled();
    const [error] = connection.of("ERROR");
    expect(error?.headers.get("code")).toBe(code);
    expect(error?.headers.get("message")?.startsWith(`${code} `)).toBe(true);
    expect(JSON.parse(bodyOf(error!))).toMatchObject({ code });
    expect(connection.closedWith?.code).toBe(close);
    expect(chat.broker.sessions.size).toBe(0);
  });

  it("that was judged before its credentials were revoked ends with REVOKED; others go on", async () => {
    const [revoked, other] = [chat.guest(), chat.guest()];
    let judge = (): void => undefined;
    chat.beforeAuthentication = new Promise((resolve) => {
      judge = resolve;
    });
    const [first, second] = [revoked, other].map(({ id }) => open(`CONNECT\nlogin:${id}\n\n^@`));
    judge();
    chat.broker.disconnectUser(revoked.id, Disconnect.of("REVOKED"));
    await settled();
    expect(first?.of("ERROR")[0]?.headers.get("code")).toBe("REVOKED");
    expect(first?.closedWith?.code).toBe(1008);
    expect(second?.of("ERROR")).toEqual([]);
    expect([...chat.broker.sessions].map(({ principal }) => principal.id)).toEqual([other.id]);
  });

  it("names our versions when none is in common", async () => {
    const connection = open("CONNECT\naccept-version:9.9\n\n^@");
    await settled();
    expect(connection.of("ERROR")[0]?.headers.get("version")).toBe("1.0,1.1,1.2");
  });

  it("twice is fatal, and what follows it takes no effect", async () => {
    const connection = await connected();
    connection.send(
      "CONNECT\naccept-version:1.2\n\n^@SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nreceipt:r\n\n^@",
    );
    await settled();
    expect(connection.of("ERROR")[0]?.headers.get("code")).toBe("ALREADY_CONNECTED");
    expect(connection.of("RECEIPT")).toEqual([]);
  });

  it("holds back the frames behind it until it is answered", async () => {
    const connection = open(
      "CONNECT\naccept-version:1.2\n\n^@SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nreceipt:r\n\n^@",
    );
    await settled();
    expect(connection.frames.map((frame) => frame.command)).toEqual(["CONNECTED", "RECEIPT"]);
  });
});

describe("answers", () => {
  it("leave in frame order although a SEND waits for its commit", async () => {
    const connection = await connected();
    const id = connection.of("CONNECTED")[0]?.headers.get("user-name") ?? "";
    const body = JSON.stringify({ userFrom: id, userTo: "support", message: "x" });
    connection.send(
      "SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nreceipt:a\n\n^@" +
        `SEND\ndestination:/chat/message\nreceipt:b\n\n${body}^@` +
        "SEND\ndestination:/chat/message\nreceipt:c\n\n{}^@" +
        "UNSUBSCRIBE\nid:1\nreceipt:d\n\n^@" +
        "DISCONNECT\nreceipt:e\n\n^@SEND\ndestination:/chat/message\nreceipt:f\n\n{}^@",
    );
    await settled();
    const answers = connection.frames.slice(1).map((frame) => frame.headers.get("receipt-id"));
    // c is refused after d: by then nobody listens for refusals, so the session would end; order decides first.
    expect(answers[0]).toBe("a");
    expect(answers[1]).toBe("b");
    expect(answers[2]).toBe("c");
    expect(connection.closedWith).toBeDefined();
  });

  it("of DISCONNECT come last, then the connection closes", async () => {
    const connection = await connected();
    connection.send("DISCONNECT\nreceipt:bye\n\n^@SEND\nfoo\n\n^@");
    await settled();
    expect(connection.frames.at(-1)?.headers.get("receipt-id")).toBe("bye");
    expect(connection.closedWith?.code).toBe(1000);
  });

  it.each([
    ["SUBSCRIBE\ndestination:/user/queue/errors\n\n^@", "MISSING_ID"],
    ["SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nack:foo\n\n^@", "BAD_ACK_MODE"],
    ["SUBSCRIBE\nid:1\n\n^@", "MISSING_DESTINATION"],
    [`SUBSCRIBE\nid:${"x".repeat(65)}\ndestination:/user/queue/errors\n\n^@`, "BAD_ID"],
    ["SUBSCRIBE\nid:a\\nb\ndestination:/user/queue/errors\n\n^@", "BAD_ID"],
    ["UNSUBSCRIBE\nid:nope\n\n^@", "UNKNOWN_SUBSCRIPTION"],
    ["SEND\n\n{}^@", "MISSING_DESTINATION"],
    ["SEND\ndestination: \n\n{}^@", "MISSING_DESTINATION"],
    ["SEND\ndestination:/chat/message\ntransaction:t\n\n{}^@", "UNKNOWN_TRANSACTION"],
    ["ACK\nid:1\n\n^@", "UNKNOWN_ACK"],
    ["ACK\n\n^@", "MISSING_ID"],
    ["send\ndestination:/x\n\n^@", "UNKNOWN_COMMAND"],
    ["MESSAGE\n\n^@", "UNKNOWN_COMMAND"],
    ["SEND\nno colon\n\n^@", "BAD_HEADER"],
    ["DISCONNECT\n\nbody^@", "UNEXPECTED_BODY"],
  ])("to %j is ERROR %s, then close", async (input, code) => {
    const connection = await connected();
    connection.send(input);
    await settled();
    expect(connection.of("ERROR").map((frame) => frame.headers.get("code"))).toEqual([code]);
    expect(connection.closedWith).toBeDefined();
  });

  it.each([
    ["too long", "r".repeat(129), "at most 128 octets"],
    ["with a CR", "a\\rb", "without CR and NUL"],
  ])("to a receipt %s says what is wrong with it, and that alone", async (_, receipt, hint) => {
    const connection = await connected();
    connection.send(`DISCONNECT\nreceipt:${receipt}\n\n^@`);
    await settled();
    const [error] = connection.of("ERROR");
    expect(error?.headers.get("message")).toBe("BAD_RECEIPT receipt cannot be answered.");
    expect(JSON.parse(bodyOf(error!))).toMatchObject({ code: "BAD_RECEIPT", hint });
  });

  it("an id in use is fatal even when the destination is refused, and the live subscription is not its victim", async () => {
    const connection = await connected();
    connection.send(
      "SUBSCRIBE\nid:1\ndestination:/user/queue/errors\n\n^@SUBSCRIBE\nid:1\ndestination:/a//b\n\n^@",
    );
    await settled();
    expect(connection.of("ERROR")[0]?.headers.get("code")).toBe("DUPLICATE_SUBSCRIPTION_ID");
  });

  it("the 33rd subscription is refused, and its UNSUBSCRIBE succeeds", async () => {
    const connection = await connected();
    connection.send("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@");
    for (let index = 2; index <= 33; index += 1) {
      connection.send(`SUBSCRIBE\nid:${index}\ndestination:/user/queue/errors\nreceipt:s${index}\n\n^@`);
    }
    connection.send("UNSUBSCRIBE\nid:33\nreceipt:gone\n\n^@");
    await settled();
    const codes = connection.of("MESSAGE").map((frame) => frame.headers.get("code"));
    expect(new Set(codes)).toEqual(new Set(["TOO_MANY_SUBSCRIPTIONS"]));
    expect(connection.of("RECEIPT").at(-1)?.headers.get("receipt-id")).toBe("gone");
    expect(connection.closedWith).toBeUndefined();
  });
});

describe("STOMP 1.0", () => {
  it("needs no subscription id: MESSAGE goes without subscription, UNSUBSCRIBE by destination", async () => {
    const connection = await connected("");
    connection.send(
      "SUBSCRIBE\ndestination:/user/queue/errors\nreceipt:a\n\n^@SEND\ndestination:/nope\n\nx^@",
    );
    await settled();
    const [refused] = connection.of("MESSAGE");
    expect(refused?.headers.get("code")).toBe("UNKNOWN_DESTINATION");
    expect(refused?.headers.has("subscription")).toBe(false);
    connection.send("UNSUBSCRIBE\ndestination:/user/queue/errors\nreceipt:b\n\n^@");
    await settled();
    expect(connection.of("RECEIPT").map((frame) => frame.headers.get("receipt-id"))).toEqual(["a", "b"]);
  });
});

describe("answers", () => {
  it.each(["CONNECT", "STOMP"])("to %s are no RECEIPT, also where one is asked for", async (command) => {
    const connection = open(`${command}\naccept-version:1.2\nreceipt:a\n\n^@`);
    await settled();
    expect(connection.frames.map((frame) => frame.command)).toEqual(["CONNECTED"]);
  });

  it("that refuse name destination and receipt, are counted, and are told with the destination", async () => {
    const connection = await connected();
    const told: unknown[] = [];
    chat.broker.events.on("refused", (_session, about, code) => told.push([about, code]));
    connection.send("SEND\ndestination:/nowhere\nreceipt:a\n\n^@");
    await settled();
    const [error] = connection.of("ERROR");
    const names = ["code", "command", "refused-destination", "receipt-id"];
    expect(names.map((name) => error?.headers.get(name))).toEqual([
      "UNKNOWN_DESTINATION",
      "SEND",
      "/nowhere",
      "a",
    ]);
    const about = { command: "SEND", destination: "/nowhere", receipt: "a" };
    expect(told).toEqual([[about, "UNKNOWN_DESTINATION"]]);
    expect([...chat.broker.stats.refusals]).toEqual([["UNKNOWN_DESTINATION", 1]]);
  });
});

describe("deadlines", () => {
  const after = (ms: number): void => {
    chat.monotonic += ms;
    chat.broker.sweep();
  };

  it("closes a connection without CONNECT after 10 s", () => {
    const connection = open("");
    after(9_999);
    expect(connection.closedWith).toBeUndefined();
    after(1);
    expect(connection.of("ERROR")[0]?.headers.get("code")).toBe("CONNECT_TIMEOUT");
    expect(connection.closedWith?.code).toBe(1008);
  });

  it("closes a frame that does not finish in 30 s, and says which", async () => {
    const connection = await connected();
    connection.send("SEND\nreceipt:a\ndestination:/chat/message\ncontent-length:5\n\nab");
    after(29_999);
    expect(connection.of("ERROR")).toEqual([]);
    after(1);
    const [error] = connection.of("ERROR");
    expect(["code", "command", "receipt-id"].map((name) => error?.headers.get(name))).toEqual([
      "FRAME_TIMEOUT",
      "SEND",
      "a",
    ]);
    expect(connection.closedWith?.code).toBe(1008);
  });

  it("sends heart-beats at the agreed interval and declares a silent peer dead after 2.5 of them", async () => {
    const connection = await connected("accept-version:1.2\nheart-beat:10000,10000\n");
    for (let second = 1; second <= 10; second += 1) after(1000);
    await settled();
    expect(connection.heartbeats).toBe(1);
    for (let second = 11; second <= 25; second += 1) after(1000);
    expect(connection.closedWith).toBeUndefined();
    after(1000);
    expect(connection.closedWith).toEqual({ code: 1008, reason: "HEARTBEAT_TIMEOUT" });
    expect(connection.of("ERROR")).toEqual([]);
  });

  it("gives a browser's background tab 75 s", async () => {
    const connection = await connected("accept-version:1.2\nheart-beat:10000,10000\n", { isBrowser: true });
    after(75_000);
    expect(connection.closedWith).toBeUndefined();
    after(1);
    expect(connection.closedWith?.reason).toBe("HEARTBEAT_TIMEOUT");
  });

  it("expects nothing of a peer that promised nothing", async () => {
    const connection = await connected();
    after(3_600_000);
    expect(connection.closedWith).toBeUndefined();
  });

  it("closes a slow consumer when no octet was taken for 10 s", async () => {
    const connection = await connected();
    connection.isStalled = true;
    connection.send("SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nreceipt:a\n\n^@");
    await settled();
    after(1000);
    after(9_999);
    expect(connection.closedWith).toBeUndefined();
    after(1);
    expect(connection.closedWith).toEqual({ code: 1013, reason: "SLOW_CONSUMER" });
  });
});

describe("bounds", () => {
  it("reading pauses while answers wait for commits, and nothing is refused or lost", async () => {
    const connection = await connected();
    const id = connection.of("CONNECTED")[0]?.headers.get("user-name") ?? "";
    const frames = Array.from({ length: 400 }, (_, index) => {
      const body = JSON.stringify({ userFrom: id, userTo: "support", message: `m${index}` });
      return `SEND\ndestination:/chat/message\nreceipt:r${index}\n\n${body}^@`;
    });
    connection.send(frames.join(""));
    expect(connection.isPaused).toBe(true);
    await settled(40);
    expect(connection.isPaused).toBe(false);
    const receipts = connection.of("RECEIPT").map((frame) => frame.headers.get("receipt-id"));
    expect(receipts).toEqual(Array.from({ length: 400 }, (_, index) => `r${index}`));
    expect(connection.of("RECEIPT").map((frame) => frame.headers.get("seq"))).toEqual(
      Array.from({ length: 400 }, (_, index) => String(index + 1)),
    );
  });

  it("writes what one turn brought as one batch", async () => {
    const connection = await connected();
    const writes = connection.writes;
    connection.send("SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nreceipt:a\n\n^@".repeat(1));
    for (let index = 0; index < 20; index += 1) connection.send("SEND\ndestination:/nope\n\nx^@");
    await settled();
    expect(connection.of("MESSAGE")).toHaveLength(20);
    expect(connection.writes - writes).toBe(1);
  });
});

describe("presence", () => {
  it("counts a session once, whoever ends it", async () => {
    const agent = await chat.connect(await chat.agent());
    await agent.subscribe("support", "/chat/topic/support");
    const guest = chat.guest();
    const one = await chat.connect(guest);
    const two = await chat.connect(guest);
    one.connection.vanish();
    two.connection.send("DISCONNECT\n\n^@");
    await settled();
    const events = agent
      .bodiesOn("support")
      .map((event) => [event["type"], (event["data"] as { sessions?: number }).sessions]);
    expect(events).toEqual([
      ["snapshot", undefined],
      ["customer.connected", 1],
      ["customer.connected", 2],
      ["customer.disconnected", 1],
      ["customer.disconnected", 0],
    ]);
    const revs = agent.bodiesOn("support").map((event) => Number(String(event["rev"]).split("-")[1]));
    expect(revs.map((rev) => rev - (revs[0] ?? 0))).toEqual([0, 1, 2, 3, 4]);
  });

  it("drain answers what was received, says SHUTTING_DOWN and closes with 1012", async () => {
    const connection = await connected();
    const id = connection.of("CONNECTED")[0]?.headers.get("user-name") ?? "";
    const body = JSON.stringify({ userFrom: id, userTo: "support", message: "last" });
    connection.send(`SEND\ndestination:/chat/message\nreceipt:r\n\n${body}^@`);
    await chat.broker.drain(1000);
    expect(connection.frames.slice(1).map((frame) => frame.command)).toEqual(["RECEIPT", "ERROR"]);
    expect(connection.closedWith).toEqual({ code: 1012, reason: "SHUTTING_DOWN" });
  });
});
