/** Preloaded into a server: what it sends to a customer and should not is told on standard error. */
import { isMainThread } from "node:worker_threads";

const EVERY_MS = 100;

if (isMainThread) {
  const { tapped } = await import("../tap/this-process.ts");
  setInterval(() => {
    for (const finding of tapped.takeFindings()) process.stderr.write(`${finding}\n`);
  }, EVERY_MS).unref();
}
