/** Before every file of tests: what a guest or customer was sent and should not have been fails the test that sent it. */
import { afterAll, afterEach } from "vitest";
import { tapped } from "./this-process.ts";

function expectNothingStray(): void {
  const findings = tapped.takeFindings();
  if (findings.length > 0) throw new Error(findings.slice(0, 5).join("\n"));
}

afterEach(expectNothingStray);
afterAll(expectNothingStray);
