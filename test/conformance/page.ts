/** docs/CONFORMANCE.md: the table of points with what became of their tests. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { format } from "prettier";
import { POINTS, SECTIONS } from "./points.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { Point } from "./points/section.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export const PAGE = join(ROOT, "docs/CONFORMANCE.md");

/** What became of one test of a point. */
export type Outcome = { readonly number: number; readonly version?: Version; readonly passed: boolean };

/** What became of a point. */
type Result = "pass" | "deviation" | `FAILS: ${string}`;

export function renderPage(outcomes: readonly Outcome[]): Promise<string> {
  const results = [...POINTS].map(([number, point]) => resultOf(number, point, outcomes));
  const count = (wanted: Result): number => results.filter((result) => result === wanted).length;
  const counts = [`${count("pass")} pass`, `${count("deviation")} deviate, with the reason`];
  const failing = results.length - count("pass") - count("deviation");
  if (failing > 0) counts.push(`${failing} FAIL`);
  const sections = SECTIONS.map(({ title, tests, points }) =>
    [
      `## ${title}`,
      `Tests: [${tests}](../test/conformance/${tests})`,
      "| # | level | versions | specification | requirement | result |",
      "| - | - | - | - | - | - |",
      ...Object.entries(points).map(([number, point]) => rowOf(Number(number), point, outcomes)),
    ]
      .join("\n")
      .replace(/\n(Tests: .*)\n/, "\n\n$1\n\n"),
  );
  return pretty([introduction(`${results.length} points: ${counts.join(", ")}.`), ...sections].join("\n\n"));
}

/** Every test passed that a point asks for. */
export function allPassed(): Outcome[] {
  return [...POINTS].flatMap(([number, { versions }]): Outcome[] =>
    versions.length === 0
      ? [{ number, passed: true }]
      : versions.map((version) => ({ number, version, passed: true })),
  );
}

function resultOf(number: number, point: Point, outcomes: readonly Outcome[]): Result {
  const own = outcomes.filter((outcome) => outcome.number === number);
  if (own.some(({ passed }) => !passed)) return "FAILS: a test of it does";
  if (own.length === 0) return point.deviation === undefined ? "FAILS: it has no test" : "deviation";
  const untested = point.versions.filter((version) => own.every((outcome) => outcome.version !== version));
  if (untested.length > 0) return `FAILS: not exercised in ${untested.join(", ")}`;
  return point.deviation === undefined ? "pass" : "deviation";
}

function rowOf(number: number, point: Point, outcomes: readonly Outcome[]): string {
  const result = resultOf(number, point, outcomes);
  const said = [result, point.deviation, point.choice].filter((text) => text !== undefined);
  const versions = point.versions.length === 0 ? "–" : point.versions.join(", ");
  return `| ${[number, point.level.replace("*", "\\*"), versions, point.heading, point.requirement, said.join(". ")].join(" | ")} |`;
}

function introduction(sum: string): string {
  return [
    "# STOMP conformance",
    "Made by `npm run conformance` from the tests that carry these numbers; do not edit it. The tests are part of `npm test`, which also fails when this page is not theirs.",
    sum,
    "Levels: M must, S should, Y may, B good practice beyond the specification; M\\* is needed by other programs or by the product, and STOMP's texts say nothing. The headings are those of the STOMP 1.2 text. Every point is exercised in each version it names. What the specifications leave open is chosen as the last column says; [PROTOCOL.md](PROTOCOL.md#what-the-specification-leaves-open) says it for strangers.",
  ].join("\n\n");
}

async function pretty(markdown: string): Promise<string> {
  const options = JSON.parse(readFileSync(join(ROOT, ".prettierrc.json"), "utf8")) as object;
  return format(markdown, { ...options, parser: "markdown" });
}
