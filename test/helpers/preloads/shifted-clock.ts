/** Preloaded into a server: its wall clock goes wrong by as many milliseconds as a file says, in all threads. */
import { readFileSync } from "node:fs";

const file = process.env["CLOCK_FILE"] ?? "";
const { now } = Date;
const shifted = (): number => now() + Number(readFileSync(file, "utf8"));

globalThis.Date = new Proxy(Date, {
  construct: (target, values: unknown[], newTarget) =>
    Reflect.construct(target, values.length === 0 ? [shifted()] : values, newTarget) as Date,
  apply: () => new Date(shifted()).toString(),
});
Date.now = shifted;
