/** `npm run conformance`: runs the tests of all points and writes docs/CONFORMANCE.md from what became of them. */
import { writeFileSync } from "node:fs";
import { startVitest } from "vitest/node";
import { VERSIONS } from "../../src/stomp/commands.ts";
import { PAGE, renderPage } from "./page.ts";
import { numberIn } from "./points.ts";
import type { TestCase } from "vitest/node";
import type { Outcome } from "./page.ts";

const vitest = await startVitest(["test/conformance/"], {
  run: true,
  watch: false,
  project: ["unit", "integration"],
});
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
writeFileSync(PAGE, await renderPage(tests.flatMap(outcomesOf)));
await vitest.close();

function outcomesOf(test: TestCase): Outcome[] {
  const number = numberIn(test.name);
  if (number === undefined) return [];
  const version = VERSIONS.find((one) => test.name.endsWith(`(STOMP ${one})`));
  return [{ number, ...(version && { version }), passed: test.result().state === "passed" }];
}
