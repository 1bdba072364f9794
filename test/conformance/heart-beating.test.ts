/** 2D: signs of life, by a clock of the test's own. */
import { expect } from "vitest";
import { MemoryConnection } from "../helpers/memory-connection.ts";
import { settled } from "../helpers/test-chat.ts";
import { point } from "./point.ts";
import { accept, expectEnd, headerOf, useStage } from "./stage.ts";
import type { MemoryOptions } from "../helpers/memory-connection.ts";
import type { Version } from "../../src/stomp/commands.ts";

const stage = useStage();
const SECOND = 1000;

/** A guest's connection with this `heart-beat`, or with none. */
async function connect(
  version: Version,
  wish?: string,
  options: MemoryOptions = {},
): Promise<MemoryConnection> {
  const line = wish === undefined ? "" : `heart-beat:${wish}\n`;
  const connection = new MemoryConnection(stage.chat.broker, options);
  connection.send(`CONNECT\n${accept(version)}${line}\n^@`);
  await settled();
  return connection;
}

/** Seconds go by; what is written in each is written. */
async function seconds(count: number, each: () => void = () => undefined): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    stage.pass(SECOND);
    each();
    await settled(2);
  }
}

point("#37 heart-beat is two counts of milliseconds", async (version) => {
  for (const wish of [undefined, "0,0", "10000,0", "3600000,3600000"]) {
    expect((await connect(version, wish)).of("CONNECTED"), wish).toHaveLength(1);
  }
  for (const wish of ["", "1", "1,", ",1", "-1,0", "1.5,0", "a,b", "1,2,3", "3600001,0", "1 ,1"]) {
    expectEnd(await connect(version, wish), "BAD_HEARTBEAT", 1002, wish);
  }
});

point("#37 a missing one is 0,0: nothing is sent, nothing expected", async (version) => {
  const connection = await connect(version);
  await seconds(100);
  expect([connection.heartbeats, connection.closedWith]).toEqual([0, undefined]);
});

point("#38 what is agreed is the greater of the two wishes, each direction by itself", async (version) => {
  for (const [theirs, sends, isDeadAfter] of [
    ["0,0", undefined, undefined],
    ["0,5000", 10, undefined],
    ["0,20000", 20, undefined],
    ["4000,0", undefined, 25],
    ["20000,0", undefined, 50],
    ["12000,16000", 16, 30],
  ] as const) {
    stage.begin();
    const connection = await connect(version, theirs);
    expect(headerOf(connection.frames[0], "heart-beat")).toBe("10000,10000");
    let [firstBeat, end]: (number | undefined)[] = [];
    for (let second = 1; second <= 60; second += 1) {
      await seconds(1);
      if (connection.heartbeats > 0) firstBeat ??= second;
      if (connection.closedWith?.reason === "HEARTBEAT_TIMEOUT") end ??= second;
    }
    // It looks once a second, and is never late.
    expect([sends, sends && sends - 1], theirs).toContain(firstBeat);
    expect(end, theirs).toBe(isDeadAfter === undefined ? undefined : isDeadAfter + 1);
  }
});

point("#39 the server sends an EOL when it has nothing else to say", async (version) => {
  const connection = await connect(version, "0,10000");
  await seconds(30);
  expect(connection.heartbeats).toBe(3);
  expect(connection.wire.split("^@").at(-1)).toBe("\n\n\n");
  // A frame is a sign of life too.
  await seconds(5);
  connection.send("UNSUBSCRIBE\nid:x\ndestination:x\n\n^@");
  await settled();
  expectEnd(connection, "UNKNOWN_SUBSCRIPTION");
});

point("#39 any octet of the peer counts as life", async (version) => {
  const connection = await connect(version, "10000,0");
  for (const input of ["\n", "BEGIN\ntrans", "action:t\n\n^@ABO", "RT\ntransaction:t\n\n^@", "\r\n"]) {
    await seconds(24);
    connection.send(input);
  }
  expect(connection.closedWith).toBeUndefined();
  await seconds(26);
  expect(connection.closedWith?.reason).toBe("HEARTBEAT_TIMEOUT");
});

point(
  "#40 a silent peer is dead after 2.5 intervals, a browser's after 75 s if that is more",
  async (version) => {
    const connection = await connect(version, "10000,0");
    const browser = await connect(version, "10000,0", { isBrowser: true });
    stage.pass(25 * SECOND);
    expect(connection.closedWith).toBeUndefined();
    stage.pass(1);
    expect(connection.closedWith).toEqual({ code: 1008, reason: "HEARTBEAT_TIMEOUT" });
    stage.pass(50 * SECOND - 1);
    expect(browser.closedWith).toBeUndefined();
    stage.pass(1);
    expect(browser.closedWith?.reason).toBe("HEARTBEAT_TIMEOUT");
  },
);

point("#41 a dead peer gets no ERROR, and its session ends once", async (version) => {
  const desk = await stage.chat.connect(await stage.chat.agent());
  await desk.subscribe("desk", "/chat/topic/support");
  const connection = await connect(version, "10000,0");
  stage.pass(26 * SECOND);
  connection.vanish();
  await settled();
  expect(connection.of("ERROR")).toEqual([]);
  const types = desk.bodiesOn("desk").map(({ type }) => type);
  expect(types).toEqual(["snapshot", "customer.connected", "customer.disconnected"]);
});

point("#42 a long frame that comes slowly counts as life", async (version) => {
  const connection = await connect(version, "4000,0");
  connection.send("SEND\ndestination:/chat/message\ncontent-length:20\n\n");
  await seconds(28, () => {
    if (stage.chat.monotonic % (4 * SECOND) === 0) connection.send("x");
  });
  expect(connection.closedWith).toBeUndefined();
});

point("#42 output that waits does not make the peer look dead", async (version) => {
  const headers = "heart-beat:10000,10000\n";
  const reader = await stage.listen(version, "/topic/a", "", { headers });
  const sender = await stage.join(version);
  reader.connection.isStalled = true;
  for (let count = 0; count < 6; count += 1) {
    await sender.request("SEND\ndestination:/topic/a\n", "x".repeat(60_000));
    // While it takes one after the other its own signs of life are not read.
    reader.connection.writtenBytes += 1;
  }
  reader.connection.send("\n");
  expect(reader.connection.isPaused).toBe(true);
  await seconds(60, () => {
    reader.connection.writtenBytes += 1;
  });
  reader.connection.release();
  await settled();
  expect(reader.connection.isPaused).toBe(false);
  stage.pass(SECOND);
  expect(reader.connection.closedWith).toBeUndefined();
  stage.pass(25 * SECOND);
  expect(reader.connection.closedWith?.reason).toBe("HEARTBEAT_TIMEOUT");
});

point("#43 both directions at once", async (version) => {
  const connection = await connect(version, "10000,10000");
  await seconds(40, () => {
    connection.send("\n");
  });
  expect([connection.heartbeats, connection.closedWith]).toEqual([4, undefined]);
  await seconds(26);
  expect(connection.heartbeats).toBeGreaterThanOrEqual(6);
  expect(connection.closedWith?.reason).toBe("HEARTBEAT_TIMEOUT");
});

point("#45 the server never beats faster than it said it would", async (version) => {
  stage.begin({ limits: { heartbeatMs: 5000 } });
  const connection = await connect(version, "1,1");
  expect(headerOf(connection.frames[0], "heart-beat")).toBe("5000,5000");
  await seconds(10, () => {
    connection.send("\n");
  });
  expect(connection.heartbeats).toBe(2);
});
