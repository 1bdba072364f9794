/** `npm run fuzz -- [FRAMES] [SEED]`: mutated frames in process, ten million by default; what crashes becomes a fixture. */
import { keepCrash } from "./crashes.ts";
import { fuzzInProcess } from "./in-process.ts";

const STEP = 500_000;

const frames = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);

console.log(`${frames} frames, seed ${seed}`);
for (let done = 0, step = 0; done < frames; step += 1) {
  const report = await fuzzInProcess(Math.min(STEP, frames - done), seed + step);
  done += report.frames;
  const heap = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  console.log(`${done} frames, longest ${report.longestMs.toFixed(1)} ms of CPU, heap ${heap} MiB`);
  for (const crash of report.crashes) console.error(keepCrash(crash));
  if (report.crashes.length > 0) process.exit(1);
}
