/** What was typed without a network outlives its page: reloaded, closed, crashed or left, another page of the browser sends it. */
import { expect, it } from "vitest";
import {
  AGENT,
  connectClient,
  CUSTOMER,
  openMine,
  openWidget,
  panelOf,
  startChat,
  texts,
  write,
} from "../helpers/people.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { BrowserContext, FrameLocator, Page } from "playwright-core";

const site = useSite();

/** The transcript of the one conversation, as the server has it. */
async function stored(): Promise<readonly string[]> {
  const { body } = await site.server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
  const token = String(body["token"]);
  const listed = (await site.server.get("/api/conversations", token)).body["items"] as { id: string }[];
  const { body: page } = await site.server.get(`/api/conversations/${listed[0]?.id ?? ""}/messages`, token);
  return (page["items"] as { message: string }[]).map(({ message }) => message);
}

/** Another tab of a customer who has written `before`. */
async function openTab(profile: BrowserContext): Promise<{ tab: Page; panel: FrameLocator }> {
  const tab = await profile.newPage();
  await tab.goto(`${site.url}/`);
  await tab.getByRole("button", { name: /^Open chat/ }).click();
  const panel = panelOf(tab);
  await panel.getByText("before").waitFor();
  return { tab, panel };
}

async function crash(tab: Page): Promise<void> {
  const crashed = tab.waitForEvent("crash");
  const session = await tab.context().newCDPSession(tab);
  // Nobody is left to answer.
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
}

it("tabs that are reloaded, closed and crashed lose nothing of it: all comes once, each tab's in order, and all show the same", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const profile = await site.newProfile();
  const [first, desk] = [await profile.newPage(), await site.newPage()];
  const stays = await startChat(first, desk, site.url, "before");
  const reloaded = await openTab(profile);
  const closed = await openTab(profile);
  const crashed = await openTab(profile);
  site.proxy.refuse(true);
  site.proxy.cut();
  const tabs = { stays, reloaded: reloaded.panel, closed: closed.panel, crashed: crashed.panel };
  for (const count of [1, 2, 3])
    for (const [name, panel] of Object.entries(tabs)) await write(panel, CUSTOMER, `${name} ${count}`);
  await closed.tab.close();
  await crash(crashed.tab);
  site.proxy.refuse(false);
  await reloaded.tab.reload();
  await expect.poll(async () => (await stored()).length, { timeout: 15_000 }).toBe(13);
  const all = await stored();
  for (const name of Object.keys(tabs))
    expect(all.filter((text) => text.startsWith(name))).toEqual([1, 2, 3].map((count) => `${name} ${count}`));
  for (const place of [stays, reloaded.panel, desk]) {
    await expect.poll(() => texts(place)).toEqual(all);
    expect(await place.getByText("Sending…").count()).toBe(0);
  }
});

it("who leaves the page, and comes back to it, has it sent; an agent's reloaded console too", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "before");
  site.proxy.refuse(true);
  site.proxy.cut();
  for (const count of [1, 2]) {
    await write(panel, CUSTOMER, `customer ${count}`);
    await write(desk, AGENT, `agent ${count}`);
  }
  await shop.goto("data:text/html,elsewhere");
  site.proxy.refuse(false);
  await Promise.all([shop.goBack(), desk.reload()]);
  await expect.poll(async () => (await stored()).length).toBe(5);
  await openMine(desk);
  const all = await stored();
  for (const place of [panel, desk]) await expect.poll(() => texts(place)).toEqual(all);
  expect(all.filter((text) => text.startsWith("customer"))).toEqual(["customer 1", "customer 2"]);
  expect(all.filter((text) => text.startsWith("agent"))).toEqual(["agent 1", "agent 2"]);
});

it("what was typed to an agent who meanwhile closed the chat, or handed it over, reaches whoever answers now", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const { url } = site.server;
  const sign = (login: string): ReturnType<typeof connectClient> =>
    connectClient(url, { credentials: { login, passcode: AGENT_PASSCODE }, desk: true });
  const [anna, bert, shop] = [await sign("anna"), await sign("bert"), await site.newPage()];
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "before");
  await until("it waits", () => anna.desk.waiting.size === 1);
  const [id = ""] = anna.desk.waiting.keys();
  const meanwhile = [() => anna.close(id), () => anna.transfer(id, bert.user?.id ?? "")];
  const expected = ["before"];
  for (const [index, change] of meanwhile.entries()) {
    await anna.claim(id);
    await panel.getByText("anna joined the chat").nth(index).waitFor();
    site.proxy.refuse(true);
    site.proxy.cut();
    for (const count of [1, 2]) await write(panel, CUSTOMER, `typed ${index} ${count}`);
    await panel.getByText("Sending…").last().waitFor();
    expected.push(`typed ${index} 1`, `typed ${index} 2`);
    await change();
    site.proxy.refuse(false);
    await shop.reload();
    await expect.poll(() => stored(), { timeout: 15_000 }).toEqual(expected);
    await expect.poll(() => texts(panel)).toEqual(expected);
    expect(await panel.getByText(/Sending…|Not sent/).count()).toBe(0);
  }
  await Promise.all([anna.stop(), bert.stop()]);
});
