/** `npm run mutation`: each change that Stryker makes to the core should fail a test; below 85 % of them it fails. */
import type { PartialStrykerOptions } from "@stryker-mutator/api/core";
import { CORE } from "../core.ts";

const options: PartialStrykerOptions = {
  mutate: CORE,
  testRunner: "vitest",
  vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  thresholds: { high: 95, low: 85, break: 85 },
  timeoutMS: 5_000,
  concurrency: 2,
  reporters: ["clear-text", "json"],
  jsonReporter: { fileName: "coverage/mutation.json" },
  tempDirName: "coverage/stryker",
};

export default options;
