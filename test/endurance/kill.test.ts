/** kill -9 and SIGTERM under load: every promise is kept; and a checker that finds each fault when it is planted. */
import { pino } from "pino";
import { expect, it } from "vitest";
import { openInstallation } from "../../src/installation.ts";
import { FAULTS } from "../checker/faults.ts";
import { CLEAN } from "../checker/judge.ts";
import { FULL, runOutages } from "../checker/outages.ts";
import { summaryOf } from "../checker/summary.ts";
import { Writers } from "../helpers/filled-store.ts";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";
import type { Findings } from "../checker/judge.ts";

const OUTAGES = 20;
const MANY = 100_000;
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const SMALL = { guests: 6, agents: 2, sessions: 2, everyMs: 100, processes: 1 };

it(`${OUTAGES} kills under load leave every promise kept (SEED=${seed})`, async () => {
  const report = await runOutages({ size: FULL, signal: "SIGKILL", outages: OUTAGES, seed });
  console.log(`kills, seed ${seed}: ${summaryOf(report)}`);
  expect(report.findings).toEqual(CLEAN);
  expect(report.damages).toEqual([]);
  expect(Math.max(...report.startedIn)).toBeLessThan(8000);
  expect(report.acked).toBeGreaterThan(OUTAGES * 100);
  expect(report.identified).toBe(OUTAGES);
});

it(`SIGTERM under load, ${OUTAGES} times, answers what is on its way, and exits with 0 (SEED=${seed})`, async () => {
  const report = await runOutages({ size: FULL, signal: "SIGTERM", outages: OUTAGES, seed });
  console.log(`SIGTERM, seed ${seed}: ${summaryOf(report)}`);
  expect(report.findings).toEqual(CLEAN);
  expect(new Set(report.exitCodes)).toEqual(new Set([0]));
  expect(report.identified).toBe(OUTAGES);
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

it("a server that was killed with 100,000 messages stored is back in no time", async () => {
  const server = new ServerProcess();
  try {
    const options = { dataDir: server.dataDir, retention: { maxMessages: MANY, maxDays: 365 } };
    const { store, ...installation } = await openInstallation(options, pino({ level: "silent" }));
    await new Writers().fill(store, MANY);
    await installation.close();
    await server.start();
    for (let kills = 0; kills < 3; kills += 1) {
      const writing = await LoadClient.connect(server.webSocketUrl);
      for (let count = 0; count < 200; count += 1) void writing.say("support", `${count}`);
      await writing.say("support", "the last one before the kill");
      await server.end("SIGKILL");
      const killed = performance.now();
      await server.start();
      const guest = await LoadClient.connect(server.webSocketUrl);
      await guest.say("support", "the first one after it");
      const readyIn = performance.now() - killed;
      guest.close();
      console.log(
        `100,000 messages stored: listening ${server.startedIn.toFixed(0)} ms after the start, ` +
          `the first RECEIPT after ${readyIn.toFixed(0)} ms`,
      );
      expect(readyIn).toBeLessThan(8000);
    }
  } finally {
    await server.remove();
  }
});
