/** A chat played through in Chromium, from both sides: what a stranger would do in the first five minutes. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildPages } from "../../src/web/build.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { AGENT_PASSCODE, RunningServer } from "../helpers/running-server.ts";
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let server: RunningServer;
const contexts: BrowserContext[] = [];
/** Errors in consoles and requests to anybody else. */
const complaints: string[] = [];

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  server = await RunningServer.start();
  await server.addAgent("anna");
  await server.addAgent("bert");
  complaints.length = 0;
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await server.remove();
});

type Look = {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { width: number; height: number };
};

async function newPage(look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...look });
  contexts.push(context);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // What the network does is told by the browser too, and wanted here.
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const { hostname } = new URL(request.url());
    if (/^(?:http|ws)/.test(request.url()) && hostname !== "127.0.0.1")
      complaints.push(`request: ${request.url()}`);
  });
  return page;
}

async function openWidget(page: Page): Promise<FrameLocator> {
  await page.goto(`${server.url}/`);
  await page.getByRole("button", { name: /^Open chat/ }).click();
  const panel = page.frameLocator("#customer-chat-panel");
  await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  return panel;
}

async function write(where: Page | FrameLocator, label: string | RegExp, text: string): Promise<void> {
  await where.getByLabel(label).fill(text);
  await where.getByLabel(label).press("Enter");
}

async function signIn(page: Page, login = "anna"): Promise<void> {
  await page.goto(`${server.url}/agent`);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Passcode", { exact: true }).fill(AGENT_PASSCODE);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Console" }).waitFor();
}

async function claimFirst(page: Page): Promise<void> {
  await page.getByRole("tab", { name: /Waiting 1/ }).click();
  await page.locator(".list-pane .row").first().click();
  await page.getByRole("button", { name: "Claim" }).click();
  await page.getByText("You took the chat").waitFor();
}

async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const frame of page.frames()) {
    await frame.evaluate(AXE);
    const results = await frame.evaluate(
      async () =>
        (
          await (
            globalThis as unknown as {
              axe: {
                run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
              };
            }
          ).axe.run({ iframes: false })
        ).violations,
    );
    found.push(...results.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`));
  }
  return found;
}

it("customer and agent talk, see each other type and read, reload, and nothing is gone", async () => {
  const [shop, desk] = [await newPage(), await newPage()];
  const panel = await openWidget(shop);
  await write(panel, "Your message", "Hello, is the Night Ferry in stock?");
  await panel.getByText("Sent").waitFor();
  await signIn(desk);
  await claimFirst(desk);
  await panel.getByText("anna joined the chat").waitFor();
  await desk.getByLabel(/^Message to/).fill("It is");
  await panel.getByText("anna is typing").waitFor();
  await desk.getByLabel(/^Message to/).press("Enter");
  await panel.getByText("It is").waitFor();
  await desk.getByText("Read").waitFor();
  await shop.reload();
  await panel.getByText("It is").waitFor();
  await desk.reload();
  await desk.getByRole("tab", { name: /Mine 1/ }).click();
  await desk.locator(".list-pane .row").first().click();
  await desk.getByText("is the Night Ferry in stock?").waitFor();
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.getByRole("button", { name: "Close chat" }).click();
  await panel.getByText("This chat has ended.").waitFor();
  expect(complaints).toEqual([]);
});

it("an agent's first word reaches a visitor who only looks, and a second visitor sees nothing of it", async () => {
  const [shop, other, desk] = [await newPage(), await newPage(), await newPage()];
  await shop.goto(`${server.url}/`);
  await signIn(desk);
  await desk.getByRole("tab", { name: /Visitors 1/ }).click();
  const panel = await openWidget(other);
  await desk.getByRole("button", { name: "Start chat" }).first().click();
  await desk.getByLabel(/^First message to/).fill("May I help you?");
  await desk.getByRole("button", { name: "Send invitation" }).click();
  await shop.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
  await shop.getByText("May I help you?").click();
  await shop.frameLocator("#customer-chat-panel").getByText("May I help you?").waitFor();
  expect(await panel.getByText("May I help you?").count()).toBe(0);
  expect(complaints).toEqual([]);
});

it("the server is restarted between two messages and no page is reloaded", async () => {
  const [shop, desk] = [await newPage(), await newPage()];
  const panel = await openWidget(shop);
  await write(panel, "Your message", "before");
  await signIn(desk);
  await claimFirst(desk);
  await server.stop();
  await write(panel, "Your message", "while it was away");
  await panel.getByText("Sending…").waitFor();
  await server.start();
  await desk.locator(".message .text", { hasText: "while it was away" }).waitFor({ timeout: 20_000 });
  await write(desk, /^Message to/, "after");
  await panel.locator(".message .text", { hasText: "after" }).waitFor();
  const texts = (where: Page | FrameLocator): Promise<string[]> =>
    where.locator(".message .text").allTextContents();
  expect(await texts(panel)).toEqual(["before", "while it was away", "after"]);
  expect(await texts(desk)).toEqual(await texts(panel));
});

it("the loser of a claim is told who was faster", async () => {
  const [shop, anna, bert] = [await newPage(), await newPage(), await newPage()];
  await write(await openWidget(shop), "Your message", "who is there?");
  await signIn(anna);
  await signIn(bert, "bert");
  await bert.getByRole("tab", { name: /Waiting 1/ }).click();
  await bert.locator(".list-pane .row").first().click();
  await claimFirst(anna);
  await bert.getByText("anna has this chat. You can read along.").waitFor();
  expect(complaints).toEqual([]);
});

it("a whole chat by keyboard alone, from both sides", async () => {
  const [shop, desk] = [await newPage(), await newPage()];
  await shop.goto(`${server.url}/`);
  const bubble = shop.getByRole("button", { name: /^Open chat/ });
  await bubble.focus();
  await shop.keyboard.press("Enter");
  const panel = shop.frameLocator("#customer-chat-panel");
  await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  await panel.locator("textarea:focus").waitFor();
  await shop.keyboard.type("no mouse");
  await shop.keyboard.press("Enter");
  await panel.getByText("Sent").waitFor();
  await desk.goto(`${server.url}/agent`);
  await desk.locator("input:focus").waitFor();
  await desk.keyboard.type("anna");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type(AGENT_PASSCODE);
  await desk.keyboard.press("Enter");
  await desk.getByRole("tab", { name: /Waiting 1/ }).waitFor();
  await desk.keyboard.press("Alt+j");
  await desk.getByRole("heading", { name: /^Visitor/ }).waitFor();
  await desk.keyboard.press("Alt+c");
  await desk.getByText("You took the chat").waitFor();
  await desk.keyboard.press("Alt+l");
  await desk.keyboard.type("none needed");
  await desk.keyboard.press("Enter");
  await panel.getByText("none needed").waitFor();
  await shop.keyboard.press("Escape");
  await shop.getByRole("button", { name: /^Open chat/ }).waitFor();
  await desk.keyboard.press("Alt+e");
  await desk.getByRole("button", { name: "Close chat" }).waitFor();
  await desk.keyboard.press("Enter");
  await desk.getByText("You closed the chat").waitFor();
});

it("text is text: nothing that is written is ever run", async () => {
  const [shop, desk] = [await newPage(), await newPage()];
  const panel = await openWidget(shop);
  const payloads = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    'https://x.example/"onmouseover=alert(1)//',
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "{{constructor.constructor('alert(1)')()}}",
    "data:text/html,<script>alert(1)</script>",
  ];
  let ran = 0;
  for (const page of [shop, desk]) {
    page.on("dialog", (dialog) => {
      ran += 1;
      void dialog.dismiss();
    });
  }
  for (const payload of payloads) await write(panel, "Your message", payload);
  await signIn(desk);
  await claimFirst(desk);
  await desk
    .getByText(payloads.at(-1) ?? "")
    .first()
    .waitFor();
  expect(await desk.locator(".message .text").allTextContents()).toEqual(payloads);
  expect(await desk.locator(".message script, .message img, .message svg, .message iframe").count()).toBe(0);
  const links = await desk
    .locator(".message a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  expect(links.every((href) => /^https?:/.test(href ?? ""))).toBe(true);
  expect([ran, complaints]).toEqual([0, []]);
});

it.each(["light", "dark"] as const)("axe finds nothing in any state, %s", async (colorScheme) => {
  const [shop, desk] = [await newPage({ colorScheme }), await newPage({ colorScheme })];
  const panel = await openWidget(shop);
  expect(await violations(shop)).toEqual([]);
  await desk.goto(`${server.url}/agent`);
  await desk.getByLabel("Login").waitFor();
  expect(await violations(desk)).toEqual([]);
  await write(panel, "Your message", "see https://example.com");
  await panel.getByText("Sent").waitFor();
  await signIn(desk);
  await desk.getByRole("tab", { name: /Waiting 1/ }).click();
  expect(await violations(desk)).toEqual([]);
  await claimFirst(desk);
  await write(desk, /^Message to/, "seen");
  await panel.getByText("seen").waitFor();
  expect([await violations(desk), await violations(shop)]).toEqual([[], []]);
  await desk.getByRole("button", { name: "Shortcuts" }).click();
  expect(await violations(desk)).toEqual([]);
  await desk.keyboard.press("Escape");
  await panel.getByRole("button", { name: "Options" }).click();
  expect(await violations(shop)).toEqual([]);
});
