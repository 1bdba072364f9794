/** What people do on the pages: customers in the widget, agents in the console. */
import { createChatClient } from "../../src/web/client/index.ts";
import { AGENT_PASSCODE, until } from "./running-server.ts";
import type { FrameLocator, Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";

/** The widget's frame or the console. */
export type Place = Page | FrameLocator;

/** The label of the field in which a customer writes, and of the one of an agent. */
export const CUSTOMER = "Your message";
export const AGENT = /^Message to/;

export function panelOf(shop: Page): FrameLocator {
  return shop.frameLocator("#customer-chat-panel");
}

/** Opens the demo page and, on it, the chat. */
export async function openWidget(shop: Page, url: string): Promise<FrameLocator> {
  await shop.goto(`${url}/`);
  await shop.getByRole("button", { name: /^Open chat/ }).click();
  const panel = panelOf(shop);
  await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  return panel;
}

export async function write(place: Place, label: string | RegExp, text: string): Promise<void> {
  await place.getByLabel(label).fill(text);
  await place.getByLabel(label).press("Enter");
}

export async function signIn(
  desk: Page,
  url: string,
  login = "anna",
  passcode = AGENT_PASSCODE,
): Promise<void> {
  await desk.goto(`${url}/agent`);
  await desk.getByLabel("Login").fill(login);
  await desk.getByLabel("Passcode", { exact: true }).fill(passcode);
  await desk.getByRole("button", { name: "Sign in" }).click();
  await desk.getByRole("heading", { name: "Console" }).waitFor();
}

/** Claims the one chat that waits. */
export async function claimFirst(desk: Page): Promise<void> {
  await desk.getByRole("tab", { name: /Waiting 1/ }).click();
  await desk.locator(".list-pane .row").first().click();
  await desk.getByRole("button", { name: "Claim" }).click();
  await desk.getByText("You took the chat").waitFor();
}

/** Opens the first of an agent's own chats. */
export async function openMine(desk: Page): Promise<void> {
  await desk.getByRole("tab", { name: /Mine 1/ }).click();
  await desk.locator(".list-pane .row").first().click();
}

/** A chat that anna has claimed: the customer wrote `first`. */
export async function startChat(shop: Page, desk: Page, url: string, first: string): Promise<FrameLocator> {
  const panel = await openWidget(shop, url);
  await write(panel, CUSTOMER, first);
  await signIn(desk, url);
  await claimFirst(desk);
  await panel.getByText("anna joined the chat").waitFor();
  return panel;
}

/** The messages as they stand there, in order. */
export function texts(place: Place): Promise<string[]> {
  return place.locator(".message .text").allTextContents();
}

/** Those of them that this side wrote. */
export function ownTexts(place: Place): Promise<string[]> {
  return place.locator(".message.own .text").allTextContents();
}

/** A person of this process, online. */
export async function connectClient(
  url: string,
  options: Partial<Parameters<typeof createChatClient>[0]> = {},
): Promise<ChatClient> {
  const client = createChatClient({ url, ...options });
  client.start();
  await until("online", () => client.state.status === "online");
  return client;
}
