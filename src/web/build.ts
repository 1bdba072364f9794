/** Builds what browsers load, when a source is newer than what was built; `npm run build` says the sizes. */
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUT = join(ROOT, "public/build");
const STAMP = "built";
const SOURCES = ["src/web", "src/chat/wire.ts", "package-lock.json"];

/** Octets as the network carries them. */
export type BuiltFile = { readonly name: string; readonly octets: number; readonly gzipped: number };

/**
 * Builds if need be; false when everything was up to date. Rejects with what is wrong in the sources. Several processes may
 * do it at once: each builds in a folder of its own, which takes its place when it is whole.
 */
export async function buildPages(out = OUT): Promise<boolean> {
  if (isUpToDate(out)) return false;
  const made = `${out}-${randomUUID()}`;
  mkdirSync(made);
  try {
    await bundle(made);
    writeFileSync(join(made, STAMP), "");
    replace(out, made);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return true;
}

function isUpToDate(out: string): boolean {
  const stamp = statSync(join(out, STAMP), { throwIfNoEntry: false });
  return stamp !== undefined && newest(SOURCES.map((path) => join(ROOT, path))) <= stamp.mtimeMs;
}

async function bundle(outdir: string): Promise<void> {
  const shared = {
    absWorkingDir: ROOT,
    outdir,
    bundle: true,
    minify: true,
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
    jsx: "automatic",
    jsxImportSource: "preact",
  } as const;
  const built = await Promise.allSettled([
    build({ ...shared, entryPoints: { widget: "src/web/widget/loader.ts" }, format: "iife" }),
    build({
      ...shared,
      entryPoints: {
        panel: "src/web/widget/panel.tsx",
        console: "src/web/console/main.tsx",
        check: "src/web/check/main.tsx",
        demo: "src/web/demo.ts",
      },
      format: "esm",
      splitting: true,
      chunkNames: "chunk-[name]-[hash]",
      define: { global: "globalThis" },
    }),
  ]);
  // Only now: the other one would go on writing to a folder that is removed.
  for (const one of built) if (one.status === "rejected") throw one.reason;
}

/** Puts a folder where another one, or none, was; nobody sees half of either. */
function replace(old: string, made: string): void {
  const gone = `${made}-gone`;
  try {
    renameSync(old, gone);
  } catch (error) {
    if (existsSync(old)) throw error;
  }
  try {
    renameSync(made, old);
  } catch (error) {
    // Another process was faster, with the same sources.
    if (!isUpToDate(old)) throw error;
  } finally {
    rmSync(gone, { recursive: true, force: true });
  }
}

/** What was built, largest first. */
export function builtFiles(): readonly BuiltFile[] {
  return readdirSync(OUT)
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => {
      const content = readFileSync(join(OUT, name));
      return { name, octets: content.length, gzipped: gzipSync(content, { level: 9 }).length };
    })
    .sort((one, other) => other.octets - one.octets);
}

function newest(paths: readonly string[]): number {
  return Math.max(
    ...paths.map((path) => {
      const stat = statSync(path);
      if (!stat.isDirectory()) return stat.mtimeMs;
      return Math.max(stat.mtimeMs, newest(readdirSync(path).map((name) => join(path, name))));
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const began = performance.now();
  const wasBuilt = await buildPages();
  process.stdout.write(wasBuilt ? `built in ${Math.round(performance.now() - began)} ms\n` : "up to date\n");
  for (const { name, octets, gzipped } of builtFiles())
    process.stdout.write(`${name}: ${octets} octets, ${gzipped} gzipped\n`);
}
