import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CORE } from "./test/core.ts";
import { skippedReporter } from "./test/helpers/skipped-reporter.ts";

/** One more than the smallest machine has cores: while one waits for a process or for a time to pass, the others work. */
const WORKERS = 3;

export default defineConfig({
  test: {
    testTimeout: 15_000,
    // What is waited for comes late on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // Each store has a thread, which would compile its modules anew.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url)) },
    setupFiles: "test/helpers/tap/setup.ts",
    reporters: ["default", skippedReporter],
    coverage: {
      include: CORE,
      reporter: "text",
      skipFull: true,
      thresholds: { 100: true, perFile: true },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts", "test/conformance/*.test.ts"],
          maxWorkers: WORKERS,
          // No module has state of its own: files may share what was loaded.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: [
            "test/integration/**/*.test.ts",
            "test/interop/**/*.test.ts",
            "test/authorisation/**/*.test.ts",
            "test/conformance/transports/*.test.ts",
          ],
          testTimeout: 30_000,
          maxWorkers: WORKERS,
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: WORKERS,
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "endurance",
          include: ["test/endurance/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
