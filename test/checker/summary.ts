/** What a run measured, in one line. */
import type { Report } from "./outages.ts";

export function summaryOf({ acked, identified, rate, startedIn, endedIn }: Report): string {
  const slowest = (times: readonly number[]): string => Math.max(...times).toFixed(0);
  return (
    `${acked} messages acknowledged, ${rate.toFixed(0)} a second, outages included; ` +
    `${identified} guests became customers; ` +
    `gone within ${slowest(endedIn)} ms, listening again within ${slowest(startedIn)} ms`
  );
}
