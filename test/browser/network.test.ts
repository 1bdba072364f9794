/** Bad networks as people at browsers meet them: WebSocket blocked, stalls, answers lost. */
import { expect, it } from "vitest";
import {
  AGENT,
  claimFirst,
  CUSTOMER,
  ownTexts,
  openWidget,
  panelOf,
  signIn,
  startChat,
  texts,
  write,
} from "../helpers/people.ts";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";

const site = useSite();

/** The addresses a page asks for over SockJS; it is filled as the page goes on. */
function sockJsRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (/\/chat\/\d+\/\w+\/xhr/.test(request.url())) asked.push(request.url());
  });
  return asked;
}

it("where WebSocket is blocked SockJS takes over in the widget and in the console, and a chat goes both ways", async () => {
  site.proxy.blocksWebSockets = true;
  site.expectErrors(NETWORK_ERRORS);
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const asked = [sockJsRequests(shop), sockJsRequests(desk)];
  const [panel] = await Promise.all([openWidget(shop, site.url), signIn(desk, site.url)]);
  await write(panel, CUSTOMER, "is anybody there?");
  await claimFirst(desk);
  await panel.getByText("anna joined the chat").waitFor();
  await desk.getByLabel(AGENT).fill("I am");
  await panel.getByText("anna is typing").waitFor();
  await desk.getByLabel(AGENT).press("Enter");
  await panel.getByText("I am").waitFor();
  await write(panel, CUSTOMER, "good");
  const whole = ["is anybody there?", "I am", "good"];
  await expect.poll(() => texts(desk)).toEqual(whole);
  await panel.getByText("Read").waitFor();
  await expect.poll(() => texts(panel)).toEqual(whole);
  for (const urls of asked) expect(urls.length).toBeGreaterThan(0);
});

it("what both write while the network stalls is there afterwards on both sides, once and in order", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "before");
  site.proxy.stall();
  for (const count of [1, 2, 3]) {
    await write(panel, CUSTOMER, `customer ${count}`);
    await write(desk, AGENT, `agent ${count}`);
  }
  await panel.getByText("Sending…").last().waitFor();
  await desk.getByText("Sending…").last().waitFor();
  site.proxy.resume();
  await expect.poll(async () => (await texts(panel)).length).toBe(7);
  await expect.poll(() => panel.getByText("Sending…").count()).toBe(0);
  await expect.poll(() => texts(desk)).toEqual(await texts(panel));
  expect(await ownTexts(panel)).toEqual(["before", "customer 1", "customer 2", "customer 3"]);
  expect(await ownTexts(desk)).toEqual(["agent 1", "agent 2", "agent 3"]);
});

it("a message that was stored, but whose answer the network lost, stands there once", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "before");
  const { server, proxy } = site;
  const login = await server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
  const token = String(login.body["token"]);
  const stored = async (): Promise<number> => {
    const { body } = await server.get("/api/conversations", token);
    return (body["items"] as { lastSeq: number }[])[0]?.lastSeq ?? 0;
  };
  proxy.stallAnswers();
  for (const count of [1, 2]) {
    await write(panel, CUSTOMER, `customer ${count}`);
    await write(desk, AGENT, `agent ${count}`);
  }
  await expect.poll(stored).toBe(3);
  site.expectErrors(NETWORK_ERRORS);
  proxy.reset();
  await expect.poll(async () => (await texts(panel)).length, { timeout: 15_000 }).toBe(5);
  await expect.poll(() => texts(desk), { timeout: 15_000 }).toEqual(await texts(panel));
  expect(await stored()).toBe(5);
  expect(await ownTexts(panel)).toEqual(["before", "customer 1", "customer 2"]);
  expect(await ownTexts(desk)).toEqual(["agent 1", "agent 2"]);
});

it("when the browser says that the network is back, both pages come back without waiting for their next attempt", async () => {
  const pages = [await site.newPage(), await site.newPage()] as const;
  const [shop, desk] = pages;
  const sockets = pages.map((page) => page.waitForEvent("websocket"));
  const panel = await startChat(shop, desk, site.url, "before");
  const closed = sockets.map(async (socket) => (await socket).waitForEvent("close"));
  // Their time stands still: no attempt is due by itself.
  for (const page of pages) {
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 1000);
  }
  site.proxy.cut();
  await Promise.all(closed);
  await write(panel, CUSTOMER, "customer");
  await write(desk, AGENT, "agent");
  for (const frame of pages.flatMap((page) => page.frames()))
    await frame.evaluate(`dispatchEvent(new Event("online"))`);
  await expect.poll(async () => (await texts(panel)).length).toBe(3);
  await expect.poll(() => texts(desk)).toEqual(await texts(panel));
});

it("a widget that was loaded while the browser was offline is there when the network is", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const shop = await site.newPage();
  await shop.route("**/widget/panel?*", (route) => route.abort());
  const failed = shop.waitForEvent("requestfailed");
  await shop.goto(`${site.url}/`);
  await shop.getByRole("button", { name: "Open chat" }).click();
  await failed;
  await shop.unroute("**/widget/panel?*");
  await shop.evaluate(`dispatchEvent(new Event("online"))`);
  await panelOf(shop).getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
});
