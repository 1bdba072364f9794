/** The installation's secrets: made once, for the owner alone, never again over data. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSecrets } from "../../../src/adapters/auth/secrets.ts";

let directory = "";
let file = "";
let warnings: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "customer-chat-secrets-"));
  file = join(directory, "secrets.json");
  warnings = [];
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const load = (hasData: boolean): Uint8Array =>
  loadSecrets(directory, hasData, (text) => warnings.push(text)).tokenKey;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("the secrets", () => {
  it("are made at the first start: 32 octets in a file of mode 0600, and nothing else", () => {
    expect(load(false)).toHaveLength(32);
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secrets.json"]);
    expect(warnings).toEqual([]);
  });

  it("have mode 0600 whatever the umask", () => {
    const before = process.umask(0);
    try {
      load(false);
    } finally {
      process.umask(before);
    }
    expect(modeOf(file)).toBe(0o600);
    expect(warnings).toEqual([]);
  });

  it("are the same at the next start, with data and without", () => {
    const key = load(false);
    expect(load(true)).toEqual(key);
    expect(load(false)).toEqual(key);
  });

  it("differ between installations", () => {
    const key = load(false);
    rmSync(file);
    expect(load(false)).not.toEqual(key);
  });

  it("are not made again over data", () => {
    expect(() => load(true)).toThrow(`${file}: missing although there is data`);
    expect(existsSync(file)).toBe(false);
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o777])("of mode %o are closed, and that is told", (mode) => {
    const key = load(false);
    chmodSync(file, mode);
    expect(load(true)).toEqual(key);
    expect(modeOf(file)).toBe(0o600);
    expect(warnings).toEqual([`${file}: was open to others; its mode is 0600 now`]);
  });

  const base64 = (octets: number): string => Buffer.alloc(octets, 7).toString("base64");

  it.each([
    ["empty", ""],
    ["garbage", "\u0000\u0001garbage"],
    ["cut short", `{"tokenKey":"${base64(32).slice(0, 20)}`],
    ["a list", "[]"],
    ["null", "null"],
    ["without a key", "{}"],
    ["with an empty key", JSON.stringify({ tokenKey: "" })],
    ["with a key of 16 octets", JSON.stringify({ tokenKey: base64(16) })],
    ["with a key of 31 octets", JSON.stringify({ tokenKey: base64(31) })],
    ["with a key of 33 octets", JSON.stringify({ tokenKey: base64(33) })],
    ["with a key that is no base64", JSON.stringify({ tokenKey: "?".repeat(44) })],
    ["with a number as key", JSON.stringify({ tokenKey: 44 })],
    ["with a member that nobody knows", JSON.stringify({ tokenKey: base64(32), other: 1 })],
  ])("that are %s are refused, kept as they are and not shown", (_name, text) => {
    writeFileSync(file, text, { mode: 0o600 });
    for (const hasData of [true, false]) {
      expect(() => load(hasData)).toThrow(
        new Error(`${file}: not readable as this installation's secrets; restore it from a backup`),
      );
    }
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("are written over a half-written file that a crash left", () => {
    writeFileSync(`${file}.new`, "half", { mode: 0o644 });
    expect(load(false)).toHaveLength(32);
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secrets.json"]);
  });
});
