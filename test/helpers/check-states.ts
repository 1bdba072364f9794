/** Plays the connection check through its states and shows each of them. */
import type { Page } from "playwright-core";
import type { Show, Stage } from "./stage.ts";

/** For a page whose browser keeps nothing. */
export const BLOCK_STORAGE = `for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(globalThis, name, { get() { throw new DOMException("blocked", "SecurityError") } })`;

export async function playCheck(stage: Stage, page: Page, show: Show): Promise<void> {
  const again = page.getByRole("button", { name: "Check again" });
  const copy = page.getByRole("button", { name: "Copy report" });
  await page.goto(`${stage.proxy.url}/connection-check`);
  await copy.waitFor();
  await show("connection check all well", page);
  await playStrangeBrowser(stage, await page.context().newPage(), show);
  stage.proxy.adds = ["X-Forwarded-For: 192.0.2.7"];
  stage.proxy.dropsUpgrades = true;
  await page.goto(`${stage.proxy.url}/connection-check?site=https://shop.example.com`);
  await copy.waitFor();
  await show("connection check websocket blocked, site not allowed", page);
  await page.getByText("Report as text").click();
  await page.getByLabel("Report as text").waitFor();
  await show("connection check report", page);
  stage.proxy.stall();
  await again.click();
  await page.getByText("Checking…").waitFor();
  await show("connection check under way", page);
  stage.proxy.refuse(true);
  stage.proxy.resume();
  stage.proxy.reset();
  await copy.waitFor({ timeout: 20_000 });
  await show("connection check nothing gets through", page);
}

async function playStrangeBrowser(stage: Stage, page: Page, show: Show): Promise<void> {
  await page.clock.setFixedTime(Date.now() + 125 * 60_000);
  await page.addInitScript(BLOCK_STORAGE);
  await page.goto(`${stage.proxy.url}/connection-check`);
  await page.getByRole("button", { name: "Copy report" }).waitFor();
  await show("connection check clock wrong, storage blocked", page);
  await page.close();
}
