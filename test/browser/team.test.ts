/** What agents share, in Chromium: notes that no customer gets, canned responses by keyboard, a chat handed over. */
import { expect, it } from "vitest";
import { AGENT, CUSTOMER, openMine, signIn, startChat, texts, write } from "../helpers/people.ts";
import { useSite } from "../helpers/site.ts";
import type { Locator, Page } from "playwright-core";

const site = useSite();

const NOTE = /^Private note about/;

/** Everything that comes into a page from now on, as text. */
function overhear(page: Page): readonly string[] {
  const heard: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => heard.push(payload.toString()));
  });
  page.on("response", (response) => {
    if (!response.url().includes("/api/")) return;
    response.text().then(
      (text) => heard.push(text),
      () => undefined,
    );
  });
  return heard;
}

const notesIn = (desk: Page): Promise<string[]> => desk.locator(".note-text").allTextContents();

/** Opens the only chat there is, of whomever it is. */
async function openOnly(desk: Page): Promise<void> {
  await desk.getByRole("tab", { name: /All 1/ }).click();
  await desk.locator(".list-pane .row").first().click();
}

const isFocused = (target: Locator): Promise<boolean> => target.evaluate((node) => node.matches(":focus"));

it("a note is seen live by a colleague and after a reload, in any state of the chat, and nothing of it reaches the customer", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  const heard = overhear(shop);
  const panel = await startChat(shop, anna, site.url, "Hello, is the Night Ferry in stock?");
  await signIn(bert, site.url, "bert");
  await openOnly(bert);
  await bert.getByText("anna has this chat. You can read along.").waitFor();

  await anna.getByLabel(AGENT).fill("half an answer");
  await anna.keyboard.press("Alt+p");
  await anna.getByText("Only your team sees this").waitFor();
  await anna.locator("textarea:focus").waitFor();
  // Signs of the answer go another way than what anna sees: the last of them has come.
  await expect.poll(() => heard.some((text) => text.includes('"typing":false'))).toBe(true);
  const before = heard.length;
  const note = 'secret <img src="x" onerror="alert(1)"> https://shop.example.com/4711';
  await anna.keyboard.type(note);
  await anna.keyboard.press("Enter");
  await bert.locator(".note").waitFor();
  await anna.locator(".note").waitFor();
  expect(await Promise.all([anna, bert].map(notesIn))).toEqual([[note], [note]]);
  expect(await bert.locator(".note").textContent()).toMatch(/Private note · anna · /);
  expect(await bert.locator(".note a").getAttribute("href")).toBe("https://shop.example.com/4711");
  expect(await bert.locator(".note img").count()).toBe(0);
  expect(await bert.getByRole("log").locator(".note").count()).toBe(1);

  await bert.getByRole("radio", { name: "Note" }).click();
  await bert.locator("textarea:focus").waitFor();
  await write(bert, NOTE, "secret answer of bert");
  await anna.getByText("secret answer of bert").waitFor();
  expect(heard.slice(before).filter((text) => text.includes("typing"))).toEqual([]);

  await anna.keyboard.press("Alt+l");
  expect(await anna.getByLabel(AGENT).inputValue()).toBe("half an answer");
  await write(anna, AGENT, "It is in stock.");
  await panel.getByText("It is in stock.").waitFor();
  await anna.getByRole("button", { name: "Close", exact: true }).click();
  await anna.getByRole("button", { name: "Close chat" }).click();
  await panel.getByText("This chat has ended.").waitFor();
  await write(bert, NOTE, "secret after the end");

  await Promise.all([anna, bert].map((desk) => desk.reload()));
  for (const desk of [anna, bert]) {
    await openOnly(desk);
    await desk.getByText("secret after the end").waitFor();
    expect(await notesIn(desk)).toEqual([note, "secret answer of bert", "secret after the end"]);
    const rows = await desk.locator(".messages > .message, .messages > .note").allTextContents();
    expect(rows.map((row) => /Night Ferry|secret \S+|in stock\./.exec(row)?.[0])).toEqual([
      "Night Ferry",
      "secret <img",
      "secret answer",
      "in stock.",
      "secret after",
    ]);
  }
  await shop.reload();
  await panel.getByText("It is in stock.").waitFor();
  expect(await texts(panel)).toEqual(["Hello, is the Night Ferry in stock?", "It is in stock."]);
  expect(heard.filter((text) => text.includes("It is in stock.")).length).toBeGreaterThan(1);
  expect(heard.filter((text) => text.includes("secret"))).toEqual([]);
});

it("a canned response is written, found, used and deleted by keyboard alone", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "Hello?");
  const dialog = desk.getByRole("dialog", { name: "Canned responses" });
  const tabTo = async (target: Locator): Promise<void> => {
    for (let count = 0; count < 30 && !(await isFocused(target)); count += 1)
      await desk.keyboard.press("Tab");
    expect(await isFocused(target)).toBe(true);
  };
  const add = async (shortcut: string, text: string): Promise<void> => {
    await tabTo(dialog.getByRole("button", { name: /^Add/ }));
    await desk.keyboard.press("Enter");
    await desk.locator("input:focus").waitFor();
    await desk.keyboard.type(shortcut);
    await desk.keyboard.press("Tab");
    await desk.keyboard.type(text);
    await desk.keyboard.press("Tab");
    await desk.keyboard.press("Enter");
    await dialog.getByText(`/${shortcut}`, { exact: true }).waitFor();
  };
  await desk.keyboard.press("Alt+r");
  await dialog.waitFor();
  await add("hello", "Hello {{customer}}, {{agent}} here.");
  await add("hours", "From nine to six.");
  await add("bye", "Goodbye.");
  const field = desk.getByLabel(AGENT);
  await desk.keyboard.press("Escape");
  // Who types at once loses no character.
  await desk.keyboard.type("at once");
  expect(await field.inputValue()).toBe("at once");
  await dialog.waitFor({ state: "detached" });
  expect(await isFocused(field)).toBe(true);
  await desk.keyboard.press("ControlOrMeta+a");
  await desk.keyboard.press("Backspace");
  const options = desk.getByRole("option");
  const active = async (): Promise<string | null> => {
    const id = (await field.getAttribute("aria-activedescendant")) ?? "";
    expect(await desk.locator(`#${id}`).getAttribute("aria-selected")).toBe("true");
    return desk.locator(`#${id} b`).textContent();
  };
  await desk.keyboard.press("Alt+l");
  await desk.keyboard.type("/");
  await desk.getByRole("listbox", { name: "Canned responses" }).waitFor();
  expect([await options.count(), await active()]).toEqual([3, "/bye"]);
  await desk.keyboard.press("ArrowUp");
  expect(await active()).toBe("/hours");
  await desk.keyboard.press("Escape");
  await options.first().waitFor({ state: "detached" });
  await desk.getByRole("heading", { name: /^Visitor/ }).waitFor();
  expect(await isFocused(field)).toBe(true);
  await desk.keyboard.press("Backspace");
  await desk.keyboard.type("/nine");
  await expect.poll(active).toBe("/hours");
  await desk.keyboard.press("Tab");
  expect(await field.inputValue()).toBe("From nine to six.");
  await desk.keyboard.press("Home");
  await desk.keyboard.type("/hel");
  await expect.poll(active).toBe("/hello");
  await desk.keyboard.press("Enter");
  expect(await field.inputValue()).toBe("Hello there, anna here. From nine to six.");
  await desk.setViewportSize({ width: 320, height: 700 });
  await expect.poll(() => field.evaluate((area) => area.scrollHeight <= area.clientHeight)).toBe(true);
  await desk.setViewportSize({ width: 1280, height: 800 });
  await desk.keyboard.press("Enter");
  await panel.getByText("Hello there, anna here. From nine to six.").waitFor();

  await desk.keyboard.press("Alt+p");
  await desk.keyboard.type("/hel");
  expect(await options.count()).toBe(0);
  await desk.keyboard.press("Alt+r");
  await tabTo(dialog.getByRole("button", { name: "Delete /hello" }));
  await desk.keyboard.press("Enter");
  await dialog.getByText("/hello is deleted.").waitFor();
  expect(await dialog.locator(".canned b").allTextContents()).toEqual(["/bye", "/hours"]);
});

it("a chat is handed over with a note: the colleague has both, the customer only hears of the colleague", async () => {
  const [shop, anna, bert] = [await site.newPage(), await site.newPage(), await site.newPage()];
  const heard = overhear(shop);
  const panel = await startChat(shop, anna, site.url, "Can you wrap it?");
  await signIn(bert, site.url, "bert");
  const handOver = anna.getByRole("button", { name: "Hand over…" });
  await handOver.click();
  await anna.getByRole("button", { name: "Cancel" }).click();
  await anna.getByRole("dialog").waitFor({ state: "detached" });
  expect(await isFocused(handOver)).toBe(true);
  await handOver.click();
  await anna.getByLabel("Hand over to").selectOption({ label: "bert" });
  await anna.getByLabel(/Note for your colleague/).fill("She wants it in red paper.");
  await anna.getByRole("button", { name: "Hand over", exact: true }).click();
  await anna.getByText("bert has the chat now.").waitFor();
  await anna.getByText("bert has this chat. You can read along.").waitFor();
  await openMine(bert);
  await bert.getByText("She wants it in red paper.").waitFor();
  await write(bert, AGENT, "In red paper, gladly.");
  await panel.getByText("In red paper, gladly.").waitFor();
  await write(panel, CUSTOMER, "Thank you!");
  await bert.locator(".message .text", { hasText: "Thank you!" }).waitFor();
  await anna.getByText("She wants it in red paper.").waitFor();
  expect(heard.some((text) => text.includes("In red paper"))).toBe(true);
  expect(heard.filter((text) => text.includes("She wants it"))).toEqual([]);
});
