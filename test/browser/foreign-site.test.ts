/** A page that nobody allowed tries every way into the server, in Chromium: it reads nothing, and nothing happens. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { attemptScripts, openForeignSite } from "../helpers/foreign-page.ts";
import { CUSTOMER, ownTexts, panelOf, write } from "../helpers/people.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { useSite } from "../helpers/site.ts";
import { StoredRows } from "../helpers/stored-rows.ts";
import type { Frame, Page } from "playwright-core";
import type { ForeignSite } from "../helpers/foreign-page.ts";

const site = useSite();
let foreign: ForeignSite;
beforeAll(async () => {
  foreign = await openForeignSite();
});
afterAll(() => foreign.close());

/** What a page says on the victim's session, would it be let. */
const SAID = JSON.stringify(["SEND\ndestination:/chat/message\n\nevil\0"]);

/** Somebody's open session of SockJS. */
async function openVictim(): Promise<void> {
  const path = "/chat/0/victim";
  const stream = await site.server.fetch(`${path}/xhr_streaming`, { method: "POST" });
  void stream.text().catch(() => undefined);
  const connect = JSON.stringify(["CONNECT\naccept-version:1.2\n\n\0"]);
  await site.server.fetch(`${path}/xhr_send`, { method: "POST", body: connect });
}

/** What the page could read, after it tried all. */
async function attack(page: Page, token: string): Promise<{ read: string[]; blind: string[] }> {
  const [base, said, bearer] = [site.url, SAID, token].map((part) => JSON.stringify(part));
  const outcomes = await page.evaluate<Record<string, string>>(`tryDoors(${base}, ${said}, ${bearer})`);
  const blind = await page.evaluate<string[]>(`tryBlindly(${base}, ${said})`);
  expect(Object.keys(outcomes)).toHaveLength(18);
  return { read: Object.keys(outcomes).filter((name) => outcomes[name] === "read"), blind };
}

it("reads nothing with fetch, EventSource, WebSocket, forms or sockjs-client, and changes nothing", async () => {
  site.allow(foreign.url);
  site.expectErrors(/./);
  const page = await site.newPage();
  await page.goto(foreign.url);
  await openVictim();
  const { stats, sessions } = site.server.server.broker;
  const rows = new StoredRows(site.server.dataDir);
  const login = await site.server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
  const token = String(login.body["token"]);
  const standing = (): unknown => [stats.connectionsOpened, [...stats.frames], sessions.size, rows.counts];
  const before = standing();
  const { read, blind } = await attack(page, token);
  expect(read).toEqual([]);
  expect(new Set(blind)).toEqual(new Set(["opaque0"]));
  expect(standing()).toEqual(before);

  // The same from a page of the server's own origin: these are attempts that can succeed.
  const own = await site.newPage();
  await own.route("**/own", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Own</title><body></body>" }),
  );
  await own.goto(`${site.url}/own`);
  for (const content of attemptScripts()) await own.addScriptTag({ content });
  expect((await attack(own, token)).read).toHaveLength(17);
  expect(stats.frames.get("SEND")).toBeGreaterThan(0);
  rows.close();
});

const framesOf = (shop: Page): Frame[] => shop.frames().filter((one) => one.url().includes("/widget/panel"));

it("cannot frame the console, the demo, the connection check or the panel", async () => {
  site.allow(foreign.url);
  site.expectErrors(/frame-ancestors|chrome-error/);
  const page = await site.newPage();
  await page.goto(foreign.url);
  const paths = ["/agent", "/", "/connection-check", "/widget/panel"];
  for (const path of paths)
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement("iframe"), { src: "${site.url}${path}" }))`,
    );
  const shown = (): string[] =>
    page
      .frames()
      .slice(1)
      .map((frame) => frame.url());
  await expect.poll(shown).toEqual(paths.map(() => "chrome-error://chromewebdata/"));
});

it("says to page and panel what only they say to each other, and neither listens", async () => {
  site.allow(foreign.url);
  const shop = await site.newPage();
  // A page of the server's own origin that may show frames of others.
  await shop.goto(`${site.url}/chat`);
  await shop.addScriptTag({ url: "/widget.js" });
  await shop.getByRole("button", { name: "Open chat" }).click();
  const panel = panelOf(shop);
  await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  await write(panel, CUSTOMER, "hello");
  await panel.getByText("Sent").waitFor();
  // The widget keeps its own out of reach; this one stands where every frame of the page finds it.
  await shop.evaluate(`document.body.append(Object.assign(document.createElement("iframe"), {
    id: "bare", src: "/widget/panel?parent=" + location.origin }))`);
  await until("it is loaded", () => framesOf(shop).length > 1);
  const stored = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }])";
  const [main, within] = [shop.mainFrame(), framesOf(shop).at(-1)];
  for (const place of [main, within]) {
    await place?.waitForLoadState("load");
    await place?.evaluate(`window.overs = 0; addEventListener("message", ({ data, origin }) => {
      if (origin === "${foreign.url}" && data.message?.type === "over") window.overs += 1;
    })`);
  }
  const before = await shop.evaluate<string>(stored);
  const { stats } = site.server.server.broker;
  const opened = stats.connectionsOpened;

  await shop.evaluate(`document.body.append(Object.assign(document.createElement("iframe"), {
    id: "evil", src: "${foreign.url}/impostor" }))`);
  for (const place of [main, within]) await expect.poll(() => place?.evaluate("window.overs")).toBe(1);
  expect(await shop.evaluate(stored)).toBe(before);
  expect(stats.connectionsOpened).toBe(opened);
  await write(panel, CUSTOMER, "still me");
  await expect.poll(() => ownTexts(panel)).toEqual(["hello", "still me"]);
  // The page itself is heard.
  await shop.evaluate(`document.getElementById("bare").contentWindow.postMessage(
    { customerChat: 1, message: { type: "hello", token: null, isOpen: true } }, "*")`);
  await expect.poll(() => stats.connectionsOpened).toBe(opened + 1);
});
