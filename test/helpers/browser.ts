/** Chromium for tests: an installed one, else the one that npm brings. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Rejects where there is no browser at all: that is a failure, not a reason to skip. */
export async function launchBrowser(): Promise<Browser> {
  const installed = [process.env["CHROME_PATH"] ?? "", ...PLACES].find(
    (path) => path !== "" && existsSync(path),
  );
  if (installed !== undefined)
    return chromium.launch({ executablePath: installed, args: [...QUIET, "--no-sandbox"] });
  const { default: bundled } = await import("@sparticuz/chromium");
  const executablePath = await bundled.executablePath();
  const libraries = unpackLibraries();
  return chromium.launch({
    executablePath,
    args: [...QUIET, "--no-sandbox", "--headless=shell"],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, process.env["LD_LIBRARY_PATH"] ?? ""].join(":"),
    },
  });
}

/** The libraries that a bare machine lacks (NSS and the like) lie beside the browser, packed. */
function unpackLibraries(): string {
  const folder = mkdtempSync(join(tmpdir(), "chromium-libraries-"));
  const packed = join(
    dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")),
    "../../bin/al2023.tar.br",
  );
  const script =
    "const {brotliDecompressSync}=require('zlib');const {readFileSync}=require('fs');process.stdout.write(brotliDecompressSync(readFileSync(process.argv[1])))";
  const tar = execFileSync(process.execPath, ["-e", script, packed], { maxBuffer: 1 << 28 });
  execFileSync("tar", ["-x", "-C", folder], { input: tar });
  return join(folder, "lib");
}
