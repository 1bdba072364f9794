/** A burst of requests for the same work is two runs of it, not one each. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { oneMore } from "../../../src/web/shared/one-more.ts";

let ends: ((error?: Error) => void)[] = [];
const work = (): Promise<void> =>
  new Promise((resolve, reject) => {
    ends.push((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });

beforeEach(() => {
  vi.useFakeTimers();
  ends = [];
});
afterEach(() => {
  vi.useRealTimers();
});

it("runs at once, and what was asked meanwhile is one run half a second after it", async () => {
  const ask = oneMore(work, 500);
  const first = ask();
  const others = [ask(), ask()];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await first;
  others.push(ask());
  await vi.advanceTimersByTimeAsync(499);
  expect(ends).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(ends).toHaveLength(2);
  const late = ask();
  ends[1]?.();
  await Promise.all(others);
  await vi.advanceTimersByTimeAsync(500);
  expect(ends).toHaveLength(3);
  ends[2]?.();
  await late;
});

it("what is asked in the pause waits for its end, and what is asked after it does not", async () => {
  const ask = oneMore(work, 500);
  const first = ask();
  ends[0]?.();
  await first;
  await vi.advanceTimersByTimeAsync(300);
  const second = ask();
  await vi.advanceTimersByTimeAsync(199);
  expect(ends).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await second;
  await vi.advanceTimersByTimeAsync(500);
  void ask();
  expect(ends).toHaveLength(3);
});

it("goes on after a run that failed, which only those hear of who asked for it", async () => {
  const ask = oneMore(work, 500);
  const first = ask();
  const second = ask();
  ends[0]?.(new Error("no connection"));
  await expect(first).rejects.toThrow("no connection");
  await vi.advanceTimersByTimeAsync(500);
  ends[1]?.();
  await second;
  const third = ask();
  await vi.advanceTimersByTimeAsync(500);
  ends[2]?.();
  await third;
  expect(ends).toHaveLength(3);
});
