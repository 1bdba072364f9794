/** The Chromium that npm brings, unpacked once for all who start it at the same time. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const PACKAGE = dirname(dirname(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium"))));
/** The package unpacks into the folder for temporary files; the libraries that a bare machine lacks it leaves out. */
const UNPACK = `
  import chromium from "@sparticuz/chromium";
  import { execFileSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { brotliDecompressSync } from "node:zlib";
  await chromium.executablePath();
  const [folder, libraries] = process.argv.slice(1);
  execFileSync("tar", ["-x", "-C", folder], { input: brotliDecompressSync(readFileSync(libraries)) });
`;

/** Paths of the program and of the folder of libraries (NSS and the like) that it may need. */
export function bundledChromium(): { readonly program: string; readonly libraries: string } {
  const { version } = createRequire(import.meta.url)(join(PACKAGE, "package.json")) as { version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) unpack(folder);
  return { program: join(folder, "chromium"), libraries: join(folder, "lib") };
}

/** Whoever is first to be ready gives it its name: nobody ever starts a program that is still being written. */
function unpack(folder: string): void {
  mkdirSync(CACHE, { recursive: true });
  const own = mkdtempSync(`${folder}-`);
  try {
    execFileSync(
      process.execPath,
      ["--input-type=module", "-e", UNPACK, own, join(PACKAGE, "bin/al2023.tar.br")],
      { cwd: PACKAGE, env: { ...process.env, TMPDIR: own, TMP: own, TEMP: own } },
    );
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
