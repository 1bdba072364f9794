/** The connection check in a browser: it tries each way and names what blocks it. */
import { createServer } from "node:http";
import { afterAll, expect, it } from "vitest";
import { BLOCK_STORAGE } from "../helpers/check-states.ts";
import { RunningServer } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";

const site = useSite();
/** Behind its PUBLIC_URL, which is not the address that the browser comes by. */
const elsewhere = await RunningServer.start({ PUBLIC_URL: "https://chat.example.com" });

afterAll(async () => {
  await elsewhere.remove();
});

const SOCKJS = ["SockJS, WebSocket", "SockJS, streaming", "SockJS, polling", "SockJS, EventSource"];

/** Waits until all is tried. */
async function finished(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Copy report" }).waitFor({ timeout: 20_000 });
  return page.locator(".verdict").innerText();
}

async function check(page: Page, query = ""): Promise<string> {
  await page.goto(`${site.url}/connection-check${query}`);
  return finished(page);
}

/** What is not well, by name, with what it says. */
async function troubles(page: Page): Promise<Record<string, string>> {
  const rows = await page.locator(".rows li:not(.well)").all();
  const texts = await Promise.all(rows.map((row) => row.innerText()));
  return Object.fromEntries(texts.map((text) => [text.split("\n")[0] ?? "", text.replaceAll(/\s+/g, " ")]));
}

it("where all is well each way is tried, with one guest for all, and the report can be copied", async () => {
  const profile = await site.newProfile({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await profile.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
  expect(await check(page)).toBe("You can chat from here.");
  expect(await troubles(page)).toEqual({});
  const names = await page.locator(".rows strong").allInnerTexts();
  expect(names).toEqual([
    "Server",
    "Address of this page",
    "Proxy",
    "WebSocket",
    ...SOCKJS,
    "Storage",
    "Storage on other sites",
    "Clock",
  ]);
  expect(sockets.sort()).toEqual([
    expect.stringMatching(/^\/chat$/),
    expect.stringMatching(/^\/chat\/\d+\/\w+\/websocket$/),
  ]);
  for (const transport of ["xhr_streaming", "xhr", "eventsource"])
    expect(asked).toContainEqual(expect.stringMatching(new RegExp(`^/chat/\\d+/\\w+/${transport}$`)));
  expect(asked.filter((path) => path === "/api/guests")).toHaveLength(1);

  await page.getByRole("button", { name: "Copy report" }).click();
  await page.getByText("Copied.").waitFor();
  const report = await page.evaluate("navigator.clipboard.readText()");
  expect(report).toContain("OK  WebSocket: It works");
  expect(report).toContain(`"server":"customer-chat/`);
  expect(report).not.toContain("cc_");
});

it("a network that blocks WebSocket, and a proxy that loses the Upgrade header, are told apart", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const page = await site.newPage();
  site.proxy.blocksWebSockets = true;
  const slower =
    "You can chat from here, a little slower: WebSocket is blocked, and SockJS takes over. Look at “WebSocket”.";
  expect(await check(page)).toBe(slower);
  const blocked = await troubles(page);
  expect(Object.keys(blocked)).toEqual(["WebSocket", "SockJS, WebSocket"]);
  expect(blocked["WebSocket"]).toContain(
    "Problem It does not get through: something between you and the server blocks it.",
  );

  site.proxy.blocksWebSockets = false;
  site.proxy.dropsUpgrades = true;
  await page.getByRole("button", { name: "Check again" }).click();
  expect(await finished(page)).toBe(slower);
  expect((await troubles(page))["WebSocket"]).toContain("a proxy passes it on without its Upgrade header");
});

it("a page whose address the server does not know is told which one it is, also about a site with the widget", async () => {
  site.expectErrors(NETWORK_ERRORS);
  site.allow(elsewhere.url);
  const page = await site.newPage();
  await page.goto(`${elsewhere.url}/connection-check?site=shop.example.com/cart`);
  expect(await finished(page)).toBe("You cannot chat from here. Begin with “Address of this page”.");
  const found = await troubles(page);
  expect(Object.keys(found)).toEqual(["Address of this page", "Site with the chat", "WebSocket", ...SOCKJS]);
  expect(found["Address of this page"]).toContain(
    "is not allowed: the server knows itself as https://chat.example.com.",
  );
  expect(found["Address of this page"]).toContain("Open https://chat.example.com/connection-check instead.");
  expect(found["Site with the chat"]).toContain("ALLOWED_ORIGINS=https://shop.example.com. ");
  expect(found["WebSocket"]).toContain("Refused, for the address of this page is not allowed.");
});

it("a clock that is wrong, storage that is blocked, and a proxy that nobody named are each named", async () => {
  site.proxy.adds = ["X-Forwarded-For: 192.0.2.7"];
  const page = await site.newPage();
  await page.clock.setFixedTime(Date.now() + 125 * 60_000);
  await page.addInitScript(BLOCK_STORAGE);
  expect(await check(page)).toBe("You can chat from here. Look at “Storage”.");
  const found = await troubles(page);
  expect(Object.keys(found)).toEqual(["Proxy", "Storage", "Clock"]);
  expect(found["Clock"]).toContain("Problem Yours is 2 h 5 min ahead of the server's.");
  expect(found["Storage"]).toContain(
    "Problem This browser keeps nothing (localStorage, sessionStorage blocked)",
  );
  expect(found["Proxy"]).toContain("Note The server does not know the one in front of it");
});

it("storage that is blocked only where another site shows the chat is no problem, and said to be none", async () => {
  const page = await site.newPage();
  await page.addInitScript(`if (window !== top) Object.defineProperty(globalThis, "localStorage", {
    get() { throw new DOMException("blocked", "SecurityError") } })`);
  expect(await check(page)).toBe("You can chat from here.");
  const found = await troubles(page);
  expect(Object.keys(found)).toEqual(["Storage on other sites"]);
  expect(found["Storage on other sites"]).toContain(
    "this browser lets it keep nothing. You can chat all the same",
  );
  expect(page.frames()).toHaveLength(1);
});

it("another site that frames the check is shown no page and told nothing", async () => {
  const shop = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<!doctype html><link rel="icon" href="data:," /><iframe src="${site.url}/connection-check?frame"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
  const url = `http://localhost:${(shop.address() as AddressInfo).port}`;
  site.allow(url);
  const page = await site.newPage();
  await page.addInitScript(
    `globalThis.heard = []; addEventListener("message", ({ data }) => heard.push(data))`,
  );
  await page.goto(url);
  const frame = page.frames()[1];
  expect(frame?.url()).toBe(`${site.url}/connection-check?frame`);
  // What one window says to another comes in order: behind this nothing of before is on its way.
  await frame?.evaluate(`top.postMessage("the last", "*")`);
  await page.waitForFunction(`heard.includes("the last")`);
  expect(await page.evaluate("heard")).toEqual(["the last"]);
  expect(await frame?.locator(".rows, button").count()).toBe(0);
  shop.close();
});

it("where everything is blocked it still says so, and finds the way again when it is open", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const page = await site.newPage();
  await check(page);
  site.proxy.refuse(true);
  site.proxy.reset();
  await page.getByRole("button", { name: "Check again" }).click();
  expect(await finished(page)).toBe("You cannot chat from here. Begin with “Server”.");
  const found = await troubles(page);
  expect(Object.keys(found)).toEqual(["Server", "WebSocket", ...SOCKJS]);
  expect(found["Server"]).toContain(`Nothing answers at ${site.url}.`);
  await page.getByRole("button", { name: "Copy report" }).click();
  await page.getByText("Select the text below and copy it.").waitFor();
  expect(await page.getByLabel("Report as text").inputValue()).toContain("PROBLEM  Server: Nothing answers");

  site.proxy.refuse(false);
  await page.getByRole("button", { name: "Check again" }).click();
  expect(await finished(page)).toBe("You can chat from here.");
});

it("without scripts the page says what is missing", async () => {
  const page = await site.newPage({ javaScriptEnabled: false });
  await page.goto(`${site.url}/connection-check`);
  await page.getByText("this browser does not run the script of this page").waitFor();
});

it("the widget without a connection leads to it", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const page = await site.newPage();
  await page.goto(`${site.url}/`);
  await page.getByRole("button", { name: "Open chat" }).click();
  const panel = page.frameLocator("#customer-chat-panel");
  await panel.getByLabel("Your message").waitFor();
  site.proxy.refuse(true);
  site.proxy.reset();
  const link = panel.getByRole("link", { name: "What blocks it?" });
  expect(await link.getAttribute("href")).toBe("/connection-check");
  // The link is there for as long as the connection is not: what it opens cannot be loaded at first.
  const [opened] = await Promise.all([page.waitForEvent("popup"), link.click()]);
  site.proxy.refuse(false);
  const load = async (): Promise<boolean | undefined> =>
    (await opened.goto(`${site.url}/connection-check`).catch(() => undefined))?.ok();
  await expect.poll(load).toBe(true);
  expect(await finished(opened)).toBe("You can chat from here.");
});
