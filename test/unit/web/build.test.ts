/** What a visitor's browser has to load stays small. */
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { buildPages, builtFiles } from "../../../src/web/build.ts";

const KIB = 1024;
const built = (name: string): string => new URL(`../../../public/build/${name}`, import.meta.url).pathname;

/** Octets, gzipped, of a script and everything it imports at once. */
function weightOf(name: string, seen = new Set<string>()): number {
  if (seen.has(name)) return 0;
  seen.add(name);
  const content = readFileSync(built(name));
  const imports = [...content.toString().matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)].map(
    ([, file = ""]) => file,
  );
  return imports.reduce((sum, file) => sum + weightOf(file, seen), gzipSync(content, { level: 9 }).length);
}

beforeAll(async () => {
  await buildPages();
});

it("the loader is at most 4 KiB, and there is no other script before the frame", () => {
  const weight = weightOf("widget.js");
  console.log(`loader: ${weight} octets gzipped`);
  expect(weight).toBeLessThanOrEqual(4 * KIB);
});

it("the panel is at most 35 KiB with its styles, SockJS left out", () => {
  const weight = weightOf("panel.js") + weightOf("panel.css");
  console.log(`panel: ${weight} octets gzipped`);
  expect(weight).toBeLessThanOrEqual(35 * KIB);
});

it("SockJS is there, in a chunk of its own", () => {
  const chunk = builtFiles().find(({ name }) => readFileSync(built(name)).includes("xdr-streaming"));
  expect(chunk?.name).toMatch(/^chunk-/);
  expect(readFileSync(built("panel.js")).includes("xdr-streaming")).toBe(false);
});

it("is up to date after it was built", async () => {
  expect(existsSync(built("built"))).toBe(true);
  expect(await buildPages()).toBe(false);
});
