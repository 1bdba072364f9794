/** Sessions whose peer says that nothing more comes: what came before has its effect and its answer. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answersOn, connectTo, createBroker, Later } from "../../helpers/lone-broker.ts";
import { bodyOf, MemoryConnection } from "../../helpers/memory-connection.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Session } from "../../../src/broker/session.ts";

let now: number;
let broker: Broker;
let connection: MemoryConnection;
let session: Session;
let slow: Later;

beforeEach(async () => {
  [now, slow] = [0, new Later()];
  broker = createBroker({
    now: () => now,
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

async function commit(times = 1): Promise<void> {
  for (let count = 0; count < times; count += 1) await slow.end();
}

describe("a peer that ended its side", () => {
  it("is answered in order before its session ends, however much waits for its turn", async () => {
    connection.send(["a", "b", "c", "d", "e"].map(later).join(""));
    connection.end();
    expect([slow.sent, session.state]).toEqual([["a", "b", "c"], "open"]);
    await commit(4);
    expect([slow.sent.length, session.state, connection.closedWith]).toEqual([5, "ending", undefined]);
    await commit();
    expect(answers()).toEqual(["a", "b", "c", "d", "e"].map((receipt) => `RECEIPT ${receipt}`));
    expect([connection.closedWith, session.state, broker.sessions.size]).toEqual([
      { code: 1000, reason: "DISCONNECT" },
      "closed",
      0,
    ]);
  });

  it("without anything that waits ends its session at once, and what follows has no effect", () => {
    connection.end();
    connection.send(later("a"));
    connection.end();
    expect([connection.closedWith?.code, slow.sent, answers()]).toEqual([1000, [], []]);
  });

  it("within a frame is told so, after all earlier answers", async () => {
    connection.send(`${later("a")}SEND\n`);
    connection.end();
    await commit();
    expect(answers()).toEqual(["RECEIPT a", "ERROR BAD_FRAME"]);
  });

  it("and does not take its answers is a slow consumer", () => {
    connection.isStalled = true;
    connection.bufferedBytes = 256 * 1024 + 1;
    connection.send(later("a"));
    connection.end();
    broker.sweep();
    now = 10_000;
    broker.sweep();
    expect([answers(), slow.sent, broker.sessions.size]).toEqual([["ERROR SLOW_CONSUMER"], [], 0]);
  });

  it("while its login hangs is cut when that takes too long", () => {
    const hanging = createBroker({
      now: () => now,
      authenticator: { authenticate: () => new Promise(() => 0) },
    });
    const pipe = new MemoryConnection(hanging);
    pipe.send("CONNECT\n\n^@SEND\ndestination:/topic/a\n\nx^@");
    pipe.end();
    now = 20_000;
    hanging.sweep();
    expect(pipe.of("ERROR")[0]?.headers.get("code")).toBe("RETRY_LATER");
    expect([pipe.closedWith?.code, hanging.sessions.size]).toEqual([1008, 0]);
    hanging.close();
  });
});

describe("a peer that ended its side and is gone", () => {
  const waiting = (): void => {
    connection.send(["a", "b", "c", "d", "e"].map(later).join(""));
    connection.end();
    connection.vanish();
  };

  it("has what came before the end carried out, and then its session ends", async () => {
    waiting();
    await commit(4);
    expect([slow.sent, broker.sessions.size]).toEqual([["a", "b", "c", "d", "e"], 1]);
    await commit();
    expect([answers(), broker.sessions.size]).toEqual([[], 0]);
  });

  it("takes no message from others, and keeps those it may still ACK", async () => {
    const other = await connectTo(broker);
    const publish = (body: string): void => {
      other.connection.send(`SEND\ndestination:/queue/a\n\n${body}^@`);
    };
    connection.send("SUBSCRIBE\nid:q\ndestination:/queue/a\nack:client-individual\n\n^@");
    publish("1");
    await settled();
    const [message] = connection.of("MESSAGE");
    connection.send(
      `${["a", "b", "c"].map(later).join("")}ACK\nid:${message?.headers.get("ack") ?? ""}\n\n^@`,
    );
    connection.end();
    connection.vanish();
    publish("2");
    other.connection.send("SUBSCRIBE\nid:q\ndestination:/queue/a\n\n^@");
    await commit(3);
    const [taken, ...others] = other.connection.of("MESSAGE");
    expect([bodyOf(taken!), taken?.headers.has("redelivered"), others]).toEqual(["2", false, []]);
    expect(broker.sessions.size).toBe(1);
  });

  it("goes on at once with what waited for its output to be taken", () => {
    connection.bufferedBytes = 256 * 1024 + 1;
    connection.send(later("a"));
    connection.end();
    expect(slow.sent).toEqual([]);
    connection.vanish();
    expect(slow.sent).toEqual(["a"]);
  });

  it("without a frame that waits leaves no login behind that is still going on", async () => {
    const pipe = new MemoryConnection(broker);
    let connects = 0;
    broker.events.on("connected", () => (connects += 1));
    pipe.send("CONNECT\n\n^@");
    pipe.end();
    pipe.vanish();
    await settled();
    expect([connects, broker.sessions.size]).toEqual([0, 1]);
  });

  it("without having said that it ends leaves all that waited behind", async () => {
    connection.send(["a", "b", "c", "d"].map(later).join(""));
    connection.vanish();
    await commit(3);
    expect([slow.sent, broker.sessions.size]).toEqual([["a", "b", "c"], 0]);
  });
});
