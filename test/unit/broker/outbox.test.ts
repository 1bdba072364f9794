/** The outbox: batches per turn, room, and what happens when there is none. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/broker/limits.ts";
import { OutboundFrame } from "../../../src/broker/outbound-frame.ts";
import { Outbox } from "../../../src/broker/outbox.ts";
import type { Connection } from "../../../src/broker/connection.ts";
import type { Flushable } from "../../../src/broker/flusher.ts";
import type { Delivery } from "../../../src/broker/outbox.ts";

const KIB = 1024;
/** The smallest bound of a feed. */
const SMALL_FEED = 16 * KIB;
const limits = { ...DEFAULT_LIMITS, maxFeedBytes: 100 * KIB, maxOutboxBytes: 200 * KIB };
const frame = (octets: number): OutboundFrame => new OutboundFrame("x".repeat(octets));

let batches: (readonly OutboundFrame[])[];
let told: unknown[];
let scheduled: Flushable[];
/** `stalls`: the peer's kernel takes nothing of what is written. */
let connection: { bufferedBytes: number; stalls: boolean; write(frames: readonly OutboundFrame[]): void };
let outbox: Outbox;

function createOutbox(maxFeedBytes = limits.maxFeedBytes): Outbox {
  const flusher = { schedule: (flushable: Flushable) => scheduled.push(flushable) };
  return new Outbox(
    connection as unknown as Connection,
    flusher as never,
    { ...limits, maxFeedBytes },
    {
      wrote: (deliveries) => told.push(deliveries),
      cleared: () => told.push("cleared"),
      overflowed: () => told.push("overflowed"),
    },
  );
}

beforeEach(() => {
  [batches, told, scheduled] = [[], [], []];
  connection = {
    bufferedBytes: 0,
    stalls: false,
    write(frames) {
      batches.push(frames);
      if (this.stalls) for (const { byteLength } of frames) this.bufferedBytes += byteLength;
    },
  };
  outbox = createOutbox();
});

describe("what is pushed", () => {
  it("leaves as one batch when its turn comes, and is asked for once", () => {
    const frames = [frame(1), frame(2), frame(3)];
    for (const each of frames) outbox.push(each);
    expect([scheduled, batches, outbox.pendingBytes]).toEqual([[outbox], [], 6]);
    outbox.flush();
    expect([batches, outbox.pendingBytes]).toEqual([[frames], 0]);
    outbox.push(frame(1));
    expect(scheduled).toEqual([outbox, outbox]);
  });

  it("tells with its batch which deliveries were in it", () => {
    const delivery: Delivery = { written: () => undefined };
    outbox.push(frame(1));
    outbox.push(frame(1), delivery);
    expect(told).toEqual([]);
    outbox.flush();
    outbox.push(frame(1));
    outbox.flush();
    expect(told).toEqual([[delivery], []]);
  });

  it("waits while the connection has enough to write, but not when the session ends", () => {
    connection.bufferedBytes = 64 * KIB;
    outbox.push(frame(1));
    outbox.flush();
    expect(batches).toEqual([]);
    connection.bufferedBytes -= 1;
    outbox.flush();
    expect(batches).toHaveLength(1);
    connection.bufferedBytes = 64 * KIB;
    outbox.push(frame(1));
    outbox.flushAll();
    expect(batches).toHaveLength(2);
  });

  it("is scheduled anew when the flush before it had to wait", () => {
    connection.bufferedBytes = 64 * KIB;
    outbox.push(frame(1));
    outbox.flush();
    outbox.push(frame(1));
    expect(scheduled).toHaveLength(2);
  });

  it("may be nothing: then nothing is written", () => {
    outbox.flush();
    outbox.flushAll();
    expect([batches, told]).toEqual([[], []]);
  });

  it("is gone after clear, with its deliveries", () => {
    outbox.push(frame(5), { written: () => undefined });
    outbox.clear();
    expect(outbox.pendingBytes).toBe(0);
    outbox.push(frame(1));
    outbox.flush();
    expect([batches.flat().length, told]).toEqual([1, [[]]]);
  });

  it("is not taken once the outbox is closed; what it has leaves", () => {
    outbox.push(frame(1));
    outbox.close();
    outbox.push(frame(2), { written: () => undefined });
    outbox.flushAll();
    expect([batches.flat().map(({ byteLength }) => byteLength), told]).toEqual([[1], [[]]]);
  });
});

describe("room", () => {
  it("is there below 64 KiB of what is queued and what is buffered", () => {
    outbox.push(frame(KIB));
    connection.bufferedBytes = 63 * KIB - 1;
    expect(outbox.hasRoom).toBe(true);
    connection.bufferedBytes += 1;
    expect(outbox.hasRoom).toBe(false);
  });

  it("is told of when a batch that left none was taken at once", () => {
    outbox.push(frame(64 * KIB));
    expect(outbox.hasRoom).toBe(false);
    outbox.flush();
    expect(told).toEqual([[], "cleared"]);
  });

  it("is told of when the peer was behind with a batch that left some, and took it at once", () => {
    outbox = createOutbox(SMALL_FEED);
    outbox.push(frame(SMALL_FEED + 1));
    expect([outbox.hasRoom, outbox.isBehind]).toEqual([true, true]);
    outbox.flush();
    expect(told).toEqual([[], "cleared"]);
  });

  it.each([
    ["left some", 64 * KIB - 1, false],
    ["was not taken", 64 * KIB, true],
  ])("is not told of when the batch %s", (_, octets, stalls) => {
    connection.stalls = stalls;
    outbox.push(frame(octets));
    outbox.flush();
    expect(told).toEqual([[]]);
  });
});

describe("a peer that does not keep up", () => {
  it("is behind above the bound of a feed", () => {
    outbox.push(frame(100 * KIB));
    expect(outbox.isBehind).toBe(false);
    connection.bufferedBytes = 1;
    expect(outbox.isBehind).toBe(true);
  });

  it("overflows above the bound of the outbox, buffered octets included", () => {
    connection.bufferedBytes = 100 * KIB;
    outbox.push(frame(100 * KIB));
    expect([told, scheduled]).toEqual([[], [outbox]]);
    outbox.push(frame(1));
    expect(told).toEqual(["overflowed"]);
  });

  it("is not written to for the frame that overflowed", () => {
    outbox.push(frame(200 * KIB + 1));
    expect([told, scheduled]).toEqual([["overflowed"], []]);
  });
});
