/** Plays the console through its states, from the sign-in to the end of the session, and shows each of them. */
import { playAlerts, playContext, playSearch, playStatus } from "./desk-states.ts";
import { AGENT_PASSCODE, until } from "./running-server.ts";
import { AGENTS, conversationOf, say } from "./stage.ts";
import {
  playBlock,
  playErased,
  playBlocked,
  playCannedResponses,
  playNotes,
  playTransfer,
} from "./team-states.ts";
import { LONG_NAME, TEXTS } from "./texts.ts";
import type { Page } from "playwright-core";
import type { ChatClient } from "../../src/web/client/index.ts";
import type { Show, Stage } from "./stage.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DESKTOP = { width: 1280, height: 800 };
const TABLET = { width: 900, height: 1100 };
const PHONE = { width: 390, height: 844 };

type Play = {
  readonly stage: Stage;
  readonly desk: Page;
  readonly show: Show;
};

export async function playConsole(stage: Stage, desk: Page, show: Show): Promise<void> {
  const play = { stage, desk, show };
  await playSignIn(play);
  await playEmptyDesk(play);
  const people = await playArrivals(play);
  await playThread(play, people);
  await playSeveral(play, people);
  await playTeam(play, people);
  await playDesk(play);
  await playDialogs(play);
  await playTroubles(play, people);
  await playCrowd(play);
  await playExpiry(play);
}

async function signIn(desk: Page, passcode: string): Promise<void> {
  await desk.getByLabel("Login").fill("anna");
  await desk.getByLabel("Passcode", { exact: true }).fill(passcode);
  await desk.getByRole("button", { name: "Sign in" }).click();
}

const openTab = (desk: Page, name: string): Promise<void> =>
  desk.getByRole("tab", { name: new RegExp(`^${name}`) }).click();

/** A row of the list, by the customer's name. */
async function openRow(desk: Page, name: string): Promise<void> {
  await desk.locator(".list-pane .row", { hasText: name }).click();
  await desk.getByRole("heading", { name, level: 2 }).waitFor();
}

/** On a phone the thread has a way back; on a desk Escape has none to hide. */
async function backToList(desk: Page): Promise<void> {
  await desk.evaluate("document.activeElement?.blur()");
  await desk.keyboard.press("Escape");
  await desk.getByText("Choose a chat from the list.").waitFor({ state: "attached" });
}

async function playSignIn({ stage, desk, show }: Play): Promise<void> {
  await desk.goto(`${stage.proxy.url}/agent`);
  await desk.getByLabel("Login").waitFor();
  await show("console sign-in", desk);
  await signIn(desk, "wrong");
  await desk.getByText("Login or passcode is wrong.").waitFor();
  await show("console sign-in error", desk);
  await desk.route("**/api/sessions", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "540" }, body: "{}" }),
  );
  await signIn(desk, "wrong");
  await desk.getByText("Too many attempts to sign in. Try again in 9 minutes.").waitFor();
  await show("console sign-in throttled", desk);
  await desk.unroute("**/api/sessions");
}

async function playEmptyDesk({ desk, show }: Play): Promise<void> {
  await signIn(desk, AGENT_PASSCODE);
  await desk.getByRole("heading", { name: "Console" }).waitFor();
  await desk.getByText("Nobody is waiting").waitFor();
  await show("console empty, waiting", desk);
  for (const tab of ["Mine", "All", "Visitors"]) {
    await openTab(desk, tab);
    await show(`console empty, ${tab.toLowerCase()}`, desk);
  }
}

type People = {
  readonly carla: ChatClient;
  readonly longName: ChatClient;
  readonly guest: ChatClient;
  readonly bert: ChatClient;
};

async function playArrivals({ stage, desk, show }: Play): Promise<People> {
  const longName = await stage.customer(LONG_NAME);
  const carla = await stage.customer("Carla Mendes");
  const guest = await stage.customer();
  const bert = await stage.agent("bert");
  await desk.getByRole("tab", { name: /^Visitors 3/ }).waitFor();
  await show("console visitors", desk);
  await desk.getByRole("button", { name: "Start chat" }).first().click();
  await desk.getByLabel(/^First message to/).fill("May I help you?");
  await show("console start a chat", desk);
  await stage.ago(23 * HOUR, () => playYesterday(carla, bert));
  await stage.ago(7 * MINUTE, () => say(longName, "support", TEXTS.long));
  await stage.ago(3 * MINUTE, () => say(guest, "support", TEXTS.arabic));
  await say(carla, "support", TEXTS.question);
  await openTab(desk, "Waiting");
  await desk.getByText(TEXTS.question).waitFor();
  await desk.reload();
  await desk.getByText(/^waits 7:/).waitFor();
  await show("console waiting list", desk);
  await desk.keyboard.press("Tab");
  await desk.locator(".list-pane .row").nth(1).focus();
  await show("console row focused", desk);
  await openRow(desk, "Carla Mendes");
  await desk.locator(".message .text").first().waitFor();
  await show("console waiting chat", desk);
  return { carla, longName, guest, bert };
}

/** A chat of the day before, which was closed and is opened again today. */
async function playYesterday(carla: ChatClient, bert: ChatClient): Promise<void> {
  await say(carla, "support", "Are you open on Sundays?");
  const { id, customer } = await conversationOf(carla);
  await bert.claim(id);
  await say(bert, customer.id, "Only in the morning, from nine to twelve.");
  await bert.close(id);
}

async function playThread(play: Play, { carla, guest, bert }: People): Promise<void> {
  const { stage, desk, show } = play;
  await desk.getByRole("button", { name: "Claim" }).click();
  await desk.getByText("You took the chat").waitFor();
  await desk.getByLabel(/^Message to/).fill(TEXTS.answer);
  await desk.keyboard.press("Enter");
  await desk.getByText("Delivered").waitFor();
  const { id, assignee } = await conversationOf(carla);
  await until("it came", () => carla.transcript(id)?.messages.at(-1)?.message === TEXTS.answer);
  carla.markRead(id, carla.transcript(id)?.messages.at(-1)?.seq ?? 0);
  await say(carla, assignee?.id ?? "", TEXTS.thanks);
  carla.setTyping(id, true);
  await desk.locator(".typing").waitFor();
  await show("console thread, typing", desk);
  await openTab(desk, "Waiting");
  await show("console thread beside those who wait", desk);
  carla.setTyping(id, false);
  await openRow(desk, "Visitor");
  const waiting = (await conversationOf(guest)).id;
  stage.proxy.stall();
  await bert.claim(waiting);
  await desk.getByRole("button", { name: "Claim" }).click();
  stage.proxy.resume();
  await desk.getByText(`${AGENTS.bert} was faster and has this chat now.`).waitFor();
  await show("console claim lost", desk);
  await playBlocked(play);
}

/** Several chats at once: drafts, unread messages, long texts. */
async function playSeveral({ stage, desk, show }: Play, { carla, longName }: People): Promise<void> {
  await openRow(desk, LONG_NAME);
  await desk.getByRole("button", { name: "Claim" }).click();
  await desk.getByText("You took the chat").waitFor();
  const { assignee } = await conversationOf(longName);
  await stage.ago(0, () =>
    say(longName, assignee?.id ?? "", TEXTS.unbroken, TEXTS.link, TEXTS.emoji, TEXTS.hebrew),
  );
  await desk.locator(".message .text", { hasText: TEXTS.hebrew }).waitFor();
  await show("console long name and texts", desk);
  await desk.getByLabel(/^Message to/).fill("A draft that is not finished");
  await say(carla, (await conversationOf(carla)).assignee?.id ?? "", "And does it", "come in a tin?");
  await desk.locator(".unread", { hasText: "2" }).waitFor();
  await show("console draft and unread", desk);
  await backToList(desk);
  await show("console mine", desk);
  await openTab(desk, "All");
  await show("console all", desk);
  await openTab(desk, "Mine");
  await openRow(desk, "Carla Mendes");
  for (const [size, viewport] of [
    ["tablet", TABLET],
    ["phone", PHONE],
  ] as const) {
    await desk.setViewportSize(viewport);
    if (size === "tablet") await show("console thread", desk, { size });
    await desk.getByRole("button", { name: "Details" }).click();
    await desk.getByRole("button", { name: "Close details" }).waitFor();
    await show("console details", desk, { size });
    await desk.keyboard.press("Escape");
    await desk.getByRole("button", { name: "Close details" }).waitFor({ state: "hidden" });
  }
  await desk.setViewportSize(DESKTOP);
}

/** What agents share, in the chat that is open. */
async function playTeam(play: Play, { carla, bert }: People): Promise<void> {
  await playNotes(play, bert, (await conversationOf(carla)).id);
  await playCannedResponses(play);
  await playTransfer(play, bert);
}

/** What the console knows of people and of what was said. */
async function playDesk(play: Play): Promise<void> {
  await backToList(play.desk);
  const dora = await playSearch(play);
  await playContext(play);
  await playStatus(play);
  await playAlerts(play);
  await dora.close();
  await openTab(play.desk, "Mine");
}

async function playDialogs({ desk, show }: Play): Promise<void> {
  await backToList(desk);
  await desk.keyboard.press("?");
  await desk.getByRole("heading", { name: "Shortcuts" }).waitFor();
  await show("console shortcuts", desk);
  await desk.keyboard.press("Escape");
  await openRow(desk, "Carla Mendes");
  await desk.getByRole("button", { name: "Close", exact: true }).click();
  await desk.getByRole("heading", { name: "Close this chat?" }).waitFor();
  await show("console close dialog", desk);
  await desk.keyboard.press("Escape");
}

async function playTroubles({ stage, desk, show }: Play, { carla }: People): Promise<void> {
  await desk.getByLabel(/^Message to/).fill("Is this all right?\u0007");
  await desk.keyboard.press("Enter");
  await desk.getByText(/^Not sent/).waitFor();
  await show("console failed", desk);
  await desk.getByRole("button", { name: "Discard" }).click();
  stage.proxy.refuse(true);
  stage.proxy.reset();
  await desk.getByText(/No connection|Reconnecting/).waitFor();
  await desk.getByLabel(/^Message to/).fill("Yes, in a tin of 250 g.");
  await desk.keyboard.press("Enter");
  await desk.getByText("Sending…").waitFor();
  await show("console no connection", desk);
  stage.proxy.refuse(false);
  await desk.getByRole("button", { name: "Try now" }).click();
  await desk.getByText("Sending…").waitFor({ state: "detached" });
  await carla.close((await conversationOf(carla)).id);
  await desk.getByText("Carla Mendes closed the chat").waitFor();
  await show("console closed chat", desk);
  await playBlock({ desk, show });
  await playErased(stage, { desk, show }, carla.user?.id ?? "");
  await backToList(desk);
}

async function playCrowd({ stage, desk, show }: Play): Promise<void> {
  for (let index = 0; index < 30; index += 1) {
    const customer = await stage.customer();
    await stage.ago((30 - index) * 0.4 * MINUTE, () =>
      say(customer, "support", `Where is my order ${1200 + index}?`),
    );
  }
  await openTab(desk, "Waiting");
  await desk.getByText("order 1229").waitFor();
  await show("console many chats", desk);
}

async function playExpiry({ stage, desk, show }: Play): Promise<void> {
  const token = await desk.evaluate("sessionStorage.getItem('customer-chat:console-token')");
  await stage.server.fetch("/api/sessions/current", {
    method: "DELETE",
    headers: { authorization: `Bearer ${String(token)}` },
  });
  await desk.getByText(/session has ended/).waitFor();
  await show("console session expired", desk);
}
