/** The clock by which credentials and retention age. */
import { expect, it } from "vitest";
import { createAgeClock } from "../../../src/chat/clock.ts";

it("goes with the wall clock, back with it too, but never ahead of the time that has passed", () => {
  let [wall, monotonic] = [1_000_000, 500.25];
  const age = createAgeClock(
    () => wall,
    () => monotonic,
  );
  const pass = (ms: number, jump: number): number => {
    monotonic += ms;
    wall += ms + jump;
    return age();
  };
  expect(pass(10, 0)).toBe(1_000_010);
  expect(pass(10, -5000)).toBe(995_020);
  expect(pass(10, 5000)).toBe(1_000_030);
  expect(pass(10, 86_400_000)).toBe(1_000_040);
  expect(pass(0.5, 0)).toBe(1_000_040);
});
