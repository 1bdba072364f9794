/** The checker turns red for each fault planted once. */
import { expect, it } from "vitest";
import { Checker, CLEAN } from "../../helpers/checker.ts";
import type { Findings } from "../../helpers/checker.ts";

const shown = (id: string, seq: number): { id: string; conversation: string; seq: number; text: string } => ({
  id,
  conversation: "c",
  seq,
  text: id,
});

function run(plant: (checker: Checker) => void): Findings {
  const checker = new Checker();
  for (const seq of [1, 2]) {
    checker.acked(`k${seq}`, `m${seq}`);
    checker.received("anna", shown(`m${seq}`, seq), true);
  }
  plant(checker);
  return checker.findings();
}

it.each<[keyof Findings, (checker: Checker) => void]>([
  [
    "lostAcked",
    (checker) => {
      checker.acked("k3", "m3");
    },
  ],
  [
    "dupStored",
    (checker) => {
      checker.received("anna", shown("m3", 3), true);
      checker.acked("k2", "m3");
    },
  ],
  [
    "dupShown",
    (checker) => {
      checker.received("anna", shown("other", 2), true);
    },
  ],
  [
    "orderViolations",
    (checker) => {
      checker.received("anna", shown("m5", 3), true);
      checker.received("anna", shown("m4", 1), true);
    },
  ],
  [
    "gaps",
    (checker) => {
      checker.received("anna", shown("m4", 4), true);
    },
  ],
  [
    "leaked",
    (checker) => {
      checker.received("anna", shown("m3", 3), false);
    },
  ],
])("counts %s", (finding, plant) => {
  expect(run(() => undefined)).toEqual(CLEAN);
  expect(run(plant)[finding]).toBeGreaterThan(0);
});

it("does not mind a delivery that is repeated: the receiver knows the id", () => {
  expect(
    run((checker) => {
      checker.received("anna", shown("m2", 2), true);
    }),
  ).toEqual(CLEAN);
});
