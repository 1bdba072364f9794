/** Times as people read them. */
import { describe, expect, it } from "vitest";
import { clockTime, dayLabel, shortDate, stopwatch, timeAgo } from "../../../src/web/shared/time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Noon, in the time zone of whoever runs this. */
const NOON = new Date(2026, 4, 20, 12, 0).getTime();

describe("the day", () => {
  it.each([
    ["now", NOON, "Today"],
    ["the first minute of today", new Date(2026, 4, 20, 0, 0).getTime(), "Today"],
    ["the last minute of yesterday", new Date(2026, 4, 19, 23, 59).getTime(), "Yesterday"],
    ["tomorrow, by a clock that is ahead", NOON + DAY, expect.stringContaining("21")],
    ["the day before yesterday", NOON - 2 * DAY, expect.stringContaining("18")],
    ["last year", new Date(2025, 4, 20).getTime(), expect.stringContaining("2025")],
  ])("of %s", (_what, at, label) => {
    expect(dayLabel(at, NOON)).toEqual(label);
  });

  it("says the year only when it is another one", () => {
    expect(dayLabel(NOON - 9 * DAY, NOON)).not.toContain("2026");
  });

  it("is yesterday across a change of the clocks too", () => {
    const spring = new Date(2026, 2, 29, 12).getTime();
    expect(dayLabel(new Date(2026, 2, 28, 1).getTime(), spring)).toBe("Yesterday");
  });
});

it("the clock has hours and minutes, from a number or a string", () => {
  expect(clockTime(NOON)).toMatch(/^12:00/);
  expect(clockTime(new Date(NOON).toISOString())).toBe(clockTime(NOON));
});

describe("a short date", () => {
  it("is the time today, else the day, with the year when it is another one", () => {
    expect(shortDate(NOON - HOUR, NOON)).toBe(clockTime(NOON - HOUR));
    expect(shortDate(NOON - 2 * DAY, NOON)).toMatch(/18/);
    expect(shortDate(NOON - 2 * DAY, NOON)).not.toMatch(/2026/);
    expect(shortDate(NOON - 400 * DAY, NOON)).toMatch(/2025/);
  });
});

it.each([
  [-5, "now"],
  [MINUTE - 1, "now"],
  [MINUTE, "1 min"],
  [HOUR - 1, "59 min"],
  [HOUR, "1 h"],
  [DAY - 1, "23 h"],
  [3 * DAY, "3 d"],
])("%d ms ago is %s", (ms, text) => {
  expect(timeAgo(NOON - ms, NOON)).toBe(text);
});

it.each([
  [-1, "0:00"],
  [59_999, "0:59"],
  [MINUTE, "1:00"],
  [10 * MINUTE + 5000, "10:05"],
  [HOUR, "1:00:00"],
  [HOUR + 9 * MINUTE + 7000, "1:09:07"],
])("a stopwatch after %d ms shows %s", (ms, text) => {
  expect(stopwatch(ms)).toBe(text);
});
