/** The pages say what the code does: every variable, every code, and links that lead somewhere. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BROKER_REFUSALS, DISCONNECTS } from "../../../src/broker/errors.ts";
import { BOUNDS } from "../../../src/broker/limits.ts";
import { CHAT_REFUSALS } from "../../../src/chat/errors.ts";
import { VARIABLES } from "../../../src/config.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");

/** The rows of the tables in a page, or below one of its headings; cells without their code marks. */
function rowsOf(page: string, heading?: string): string[][] {
  const text = heading === undefined ? page : (page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "");
  return text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

describe("docs/CONFIGURATION.md", () => {
  const page = read("docs/CONFIGURATION.md");
  const rows = rowsOf(page).filter(([name = ""]) => /^[A-Z][A-Z_]+$/.test(name));

  it("has every variable once, and none that does not exist", () => {
    expect(rows.map(([name]) => name).toSorted()).toEqual([...VARIABLES.keys()].toSorted());
  });

  it.each([...VARIABLES])("says of %s what the code says", (name, { fallback, unit, meaning }) => {
    const row = rows.find(([named]) => named === name);
    expect(row?.slice(1, 3)).toEqual([fallback, unit]);
    expect(row?.at(-1)).toBe(meaning.replaceAll("`", ""));
  });

  it.each(Object.values(BOUNDS).map((bound) => [bound.env, bound] as const))(
    "says between what %s may be",
    (name, { min, max }) => {
      expect(rows.find(([named]) => named === name)?.[3]).toBe(`${min} to ${max}`);
    },
  );
});

describe("docs/PROTOCOL.md", () => {
  const page = read("docs/PROTOCOL.md");

  it("lists every refusal, and none that does not exist", () => {
    const codes = rowsOf(page, "Refusals").map(([code]) => code);
    expect(codes.toSorted()).toEqual(
      [...new Set(Object.keys({ ...BROKER_REFUSALS, ...CHAT_REFUSALS }))].toSorted(),
    );
  });

  it("lists every disconnect with its close code, and none that does not exist", () => {
    const rows = rowsOf(page, "Disconnects").map((row) => [row[0], Number(row.at(-1))]);
    expect(rows.toSorted()).toEqual(
      Object.entries(DISCONNECTS)
        .map(([code, { close }]) => [code, close])
        .toSorted(),
    );
  });
});

it.each([
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs/ARCHITECTURE.md",
  "docs/CONFIGURATION.md",
  "docs/PROTOCOL.md",
])("the links of %s lead somewhere", (page) => {
  const text = read(page);
  for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, file)), `${target} in ${page}`).toBe(true);
    if (anchor === undefined) continue;
    const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(headings, `${target} in ${page}`).toContain(anchor);
  }
});
