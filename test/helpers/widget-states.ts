/** Plays the widget through its states, on the demo page, and shows each of them. */
import { until } from "./running-server.ts";
import { conversationOf, say, Stage } from "./stage.ts";
import { TEXTS } from "./texts.ts";
import type { FrameLocator, Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";
import type { Show } from "./stage.ts";

const PANEL = { isPanel: true };
const FIELD = "Your message";

type Play = {
  readonly stage: Stage;
  readonly shop: Page;
  readonly panel: FrameLocator;
  readonly anna: ChatClient;
  readonly show: Show;
};

export async function playWidget(stage: Stage, shop: Page, show: Show): Promise<void> {
  const anna = await stage.agent("anna");
  const panel = shop.frameLocator("#customer-chat-panel");
  const play = { stage, shop, panel, anna, show };
  await shop.goto(`${stage.proxy.url}/`);
  await until("the visitor is online", () => anna.desk.online.size > 0);
  await show("demo page", shop);
  await shop.getByRole("button", { name: "Open chat" }).focus();
  await shop.keyboard.press("Shift+Tab");
  await shop.keyboard.press("Tab");
  await show("widget bubble focused", shop);
  await shop.evaluate("scrollTo(0, 0)");
  await playFirstChat(play);
  await playTexts(play);
  await playTroubles(play);
  await playEnd(play);
  await playVisitor(play);
  await playNoService(play);
  await playNobody(play);
}

async function write({ panel }: Play, text: string): Promise<void> {
  await panel.getByLabel(FIELD).fill(text);
  await panel.getByLabel(FIELD).press("Enter");
}

async function openPanel({ shop, panel }: Play): Promise<void> {
  await shop.getByRole("button", { name: /^Open chat/ }).click();
  await panel.getByLabel(FIELD).waitFor();
}

/** From the empty thread to an answer that was read. */
async function playFirstChat(play: Play): Promise<void> {
  const { shop, panel, anna, show } = play;
  await openPanel(play);
  await panel.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  await show("widget empty", shop, PANEL);
  await panel.getByRole("button", { name: "Options" }).click();
  await panel.getByRole("button", { name: "End chat" }).waitFor();
  await show("widget options", shop, PANEL);
  await panel.getByLabel(FIELD).click();
  await write(play, TEXTS.question);
  await panel.getByText("Sent", { exact: false }).first().waitFor();
  await show("widget sent and waiting", shop, PANEL);
  await until("it waits", () => anna.desk.waiting.size > 0);
  const [id = ""] = [...anna.desk.waiting.keys()];
  await anna.claim(id);
  await panel.getByText("Delivered").waitFor();
  await show("widget delivered", shop, PANEL);
  anna.markRead(id, 1);
  await panel.getByText("Read").waitFor();
  anna.setTyping(id, true);
  await panel.locator(".typing").waitFor();
  await show("widget read and typing", shop, PANEL);
  await sayToCustomer(play, TEXTS.answer);
  await write(play, TEXTS.thanks);
  await panel.locator(".text", { hasText: TEXTS.thanks }).waitFor();
  await until("it came", () => anna.transcript(id)?.messages.length === 3);
  anna.markRead(id, 3);
  await panel.getByText("Read").waitFor();
  await show("widget conversation", shop, PANEL);
}

async function sayToCustomer({ anna }: Play, ...texts: readonly string[]): Promise<void> {
  await say(anna, (await conversationOf(anna)).customer.id, ...texts);
}

/** Texts that layouts break on, the bubble with a preview, and the field at its limit. */
async function playTexts(play: Play): Promise<void> {
  const { shop, panel, show } = play;
  await shop.getByRole("button", { name: "Close chat" }).first().click();
  await shop.getByRole("button", { name: "Open chat" }).waitFor();
  await sayToCustomer(play, TEXTS.long, TEXTS.link);
  await shop.getByRole("button", { name: "Open chat, 2 unread" }).waitFor();
  await show("widget preview", shop);
  await shop.getByRole("button", { name: "Hide this message" }).click();
  await show("widget unread badge", shop);
  await openPanel(play);
  await panel.getByText(TEXTS.link.slice(0, 18)).waitFor();
  await show("widget long texts and link", shop, PANEL);
  for (const text of [TEXTS.unbroken, TEXTS.emoji, TEXTS.arabic]) await write(play, text);
  await sayToCustomer(play, TEXTS.hebrew, TEXTS.emoji);
  await panel.locator(".other .text", { hasText: TEXTS.emoji }).waitFor();
  await show("widget words, emoji, right to left", shop, PANEL);
  await panel.getByRole("log").evaluate((log) => {
    log.scrollTop = 40;
  });
  await panel.getByRole("button", { name: "Newest messages" }).waitFor();
  await show("widget scrolled up", shop, PANEL);
  await panel.getByRole("button", { name: "Newest messages" }).click();
  await panel.getByLabel(FIELD).fill(TEXTS.long);
  await show("widget long draft", shop, PANEL);
  await panel.getByLabel(FIELD).fill("x".repeat(4012));
  await panel.getByText("12 characters too many").waitFor();
  await show("widget draft over the limit", shop, PANEL);
  await panel.getByLabel(FIELD).fill("");
}

/** A network that stalls and breaks, and a server that refuses. */
async function playTroubles(play: Play): Promise<void> {
  const { stage, shop, panel, show } = play;
  stage.proxy.stall();
  await write(play, "Do you ship to Norway?");
  await panel.getByText("Sending…").waitFor();
  await show("widget sending", shop, PANEL);
  stage.proxy.refuse(true);
  stage.proxy.resume();
  stage.proxy.reset();
  await panel.getByText(/No connection|Reconnecting/).waitFor();
  await panel.locator("header .status").waitFor({ state: "detached" });
  await show("widget no connection", shop, PANEL);
  stage.proxy.refuse(false);
  await panel.getByRole("button", { name: "Try now" }).click();
  await panel.getByText("Sending…").waitFor({ state: "detached" });
  // A control character is what the server refuses and a keyboard can still produce.
  await write(play, "Is this all right?\u0007");
  await panel.getByText(/^Not sent/).waitFor();
  await show("widget failed", shop, PANEL);
  await panel.getByRole("button", { name: "Discard" }).click();
}

async function playEnd(play: Play): Promise<void> {
  const { shop, panel, anna, show } = play;
  await anna.close((await conversationOf(anna)).id);
  await panel.getByText("This chat has ended.").waitFor();
  await show("widget ended", shop, PANEL);
  await write(play, "One more thing: do you sell moka pots?");
  await panel.getByText("This chat has ended.").waitFor({ state: "detached" });
  await until("it waits again", () => anna.desk.waiting.size > 0);
  await show("widget reopened and waiting", shop, PANEL);
}

/** Somebody else at the same browser: invited as a stranger, then known by name. */
async function playVisitor(play: Play): Promise<void> {
  const { stage, shop, panel, anna, show } = play;
  const before = new Set(anna.desk.online.keys());
  await shop.evaluate("customerChat.close(); customerChat.reset()");
  await until("a new visitor is online", () => [...anna.desk.online.keys()].some((id) => !before.has(id)));
  const visitor = [...anna.desk.online.keys()].find((id) => !before.has(id)) ?? "";
  await anna.invite(visitor, "Welcome! May I help you choose?");
  await shop.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
  await show("widget invitation", shop);
  await shop.evaluate(`customerChat.identify(${JSON.stringify(await stage.siteToken("Carla Mendes"))})`);
  await openPanel(play);
  await panel.getByText("May I help you choose?").waitFor();
  await show("widget agent known", shop, PANEL);
}

/** A desk at which nobody is yet, and then somebody. */
async function playNobody({ shop, panel, show }: Play): Promise<void> {
  const quiet = await Stage.start();
  try {
    await shop.goto(`${quiet.proxy.url}/`);
    await shop.getByRole("button", { name: "Open chat" }).click();
    await panel.getByText("Nobody is here at the moment. Write anyway").waitFor();
    await show("widget nobody there", shop, PANEL);
    await panel.getByLabel(FIELD).fill(TEXTS.question);
    await panel.getByLabel(FIELD).press("Enter");
    await panel.getByText("Nobody is here at the moment. Your message is kept").waitFor();
    await show("widget waiting, nobody there", shop, PANEL);
    const anna = await quiet.agent("anna");
    await panel.getByText("We will join you").waitFor();
    await show("widget waiting, somebody there", shop, PANEL);
    await until("it waits", () => anna.desk.waiting.size > 0);
    for (const id of anna.desk.waiting.keys()) await anna.claim(id);
    await panel.getByText("Here for you").waitFor();
    await anna.setStatus("away");
    await panel.getByText("Away. We answer later").waitFor({ timeout: 40_000 });
    await show("widget agent away", shop, PANEL);
    await anna.block([...anna.desk.online.keys()][0] ?? "");
    await panel.getByText("You cannot write here any more.").waitFor();
    await show("widget blocked", shop, PANEL);
  } finally {
    await quiet.close();
  }
}

/** A page that is opened while the network is down, and a site that wants no guests. */
async function playNoService({ stage, shop, panel, show }: Play): Promise<void> {
  stage.proxy.blocksWebSockets = true;
  await shop.reload();
  await panel.getByText(/No connection|Reconnecting/).waitFor();
  stage.proxy.refuse(true);
  await show("widget loading without connection", shop, PANEL);
  stage.proxy.refuse(false);
  stage.proxy.blocksWebSockets = false;
  const closed = await Stage.start({ GUESTS: "off" });
  try {
    await shop.goto(`${closed.proxy.url}/`);
    await shop.getByRole("button", { name: "Open chat" }).click();
    await panel.getByText("Please sign in").waitFor();
    await show("widget refused", shop, PANEL);
    await playStranded(closed, shop, panel, show);
  } finally {
    await closed.close();
  }
}

/** A panel in a page that never says that it is there. */
async function playStranded(stage: Stage, shop: Page, panel: FrameLocator, show: Show): Promise<void> {
  await shop.goto(`${stage.proxy.url}/`);
  // The widget stands beside the body: a page without it has neither.
  await shop.evaluate(`document.documentElement.replaceChildren(document.createElement("body"));
  document.body.replaceChildren(
    Object.assign(document.createElement("iframe"), {
      id: "customer-chat-panel", src: "/widget/panel?parent=null", width: 370, height: 600,
    }),
  )`);
  await panel.getByRole("heading", { name: "The chat cannot start here" }).waitFor({ timeout: 20_000 });
  await show("widget cannot start", shop, PANEL);
}
