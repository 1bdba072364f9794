/** How sessions end: what still leaves, what no longer takes effect, and signs of life until then. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Disconnect } from "../../../src/broker/errors.ts";
import { composeBody, Message } from "../../../src/broker/message.ts";
import { answersOn, connectTo, createBroker, Later } from "../../helpers/lone-broker.ts";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { Reply } from "../../../src/broker/application-destination.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { MemoryConnection } from "../../helpers/memory-connection.ts";

let now: number;
let broker: Broker;
let connection: MemoryConnection;
let session: Session;
let slow: Later;
let logged: unknown[];

beforeEach(async () => {
  [now, slow, logged] = [0, new Later(), []];
  broker = createBroker({
    now: () => now,
    log: { info: () => undefined, warn: () => undefined, error: (fields) => logged.push(fields) },
    limits: { maxPendingReplies: 3 },
    destinations: slow.destinations,
  });
  ({ connection, session } = await connectTo(broker));
});
afterEach(() => {
  broker.close();
});

const later = (body: string): string => Later.frame(body);
const answers = (): string[] => answersOn(connection);
const commit = (outcome?: Promise<Reply>): Promise<void> => slow.end(outcome);

it("a frame that ends its session keeps those behind it from taking effect, while earlier answers are waited for", async () => {
  connection.send(`${later("a")}ACK\nid:none\n\n^@${later("c")}`);
  await settled();
  expect([slow.sent, answers()]).toEqual([["a"], []]);
  await commit();
  expect([slow.sent, answers()]).toEqual([["a"], ["RECEIPT a", "ERROR UNKNOWN_ACK"]]);
  expect([...broker.stats.frames]).toEqual([
    ["CONNECT", 1],
    ["SEND", 1],
    ["ACK", 1],
  ]);
});

describe("a frame that cannot be read", () => {
  it.each([
    ["unreadable", "SEND\nreceipt:b\nno colon\n\n^@", 0, { command: "SEND", receipt: "b" }, "BAD_HEADER"],
    ["of no known command", "HELO\n", 0, {}, "UNKNOWN_COMMAND"],
    ["late", "SEND\nreceipt:b\ndest", 30_000, { command: "SEND", receipt: "b" }, "FRAME_TIMEOUT"],
  ])("because it is %s is told to who follows refusals, once", (_, octets, ms, about, code) => {
    const heard: unknown[] = [];
    broker.events.on("refused", (refused, ...rest) => heard.push([refused === session, ...rest]));
    connection.send(octets);
    now = ms;
    broker.sweep();
    broker.sweep();
    connection.send(octets);
    expect(heard).toEqual([[true, { command: undefined, receipt: undefined, ...about }, code]]);
  });

  it("because the peer ended within it is told with its command", () => {
    const heard: unknown[] = [];
    broker.events.on("refused", (_session, { command }, code) => heard.push([command, code]));
    connection.send("SEND\ndest");
    session.ended();
    expect(heard).toEqual([["SEND", "BAD_FRAME"]]);
    expect(connection.of("ERROR")[0]?.headers.get("command")).toBe("SEND");
  });

  it("late is answered after those before it, and told once", async () => {
    let told = 0;
    broker.events.on("refused", () => (told += 1));
    connection.send(`${later("a")}SEND\nreceipt:b\n`);
    now = 30_000;
    broker.sweep();
    broker.sweep();
    expect(told).toBe(1);
    expect([answers(), session.state]).toEqual([[], "ending"]);
    await commit();
    expect(answers()).toEqual(["RECEIPT a", "ERROR b"]);
  });

  it("is answered with its receipt and what to do, after the answers of all before it", async () => {
    connection.send(`${later("a")}SEND\nreceipt:b\nno colon\n\n^@`);
    await settled();
    expect([answers(), session.state]).toEqual([[], "ending"]);
    await commit();
    expect(answers()).toEqual(["RECEIPT a", "ERROR b"]);
    const [error] = connection.of("ERROR");
    expect(["code", "command"].map((name) => error?.headers.get(name))).toEqual(["BAD_HEADER", "SEND"]);
    expect(JSON.parse(bodyOf(error!))).toMatchObject({ hint: "header line 2 has no colon" });
    expect(connection.closedWith).toEqual({ code: 1002, reason: "BAD_HEADER" });
  });

  it("without a receipt is answered without", async () => {
    connection.send("SEND\nno colon\n\n^@");
    await settled();
    expect(connection.of("ERROR")[0]?.headers.has("receipt-id")).toBe(false);
  });

  it("is told the parser's hint before its words", async () => {
    connection.send("send\n\n^@");
    await settled();
    const [error] = connection.of("ERROR");
    expect(JSON.parse(bodyOf(error!))).toMatchObject({ hint: "commands are upper case" });
    expect(error?.headers.has("command")).toBe(false);
  });

  it("for a defect of ours is INTERNAL, and logged with what was wrong", async () => {
    const chunk = new TextEncoder().encode(`${later("d")}SEND\n${"x".repeat(40)}`);
    connection.send(later("a") + later("b") + later("c"));
    connection.send(chunk);
    structuredClone(chunk, { transfer: [chunk.buffer] });
    for (let count = 0; count < 3; count += 1) await commit();
    expect([slow.sent, answers()]).toEqual([
      ["a", "b", "c"],
      ["RECEIPT a", "RECEIPT b", "RECEIPT c", "ERROR INTERNAL"],
    ]);
    const [error] = connection.of("ERROR");
    const { requestId } = JSON.parse(bodyOf(error!)) as { requestId: string };
    expect(logged).toMatchObject([{ error: expect.any(TypeError), requestId, session: session.id }]);
  });
});

describe("a transport that fails", () => {
  it.each([
    ["BAD_FRAME", 1002],
    ["BAD_UTF8", 1007],
    ["FRAME_TOO_LARGE", 1009],
  ] as const)("with %s is answered so in turn, once, and closed with %i", async (code, close) => {
    connection.send(later("a"));
    session.fail(code, "the reason");
    session.fail("BAD_FRAME", "another");
    connection.send(later("b"));
    expect(answers()).toEqual([]);
    await commit();
    expect(answers()).toEqual(["RECEIPT a", `ERROR ${code}`]);
    expect(JSON.parse(bodyOf(connection.of("ERROR")[0]!))).toMatchObject({ hint: "the reason" });
    expect([connection.closedWith?.code, slow.sent]).toEqual([close, ["a"]]);
  });
});

describe("after its end a session", () => {
  it("takes no frame, but octets are heard until the pipe is gone", async () => {
    session.disconnect(Disconnect.of("REVOKED"));
    now = 7;
    connection.send(later("a"));
    expect([slow.sent, session.state, session.intake.receivedAt]).toEqual([[], "ending", 7]);
    await settled();
    expect([session.state, broker.sessions.size]).toEqual(["closed", 0]);
  });

  it("cannot be ended again, nor counted again", async () => {
    session.disconnect(Disconnect.of("REVOKED"));
    await settled();
    session.disconnect(Disconnect.of("SHUTTING_DOWN"));
    session.stopReceiving();
    session.drain();
    expect([session.state, answers()]).toEqual(["closed", ["ERROR REVOKED"]]);
    expect(broker.stats.disconnects).toEqual(new Map([["REVOKED", 1]]));
  });

  it("sends no answer of a frame whose effect comes too late, whatever it is", async () => {
    connection.send(later("a") + later("b") + later("c"));
    session.disconnect(Disconnect.of("REVOKED"));
    await commit();
    await commit(Promise.reject(Disconnect.of("SESSION_EXPIRED")));
    await commit(Promise.reject(new Error("broken")));
    expect([answers(), session.state]).toEqual([["ERROR REVOKED"], "closed"]);
    expect(connection.closedWith).toEqual({ code: 1008, reason: "REVOKED" });
  });

  it("does not resume reading or write when its output drains", async () => {
    connection.send(later("a") + later("b") + later("c"));
    expect(connection.isPaused).toBe(true);
    session.disconnect(Disconnect.of("REVOKED"));
    const { writes } = connection;
    session.drained();
    await commit();
    expect([connection.isPaused, connection.writes]).toEqual([true, writes]);
  });

  it("is forgotten by DISCONNECT with its receipt, and what follows has no effect", async () => {
    connection.send(`${later("a")}DISCONNECT\nreceipt:bye\n\n^@${later("b")}`);
    await commit();
    expect([answers(), slow.sent]).toEqual([["RECEIPT a", "RECEIPT bye"], ["a"]]);
    expect(connection.closedWith).toEqual({ code: 1000, reason: "DISCONNECT" });
    expect([broker.sessions.size, broker.sessionsOf("guest")]).toEqual([0, []]);
  });
});

describe("a session that ends", () => {
  it("flushes what was queued before its ERROR, even when there is no room", () => {
    connection.bufferedBytes = 100_000;
    connection.send(
      "SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\nreceipt:s\n\nx^@",
    );
    session.disconnect(Disconnect.of("REVOKED"));
    expect(connection.frames.slice(1).map(({ command }) => command)).toEqual(["MESSAGE", "RECEIPT", "ERROR"]);
  });

  it("flushes more than there is room for while a frame is handled, and takes none after it", async () => {
    connection.send(
      `SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@SEND\ndestination:/topic/a\n\n${"x".repeat(65_000)}^@` +
        `SEND\ndestination:/topic/a\n\n${"x".repeat(65_000)}^@UNSUBSCRIBE\n\n^@${later("never")}`,
    );
    await settled();
    expect(connection.frames.slice(1).map(({ command }) => command)).toEqual(["MESSAGE", "MESSAGE", "ERROR"]);
    expect(slow.sent).toEqual([]);
  });

  it("as a slow consumer drops what was queued: it would not be read", () => {
    connection.send("SUBSCRIBE\nid:t\ndestination:/topic/a\nreceipt:s\n\n^@");
    session.disconnect(Disconnect.of("SLOW_CONSUMER"));
    expect(answers()).toEqual(["ERROR SLOW_CONSUMER"]);
    expect(connection.closedWith).toEqual({ code: 1013, reason: "SLOW_CONSUMER" });
  });

  it("by more output than its outbox may hold is a slow consumer", async () => {
    const other = await connectTo(broker);
    connection.isStalled = true;
    connection.send("SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@");
    for (let count = 0; count < 20; count += 1) {
      other.connection.send(`SEND\ndestination:/topic/a\n\n${"x".repeat(60_000)}^@`);
    }
    expect(answers()).toEqual(["ERROR SLOW_CONSUMER"]);
  });

  it("dropped writes no ERROR, and is counted", () => {
    session.drop("HEARTBEAT_TIMEOUT");
    expect([answers(), connection.closedWith]).toEqual([[], { code: 1008, reason: "HEARTBEAT_TIMEOUT" }]);
    expect(broker.stats.disconnects).toEqual(new Map([["HEARTBEAT_TIMEOUT", 1]]));
  });

  it("with a vanished pipe leaves nothing: no subscription, no output, no answer", async () => {
    const other = await connectTo(broker);
    other.connection.send("SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@");
    connection.send(`SUBSCRIBE\nid:t\ndestination:/topic/a\nreceipt:s\n\n^@${later("a")}`);
    connection.vanish();
    expect([session.outbox.pendingBytes, session.subscriptions.size, broker.topics.size]).toEqual([0, 0, 1]);
    await commit();
    other.connection.send("SEND\ndestination:/topic/a\n\nx^@");
    await settled();
    expect([session.outbox.pendingBytes, answers()]).toEqual([0, []]);
    expect(broker.sessionsOf("guest")).toEqual([other.session]);
  });
});

describe("reading", () => {
  it("pauses at the bound of answers that wait, and goes on when one left", async () => {
    connection.send(later("a") + later("b"));
    expect(connection.isPaused).toBe(false);
    connection.send(later("c") + later("d") + later("e"));
    expect([slow.sent, connection.isPaused, session.intake.isPaused]).toEqual([["a", "b", "c"], true, true]);
    await commit();
    expect([slow.sent, connection.isPaused]).toEqual([["a", "b", "c", "d"], true]);
    await commit();
    await commit();
    expect([slow.sent, connection.isPaused, session.intake.isPaused]).toEqual([
      ["a", "b", "c", "d", "e"],
      false,
      false,
    ]);
  });

  it("pauses while output piles up, and goes on when it drained", () => {
    connection.bufferedBytes = 256 * 1024 + 1;
    connection.send(later("a"));
    expect([slow.sent, connection.isPaused]).toEqual([[], true]);
    connection.release();
    expect([slow.sent, connection.isPaused]).toEqual([["a"], false]);
  });

  it("goes on when a batch that left no room was taken at once", async () => {
    connection.send("SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@");
    const publish = `SEND\ndestination:/topic/a\n\n${"x".repeat(60_000)}^@`;
    connection.send(publish.repeat(5) + later("a"));
    expect([slow.sent, connection.isPaused]).toEqual([[], true]);
    await settled();
    expect([slow.sent, connection.isPaused]).toEqual([["a"], false]);
  });

  it("tells when an unfinished frame began, and forgets it when it is finished", () => {
    now = 5;
    connection.send("SEND\ndestination:/later\n");
    now = 6;
    connection.send("\nbo");
    expect(session.intake.frameBegunAt).toBe(5);
    now = 7;
    connection.send("dy^@SEND\nd");
    expect([slow.sent, session.intake.frameBegunAt]).toEqual([["body"], 7]);
    connection.send("estination:/later\n\n^@");
    expect(session.intake.frameBegunAt).toBeUndefined();
  });
});

describe("a sign of life", () => {
  it("is a pong as well as an octet", () => {
    now = 3;
    connection.send("\n");
    expect(session.intake.receivedAt).toBe(3);
    now = 9;
    connection.pong();
    expect(session.intake.receivedAt).toBe(9);
  });

  it.each([
    ["a pong", true, () => connection.pong()],
    ["an octet where there is no ping", false, () => connection.send("\n")],
  ])("proves what was written before it: %s", async (_, hasPing, sign) => {
    const told: string[] = [];
    const { session: listening, connection: pipe } = await connectTo(broker, { hasPing });
    connection = pipe;
    const subscription = listening.subscriptions.add("s", "/d", "auto");
    subscription.source = {
      written: (position) => told.push(`written ${position}`),
      proven: (position) => told.push(`proven ${position}`),
      close: () => undefined,
    };
    subscription.deliver(new Message("m", [], composeBody({})), 4);
    expect(told).toEqual([]);
    now = 11;
    await settled();
    expect([told, listening.writtenAt, pipe.pings]).toEqual([["written 4"], 11, hasPing ? 1 : 0]);
    sign();
    expect(told).toEqual(["written 4", "proven 4"]);
  });

  it("is not the end of what the peer says: it may be gone", async () => {
    const told: number[] = [];
    const { session: listening, connection: pipe } = await connectTo(broker, { hasPing: false });
    const subscription = listening.subscriptions.add("s", "/d", "auto");
    subscription.source = { proven: (position) => told.push(position), close: () => undefined };
    subscription.deliver(new Message("m", [], composeBody({})), 4);
    await settled();
    pipe.end();
    expect(told).toEqual([]);
  });

  it("proves nothing when the connection has not taken what was written", async () => {
    const told: number[] = [];
    const { session: listening, connection: pipe } = await connectTo(broker, { hasPing: false });
    const subscription = listening.subscriptions.add("s", "/d", "auto");
    subscription.source = { proven: (position) => told.push(position), close: () => undefined };
    pipe.isStalled = true;
    subscription.deliver(new Message("m", [], composeBody({})), 4);
    await settled();
    pipe.send("\n");
    expect(told).toEqual([]);
    pipe.release();
    pipe.send("\n");
    expect(told).toEqual([4]);
  });
});

describe("revoked", () => {
  it.each([
    [{ userId: "guest" }, true],
    [{ userId: "guest", credentialId: "one" }, false],
    [{ userId: "other" }, false],
  ])("%j ends the session: %s", (revocation, ends) => {
    session.revoke({ ...revocation, reason: Disconnect.of("REVOKED") });
    expect(session.isOver).toBe(ends);
    expect(answers()).toEqual(ends ? ["ERROR REVOKED"] : []);
  });
});
