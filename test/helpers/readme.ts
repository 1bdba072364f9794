/** The README's samples as they stand there. */
import { readFileSync } from "node:fs";

const README = new URL("../../README.md", import.meta.url);

/** The sample that begins with this comment line, with a server's port put in. */
export function readmeSample(name: string, port: number): string {
  const readme = readFileSync(README, "utf8");
  const start = readme.indexOf(`// ${name}\n`);
  if (start < 0) throw new Error(`the README has no sample ${name}`);
  const code = readme.slice(start, readme.indexOf("```", start));
  const placed = code.replace("127.0.0.1:3000", `127.0.0.1:${port}`);
  if (placed === code) throw new Error(`the sample ${name} names no address`);
  return placed;
}
