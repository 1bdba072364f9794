/** Rates: a burst at once, then as fast as it comes back; nobody pays for another, and what is over is forgotten. */
import { beforeEach, describe, expect, it } from "vitest";
import { limitOf, RATES, Rates } from "../../../src/broker/rates.ts";

let now: number;
let rates: Rates;

beforeEach(() => {
  now = 1_000_000;
  rates = new Rates(() => now);
});

const takes = (count: number, key = "a"): number =>
  Array.from({ length: count }, () => rates.take(["guestMessages"], key)).filter((one) => one === undefined)
    .length;

describe("a rate", () => {
  it("allows its burst and no more, and says how long to wait and for which limit", () => {
    expect(takes(6)).toBe(5);
    expect(rates.take(["guestMessages"], "a")).toEqual({
      retryAfterMs: 1000,
      hint: "messages of a guest: 5 at once, then one a second",
    });
    now += 999.5;
    expect(rates.take(["guestMessages"], "a")).toMatchObject({ retryAfterMs: 1 });
  });

  it("comes back one by one, up to the burst and no further", () => {
    takes(5);
    now += 1000;
    expect(takes(3)).toBe(1);
    now += 3000;
    expect(takes(9)).toBe(3);
    now += 3_600_000;
    expect(takes(9)).toBe(5);
  });

  it("is each key's own", () => {
    expect(takes(9, "a")).toBe(5);
    expect(takes(9, "b")).toBe(5);
  });

  it("among others is taken from all or from none, and the longest wait is told", () => {
    const both = ["guestMessages", "guestMinutes"] as const;
    for (let second = 0; second < 61; second += 1, now += 1000) rates.take(both, "a");
    expect(rates.take(both, "a")).toMatchObject({ hint: expect.stringContaining("in the long run") });
    now += 1000;
    rates.take(both, "a");
    // None of those that were refused was counted.
    now += 60_000;
    expect(Array.from({ length: 6 }, () => rates.take(both, "a")).filter(Boolean)).toHaveLength(1);
  });

  it("for more than the burst at once waits until nothing is used, and is paid for afterwards", () => {
    takes(1);
    expect(rates.take(["guestMessages"], "a", 8)).toMatchObject({ retryAfterMs: 1000 });
    now += 1000;
    expect(rates.take(["guestMessages"], "a", 8)).toBeUndefined();
    expect(rates.take(["guestMessages"], "a")).toMatchObject({ retryAfterMs: 4000 });
  });

  it("that was taken in vain is given back", () => {
    takes(5);
    rates.giveBack(["guestMessages"], "a");
    expect(takes(2)).toBe(1);
  });

  it("that is used up stays so while a crowd of others is forgotten", () => {
    now += 1000;
    expect(takes(5)).toBe(5);
    now -= 1000;
    for (let user = 1; user < 10_000; user += 1) rates.take(["guestMessages"], `u${user}`);
    now += 1000;
    rates.take(["guestMessages"], "another");
    expect([rates.size, takes(1)]).toEqual([2, 0]);
  });

  it("whose time is over costs no memory", () => {
    for (let user = 0; user < 10_000; user += 1) rates.take(["guestMessages"], `u${user}`);
    expect(rates.size).toBe(10_000);
    now += 1000;
    rates.take(["guestMessages"], "next");
    expect(rates.size).toBe(1);
  });
});

it.each([
  [1000 / 30, "30 a second"],
  [1000, "one a second"],
  [6000, "one in 6 seconds"],
])("one every %f ms is told as %s", (everyMs, text) => {
  expect(limitOf({ ...RATES.subscribes, everyMs })).toBe(`SUBSCRIBE frames: 40 at once, then ${text}`);
});
