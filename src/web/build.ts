/** Builds what browsers load, when a source is newer than what was built; `npm run build` says the sizes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUT = join(ROOT, "public/build");
const STAMP = join(OUT, "built");
const SOURCES = ["src/web", "src/chat/wire.ts", "package-lock.json"];

/** Octets as the network carries them. */
export type BuiltFile = { readonly name: string; readonly octets: number; readonly gzipped: number };

/** Builds if need be; false when everything was up to date. Rejects with what is wrong in the sources. */
export async function buildPages(): Promise<boolean> {
  if (existsSync(STAMP) && newest(SOURCES.map((path) => join(ROOT, path))) <= statSync(STAMP).mtimeMs)
    return false;
  // Names of chunks change with their content: old ones would stay for ever.
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const shared = {
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
    jsx: "automatic",
    jsxImportSource: "preact",
  } as const;
  await Promise.all([
    build({ ...shared, entryPoints: { widget: "src/web/widget/loader.ts" }, outdir: OUT, format: "iife" }),
    build({
      ...shared,
      entryPoints: {
        panel: "src/web/widget/panel.tsx",
        console: "src/web/console/main.tsx",
        check: "src/web/check/main.tsx",
        demo: "src/web/demo.ts",
      },
      outdir: OUT,
      format: "esm",
      splitting: true,
      chunkNames: "chunk-[name]-[hash]",
      define: { global: "globalThis" },
    }),
  ]);
  writeFileSync(STAMP, "");
  return true;
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
