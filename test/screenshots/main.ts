/** `npm run screenshots`: every state of every page as a picture, desktop and phone, light and dark; `-- --readme` makes the README's from them. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildPages } from "../../src/web/build.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { playCheck } from "../helpers/check-states.ts";
import { playConsole } from "../helpers/console-states.ts";
import { Stage } from "../helpers/stage.ts";
import { playWidget } from "../helpers/widget-states.ts";
import { composeReadme } from "./readme.ts";
import type { Browser } from "playwright-core";
import type { Show, Size } from "../helpers/stage.ts";

const OUT = join(import.meta.dirname, "out");
const SIZES: Readonly<Record<Size, { width: number; height: number }>> = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 900, height: 1100 },
  phone: { width: 390, height: 844 },
};
const DOCS = join(import.meta.dirname, "../../docs");
const PLAYS = { widget: playWidget, console: playConsole, check: playCheck };

const isForReadme = process.argv.includes("--readme");
/** The plays named on the command line, else all. */
const named = Object.entries(PLAYS).filter(([name]) => process.argv.includes(name));
const wanted = named.length > 0 && !isForReadme ? named : Object.entries(PLAYS);

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
await buildPages();
const browser = await launchBrowser();
try {
  for (const [, play] of wanted) await picture(browser, play);
  if (isForReadme) await composeReadme(browser, OUT, DOCS);
} finally {
  await browser.close();
}

async function picture(on: Browser, play: (typeof PLAYS)["widget"]): Promise<void> {
  const stage = await Stage.start();
  const context = await on.newContext({
    viewport: SIZES.desktop,
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  context.setDefaultTimeout(10_000);
  try {
    await play(stage, await context.newPage(), show);
  } finally {
    await context.close();
    await stage.close();
  }
}

async function show(...[state, page, { size: only } = {}]: Parameters<Show>): Promise<void> {
  const before = page.viewportSize() ?? SIZES.desktop;
  for (const [size, viewport] of Object.entries(SIZES)) {
    if (only === undefined ? size === "tablet" : size !== only) continue;
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const name = `${state.replaceAll(/[^a-z0-9]+/g, "-")}-${size}-${colorScheme}.png`;
      await page.screenshot({
        path: join(OUT, name),
        fullPage: state === "demo page" || state.startsWith("connection check"),
        animations: "disabled",
      });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
  process.stdout.write(`${state}\n`);
}
