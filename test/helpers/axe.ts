/** axe-core in a page of Chromium: what it finds there, in words. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Frame } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ALL = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

type Axe = {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};

/** Violations in one frame; `onlyColours` is what a change of the colour scheme can bring. */
export async function violations(frame: Frame, { onlyColours = false } = {}): Promise<string[]> {
  if (!(await frame.evaluate("'axe' in globalThis"))) await frame.evaluate(AXE);
  const options = { iframes: false, resultTypes: ["violations"], runOnly: onlyColours ? COLOURS : ALL };
  const found = await frame.evaluate(
    async (chosen) => (await (globalThis as unknown as { axe: Axe }).axe.run(chosen)).violations,
    options,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}
