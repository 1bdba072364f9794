/** What a visitor's browser has to load stays small. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { buildPages, builtFiles } from "../../../src/web/build.ts";

const KIB = 1024;
const built = (name: string): string => new URL(`../../../public/build/${name}`, import.meta.url).pathname;

/** A script and everything it imports at once. */
function filesOf(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const content = readFileSync(built(name), "utf8");
  for (const [, file = ""] of content.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) filesOf(file, seen);
  return seen;
}

/** Octets, gzipped, of a script and everything it imports at once. */
function weightOf(name: string): number {
  const sizes = [...filesOf(name)].map((file) => gzipSync(readFileSync(built(file)), { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0);
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

it("the connection check is at most 20 KiB with its styles, SockJS left out", () => {
  const weight = weightOf("check.js") + weightOf("check.css");
  console.log(`connection check: ${weight} octets gzipped`);
  expect(weight).toBeLessThanOrEqual(20 * KIB);
});

it("what agents share is in the console and in nothing that a customer loads", () => {
  for (const word of ["/chat/note", "note.written", "/api/canned-responses"]) {
    const has = (name: string): boolean =>
      [...filesOf(name)].some((file) => readFileSync(built(file), "utf8").includes(word));
    expect([word, has("console.js"), has("panel.js"), has("widget.js")]).toEqual([word, true, false, false]);
  }
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

it("built by several at once it is whole for whoever looks, and theirs afterwards", async () => {
  const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  const out = join(folder, "build");
  const seen = new Set<string>();
  const look = setInterval(() => existsSync(out) && seen.add(readdirSync(out).sort().join(" ")), 1);
  const all = await Promise.all([buildPages(out), buildPages(out), buildPages(out)]);
  clearInterval(look);
  expect(all).toEqual([true, true, true]);
  expect([...seen]).toHaveLength(1);
  expect(readdirSync(out)).toContain("built");
  expect(readdirSync(folder)).toEqual(["build"]);
  rmSync(folder, { recursive: true });
});
