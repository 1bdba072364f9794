/** What agents know of people and of what was said, in Chromium: search, context, status, alerts. */
import { expect, it } from "vitest";
import { guestsWrote } from "../helpers/guests.ts";
import {
  claimFirst,
  connectClient,
  CUSTOMER,
  openWidget,
  signIn,
  startChat,
  write,
} from "../helpers/people.ts";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import { say } from "../helpers/stage.ts";
import type { Locator, Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";

const site = useSite();

const agent = (login: string): Promise<ChatClient> =>
  connectClient(site.server.url, { credentials: { login, passcode: AGENT_PASSCODE }, desk: true });
const customer = (): Promise<ChatClient> => connectClient(site.server.url);

/** Opens the menu of one's own status and chooses. */
async function choose(desk: Page, status: string): Promise<void> {
  await desk.getByRole("button", { name: /status: \w+$/ }).click();
  await desk.getByRole("menuitemradio", { name: new RegExp(`^${status}`) }).click();
  await desk.getByRole("button", { name: new RegExp(`status: ${status}$`) }).waitFor();
}

/** Whether the thread shows it without scrolling. */
async function isInSight(message: Locator): Promise<boolean> {
  const [box, thread] = await Promise.all([
    message.boundingBox(),
    message.page().getByRole("log").boundingBox(),
  ]);
  if (box === null || thread === null) return false;
  return box.y >= thread.y && box.y + box.height <= thread.y + thread.height;
}

it("a search leads to the message in a closed chat, however long that is", async () => {
  const [carla, bert, desk] = [await customer(), await agent("bert"), await site.newPage()];
  const TEXTS = Array.from(
    { length: 320 },
    (_, index) => `line ${index}${index === 40 ? " of <b>Darjeeling</b>" : ""}`,
  );
  await say(carla, "support", ...TEXTS);
  const [id = ""] = carla.conversations.keys();
  await bert.claim(id);
  await bert.close(id);
  await signIn(desk, site.url);
  await desk.getByRole("tab", { name: /All 1/ }).waitFor();
  await desk.keyboard.press("Control+k");
  await desk.keyboard.type("darjeel");
  await desk.locator(".found mark", { hasText: "Darjeel" }).waitFor();
  expect(await desk.locator(".found .preview").textContent()).toBe("line 40 of <b>Darjeeling</b>");
  await desk.keyboard.press("ArrowDown");
  await desk.keyboard.press("Enter");
  const found = desk.locator(".message.sought");
  await found.waitFor();
  expect(await found.locator(".text").textContent()).toBe(TEXTS[40]);
  await expect.poll(() => isInSight(found)).toBe(true);
  await found.waitFor({ state: "detached" });
  expect(await isInSight(desk.locator(".message", { hasText: "Darjeeling" }))).toBe(true);
  expect(await desk.getByLabel(/^Message to/).getAttribute("placeholder")).toBe(
    "Write to open this chat again…",
  );
  await desk.getByRole("searchbox").press("Escape");
  await desk.getByRole("tab", { name: /^Waiting/ }).waitFor();
  await Promise.all([carla.stop(), bert.stop()]);
});

const PHONE = "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36";

/** The shop goes to another page without loading it. */
async function go(shop: Page, path: string, title: string): Promise<void> {
  await shop.evaluate(`history.pushState(null, "", "${path}"); document.title = "${title}"`);
}

it("the pane beside a chat shows where the customer is, live, where the chat began, and the device", async () => {
  const [shop, desk] = [await site.newPage({ userAgent: PHONE }), await site.newPage()];
  const panel = await openWidget(shop, site.url);
  await go(shop, "/tea", "Green <i>tea</i>");
  await signIn(desk, site.url);
  await desk.getByRole("tab", { name: /Visitors 1/ }).click();
  await desk.locator(".visitor").getByRole("link", { name: "Green <i>tea</i>" }).waitFor();
  await write(panel, CUSTOMER, "hello");
  await claimFirst(desk);
  const pane = desk.getByRole("complementary", { name: "About the customer" });
  await pane.getByText("Chrome on Android").waitFor();
  await go(shop, "/cart", "Your cart");
  const now = pane.getByRole("link", { name: "Your cart" });
  await now.waitFor();
  expect(await now.getAttribute("href")).toBe(`${site.url}/cart`);
  expect(await now.getAttribute("rel")).toBe("noopener noreferrer");
  const began = pane.getByRole("link", { name: "Green <i>tea</i>" });
  expect(await began.getAttribute("href")).toBe(`${site.url}/tea`);
  await shop.close();
  await pane.getByText("Not on your site").waitFor();
});

it("who is away is marked where a chat is handed over, and who is invisible is not offered", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  await startChat(shop, anna, site.url, "hello");
  await signIn(bert, site.url, "bert");
  await choose(bert, "Away");
  await anna.getByRole("button", { name: "Hand over…" }).click();
  const offered = anna.getByLabel("Hand over to").locator("option");
  await expect.poll(() => offered.allTextContents()).toContain("bert (away)");
  await choose(bert, "Invisible");
  // The dialog was open: it had chosen the only one there was.
  await expect.poll(() => offered.allTextContents()).toContain("bert (not online)");
  await anna.getByRole("button", { name: "Cancel" }).click();
  await anna.getByRole("button", { name: "Hand over…" }).waitFor({ state: "detached" });
  await bert.reload();
  await bert.getByRole("button", { name: /status: Invisible$/ }).waitFor();
});

/** Counts the sounds of a page from its start on. */
const COUNT_SOUNDS = `globalThis.sounds = 0;
const create = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { globalThis.sounds += 1; return create.call(this); };`;
/** Two tones are one alert. */
const alerts = async (desk: Page): Promise<number> => Number(await desk.evaluate("globalThis.sounds")) / 2;

async function enableAlerts(desk: Page): Promise<void> {
  await desk.getByRole("button", { name: "Enable alerts" }).click();
  await desk.getByRole("button", { name: "Done" }).click();
  await expect.poll(() => alerts(desk)).toBe(1);
}

it("a chat that waits rings every 20 s until a colleague claims it", async () => {
  const desk = await site.newPage();
  await desk.clock.install();
  await desk.addInitScript(COUNT_SOUNDS);
  await signIn(desk, site.url);
  await enableAlerts(desk);
  const [carla, bert] = [await customer(), await agent("bert")];
  await say(carla, "support", "anybody?");
  await expect.poll(() => alerts(desk)).toBe(2);
  /** Lets time pass in the page, and something come so that its connection lives. */
  const pass = async (seconds: number): Promise<void> => {
    await desk.clock.fastForward(seconds * 1000);
    const visitor = await customer();
    await desk.getByRole("tab", { name: /Visitors 2/ }).waitFor();
    await visitor.stop();
    await desk.getByRole("tab", { name: /Visitors 1/ }).waitFor();
  };
  await pass(9);
  expect(await alerts(desk)).toBe(2);
  await pass(12);
  await expect.poll(() => alerts(desk)).toBe(3);
  const [id = ""] = bert.desk.waiting.keys();
  await bert.claim(id);
  await desk.getByRole("tab", { name: /Waiting 0/ }).waitFor();
  for (let count = 0; count < 4; count += 1) await pass(12);
  expect(await alerts(desk)).toBe(3);
  await Promise.all([carla.stop(), bert.stop()]);
});

it("of two tabs one rings, and neither while the agent is away", async () => {
  const profile = await site.newProfile();
  await profile.addInitScript(COUNT_SOUNDS);
  const [first, second] = [await profile.newPage(), await profile.newPage()];
  await signIn(first, site.url);
  await enableAlerts(first);
  await signIn(second, site.url);
  await second.getByRole("button", { name: "Alerts", exact: true }).waitFor();
  await second.getByRole("heading", { name: "Console" }).click();
  const total = async (): Promise<number> => (await alerts(first)) + (await alerts(second));
  const before = await total();
  const [carla, dora] = [await customer(), await customer()];
  await say(carla, "support", "one");
  await expect.poll(total).toBe(before + 1);
  for (const tab of [first, second]) await tab.getByRole("tab", { name: /Waiting 1/ }).waitFor();
  await choose(first, "Away");
  await second.getByRole("button", { name: /status: Away$/ }).waitFor();
  // On a slow machine it has rung again by now.
  const beforeAway = await total();
  await say(dora, "support", "two");
  for (const tab of [first, second]) await tab.getByRole("tab", { name: /Waiting 2/ }).waitFor();
  expect(await total()).toBe(beforeAway);
  await Promise.all([carla.stop(), dora.stop()]);
});

/** A browser that shows notifications and whose window is behind others; keeps their titles as long as they are shown. */
const NOTICES = `globalThis.notices = [];
globalThis.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, { body, tag }) {
    super();
    this.text = title + ": " + body;
    this.tag = tag;
    notices = [...notices.filter((other) => other.tag !== tag), this];
  }
  close() { notices = notices.filter((other) => other !== this); }
};
document.hasFocus = () => false;`;

it("who looks elsewhere is notified of who waits and of messages in own chats, until they are claimed and read", async () => {
  const desk = await site.newPage();
  await desk.addInitScript(NOTICES);
  const shown = (): Promise<unknown> => desk.evaluate("notices.map(({ text }) => text)");
  await signIn(desk, site.url);
  await desk.getByRole("button", { name: "Enable alerts" }).click();
  await desk.getByRole("button", { name: "Done" }).click();
  const [carla, bert] = [await customer(), await agent("bert")];
  await say(carla, "support", "anybody?");
  await expect.poll(shown).toEqual([expect.stringMatching(/^Visitor .* is waiting: anybody\?$/)]);
  const [id = ""] = bert.desk.waiting.keys();
  await bert.claim(id);
  await expect.poll(shown).toEqual([]);
  await say(carla, "support", "for bert");
  await bert.transfer(
    id,
    [...bert.desk.agents.values()].find(({ user }) => user.name === "anna")?.user.id ?? "",
  );
  await expect.poll(shown).toEqual([expect.stringMatching(/^Visitor .*: for bert$/)]);
  await desk.evaluate("notices[0].dispatchEvent(new Event('click'))");
  await desk.locator(".message .text", { hasText: "for bert" }).waitFor();
  await expect.poll(shown).toEqual([]);
  await Promise.all([carla.stop(), bert.stop()]);
});

it("a text that can never be sent goes back to where it was written", async () => {
  const shop = await site.newPage();
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "not like\u0007 this");
  await panel.getByText(/^Not sent/).waitFor();
  expect(await panel.getByRole("button", { name: "Try again" }).count()).toBe(0);
  await panel.getByRole("button", { name: "Edit" }).click();
  expect(await panel.getByLabel(CUSTOMER).inputValue()).toBe("not like\u0007 this");
  await write(panel, CUSTOMER, "like this");
  await panel.getByText("Sent", { exact: false }).waitFor();
  expect(await panel.locator(".message.failed").count()).toBe(0);
});

it("what an agent had begun when the session ended is there for the same agent, and not for another at the same tab", async () => {
  const [carla, desk] = [await customer(), await site.newPage()];
  site.expectErrors(NETWORK_ERRORS);
  await say(carla, "support", "hello");
  await signIn(desk, site.url);
  await claimFirst(desk);
  await desk.getByLabel(/^Message to/).fill("anna's draft");
  await desk.getByRole("button", { name: "Close", exact: true }).click();
  await desk.getByRole("heading", { name: "Close this chat?" }).waitFor();
  await desk.evaluate(`fetch("/api/sessions/current", {
    method: "DELETE",
    headers: { authorization: "Bearer " + sessionStorage.getItem("customer-chat:console-token") },
  })`);
  const again = async (login: string): Promise<void> => {
    await desk.getByLabel("Login").fill(login);
    await desk.getByLabel("Passcode", { exact: true }).fill(AGENT_PASSCODE);
    await desk.getByRole("button", { name: "Sign in" }).click();
    await desk.getByRole("tab", { name: /All 1/ }).click();
    await desk.locator(".row .preview", { hasText: /\S/ }).waitFor();
  };
  await desk.getByText(/session has ended/).waitFor();
  await again("bert");
  expect([await desk.locator("dialog").count(), await desk.getByText("Draft:").count()]).toEqual([0, 0]);
  await desk.getByRole("button", { name: "Sign out" }).click();
  await again("anna");
  await desk.getByText("Draft: anna's draft").waitFor();
  await carla.stop();
});

it("lists longer than a page say so, and go on", async () => {
  const chats = await guestsWrote(site.server.server.store, 250);
  const desk = await site.newPage();
  await signIn(desk, site.url);
  const row = desk.locator(".list-pane .row");
  await desk.getByText("200 of 250 are shown.").waitFor();
  expect(await row.count()).toBe(200);
  await desk.getByRole("tab", { name: /^All/ }).click();
  await desk.getByRole("button", { name: "Show older chats" }).click();
  await row.nth(249).waitFor();
  await desk.getByRole("button", { name: "Show older chats" }).click();
  await desk.getByRole("button", { name: "Show older chats" }).waitFor({ state: "detached" });
  expect(await row.count()).toBe(250);

  const bert = await agent("bert");
  for (const chat of chats.slice(0, 110)) await bert.claim(chat);
  await desk.getByRole("tab", { name: /^Waiting/ }).click();
  await desk.getByText("are shown.").waitFor({ state: "detached" });
  expect(await row.count()).toBe(140);
});
