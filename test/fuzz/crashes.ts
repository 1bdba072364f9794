/** Inputs that once did what none may do: kept as fixtures, replayed by test/unit/broker/corpus.test.ts. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Crash } from "./in-process.ts";

const DIRECTORY = fileURLToPath(new URL("../fixtures/crashes/", import.meta.url));

/** Writes the input where the unit tests find it; returns what to tell. */
export function keepCrash({ what, input }: Crash): string {
  const name = `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`;
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(join(DIRECTORY, name), input);
  return `${what}: kept as test/fixtures/crashes/${name}`;
}

export function keptCrashes(): { readonly name: string; readonly input: Buffer }[] {
  if (!existsSync(DIRECTORY)) return [];
  return readdirSync(DIRECTORY).map((name) => ({ name, input: readFileSync(join(DIRECTORY, name)) }));
}
