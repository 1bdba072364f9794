/** Somebody is blocked, in Chromium: asked first, seen at once on both sides, and taken back. */
import { expect, it } from "vitest";
import { CUSTOMER, connectClient, signIn, startChat, texts, write } from "../helpers/people.ts";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";

const site = useSite();

it("an agent blocks a visitor with a reason; the visitor reads a plain sentence, a colleague sees it, and both see the end of it", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, anna, site.url, "Buy my tea");
  await signIn(bert, site.url, "bert");
  await bert.getByRole("tab", { name: /All 1/ }).click();
  await bert.locator(".list-pane .row").first().click();

  await anna.getByRole("button", { name: "Block…" }).click();
  await anna.getByRole("heading", { name: "Block this visitor?" }).waitFor();
  await anna.getByRole("button", { name: "Cancel" }).click();
  expect(await anna.getByText("Blocked", { exact: true }).count()).toBe(0);
  await anna.getByRole("button", { name: "Block…" }).click();
  // Here everybody comes from one address, the agents too.
  await anna.getByLabel(/from the same address$/).check();
  await anna.getByRole("button", { name: "Block", exact: true }).click();
  await anna.getByText(/^The address cannot be blocked/).waitFor();
  await anna.getByLabel(/from the same address$/).uncheck();
  await anna.getByLabel(/Why \(a private note/).fill("He advertises.");
  await anna.getByRole("button", { name: "Block", exact: true }).click();

  await panel.getByText("You cannot write here any more.").waitFor();
  for (const desk of [anna, bert]) await desk.getByText("Blocked", { exact: true }).waitFor();
  await anna.locator(".note", { hasText: "He advertises." }).waitFor();
  expect(await shop.content()).not.toContain("He advertises.");
  await shop.reload();
  await panel.getByText("You cannot write here any more.").waitFor();
  await bert.reload();
  await bert.getByRole("tab", { name: /All 1/ }).click();
  await bert.locator(".list-pane .row").first().click();
  await bert.getByText("Blocked", { exact: true }).waitFor();

  await bert.getByRole("button", { name: "Unblock" }).click();
  await anna.getByText("Blocked", { exact: true }).waitFor({ state: "detached" });
  await shop.reload();
  await write(panel, CUSTOMER, "I am sorry");
  await anna.getByText("I am sorry").first().waitFor();
});

it("what somebody who is blocked meanwhile had typed without a network stands as not sent", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "before");
  const credentials = { login: "anna", passcode: AGENT_PASSCODE };
  const anna = await connectClient(site.server.url, { credentials, desk: true });
  site.proxy.refuse(true);
  site.proxy.cut();
  for (const text of ["one", "two"]) await write(panel, CUSTOMER, text);
  const [chat] = anna.conversations.values();
  await anna.block(chat?.customer.id ?? "");
  site.proxy.refuse(false);
  await panel.getByText("You cannot write here any more.").waitFor();
  expect(await texts(panel)).toEqual(["before", "one", "two"]);
  expect([await panel.getByText("Not sent").count(), await panel.getByText("Sending…").count()]).toEqual([
    2, 0,
  ]);
  await panel.getByRole("button", { name: "Discard" }).first().click();
  await expect.poll(() => texts(panel)).toEqual(["before", "two"]);
  await anna.stop();
});
