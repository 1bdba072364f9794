/** A chat played through in Chromium, from both sides: what a stranger would do in the first five minutes. */
import { expect, it } from "vitest";
import {
  AGENT,
  claimFirst,
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

const site = useSite();

it("customer and agent talk, see each other type and read, reload, and nothing is gone", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "Hello, is the Night Ferry in stock?");
  await panel.getByText("Sent").waitFor();
  await signIn(desk, site.url);
  await claimFirst(desk);
  await panel.getByText("anna joined the chat").waitFor();
  await desk.getByLabel(AGENT).fill("It is");
  await panel.getByText("anna is typing").waitFor();
  await desk.getByLabel(AGENT).press("Enter");
  await panel.getByText("It is").waitFor();
  await desk.getByText("Read").waitFor();
  await shop.reload();
  await panel.getByText("It is").waitFor();
  await desk.reload();
  await openMine(desk);
  await desk.getByText("is the Night Ferry in stock?").waitFor();
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.getByRole("button", { name: "Close chat" }).click();
  await panel.getByText("This chat has ended.").waitFor();
});

it("an agent's first word reaches a visitor who only looks, and a second visitor sees nothing of it", async () => {
  const [shop, other, desk] = [await site.newPage(), await site.newPage(), await site.newPage()];
  await shop.goto(`${site.url}/`);
  await signIn(desk, site.url);
  await desk.getByRole("tab", { name: /Visitors 1/ }).click();
  const panel = await openWidget(other, site.url);
  await desk.getByRole("button", { name: "Start chat" }).first().click();
  await desk.getByLabel(/^First message to/).fill("May I help you?");
  await desk.getByRole("button", { name: "Send invitation" }).click();
  await shop.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
  // Who has an open chat is gone to, not begun with anew.
  await desk.getByRole("tab", { name: /Visitors 2/ }).click();
  await desk.getByRole("button", { name: "Start chat" }).waitFor();
  await desk.getByRole("button", { name: "Go to chat" }).click();
  await shop.getByText("May I help you?").click();
  await panelOf(shop).getByText("May I help you?").waitFor();
  expect(await panel.getByText("May I help you?").count()).toBe(0);
});

it("the server is restarted between two messages and no page is reloaded", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  site.expectErrors(NETWORK_ERRORS);
  const panel = await startChat(shop, desk, site.url, "before");
  await site.server.stop();
  await write(panel, CUSTOMER, "while it was away");
  await panel.getByText("Sending…").waitFor();
  await site.server.start();
  await desk.locator(".message .text", { hasText: "while it was away" }).waitFor({ timeout: 20_000 });
  await write(desk, AGENT, "after");
  await panel.locator(".message .text", { hasText: "after" }).waitFor();
  expect(await texts(panel)).toEqual(["before", "while it was away", "after"]);
  expect(await texts(desk)).toEqual(await texts(panel));
});

it("the loser of a claim is told who was faster", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  await write(await openWidget(shop, site.url), CUSTOMER, "who is there?");
  await signIn(anna, site.url);
  await signIn(bert, site.url, "bert");
  await bert.getByRole("tab", { name: /Waiting 1/ }).click();
  await bert.locator(".list-pane .row").first().click();
  await claimFirst(anna);
  await bert.getByText("anna has this chat. You can read along.").waitFor();
});
