/** `npm run kills -- [CYCLES] [SEED]`: kill -9 under load, 200 times by default; a finding ends it with exit code 1. */
import { isDeepStrictEqual } from "node:util";
import { CLEAN } from "./judge.ts";
import { FULL, runOutages } from "./outages.ts";
import { summaryOf } from "./summary.ts";

const outages = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);

console.log(`${outages} kills, seed ${seed}`);
const report = await runOutages({
  size: FULL,
  signal: "SIGKILL",
  outages,
  seed,
  settleMs: 60_000,
  progress: (done) => {
    if (done % 10 === 0) console.log(`${done} kills`);
  },
});
console.log(summaryOf(report));
console.log(report.findings);
const isClean = isDeepStrictEqual(report.findings, CLEAN) && report.damages.length === 0;
process.exitCode = isClean ? 0 : 1;
