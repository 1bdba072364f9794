/** kill -9 and SIGTERM under load: every promise is kept; and a checker that finds each fault when it is planted. */
import { expect, it } from "vitest";
import { FAULTS } from "../checker/faults.ts";
import { CLEAN } from "../checker/judge.ts";
import { FULL, runOutages } from "../checker/outages.ts";
import { summaryOf } from "../checker/summary.ts";
import type { Findings } from "../checker/judge.ts";

const OUTAGES = 20;
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const SMALL = { guests: 6, agents: 2, sessions: 2, everyMs: 100, processes: 1 };

it(`${OUTAGES} kills under load leave every promise kept (SEED=${seed})`, async () => {
  const report = await runOutages({ size: FULL, signal: "SIGKILL", outages: OUTAGES, seed });
  console.log(`kills, seed ${seed}: ${summaryOf(report)}`);
  expect(report.findings).toEqual(CLEAN);
  expect(report.damages).toEqual([]);
  expect(Math.max(...report.startedIn)).toBeLessThan(8000);
  expect(report.acked).toBeGreaterThan(OUTAGES * 100);
});

it(`SIGTERM under load, ${OUTAGES} times, answers what is on its way, and exits with 0 (SEED=${seed})`, async () => {
  const report = await runOutages({ size: FULL, signal: "SIGTERM", outages: OUTAGES, seed });
  console.log(`SIGTERM, seed ${seed}: ${summaryOf(report)}`);
  expect(report.findings).toEqual(CLEAN);
  expect(new Set(report.exitCodes)).toEqual(new Set([0]));
  expect(Math.max(...report.endedIn)).toBeLessThan(15_000);
});

it.each(Object.keys(FAULTS))("a planted fault is found: %s", async (fault) => {
  const report = await runOutages({
    size: SMALL,
    signal: "SIGKILL",
    outages: 1,
    seed,
    fault,
    settleMs: 3000,
  });
  expect(report.findings[fault as keyof Findings]).toBeGreaterThan(0);
});

it("a run without a planted fault is clean, as small as those with one", async () => {
  const report = await runOutages({ size: SMALL, signal: "SIGKILL", outages: 1, seed });
  expect(report.findings).toEqual(CLEAN);
});
