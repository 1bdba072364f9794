/** A customer who is erased while pages are open, in Chromium: nothing of it is left on any of them. */
import { expect, it } from "vitest";
import { eraseCustomer } from "../../src/chat/erase-customer.ts";
import { AGENT, CUSTOMER, panelOf, signIn, startChat, texts, write } from "../helpers/people.ts";
import { useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";

const site = useSite();

/** What the page shows and keeps. */
const contentOf = (page: Page): Promise<string> =>
  page.evaluate(
    "document.documentElement.outerHTML + JSON.stringify([{ ...sessionStorage }, { ...localStorage }])",
  );

it("the consoles show places without words, drafts and what was found are gone, and the widget begins anew", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, anna, site.url, "quokka in my cart");
  await write(anna, AGENT, "quokka in your cart");
  await panel.getByText("quokka in your cart").waitFor();
  await anna.getByRole("radio", { name: "Note" }).click();
  await write(anna, /^Private note about/, "quokka again");
  await anna.locator(".note").waitFor();
  await anna.getByRole("radio", { name: "Reply" }).click();
  await anna.getByLabel(AGENT).fill("half a quokka");
  await signIn(bert, site.url, "bert");
  await bert.getByRole("searchbox").fill("cart");
  await bert.getByText("quokka in my cart").waitFor();
  for (const page of [anna, bert]) expect((await contentOf(page)).includes("quokka")).toBe(true);

  const { store } = site.server.server;
  const [conversation] = await store.execute("openConversations", {
    user: (await store.execute("userByLogin", { login: "anna" }))?.id ?? "",
  });
  await eraseCustomer(store, conversation?.customer.id ?? "", {
    now: Date.now(),
    emptyLog: () => Promise.resolve(),
  });

  await anna.getByText("This customer was erased.").waitFor();
  await anna.getByText("The customer was erased").first().waitFor();
  expect(await texts(anna)).toEqual(["Erased", "Erased"]);
  expect(await anna.locator(".note-text").allTextContents()).toEqual(["Erased"]);
  await anna.getByRole("tab", { name: /All/ }).click();
  await anna.locator(".list-pane .row", { hasText: "Erased customer" }).waitFor();
  await anna.getByRole("tab", { name: /Mine 0|Mine$/ }).waitFor();
  await bert.getByText("quokka in my cart").waitFor({ state: "detached" });
  for (const page of [anna, bert]) expect((await contentOf(page)).includes("quokka")).toBe(false);

  await panelOf(shop).getByText("quokka in your cart").waitFor({ state: "detached" });
  await write(panel, CUSTOMER, "hello from somebody");
  await anna.getByRole("tab", { name: /Waiting 1/ }).waitFor();
  await anna.reload();
  await anna.getByRole("tab", { name: /All/ }).click();
  await anna.locator(".list-pane .row", { hasText: "Erased customer" }).click();
  await anna.getByText("This customer was erased.").waitFor();
  await expect.poll(() => texts(anna)).toEqual(["Erased", "Erased"]);
});
