/** What an agent sees of scripts in the own chats: notices, notes, drafts, texts that are refused, and colleagues. */
import { sideBySide } from "../script-payloads.ts";
import { VALUES } from "./cast.ts";
import { OPEN, openList, SHOWN_NAMES } from "./console-scenes.ts";
import { look } from "./eyes.ts";
import type { Page } from "playwright-core";
import type { Scene } from "./console-scenes.ts";

const BELL = "\u0007";
const sorted = (texts: readonly string[]): string[] => [...texts].sort();
const json = (value: unknown): string => JSON.stringify(value);

/** All chats are mine; each customer has just written `text(payload)`. */
export async function seeNotices({ desk, ledger }: Scene, text: (payload: string) => string): Promise<void> {
  const notices = await look<[string, string][]>(
    desk,
    `await eyes.until("all are told of", () => eyes.notices.length >= ${VALUES.length});
    return eyes.notices;`,
  );
  const [names, bodies] = [0, 1].map((index) => sorted(notices.map((notice) => notice[index] ?? "")));
  ledger.shown("a customer's name", "console, notification", names ?? [], sorted(SHOWN_NAMES));
  const wanted = sorted(VALUES.map(text));
  ledger.shown("a customer's message", "console, notification", bodies ?? [], wanted);
  await openList(desk, "mine");
  const [who, previews] = await look<[string[], string[]]>(
    desk,
    `return [eyes.all(".list-pane .row .who"), eyes.all(".list-pane .row .preview")]`,
  );
  ledger.shown("a customer's name", "console, list of mine", sorted(who), sorted(SHOWN_NAMES));
  ledger.shown("a customer's message", "console, list of mine", sorted(previews), wanted);
}

/** Each thread has a note and one of a hand-over, and its customer types; a draft is left in each. */
export async function seeNotes({ desk, ledger }: Scene): Promise<void> {
  const seen = await look<
    { notes: string[]; authors: string[]; label: string; draft: string; typing: string }[]
  >(
    desk,
    `${OPEN}
    const seen = [];
    for (const [index, name] of ${json(SHOWN_NAMES)}.entries()) {
      await open(name, () => document.querySelectorAll(".note").length === 2 && document.querySelector(".writer textarea"));
      const field = document.querySelector(".writer textarea");
      eyes.type(field, ${json(VALUES)}[index]);
      await eyes.until("it is written", () => !document.querySelector(".writer .send").disabled);
      await customerTypes(index);
      const typing = await eyes.until("somebody types", () => document.querySelector(".thread-pane .typing"));
      if (typing.children.length !== 1) throw new Error(typing.outerHTML);
      seen.push({ typing: typing.textContent, notes: eyes.all(".note-text"), authors: eyes.all(".note-head b"), label: field.ariaLabel, draft: field.value });
    }
    document.querySelector("#tab-all").click();
    document.querySelector("#tab-mine").click();
    document.querySelector(".back").click();
    await eyes.until("no chat is open", () => document.querySelector(".thread-pane.nothing"));
    return seen;`,
  );
  const typing = seen.map((one) => one.typing);
  ledger.shown(
    "a customer's name",
    "console, typing",
    typing,
    SHOWN_NAMES.map((name) => `${name} is typing`),
  );
  const nth = (index: number): string[] => seen.map(({ notes }) => notes[index] ?? "");
  for (const [index, field] of (["a private note", "a hand-over's note"] as const).entries())
    ledger.shown(field, "console, thread", nth(index), VALUES);
  const authors = seen.map((one) => one.authors.join("\n\n"));
  const wanted = SHOWN_NAMES.map((name) => [name, name].join("\n\n"));
  ledger.shown("an agent's name", "console, note's author", authors, wanted);
  const labels = seen.map(({ label }) => label);
  ledger.shown(
    "a customer's name",
    "console, label of the field",
    labels,
    SHOWN_NAMES.map((name) => `Message to ${name}`),
  );
  ledger.shown(
    "a draft",
    "console, field",
    seen.map(({ draft }) => draft),
    VALUES,
  );
  const drafts = await look<string[]>(
    desk,
    `return [...document.querySelectorAll(".list-pane .row .preview")].map((node) => {
      if (node.children.length !== 1 || node.children[0].className !== "draft") throw new Error(node.outerHTML);
      return node.textContent;
    })`,
  );
  ledger.shown(
    "a draft",
    "console, list of mine",
    sorted(drafts),
    sorted(VALUES.map((text) => `Draft: ${text}`)),
  );
}

/** In the first chat: texts with a character that the server does not take. */
export async function seeRefusedTexts({ desk, ledger }: Scene): Promise<void> {
  const texts = sideBySide(600).map((text) => `${text.trimStart()}${BELL}`);
  await openList(desk, "mine");
  const [messages, notes] = await look<[string[], string[]]>(
    desk,
    `${OPEN}
    await open(${json(SHOWN_NAMES[0])}, () => document.querySelector(".writer textarea"));
    const writeAll = async (failed) => {
      for (const [index, text] of ${json(texts)}.entries()) {
        const field = document.querySelector(".writer textarea");
        eyes.type(field, text);
        await eyes.until("it is written", () => !field.form.querySelector("[type=submit]").disabled);
        field.form.requestSubmit();
        await eyes.until("it is refused", () => document.querySelectorAll(failed).length === index + 1);
      }
      return eyes.all(failed);
    };
    const messages = await writeAll(".message.failed .text");
    document.querySelectorAll(".modes input")[1].click();
    await eyes.until("one writes a note", () => document.querySelector(".writes-note textarea"));
    const notes = await writeAll(".note.failed .note-text");
    document.querySelectorAll(".modes input")[0].click();
    return [messages, notes];`,
  );
  ledger.shown("a message that is refused", "console, thread", messages, texts);
  ledger.shown("a note that is refused", "console, thread", notes, texts);
}

/** Each thread has the reason of a blocking, too; each chat is handed to the agent who is called as its customer. */
export async function seeColleagues({ desk, ledger }: Scene): Promise<void> {
  await openList(desk, "mine");
  const { choices, toasts, reasons } = await look<
    Readonly<Record<"choices" | "toasts" | "reasons", string[]>>
  >(
    desk,
    `${OPEN}
    const [toasts, reasons] = [[], []];
    let choices;
    for (const name of ${json(SHOWN_NAMES)}) {
      await open(name, () => [...document.querySelectorAll(".thread-head .actions button")].some((one) => one.textContent === "Hand over…")
        && document.querySelectorAll(".note:not(.failed)").length === 3);
      reasons.push(eyes.all(".note:not(.failed) .note-text").at(-1));
      [...document.querySelectorAll(".thread-head .actions button")].find((one) => one.textContent === "Hand over…").click();
      const form = await eyes.until("somebody can be chosen", () => document.querySelector("dialog form"));
      const select = form.querySelector("select");
      choices ??= eyes.all("option", select);
      select.value = [...select.options].find((one) => one.textContent === name).value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      await eyes.until("one is chosen", () => !form.querySelector("[type=submit]").disabled);
      form.requestSubmit();
      const words = name + " has the chat now.";
      await eyes.until(words, () => document.querySelector(".toast p").textContent === words);
      toasts.push(eyes.text(document.querySelector(".toast p")));
    }
    return { choices, toasts, reasons };`,
  );
  ledger.shown("a blocking's reason", "console, thread", reasons, VALUES);
  // The first one asks to choose.
  ledger.shown(
    "an agent's name",
    "console, choice of colleagues",
    sorted(choices.slice(1)),
    sorted(SHOWN_NAMES),
  );
  ledger.shown(
    "an agent's name",
    "console, toast",
    toasts,
    SHOWN_NAMES.map((name) => `${name} has the chat now.`),
  );
}

/** The sign-in takes no login of these; then somebody who is called so signs in. */
export async function seeSignIns({ desk, ledger }: Scene): Promise<void> {
  const account = await look<object>(
    desk,
    `return { token: sessionStorage["customer-chat:console-token"], user: JSON.parse(sessionStorage["customer-chat:console-user"]) }`,
  );
  await answerSignIns(desk, account);
  const { logins, names } = await look<{ logins: string[]; names: string[] }>(
    desk,
    `const [logins, names] = [[], []];
    for (const payload of ${json(VALUES)}) {
      [...document.querySelectorAll(".top > button")].at(-1).click();
      const form = await eyes.until("the sign-in is there", () => document.querySelector(".sign-in form"));
      const [login, passcode] = form.querySelectorAll("input");
      eyes.type(login, payload);
      eyes.type(passcode, "wrong");
      form.requestSubmit();
      await eyes.until("it is wrong", () => form.querySelector(".problem").textContent === "Login or passcode is wrong.");
      logins.push(login.value);
      await eyes.until("one may try again", () => !form.querySelector(".primary").disabled);
      eyes.type(passcode, "right");
      form.requestSubmit();
      names.push(eyes.text(await eyes.until("the console is there", () => document.querySelector(".me"))));
    }
    return { logins, names };`,
  );
  // A field of one line has no room for the other one's end.
  ledger.shown(
    "a login",
    "console, sign-in",
    logins,
    VALUES.map((text) => text.replaceAll("\n", "")),
  );
  ledger.shown(
    "an agent's name",
    "console, own name",
    names,
    SHOWN_NAMES.map((text) => text.replaceAll("\n", "")),
  );
}

/** As the server does, but whoever signs in is called by the login. */
async function answerSignIns(desk: Page, account: object): Promise<void> {
  await desk.route("**/api/sessions/current", (route) => route.fulfill({ status: 204 }));
  await desk.route("**/api/sessions", async (route) => {
    const { login, passcode } = route.request().postDataJSON() as { login: string; passcode: string };
    if (passcode !== "right")
      await route.fulfill({ status: 401, json: { code: "AUTH_FAILED", message: login } });
    else {
      const { user } = account as { user: object };
      await route.fulfill({ json: { ...account, user: { ...user, name: login } } });
    }
  });
}
