/** How a test of a point is declared: its title begins with the point's number, and it runs in the point's versions. */
import { it } from "vitest";
import { numberIn, POINTS } from "./points.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { PointNumber } from "./points.ts";

export type Title = `#${PointNumber} ${string}`;

/** A test for each version the point is about, or for those named. */
export function point(
  title: Title,
  run: (version: Version) => Promise<void> | void,
  versions: readonly Version[] = POINTS.get(numberIn(title) ?? 0)?.versions ?? [],
): void {
  if (versions.length === 0) throw new Error(`${title}: in no version it would not run`);
  for (const version of versions) it(`${title} (STOMP ${version})`, () => run(version));
}

/** A test of a point below STOMP, where there are no versions. */
export function pointBelow(title: Title, run: () => Promise<void> | void): void {
  it(title, run);
}
