/** Agents see the page a visitor looks at, also on sites that change pages without loading them, unless the site says no. */
import { expect, it } from "vitest";
import { connectClient, CUSTOMER, openWidget, panelOf, write } from "../helpers/people.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";

const site = useSite();

/** As in browsers that do not have it. */
const WITHOUT_NAVIGATION_API = `Object.defineProperty(globalThis, "navigation", { value: undefined })`;

type Seen = { readonly path: string; readonly title: string | undefined; readonly from: string | undefined };

/** What the desk has seen, in order. */
function follow(anna: ChatClient): Seen[] {
  const seen: Seen[] = [];
  const pathOf = (url: string | undefined): string | undefined => url?.replace(site.url, "");
  anna.on("desk", ({ type, data }) => {
    if (type !== "customer.page") return;
    const { page } = data as { page: { url: string; title?: string; referrer?: string } };
    seen.push({ path: pathOf(page.url) ?? "", title: page.title, from: pathOf(page.referrer) });
  });
  return seen;
}

function agent(): Promise<ChatClient> {
  return connectClient(site.server.url, {
    credentials: { login: "anna", passcode: AGENT_PASSCODE },
    desk: true,
  });
}

/** The site goes to another page without loading it, and sets its title a little later. */
async function go(shop: Page, path: string, title: string): Promise<void> {
  await shop.evaluate(`{
    history.pushState(null, "", ${JSON.stringify(path)});
    setTimeout(() => (document.title = ${JSON.stringify(title)}), 50);
  }`);
}

it.each([
  ["with the Navigation API", ""],
  ["without it", WITHOUT_NAVIGATION_API],
])(
  "%s, each page comes once with its title and where from, whatever changed the address",
  async (_what, script) => {
    const anna = await agent();
    const seen = follow(anna);
    const profile = await site.newProfile();
    await profile.addInitScript(script);
    const shop = await profile.newPage();
    await shop.goto(`${site.url}/?from=mail`);
    await until("the first", () => seen.length === 1);
    const demo = seen[0]?.title;
    await go(shop, "/tea", "Tea");
    await until("the second", () => seen.at(-1)?.title === "Tea");
    await shop.evaluate(`location.hash = "green"`);
    await until("the third", () => seen.at(-1)?.path === "/tea#green");
    await shop.goBack();
    await until("back", () => seen.at(-1)?.path === "/tea");
    expect(demo).toMatch(/^Harbour Coffee/);
    expect(seen).toEqual([
      { path: "/?from=mail", title: demo, from: undefined },
      { path: "/tea", title: "Tea", from: "/?from=mail" },
      { path: "/tea#green", title: "Tea", from: "/tea" },
      { path: "/tea", title: "Tea", from: "/tea#green" },
    ]);
    await anna.stop();
  },
);

it("a page that the visitor was on when the chat began is the chat's, and the site's own title stays the site's", async () => {
  const anna = await agent();
  const seen = follow(anna);
  const shop = await site.newPage();
  await openWidget(shop, site.url);
  await go(shop, "/tea", "Tea");
  await until("the second", () => seen.at(-1)?.title === "Tea");
  await write(panelOf(shop), CUSTOMER, "hello");
  await until("it waits", () => anna.desk.waiting.size === 1);
  const [id = ""] = [...anna.desk.waiting.keys()];
  expect((await anna.conversationDetail(id)).context?.page).toMatchObject({
    url: `${site.url}/tea`,
    title: "Tea",
  });
  await shop.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
  expect(await shop.title()).toBe("Tea");
  await anna.stop();
});

it("data-page=off tells nothing", async () => {
  const anna = await agent();
  const seen = follow(anna);
  const shop = await site.newPage();
  await shop.route(`${site.url}/`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('src="/widget.js"', 'src="/widget.js" data-page="off"');
    await route.fulfill({ response, body });
  });
  await openWidget(shop, site.url);
  await go(shop, "/tea", "Tea");
  await write(panelOf(shop), CUSTOMER, "hello");
  await until("it waits", () => anna.desk.waiting.size === 1);
  const [id = ""] = [...anna.desk.waiting.keys()];
  expect((await anna.conversationDetail(id)).context?.page).toBeUndefined();
  expect(seen).toEqual([]);
  await anna.stop();
});
