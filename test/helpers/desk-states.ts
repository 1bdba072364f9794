/** Plays what the console knows of people and of what was said: search, context, status, alerts; and shows each state. */
import { RawClient } from "./raw-client.ts";
import type { Page } from "playwright-core";
import type { VisitedPage } from "../../src/chat/wire.ts";
import type { RunningServer } from "./running-server.ts";
import type { Show, Stage } from "./stage.ts";

const LARGE = { width: 1280, height: 800 };
const SMALL = { width: 390, height: 844 };
const PHONE = "Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36";
const DAY = 24 * 60 * 60_000;
const TEA: VisitedPage = {
  url: "https://shop.example/tea/night-ferry",
  title: "Night Ferry, a black tea for long evenings",
  referrer: "https://search.example/results?q=tea",
};
const CART: VisitedPage = { url: "https://shop.example/cart", title: "Your cart" };

export type Play = { readonly stage: Stage; readonly desk: Page; readonly show: Show };

/** Two chats of the days before, closed, and one that waits now. */
export async function playSearch({ stage, desk, show }: Play): Promise<RawClient> {
  const jwt = await stage.siteToken("Dora Brandt");
  const { body } = await stage.server.post("/api/identify", { jwt });
  const dora = await visitPage(stage.server, TEA, { passcode: String(body["token"]) });
  const bert = await stage.agent("bert");
  for (const [days, text] of [
    [40, "Do you ship the Night Ferry to Norway?"],
    [3, "My parcel with the night ferry tea has not come yet."],
  ] as const) {
    await stage.ago(days * DAY, async () => {
      await dora.say("support", text);
      const { items } = await bert.listConversations({ customer: dora.id, state: "waiting" });
      const id = items[0]?.id ?? "";
      await bert.claim(id);
      await bert.close(id);
    });
  }
  await bert.stop();
  await dora.say("support", "Is the Night Ferry back in stock?");
  await dora.post("/chat/page", CART);

  await desk.keyboard.press("/");
  await desk.locator("input[type=search]:focus").waitFor();
  await show("console search, empty", desk);
  await desk.keyboard.type("night");
  await desk.getByRole("heading", { name: "Messages" }).waitFor();
  await desk.locator(".found mark").nth(2).waitFor();
  await desk.keyboard.type(" ferry");
  await desk.locator(".found:not(.stale) mark").nth(5).waitFor();
  await show("console search, found", desk);
  await desk.getByRole("searchbox").fill("brandt");
  await desk.getByRole("heading", { name: "Customers" }).waitFor();
  await show("console search, customers", desk);
  await desk.getByRole("searchbox").fill("nothing of the kind");
  await desk.getByText("Nothing found").waitFor();
  await show("console search, nothing found", desk);
  await desk.route("**/api/search*", (route) => route.abort());
  await desk.getByRole("searchbox").fill("night ferry tea");
  await desk.getByText("The search failed").waitFor();
  await show("console search, failed", desk);
  await desk.unroute("**/api/search*");
  await desk.getByRole("button", { name: "Try again" }).click();
  await desk.locator(".found .row", { hasText: "has not come yet" }).click();
  await desk.locator(".message.sought").waitFor();
  await desk.getByText("Start a chat").or(desk.getByText("Go to it")).waitFor();
  await show("console search, opened", desk);
  return dora;
}

/** Everything that is known of a customer. */
export async function playContext({ desk, show }: Play): Promise<void> {
  await desk.getByRole("button", { name: "Go to it" }).click();
  await desk.getByText("Chat began on").waitFor({ state: "attached" });
  await desk.locator(".earlier .chat").nth(1).waitFor({ state: "attached" });
  await show("console context", desk, { size: "desktop" });
  await desk.setViewportSize(SMALL);
  await desk.getByRole("button", { name: "Details" }).click();
  await show("console context", desk, { size: "phone" });
  await desk.keyboard.press("Escape");
  await desk.getByRole("button", { name: "Back to the list" }).click();
  await desk.setViewportSize(LARGE);
  await desk.getByRole("button", { name: "End the search" }).click();
  await desk.getByRole("tab", { name: /^Visitors/ }).click();
  await desk.locator(".visitor .page").first().waitFor();
  await show("console visitors with pages", desk);
}

export async function playStatus({ desk, show }: Play): Promise<void> {
  await desk.keyboard.press("Alt+s");
  await desk.getByRole("menu", { name: "Your status" }).waitFor();
  await show("console status menu", desk);
  await desk.getByRole("menuitemradio", { name: /^Away/ }).click();
  await desk.getByRole("button", { name: /status: Away$/ }).waitFor();
  await show("console away", desk);
  await desk.keyboard.press("Alt+s");
  await desk.getByRole("menuitemradio", { name: /^Online/ }).click();
  await desk.getByRole("button", { name: /status: Online$/ }).waitFor();
}

export async function playAlerts({ desk, show }: Play): Promise<void> {
  await desk.getByRole("button", { name: "Enable alerts" }).click();
  await desk.getByRole("dialog", { name: "Alerts" }).waitFor();
  await show("console alerts", desk);
  await desk.getByRole("button", { name: "Done" }).click();
}

/** A visitor with a phone who looks at a page of the host site; a guest without credentials. */
async function visitPage(
  { webSocketUrl }: RunningServer,
  page: VisitedPage,
  credentials: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const visitor = await RawClient.connect(webSocketUrl, credentials, { headers: { "user-agent": PHONE } });
  await visitor.subscribeAll();
  await visitor.post("/chat/page", page);
  return visitor;
}
