/** docs/CONFORMANCE.md is what the table of points and their tests give; every point has its tests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { declaredIn, declaredTests } from "../conformance/declared.ts";
import { allPassed, PAGE, renderPage } from "../conformance/page.ts";
import { POINTS } from "../conformance/points.ts";
import type { Declared } from "../conformance/declared.ts";

const PROTOCOL = join(import.meta.dirname, "../../docs/PROTOCOL.md");
const DECLARED = declaredTests();

/** What is wrong with the tests, as sentences. */
function problemsOf(declared: readonly Declared[]): string[] {
  const strangers = declared
    .filter(({ number }) => number === undefined || !POINTS.has(number))
    .map(({ file, title }) => `${file}: "${title}" begins with no point's number`);
  const gaps = [...POINTS].flatMap(([number, point]) => {
    const own = declared.filter((test) => test.number === number);
    if (own.length === 0)
      return point.deviation === undefined ? [`#${number} has no test and no reason`] : [];
    const inAll = own.some(({ isBelow, versions }) => !isBelow && versions === undefined);
    const named = new Set(own.flatMap(({ versions = [] }) => versions));
    return point.versions
      .filter((version) => !inAll && !named.has(version))
      .map((version) => `#${number} is not exercised in ${version}`);
  });
  return [...strangers, ...gaps];
}

it("the points are 1 to 106, in order", () => {
  expect([...POINTS.keys()]).toEqual(Array.from({ length: 106 }, (_, index) => index + 1));
});

it("every point has a test in each of its versions or a stated reason, and every test is a point's", () => {
  expect(problemsOf(DECLARED)).toEqual([]);
});

it("a point without test, one with a version left out and a number that is no point's are noticed", () => {
  const without = DECLARED.filter(({ number }) => number !== 14);
  expect(problemsOf(without)).toEqual(["#14 has no test and no reason"]);
  const text =
    'point("#14 in two of three", f, ["1.0", "1.1"]); point("#107 is none", f); // point("#14 a", f)';
  expect(problemsOf([...without, ...declaredIn("x.test.ts", text)])).toEqual([
    'x.test.ts: "#107 is none" begins with no point\'s number',
    "#14 is not exercised in 1.2",
  ]);
});

it("docs/CONFORMANCE.md is what `npm run conformance` writes when all tests pass", async () => {
  expect(readFileSync(PAGE, "utf8")).toBe(await renderPage(allPassed()));
});

it("docs/PROTOCOL.md says of every choice and deviation what it is", () => {
  const protocol = readFileSync(PROTOCOL, "utf8");
  const section = protocol
    .split(/^## /m)
    .find((part) => part.startsWith("What the specification leaves open"));
  const told = [...(section ?? "").matchAll(/\| (\d[\d, ]*?) *\|$/gm)].flatMap(([, cell = ""]) =>
    cell.split(",").map(Number),
  );
  const chosen = [...POINTS].filter(([, { choice, deviation }]) => (choice ?? deviation) !== undefined);
  expect(chosen.length).toBeGreaterThan(20);
  expect(chosen.map(([number]) => number).filter((number) => !told.includes(number))).toEqual([]);
  expect(told.filter((number) => !POINTS.has(number))).toEqual([]);
});

it("the page says of a point that its test fails, or that there is none", async () => {
  const outcomes = allPassed().filter(({ number }) => number !== 3);
  const failing = await renderPage([...outcomes, { number: 14, version: "1.2", passed: false }]);
  expect(failing).toMatch(/\| 3 .*\| FAILS: it has no test/);
  expect(failing).toMatch(/\| 14 .*\| FAILS: a test of it does/);
  expect(failing).toContain("2 FAIL");
});
