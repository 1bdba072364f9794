/** A whole chat from each side by keyboard alone: nothing here touches a mouse or moves the focus by script. */
import { expect, it } from "vitest";
import { guestsWrote } from "../helpers/guests.ts";
import { connectClient, panelOf, signIn, texts } from "../helpers/people.ts";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { useSite } from "../helpers/site.ts";
import type { Locator, Page } from "playwright-core";

const site = useSite();

/** Presses `key` until `target` has the focus. */
async function pressUntilFocused(page: Page, key: string, target: Locator): Promise<void> {
  for (let count = 0; count < 30; count += 1) {
    await page.keyboard.press(key);
    if (await target.evaluate((node) => node.matches(":focus"))) return;
  }
  throw new Error(`${key} does not lead there`);
}

async function typeAndSend(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

it("a customer finds the chat, writes, leaves, comes back to an answer and ends the chat; an agent signs in, claims, answers and writes to a visitor", async () => {
  const [shop, visitor, desk] = [await site.newPage(), await site.newPage(), await site.newPage()];
  const panel = panelOf(shop);
  await shop.goto(`${site.url}/`);
  const bubble = shop.getByRole("button", { name: /^Open chat/ });
  await pressUntilFocused(shop, "Tab", bubble);
  await shop.keyboard.press("Enter");
  await panel.locator("textarea:focus").waitFor();
  await shop.keyboard.type("no");
  await shop.keyboard.press("Shift+Enter");
  await typeAndSend(shop, "mouse");
  await panel.getByText("Sent").waitFor();
  await shop.keyboard.press("Escape");
  await bubble.waitFor();

  await desk.goto(`${site.url}/agent`);
  await desk.locator("input:focus").waitFor();
  await desk.keyboard.type("anna");
  await desk.keyboard.press("Tab");
  await typeAndSend(desk, AGENT_PASSCODE);
  const waiting = desk.getByRole("tab", { name: /Waiting 1/ });
  await waiting.waitFor();
  await pressUntilFocused(desk, "Tab", waiting);
  await desk.keyboard.press("?");
  await desk.getByRole("dialog", { name: "Shortcuts" }).waitFor();
  await desk.keyboard.press("Escape");
  await desk.getByRole("dialog").waitFor({ state: "detached" });
  await desk.keyboard.press("Alt+j");
  await desk.getByRole("heading", { name: /^Visitor/ }).waitFor();
  await desk.keyboard.press("Alt+c");
  await desk.getByText("You took the chat").waitFor();
  await desk.keyboard.press("Alt+l");
  await desk.locator("textarea:focus").waitFor();
  await typeAndSend(desk, "none needed");

  await shop.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
  await shop.keyboard.press("Enter");
  await panel.getByText("none needed").waitFor();
  await desk.getByText("Read").waitFor();
  expect(await texts(panel)).toEqual(["no\nmouse", "none needed"]);
  const options = panel.getByRole("button", { name: "Options" });
  const endChat = panel.getByRole("button", { name: "End chat" });
  await pressUntilFocused(shop, "Shift+Tab", options);
  await shop.keyboard.press("Enter");
  await pressUntilFocused(shop, "Tab", endChat);
  await shop.keyboard.press("Escape");
  await endChat.waitFor({ state: "detached" });
  expect(await options.evaluate((node) => node.matches(":focus"))).toBe(true);
  await shop.keyboard.press("Enter");
  await pressUntilFocused(shop, "Tab", endChat);
  await shop.keyboard.press("Enter");
  await panel.getByText("This chat has ended.").waitFor();
  expect(await options.evaluate((node) => node.matches(":focus"))).toBe(true);

  await visitor.goto(`${site.url}/`);
  const mine = desk.getByRole("tab", { name: /^Mine/ });
  await desk.keyboard.press("Escape");
  await pressUntilFocused(desk, "Shift+Tab", mine);
  await desk.keyboard.press("End");
  await desk.getByRole("tab", { name: /Visitors 2/, selected: true }).waitFor();
  await pressUntilFocused(desk, "Tab", desk.getByRole("button", { name: "Start chat" }).last());
  await desk.keyboard.press("Enter");
  await desk
    .getByLabel(/^First message to/)
    .and(desk.locator(":focus"))
    .waitFor();
  await desk.keyboard.type("May I help you?");
  await pressUntilFocused(desk, "Tab", desk.getByRole("button", { name: "Send invitation" }));
  await desk.keyboard.press("Enter");
  await visitor.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
  await desk.locator("textarea:focus").waitFor();
  await desk.keyboard.press("Alt+e");
  await desk.getByRole("dialog", { name: "Close this chat?" }).waitFor();
  await desk.keyboard.press("Enter");
  await desk.getByText("You closed the chat").waitFor();
});

/** Where the focus is after each of `count` presses of `key`: on the page, or at what in the frame. */
async function walk(page: Page, key: string, count: number): Promise<string[]> {
  const places: string[] = [];
  const panel = page.frames().find((frame) => frame.url().includes("/widget/panel"));
  for (let index = 0; index < count; index += 1) {
    await page.keyboard.press(key);
    const inFrame = await page.evaluate(
      `document.activeElement?.shadowRoot?.activeElement?.id === "customer-chat-panel"`,
    );
    const at = "document.activeElement?.ariaLabel ?? document.activeElement?.tagName";
    places.push(inFrame === true ? String(await panel?.evaluate(at)) : "page");
  }
  return places;
}

it("on a phone Tab stays in the open chat, and Escape and the cross lead back to the bubble; on a desktop Tab goes on", async () => {
  const [phone, desktop] = [
    await site.newPage({ viewport: { width: 390, height: 780 } }),
    await site.newPage(),
  ];
  const ring = ["Options", "Close chat", "Messages", "Your message"];
  for (const shop of [phone, desktop]) {
    await shop.goto(`${site.url}/`);
    await pressUntilFocused(shop, "Tab", shop.getByRole("button", { name: "Open chat" }));
    await shop.keyboard.press("Enter");
    await panelOf(shop).locator("textarea:focus").waitFor();
  }
  expect(await phone.getByRole("dialog").getAttribute("aria-modal")).toBe("true");
  expect(await walk(phone, "Tab", 9)).toEqual([...ring, ...ring, "Options"]);
  expect(await walk(phone, "Shift+Tab", 5)).toEqual([...ring.toReversed(), "Your message"]);
  await phone.keyboard.press("Escape");
  await phone.locator(".bubble:focus").waitFor();
  await phone.keyboard.press("Enter");
  await panelOf(phone).locator("textarea:focus").waitFor();
  await pressUntilFocused(phone, "Tab", panelOf(phone).getByRole("button", { name: "Close chat" }));
  await phone.keyboard.press("Enter");
  await phone.locator(".bubble:focus").waitFor();

  expect(await desktop.getByRole("dialog").getAttribute("aria-modal")).toBe("false");
  expect(await walk(desktop, "Tab", 1)).toEqual(["page"]);
  await desktop.setViewportSize({ width: 390, height: 780 });
  await pressUntilFocused(desktop, "Shift+Tab", panelOf(desktop).getByLabel("Your message"));
  await expect.poll(() => walk(desktop, "Tab", 1)).toEqual(["Options"]);
});

/** Whether it is seen without scrolling the list. */
async function isInSight(row: Locator): Promise<boolean> {
  const [box, list] = await Promise.all([row.boundingBox(), row.page().locator("#list").boundingBox()]);
  if (box === null || list === null) return false;
  return box.y >= list.y - 1 && box.y + box.height <= list.y + list.height + 1;
}

it("in a list of hundreds the chosen chat is in sight, and where a colleague takes the one with the focus its place keeps it", async () => {
  const chats = await guestsWrote(site.server.server.store, 250);
  const desk = await site.newPage();
  await signIn(desk, site.url);
  await desk.getByText("200 of 250 are shown.").waitFor();
  expect(await desk.title()).toMatch(/^\(250\)/);
  await desk.getByRole("status").getByText("250 chats are waiting").waitFor({ state: "attached" });
  const row = desk.locator(".list-pane .row");
  for (let count = 0; count < 12; count += 1) await desk.keyboard.press("Alt+j");
  const selected = desk.locator(".list-pane .row.selected");
  await expect.poll(() => row.nth(11).and(selected).count()).toBe(1);
  expect(await isInSight(selected)).toBe(true);
  await desk.keyboard.press("Alt+k");
  await expect.poll(() => row.nth(10).and(selected).count()).toBe(1);
  await desk.keyboard.press("Escape");
  expect(await row.nth(10).evaluate((node) => node.matches(":focus"))).toBe(true);
  const bert = await connectClient(site.server.url, {
    credentials: { login: "bert", passcode: AGENT_PASSCODE },
    desk: true,
  });
  const [, after] = await row
    .locator(".who")
    .allTextContents()
    .then((names) => names.slice(10));
  await bert.claim(chats[10] ?? "");
  await desk.getByText("199 of 249 are shown.").waitFor();
  expect(await desk.locator(".row:focus .who").textContent()).toBe(after);
  await desk.keyboard.press("ArrowDown");
  expect(await row.nth(11).evaluate((node) => node.matches(":focus"))).toBe(true);
  await bert.stop();
});
