/** Chromium for tests: an installed one, else the one that npm brings. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { bundledChromium } from "./bundled-chromium.ts";
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
  const { program, libraries } = bundledChromium();
  return chromium.launch({
    executablePath: program,
    args: [...QUIET, "--no-sandbox", "--headless=shell"],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, process.env["LD_LIBRARY_PATH"] ?? ""].join(":"),
    },
  });
}
