/** Progress: lines that are few enough to read. */
import { expect, it } from "vitest";
import { createProgress } from "../../src/progress.ts";

it("tells at most twice a second how far it is, and that all is done only when somebody else says so", () => {
  let now = 0;
  const lines: string[] = [];
  const progress = createProgress(
    (line) => lines.push(line),
    () => now,
  );
  for (let copied = 0; copied <= 2000; copied += 1) {
    now += 2;
    progress(copied, 1000);
  }
  expect(lines).toEqual(["copied 24 %", "copied 49 %", "copied 74 %", "copied 99 %"]);
});

it("tells nothing before it is known how much there is", () => {
  let now = 0;
  const lines: string[] = [];
  const progress = createProgress(
    (line) => lines.push(line),
    () => now,
  );
  now = 10_000;
  progress(500, 0);
  expect(lines).toEqual([]);
});
