/** What an agent sees of scripts among canned responses, and in a search. */
import { SHORTCUT } from "../../../src/chat/wire.ts";
import { PAYLOADS, sideBySide } from "../script-payloads.ts";
import { VALUES } from "./cast.ts";
import { SHOWN_NAMES } from "./console-scenes.ts";
import { look } from "./eyes.ts";
import type { RawClient } from "../raw-client.ts";
import type { Scene } from "./console-scenes.ts";

const json = (value: unknown): string => JSON.stringify(value);
const sorted = (texts: readonly string[]): string[] => [...texts].sort();

const shortcutOf = (index: number): string => `p${String(index).padStart(3, "0")}`;
/** As many as a search has room for, and a word that nobody wrote. */
const SOUGHT = sideBySide(190);
const SHORTCUTS = PAYLOADS.filter((payload) => SHORTCUT.test(payload));

/** Each payload as a text, and as a shortcut, which few can be. */
export async function saveCannedResponses(agent: RawClient): Promise<readonly boolean[]> {
  const save = (shortcut: string, text: string): Promise<unknown> =>
    agent.post("/chat/save-canned-response", { shortcut, text });
  await Promise.all(VALUES.map((payload, index) => save(shortcutOf(index), payload)));
  return Promise.all(PAYLOADS.map(async (payload) => (await save(payload, "x")) !== undefined));
}

export async function seeCannedResponses({ desk, ledger }: Scene): Promise<void> {
  const all = VALUES.length + SHORTCUTS.length;
  const seen = await look<{ list: string[]; texts: string[]; forms: string[][]; nothing: string[] }>(
    desk,
    `[...document.querySelectorAll(".top button.keys")][0].click();
    await eyes.until("all are listed", () => document.querySelectorAll("ul.canned li").length === ${all});
    const list = eyes.all("ul.canned b");
    const texts = eyes.all("ul.canned p");
    const [forms, nothing] = [[], []];
    for (const shortcut of list) {
      const row = [...document.querySelectorAll("ul.canned li")].find((one) => one.querySelector("b").textContent === shortcut);
      row.querySelector("button").click();
      const form = await eyes.until("it can be changed", () => document.querySelector("dialog form"));
      forms.push([eyes.text(document.querySelector("dialog h2")), form.querySelector("input").value, form.querySelector("textarea").value]);
      [...form.querySelectorAll("button")].at(-1).click();
      await eyes.until("the list is back", () => document.querySelector("ul.canned"));
    }
    const search = document.querySelector(".canned-tools input");
    for (const payload of ${json(SOUGHT)}) {
      const query = payload + " zq9";
      eyes.type(search, query);
      const hint = await eyes.until("nothing has it", () =>
        [...document.querySelectorAll("dialog > .hint")].find((one) => one.textContent.startsWith("Nothing has “" + search.value)));
      nothing.push(eyes.text(hint));
    }
    [...document.querySelectorAll("dialog .buttons button")].at(-1).click();
    return { list, texts, forms, nothing };`,
  );
  const own = (list: readonly string[]): string[] => list.filter((text) => SHORTCUTS.includes(text.slice(1)));
  ledger.refused("a canned response's shortcut", PAYLOADS.length - SHORTCUTS.length);
  const slashed = sorted(SHORTCUTS.map((text) => `/${text}`));
  ledger.shown(
    "a canned response's shortcut",
    "console, dialog",
    sorted(own(seen.list)),
    slashed,
    SHORTCUTS.length,
  );
  const titles = seen.forms.map(([title = ""]) => title.replace(/^Change /, ""));
  ledger.shown(
    "a canned response's shortcut",
    "console, form's title",
    sorted(own(titles)),
    slashed,
    SHORTCUTS.length,
  );
  const rest = (texts: readonly string[]): string[] => sorted(texts.filter((text) => text !== "x"));
  ledger.shown("a canned response", "console, dialog", rest(seen.texts), sorted(VALUES));
  const inForms = seen.forms.map(([, , text = ""]) => text);
  ledger.shown("a canned response", "console, form", rest(inForms), sorted(VALUES));
  // A field of one line has no room for the other one's end.
  const nothing = SOUGHT.map((payload) => `Nothing has “${payload.replaceAll("\n", "")} zq9”.`);
  ledger.shown("what is looked for among them", "console, dialog", seen.nothing, nothing);
}

/** In the chat that is open, which is mine. */
export async function seePicker({ desk, ledger }: Scene): Promise<void> {
  const queries = SOUGHT.map((payload) => `${payload.replaceAll(/\s/g, "_")}zq9`);
  const seen = await look<{ names: string[]; texts: string[]; inserted: string[]; nothing: string[] }>(
    desk,
    `const field = document.querySelector(".writer textarea");
    const ask = (text) => {
      field.focus();
      eyes.type(field, text);
    };
    ask("/");
    await eyes.until("all are offered", () => document.querySelectorAll(".picker [role=option]").length > ${VALUES.length});
    const [names, texts] = [eyes.all(".picker b"), eyes.all(".picker li > span")];
    const [inserted, nothing] = [[], []];
    for (const query of ${json(queries)}) {
      ask("/" + query);
      const words = "No canned response has “" + query + "”.";
      await eyes.until(words, () => document.querySelector(".picker-foot [role=status]")?.textContent === words);
      nothing.push(eyes.text(document.querySelector(".picker-foot [role=status]")));
    }
    for (let index = 0; index < ${VALUES.length}; index += 1) {
      const shortcut = "/p" + String(index).padStart(3, "0");
      ask(shortcut);
      (await eyes.until(shortcut, () =>
        [...document.querySelectorAll(".picker [role=option]")].find((one) => one.querySelector("b").textContent === shortcut))).click();
      await eyes.until("it is inserted", () => field.value !== shortcut);
      inserted.push(field.value);
      ask("");
    }
    return { names, texts, inserted, nothing };`,
  );
  const own = seen.names.filter((text) => SHORTCUTS.includes(text.slice(1)));
  const slashed = sorted(SHORTCUTS.map((text) => `/${text}`));
  ledger.shown(
    "a canned response's shortcut",
    "console, list over the field",
    sorted(own),
    slashed,
    SHORTCUTS.length,
  );
  const texts = sorted(seen.texts.filter((text) => text !== "x"));
  ledger.shown("a canned response", "console, list over the field", texts, sorted(VALUES));
  ledger.shown("a canned response", "console, field", seen.inserted, VALUES);
  const nothing = queries.map((query) => `No canned response has “${query}”.`);
  ledger.shown("what is looked for among them", "console, list over the field", seen.nothing, nothing);
}

/** Each customer wrote a message that begins with `word`. */
export async function seeSearch({ desk, ledger }: Scene, word: string): Promise<void> {
  const [names, texts] = await look<[string[], string[]]>(
    desk,
    // The pause of somebody who types is none of this test's.
    `const wait = setTimeout;
    globalThis.setTimeout = (work, ms) => wait(work, ms === 250 ? 0 : ms);
    eyes.type(document.querySelector("#search-field"), ${json(word)});
    await eyes.until("all are found", () => {
      document.querySelector(".found .again:enabled")?.click();
      return document.querySelectorAll(".found .row .preview").length === ${VALUES.length};
    });
    return [eyes.all(".found .who"), eyes.all(".found .preview")];`,
  );
  ledger.shown("a customer's name", "console, search", sorted(names), sorted(SHOWN_NAMES));
  ledger.shown(
    "a customer's message",
    "console, search",
    sorted(texts),
    sorted(VALUES.map((text) => `${word} ${text}`)),
  );
  const seen = await look<{ fields: string[]; nothing: string[] }>(
    desk,
    `const field = document.querySelector("#search-field");
    const [fields, nothing] = [[], []];
    const status = () => document.querySelector(".found:not(.stale) [role=status]")?.textContent ?? "";
    for (const payload of ${json(SOUGHT)}) {
      eyes.type(field, payload);
      fields.push(field.value);
      const asked = field.value.trim().replaceAll(/\\s+/g, " ");
      await eyes.until("it is sought", () => /found$/.test(status()) || status().includes(asked));
      eyes.all(".found .who, .found .preview");
      eyes.type(field, payload + " zq9zq9");
      await eyes.until("nothing is found", () => status().startsWith("Nothing found for “" + asked + " zq9"));
      nothing.push(eyes.text(document.querySelector(".found [role=status]")));
    }
    return { fields, nothing };`,
  );
  const line = (text: string): string => text.replaceAll("\n", "");
  ledger.shown("a search", "console, search", seen.fields, SOUGHT.map(line));
  const asked = SOUGHT.map((text) => line(text).trim().replaceAll(/\s+/g, " "));
  ledger.shown(
    "a search",
    "console, nothing found",
    seen.nothing,
    asked.map((text) => `Nothing found for “${text} zq9zq9”.`),
  );
  await seeFailedSearches({ desk, ledger });
}

/** Whatever stands between browser and server answers in its place. */
async function seeFailedSearches({ desk, ledger }: Scene): Promise<void> {
  await desk.route("**/api/search*", (route) => {
    const message = new URL(route.request().url()).searchParams.get("text") ?? "";
    return route.fulfill({ status: 400, json: { code: "BAD_QUERY", message } });
  });
  const asked = SOUGHT.map((text) => text.trim().replaceAll(/\s+/g, " "));
  const failed = await look<string[]>(
    desk,
    `const field = document.querySelector("#search-field");
    const failed = [];
    for (const text of ${json(asked)}) {
      eyes.type(field, text);
      const words = "The search failed. " + text;
      await eyes.until(words, () => document.querySelector(".found [role=status]")?.textContent === words);
      failed.push(eyes.text(document.querySelector(".found [role=status]")));
    }
    eyes.type(field, "");
    await eyes.until("the search has ended", () => !document.querySelector(".found"));
    return failed;`,
  );
  ledger.shown(
    "a refusal's text",
    "console, search",
    failed,
    asked.map((text) => `The search failed. ${text}`),
  );
}
