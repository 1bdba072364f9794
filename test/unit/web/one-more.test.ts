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
  const ask = oneMore(work);
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

it("goes on after a run that failed, which only those hear of who asked for it", async () => {
  const ask = oneMore(work);
  const first = ask();
  const second = ask();
  ends[0]?.(new Error("no connection"));
  await expect(first).rejects.toThrow("no connection");
  await vi.advanceTimersByTimeAsync(500);
  ends[1]?.();
  await second;
  const third = ask();
  ends[2]?.();
  await third;
  expect(ends).toHaveLength(3);
});
