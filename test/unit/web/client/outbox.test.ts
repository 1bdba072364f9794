/** The outbox: each text once, in order, until it is answered for good. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../../helpers/test-chat.ts";
import { Outbox } from "../../../../src/web/client/outbox.ts";
import { ChatRefusal, connectionLost } from "../../../../src/web/client/refusal.ts";

let answer: () => Promise<Record<string, string>>;
let isOnline: boolean;
let sent: string[];
let stored: string[];
let outbox: Outbox<{ readonly to: string }>;

const refused = (code: string, retryAfterMs?: number): ChatRefusal =>
  new ChatRefusal({ code, message: code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

beforeEach(() => {
  answer = () => Promise.resolve({ seq: "1" });
  isOnline = true;
  sent = [];
  stored = [];
  outbox = new Outbox({
    send: ({ text, to, clientId }) => {
      sent.push(`${to}:${text}:${clientId}`);
      return answer();
    },
    now: () => 5,
    isOnline: () => isOnline,
    stored: ({ text }, receipt) => stored.push(`${text} ${receipt["seq"] ?? ""}`),
    changed: () => undefined,
  });
});

it.each([
  [undefined, { to: "a" }, "text is a string"],
  [5n, { to: "a" }, "text is a string"],
  ["one", { to: 5n }, "to is a string"],
  ["one", { to: null }, "to is a string"],
])("takes no %s for %o", (text, address, message) => {
  expect(() => outbox.add(text as never, address as never)).toThrow(new TypeError(message));
  expect(outbox.items).toEqual([]);
});

it("sends what is added, one after the other, and keeps nothing that is stored", async () => {
  const first = outbox.add("one", { to: "a" });
  const second = outbox.add("two", { to: "b" });
  expect(outbox.items.map(({ text, status, writtenAt }) => [text, status, writtenAt])).toEqual([
    ["one", "sending", 5],
    ["two", "sending", 5],
  ]);
  await settled();
  expect(sent).toEqual([`a:one:${first.clientId}`, `b:two:${second.clientId}`]);
  expect([stored, outbox.items]).toEqual([["one 1", "two 1"], []]);
});

it.each([
  ["  \n", /at least one visible/],
  ["x".repeat(4001), /at most 4000 characters; this one has 4001/],
])("takes no text that can only be refused", (text, reason) => {
  expect(() => outbox.add(text, { to: "a" })).toThrow(reason);
  expect(outbox.items).toEqual([]);
});

describe("without an answer", () => {
  it("what was sent waits, in order, and goes out again with the same id", async () => {
    answer = () => Promise.reject(connectionLost());
    const { clientId } = outbox.add("one", { to: "a" });
    outbox.add("two", { to: "a" });
    await settled();
    isOnline = false;
    await outbox.work();
    expect(sent).toEqual([`a:one:${clientId}`]);
    isOnline = true;
    answer = () => Promise.resolve({});
    await outbox.work();
    expect(sent.slice(0, 2)).toEqual([`a:one:${clientId}`, `a:one:${clientId}`]);
    expect(outbox.items).toEqual([]);
  });

  it("it comes again by itself when the server says when", async () => {
    vi.useFakeTimers();
    try {
      answer = () => Promise.reject(refused("RATE_LIMITED", 700));
      outbox.add("one", { to: "a" });
      await vi.advanceTimersByTimeAsync(699);
      expect(sent).toHaveLength(1);
      answer = () => Promise.resolve({});
      await vi.advanceTimersByTimeAsync(1);
      expect([sent.length, outbox.items]).toEqual([2, []]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a refusal", () => {
  beforeEach(async () => {
    answer = () => Promise.reject(refused("FORBIDDEN"));
    outbox.add("one", { to: "a" });
    await settled();
  });

  it("stays with its text and holds up nothing", async () => {
    answer = () => Promise.resolve({});
    outbox.add("two", { to: "a" });
    await settled();
    expect(outbox.items).toMatchObject([{ text: "one", status: "failed", refusal: { code: "FORBIDDEN" } }]);
    expect(stored).toEqual(["two "]);
  });

  it("is forgotten when it is tried again", async () => {
    answer = () => Promise.resolve({});
    outbox.retry(outbox.items[0]?.clientId ?? "");
    expect(outbox.items).toMatchObject([{ status: "sending", refusal: undefined }]);
    await settled();
    expect(outbox.items).toEqual([]);
  });

  it("is given up by discard", () => {
    outbox.discard(outbox.items[0]?.clientId ?? "");
    expect(outbox.items).toEqual([]);
  });
});
