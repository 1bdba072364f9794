/** Several tabs of one person are one person: the same guest, the same thread, the same unread count. */
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import {
  AGENT,
  CUSTOMER,
  openMine,
  openWidget,
  panelOf,
  signIn,
  startChat,
  texts,
  write,
} from "../helpers/people.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";

const SECRET = "0123456789abcdef0123456789abcdef";

const site = useSite({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });

const closed = (shop: Page): ReturnType<Page["getByRole"]> =>
  shop.getByRole("button", { name: "Open chat", exact: true });
const unread = (shop: Page, count: number): Promise<void> =>
  shop.getByRole("button", { name: `Open chat, ${count} unread` }).waitFor();

it("two tabs of a customer are one guest with one thread and one unread count, over a reload too", async () => {
  const profile = await site.newProfile();
  const [first, second, desk] = [await profile.newPage(), await profile.newPage(), await site.newPage()];
  const panel = await startChat(first, desk, site.url, "from the first");
  await second.goto(`${site.url}/`);
  await second.getByRole("button", { name: /^Open chat/ }).click();
  const other = panelOf(second);
  await other.getByText("from the first").waitFor();
  await desk.getByText("On your site, 2 pages open").waitFor();
  expect(await desk.getByRole("tab", { name: /^Visitors/ }).textContent()).toBe("Visitors 1");

  await write(other, CUSTOMER, "from the second");
  await expect.poll(() => texts(panel)).toEqual(["from the first", "from the second"]);
  await write(panel, CUSTOMER, "from the first again");
  const written = ["from the first", "from the second", "from the first again"];
  await expect.poll(() => texts(other)).toEqual(written);
  await expect.poll(() => texts(desk)).toEqual(written);
  expect(await other.locator(".message.own").count()).toBe(3);

  for (const tab of [first, second]) await tab.getByRole("button", { name: "Close chat" }).first().click();
  await write(desk, AGENT, "one answer");
  await Promise.all([unread(first, 1), unread(second, 1)]);
  expect(await desk.getByText("Read", { exact: false }).count()).toBe(0);
  await second.getByRole("button", { name: /^Open chat/ }).click();
  await desk.getByText("Read").waitFor();
  await closed(first).waitFor();

  await first.reload();
  await closed(first).click();
  await expect.poll(() => texts(panel)).toEqual([...written, "one answer"]);
  expect(await texts(other)).toEqual(await texts(panel));
});

it("two tabs that are opened at the same moment are one guest", async () => {
  const profile = await site.newProfile();
  const [first, second, desk] = [await profile.newPage(), await profile.newPage(), await site.newPage()];
  const [panel, other] = await Promise.all([openWidget(first, site.url), openWidget(second, site.url)]);
  await write(panel, CUSTOMER, "hello");
  await expect.poll(() => texts(other)).toEqual(["hello"]);
  await signIn(desk, site.url);
  await desk.getByRole("tab", { name: "Visitors 1" }).waitFor();
});

it("who is identified in one tab is it in the other, and who signs out there signs out here", async () => {
  const profile = await site.newProfile();
  const [first, second, desk] = [await profile.newPage(), await profile.newPage(), await site.newPage()];
  const panel = await startChat(first, desk, site.url, "as a guest");
  await second.goto(`${site.url}/`);
  await second.getByRole("button", { name: /^Open chat/ }).click();
  const other = panelOf(second);
  await other.getByText("as a guest").waitFor();
  await first.evaluate(`customerChat.identify(${JSON.stringify(await siteToken("Carla Mendes"))})`);
  await desk.getByRole("heading", { name: "Carla Mendes" }).waitFor();
  await write(desk, AGENT, "Hello Carla");
  await Promise.all([panel, other].map((place) => place.getByText("Hello Carla").waitFor()));
  await write(other, CUSTOMER, "hello");
  const written = ["as a guest", "Hello Carla", "hello"];
  // What was said before is read again by each tab for itself.
  for (const place of [panel, other]) await expect.poll(() => texts(place)).toEqual(written);
  expect(await desk.getByText("A colleague").count()).toBe(0);
  for (const place of [panel, other]) expect(await place.locator(".message.own").count()).toBe(2);

  await first.evaluate("customerChat.reset()");
  for (const place of [panel, other]) {
    await place.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
    expect(await texts(place)).toEqual([]);
  }
  await write(panel, CUSTOMER, "somebody else");
  await other.getByText("somebody else").waitFor();
});

it("when the site names another customer in one tab, without a sign-out, the other tab is that customer's too", async () => {
  const profile = await site.newProfile();
  const [first, second] = [await profile.newPage(), await profile.newPage()];
  const panels = [await openWidget(first, site.url), await openWidget(second, site.url)] as const;
  const identify = async (name: string): Promise<void> => {
    await first.evaluate(`customerChat.identify(${JSON.stringify(await siteToken(name))})`);
  };
  await identify("Carla Mendes");
  for (const [index, panel] of panels.entries()) await write(panel, CUSTOMER, `carla ${index}`);
  await Promise.all(panels.map((panel) => expect.poll(() => texts(panel)).toHaveLength(2)));
  await panels[1].getByLabel(CUSTOMER).fill("a secret of Carla's");
  await identify("Dora Lind");
  for (const panel of panels) {
    await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
    expect(await texts(panel)).toEqual([]);
    expect(await panel.getByLabel(CUSTOMER).inputValue()).toBe("");
  }
  await write(panels[1], CUSTOMER, "dora");
  await panels[0].getByText("dora").waitFor();
});

it("three sessions of an agent show the same after a cut", async () => {
  const profile = await site.newProfile();
  const shop = await site.newPage();
  const desks = [await profile.newPage(), await profile.newPage(), await site.newPage()];
  const [anna, , elsewhere] = desks as [Page, Page, Page];
  const panel = await startChat(shop, anna, site.url, "hello");
  for (const desk of desks.slice(1)) {
    await signIn(desk, site.url);
    await openMine(desk);
    await desk.locator(".message .text", { hasText: "hello" }).waitFor();
  }
  site.expectErrors(NETWORK_ERRORS);
  await write(elsewhere, AGENT, "before the cut");
  await panel.getByText("before the cut").waitFor();
  site.proxy.cut();
  await write(panel, CUSTOMER, "customer");
  for (const [index, desk] of desks.entries()) await write(desk, AGENT, `session ${index}`);
  await expect.poll(async () => (await texts(panel)).length, { timeout: 15_000 }).toBe(6);
  for (const desk of desks)
    await expect.poll(() => texts(desk), { timeout: 15_000 }).toEqual(await texts(panel));
  expect([...(await texts(panel))].sort()).toEqual(
    ["hello", "before the cut", "customer", "session 0", "session 1", "session 2"].sort(),
  );
});

function siteToken(name: string): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(name.toLowerCase().replace(" ", "-"))
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}
