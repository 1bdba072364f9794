/** The catalogue of bad input is whole: each row is tested or says why not, and tests elsewhere exist. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { problemsOf, warningsOf } from "../../unit/loading.ts";
import { CONFIGURATION } from "./catalogue/configuration.ts";
import { isTested, LAST, NUMBERED } from "./catalogue/rows.ts";

const TESTS = resolve(import.meta.dirname, "../..");

const tested = NUMBERED.filter(([, row]) => isTested(row));
const listed = NUMBERED.filter(([, row]) => !isTested(row));

afterAll(() => {
  const reasons = (rows: typeof NUMBERED): string[] =>
    rows.flatMap(([number, { what, absent }]) =>
      absent === undefined ? [] : [`  #${number} ${what}: ${absent}`],
    );
  console.log(
    [
      `bad input: ${tested.length} rows tested, ${listed.length} listed with a reason`,
      ...reasons(listed),
      "parts of tested rows:",
      ...reasons(tested),
    ].join("\n"),
  );
});

it(`has every number from 1 to ${LAST} once, in order`, () => {
  expect(NUMBERED.map(([number]) => number)).toEqual(Array.from({ length: LAST }, (_, index) => index + 1));
});

it("says of each row that is not tested why", () => {
  expect(listed.filter(([, { absent = "" }]) => absent.length < 10)).toEqual([]);
});

describe("tests elsewhere", () => {
  const files = Map.groupBy(
    NUMBERED.flatMap(([number, { tests = [] }]) => tests.map(([file, title]) => ({ number, file, title }))),
    ({ file }) => file,
  );
  it.each([...files])("of %s exist", (file, named) => {
    const titles = titlesIn(join(TESTS, file));
    expect(named.filter(({ title }) => !titles.has(title))).toEqual([]);
  });
});

describe("a configuration", () => {
  for (const [number, { what, configurations = [] }] of Object.entries(CONFIGURATION)) {
    it.each(configurations.map((one) => [JSON.stringify(one.set), one] as const))(
      `#${number} ${what}: %s`,
      (_name, { set, problem, warning }) => {
        if (problem !== undefined) expect(problemsOf(set)).toEqual([expect.stringMatching(problem)]);
        if (warning !== undefined) expect(warningsOf(set)).toEqual([expect.stringMatching(warning)]);
      },
    );
  }
});

/** Titles of the tests of a file as they are written, those that are skipped left out. */
function titlesIn(file: string): ReadonlySet<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      /^(?:it|point|pointBelow)\b(?!.*\bskip)/s.test(node.expression.getText())
    ) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  return titles;
}
