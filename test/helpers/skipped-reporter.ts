/** Names, as the last lines of a run, what could not be tested here and why. */
import type { Reporter } from "vitest/node";

/** Tests that skipped themselves; those that a filter left out are nobody's surprise. */
export const skippedReporter: Reporter = {
  onTestRunEnd: (modules) => {
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        if (test.options.mode === "run") console.log(`skipped: ${test.fullName}`);
      }
    }
  },
};
