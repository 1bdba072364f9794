/** What a run measured, in one line. */
import type { Report } from "./outages.ts";

export function summaryOf({ acked, rate, startedIn, endedIn }: Report): string {
  const slowest = (times: readonly number[]): string => Math.max(...times).toFixed(0);
  return (
    `${acked} messages acknowledged, ${rate.toFixed(0)} a second, outages included; ` +
    `gone within ${slowest(endedIn)} ms, listening again within ${slowest(startedIn)} ms`
  );
}
