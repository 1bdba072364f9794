/** Transcripts: by seq, each message once, and never a hole, in whatever order things come. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Transcripts } from "../../../../src/web/client/transcripts.ts";
import type { ConversationLine, MessageBody } from "../../../../src/chat/wire.ts";

const ID = "c1";
const ME = "me";

function body(seq: number): MessageBody {
  return {
    userFrom: seq % 2 === 0 ? ME : "other",
    userTo: "support",
    message: `m${seq}`,
    id: `id-${seq}`,
    conversation: ID,
    seq,
    sentAt: new Date(seq * 1000).toISOString(),
  };
}

const message = (seq: number): MessageBody & { own: boolean } => ({ ...body(seq), own: seq % 2 === 0 });
const bodies = (from: number, to: number): MessageBody[] =>
  Array.from({ length: to - from + 1 }, (_, index) => body(from + index));
const line = (afterSeq: number, at: string, type: ConversationLine["type"]): ConversationLine => ({
  type,
  at,
  afterSeq,
});

function merge(transcripts: Transcripts, from: number, to: number, isFirst = from === 1): void {
  transcripts.merge(ID, { items: bodies(from, to), events: [], isFirst }, ME);
}

const seqs = (transcripts: Transcripts): number[] =>
  (transcripts.get(ID)?.messages ?? []).map(({ seq }) => seq);

describe("live messages", () => {
  it("are kept in order, each once", () => {
    const transcripts = new Transcripts();
    for (const seq of [1, 2, 2, 1, 3]) transcripts.add(message(seq));
    expect(seqs(transcripts)).toEqual([1, 2, 3]);
    expect(transcripts.get(ID)?.isComplete).toBe(true);
  });

  it("behind a hole wait until it is filled, and are shown then", () => {
    const transcripts = new Transcripts();
    expect(transcripts.add(message(1))).toBe(false);
    expect(transcripts.add(message(3))).toBe(true);
    expect(transcripts.add(message(4))).toBe(true);
    expect(seqs(transcripts)).toEqual([1]);
    expect(transcripts.hasHole(ID)).toBe(true);
    merge(transcripts, 2, 2, false);
    expect(seqs(transcripts)).toEqual([1, 2, 3, 4]);
    expect(transcripts.hasHole(ID)).toBe(false);
  });

  it("fill the hole themselves when they come late", () => {
    const transcripts = new Transcripts();
    for (const seq of [5, 7, 6]) transcripts.add(message(seq));
    expect(seqs(transcripts)).toEqual([5, 6, 7]);
    expect(transcripts.get(ID)?.isComplete).toBe(false);
  });
});

describe("pages of the history", () => {
  it("go before what is known when they touch it", () => {
    const transcripts = new Transcripts();
    merge(transcripts, 51, 60);
    merge(transcripts, 41, 50);
    expect([transcripts.firstSeq(ID), transcripts.lastSeq(ID)]).toEqual([41, 60]);
    expect(transcripts.get(ID)?.isComplete).toBe(false);
    merge(transcripts, 1, 40);
    expect(seqs(transcripts)).toHaveLength(60);
    expect(transcripts.get(ID)?.isComplete).toBe(true);
  });

  it("are left out when they do not touch it", () => {
    const transcripts = new Transcripts();
    merge(transcripts, 51, 60);
    merge(transcripts, 1, 40, false);
    expect(seqs(transcripts)).toEqual(bodies(51, 60).map(({ seq }) => seq));
  });

  it("may overlap what is known", () => {
    const transcripts = new Transcripts();
    merge(transcripts, 3, 6, false);
    merge(transcripts, 1, 4);
    merge(transcripts, 5, 8, false);
    expect(seqs(transcripts)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("say whose messages they are", () => {
    const transcripts = new Transcripts();
    merge(transcripts, 1, 2);
    expect(transcripts.get(ID)?.messages.map(({ own }) => own)).toEqual([false, true]);
  });

  it("of a conversation without messages are complete", () => {
    const transcripts = new Transcripts();
    transcripts.merge(ID, { items: [], events: [], isFirst: true }, ME);
    expect(transcripts.get(ID)).toEqual({ conversation: ID, messages: [], lines: [], isComplete: true });
  });
});

it("lines stand by seq, then by time, each once", () => {
  const transcripts = new Transcripts();
  const opened = line(0, "2026-01-01T00:00:00.000Z", "conversation.opened");
  const assigned = line(1, "2026-01-01T00:00:05.000Z", "conversation.assigned");
  const closed = line(1, "2026-01-01T00:00:09.000Z", "conversation.closed");
  for (const one of [closed, opened, assigned, closed]) transcripts.addLine(ID, one);
  expect(transcripts.get(ID)?.lines).toEqual([opened, assigned, closed]);
});

it("what was handed out does not change afterwards", () => {
  const transcripts = new Transcripts();
  transcripts.add(message(1));
  const before = transcripts.get(ID);
  transcripts.add(message(2));
  expect(before?.messages).toHaveLength(1);
});

it("knows nothing of what it was not told, and nothing at all once cleared", () => {
  const transcripts = new Transcripts();
  expect([transcripts.get(ID), transcripts.firstSeq(ID), transcripts.lastSeq(ID)]).toEqual([undefined, 0, 0]);
  transcripts.add(message(1));
  expect(transcripts.known).toEqual([ID]);
  transcripts.clear();
  expect(transcripts.known).toEqual([]);
});

it("never shows a hole or a duplicate, whatever comes in whatever order", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), from: fc.integer({ min: 1, max: 30 }) }),
    fc.record({
      kind: fc.constant("merge" as const),
      from: fc.integer({ min: 1, max: 30 }),
      count: fc.integer({ min: 1, max: 10 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const transcripts = new Transcripts();
      for (const one of steps) {
        if (one.kind === "add") transcripts.add(message(one.from));
        else merge(transcripts, one.from, one.from + one.count - 1);
        const shown = seqs(transcripts);
        const first = shown[0] ?? 1;
        expect(shown).toEqual(shown.map((_, index) => first + index));
      }
    }),
  );
});
