/** Signs of typing: mine not too often, theirs not for ever. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TypingSigns } from "../../../../src/web/client/typing.ts";
import type { Typing } from "../../../../src/web/client/types.ts";

const user = { id: "g", kind: "guest" } as const;
let told: boolean[];
let shown: boolean[];
let signs: TypingSigns;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  shown = [];
  signs = new TypingSigns(
    Date.now,
    (_conversation, typing) => told.push(typing),
    ({ typing }: Typing) => shown.push(typing),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

it("mine is told at most every 3 s, and its end at once", () => {
  signs.mine("c1", true);
  vi.advanceTimersByTime(2999);
  signs.mine("c1", true);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(1);
  signs.mine("c1", true);
  signs.mine("c1", false);
  signs.mine("c1", false);
  expect(told).toEqual([true, true, false]);
});

it("a message ends mine without a word", () => {
  signs.mine("c1", true);
  signs.sent("c1");
  signs.mine("c1", false);
  expect(told).toEqual([true]);
});

it("theirs ends by itself after 6 s without another sign", () => {
  signs.theirs({ conversation: "c1", user, typing: true });
  vi.advanceTimersByTime(4000);
  signs.theirs({ conversation: "c1", user, typing: true });
  vi.advanceTimersByTime(5999);
  expect(shown).toEqual([true, true]);
  vi.advanceTimersByTime(1);
  expect(shown).toEqual([true, true, false]);
});

it("theirs ends with their message, not with somebody else's", () => {
  signs.theirs({ conversation: "c1", user, typing: true });
  signs.ended("c1", "another");
  expect(shown).toEqual([true]);
  signs.ended("c1", "g");
  vi.advanceTimersByTime(10_000);
  expect(shown).toEqual([true, false]);
});
