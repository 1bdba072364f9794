/** Plays the connection check through its states and shows each of them. */
import type { Page } from "playwright-core";
import type { Show, Stage } from "./stage.ts";

export async function playCheck(stage: Stage, page: Page, show: Show): Promise<void> {
  const again = page.getByRole("button", { name: "Check again" });
  const copy = page.getByRole("button", { name: "Copy report" });
  await page.goto(`${stage.proxy.url}/connection-check`);
  await copy.waitFor();
  await show("connection check all well", page);
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
