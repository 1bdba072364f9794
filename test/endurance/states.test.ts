/** Every state of the pages, played by machine: axe finds nothing in any of them, light and dark. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPages } from "../../src/web/build.ts";
import { violations } from "../helpers/axe.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { playCheck } from "../helpers/check-states.ts";
import { playConsole } from "../helpers/console-states.ts";
import { Stage } from "../helpers/stage.ts";
import { playWidget } from "../helpers/widget-states.ts";
import type { Browser, Frame, Page } from "playwright-core";
import type { Show } from "../helpers/stage.ts";

const PLAYS = { widget: playWidget, console: playConsole, "connection check": playCheck };
const LEAST_STATES = { widget: 21, console: 21, "connection check": 5 };
type Name = keyof typeof PLAYS;

let browser: Browser;
let stages: Readonly<Record<Name, Stage>>;

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
  stages = {
    widget: await Stage.start(),
    console: await Stage.start(),
    "connection check": await Stage.start(),
  };
});
afterAll(async () => {
  await browser.close();
  await Promise.all(Object.values(stages).map((stage) => stage.close()));
});

it.concurrent.each(["widget", "console", "connection check"] as const)(
  "axe finds nothing in any state of the %s, light and dark",
  async (name) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(10_000);
    const seen: string[] = [];
    const found: Record<string, readonly string[]> = {};
    const show: Show = async (state, page, { isPanel = false } = {}) => {
      const frame = isPanel ? panelOf(page) : page.mainFrame();
      const light = await violations(frame);
      await page.emulateMedia({ colorScheme: "dark" });
      const dark = await violations(frame, { onlyColours: true });
      await page.emulateMedia({ colorScheme: "light" });
      seen.push(state);
      if (light.length + dark.length > 0) found[state] = [...light, ...dark.map((one) => `dark: ${one}`)];
    };
    await PLAYS[name](stages[name], await context.newPage(), show);
    await context.close();
    expect(seen.length).toBeGreaterThanOrEqual(LEAST_STATES[name]);
    expect(found).toEqual({});
  },
  // A quarter of a minute alone; machines that do other things take their time.
  120_000,
);

it("what axe looks for it finds", async () => {
  const page = await browser.newPage();
  await page.setContent('<p style="color: #999">pale</p><input>');
  const found = await violations(page.mainFrame());
  expect(found.map((one) => one.split(":")[0])).toEqual(expect.arrayContaining(["color-contrast", "label"]));
  await page.close();
});

function panelOf(page: Page): Frame {
  const frame = page.frames().find((one) => one.url().includes("/widget/panel"));
  if (frame === undefined) throw new Error("the page has no frame of the widget");
  return frame;
}
