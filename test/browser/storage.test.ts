/** A browser's storage that is full, or that somebody empties, while a customer chats. */
import { expect, it } from "vitest";
import { AGENT, CUSTOMER, panelOf, startChat, texts, write } from "../helpers/people.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";

const site = useSite();

/** Leaves no room for another character in the storage of the chat's origin. */
const FILL = `for (const storage of [localStorage, sessionStorage]) {
  for (let size = 1 << 20, count = 0; size >= 1; count += 1) {
    try {
      storage.setItem("filler " + count, "x".repeat(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
}`;

async function inPanel(shop: Page, script: string): Promise<void> {
  const frame = shop.frames().find((one) => one.url().includes("/widget/panel"));
  await frame?.evaluate(script);
}

it("who chats is who they were, and everything comes, once the storage is full, over a reload, and emptied and full again", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "before");
  await inPanel(shop, FILL);
  site.proxy.cut();
  await write(panel, CUSTOMER, "full");
  await desk.getByText("full", { exact: true }).last().waitFor();
  await shop.reload();
  await expect.poll(() => texts(panelOf(shop))).toEqual(["before", "full"]);
  await inPanel(shop, `localStorage.clear(); ${FILL}`);
  site.proxy.cut();
  await write(panel, CUSTOMER, "emptied, and full again");
  await write(desk, AGENT, "an answer");
  const said = ["before", "full", "emptied, and full again", "an answer"];
  for (const place of [panel, desk])
    await expect.poll(async () => (await texts(place)).toSorted()).toEqual(said.toSorted());
  expect(await texts(panel)).toEqual(await texts(desk));
});
