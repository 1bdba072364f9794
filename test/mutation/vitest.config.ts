/** The tests that mutations of the core have to get past: those of `npm run coverage`. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/{stomp,broker}/**/*.test.ts", "test/conformance/*.test.ts"],
    // One measures time, the other draws lots: a mutation's fate must not depend on either.
    exclude: ["test/unit/stomp/{cost,properties}.test.ts"],
    // No module has state of its own: files may share what was loaded.
    isolate: false,
  },
});
