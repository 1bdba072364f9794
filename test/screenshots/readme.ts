/** The pictures of the README, put together from those of the states. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";

const WIDGET = ["widget-conversation-desktop-light"];
const CONSOLE = ["console-thread-beside-those-who-wait-desktop-light"];
const PHONES = [
  "widget-read-and-typing-phone-light",
  "widget-conversation-phone-dark",
  "console-waiting-list-phone-light",
  "console-notes-phone-dark",
];
/** Of one picture alone, and of each of several side by side. */
const [WIDE, NARROW, GAP] = [1280, 300, 20] as const;

/** Writes the README's pictures from those in `states` into the directory `docs`. */
export async function composeReadme(browser: Browser, states: string, docs: string): Promise<void> {
  for (const [name, pictures] of Object.entries({ widget: WIDGET, console: CONSOLE, phones: PHONES })) {
    const width = pictures.length === 1 ? WIDE : NARROW;
    const page = await browser.newPage();
    const images = pictures.map((picture) => {
      const data = readFileSync(join(states, `${picture}.png`), "base64");
      return `<img src="data:image/png;base64,${data}">`;
    });
    await page.setContent(
      `<style>
        body { margin: 0; display: inline-flex; gap: ${GAP}px }
        img { width: ${width}px; box-sizing: border-box; border: 1px solid #8888; border-radius: 8px }
      </style>${images.join("")}`,
    );
    await page.locator("body").screenshot({ path: join(docs, `${name}.png`), omitBackground: true });
    await page.close();
  }
}
