/** What an agent sees of people who are called as scripts and say nothing else: lists, threads, notes, and who they are. */
import { setTimeout as pause } from "node:timers/promises";
import { linkTo } from "../../../src/web/console/page-address.ts";
import { addressWith, payloadsIn, VALUES } from "./cast.ts";
import { look } from "./eyes.ts";
import type { Page } from "playwright-core";
import type { Customer } from "./cast.ts";
import type { Ledger } from "./ledger.ts";

/** The console rests for 2 s before it reads its lists again. */
const READ_AGAIN_MS = 3000;

export type Scene = { readonly desk: Page; readonly ledger: Ledger };

/** As the console shows a name: it turns no words around it. */
export const shownName = (name: string): string => name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, "");
export const SHOWN_NAMES = VALUES.map(shownName);
const sorted = (texts: readonly string[]): string[] => [...texts].sort();
const said = (words: (name: string) => string): string[] => SHOWN_NAMES.map(words);

/** The page's address, title and referrer as the customer's browser tells them; undefined where it is no title. */
export type Visit = { readonly url: string; readonly title: string | undefined; readonly referrer: string };

function seenAs({ url, title }: Visit): {
  readonly href: string;
  readonly name: string;
  readonly place: string;
} {
  const { href, place } = linkTo(url) ?? { href: "", place: "" };
  return { href, name: title ?? place, place };
}

/** Opens a list and waits until it has as many rows. */
export async function openList(desk: Page, tab: string, rows = VALUES.length): Promise<void> {
  await look(
    desk,
    `(await eyes.until("there are lists", () => document.querySelector("#tab-${tab}"))).click();
    await eyes.until("the list ${tab} is there", () => {
      document.querySelector(".rest, button.again:enabled")?.click();
      const isOpen = document.querySelector("#list")?.getAttribute("aria-labelledby") === "tab-${tab}";
      return isOpen && document.querySelectorAll(".list-pane .row .who").length === ${rows};
    });`,
  );
}

const rowTexts = (desk: Page, part: string): Promise<string[]> =>
  look(desk, `return eyes.all(".list-pane .row ${part}")`);

export async function seeVisitors({ desk, ledger }: Scene, visits: readonly Visit[]): Promise<void> {
  await openList(desk, "visitors");
  ledger.shown(
    "a customer's name",
    "console, visitors",
    sorted(await rowTexts(desk, ".who")),
    sorted(SHOWN_NAMES),
  );
  type Link = { readonly href: string; readonly name: string; readonly place: string };
  const links = await look<Link[]>(
    desk,
    `return [...document.querySelectorAll(".visitor .page")].map((page) => {
      const [link, place] = page.children;
      if (link.title !== link.href || page.children.length > 2) throw new Error(page.outerHTML);
      const name = link.textContent;
      return { href: link.href, name: eyes.text(link), place: place ? eyes.text(place) : name };
    })`,
  );
  const wanted = visits.map(seenAs);
  const all = (of: readonly Link[], member: keyof Link): string[] => sorted(of.map((one) => one[member]));
  ledger.shown("a page's address", "console, visitors", all(links, "href"), all(wanted, "href"));
  const titled = payloadsIn((_, index) => visits[index]?.title !== undefined);
  ledger.shown("a page's title", "console, visitors", all(links, "name"), all(wanted, "name"), titled);
  ledger.shown("a page's address", "console, visitors", all(links, "place"), all(wanted, "place"), 0);
  const labels = await look<string[]>(
    desk,
    `for (const button of document.querySelectorAll(".visitor button.small")) button.click();
    await eyes.until("all may be invited", () => document.querySelectorAll(".invite").length === ${VALUES.length});
    return eyes.all(".invite label span");`,
  );
  const invitations = said((name) => `First message to ${name}`);
  ledger.shown("a customer's name", "console, label of an invitation", sorted(labels), sorted(invitations));
}

export async function seeWaiting({ desk, ledger }: Scene): Promise<void> {
  await openList(desk, "waiting");
  ledger.shown(
    "a customer's name",
    "console, waiting list",
    sorted(await rowTexts(desk, ".who")),
    sorted(SHOWN_NAMES),
  );
  const previews = sorted(await rowTexts(desk, ".preview"));
  // One line has no room for two.
  const wanted = sorted(VALUES.map((payload) => payload.replaceAll("\n", " ")));
  ledger.shown("a customer's message", "console, waiting list", previews, wanted);
}

/** What a thread and the pane beside it say, by place. */
type ThreadSight = Readonly<
  Record<
    | "who"
    | "label"
    | "standing"
    | "along"
    | "texts"
    | "authors"
    | "opened"
    | "taken"
    | "name"
    | "userAgent"
    | "current"
    | "first"
    | "from",
    string
  >
>;

/** In-page: the words of a thread's line, without its time. */
const LINE = `const line = (node) => {
  if (node.children.length !== 1 || node.children[0].localName !== "time") throw new Error(node.outerHTML);
  return node.textContent.slice(0, -(node.children[0].textContent.length + 3));
};`;

/** In-page: a chat of the list by the customer's name, opened. */
export const OPEN = `const rows = new Map([...document.querySelectorAll(".list-pane .row")].map((row) => [row.querySelector(".who").textContent, row]));
// A list of that many is drawn anew with each change: another one is shown meanwhile, and its rows open what they did.
document.querySelector("#tab-waiting").click();
await eyes.until("the list is away", () => !document.querySelector(".list-pane .row"));
const open = async (name, isThere = () => true) => {
  rows.get(name).click();
  await eyes.until("the chat of " + name + " is open", () =>
    document.querySelector(".thread-head h2")?.textContent === name && isThere());
};`;

/** A pair of texts as one: of a thread's two sides. */
const both = (one: string, other: string): string => `${one}\n\n${other}`;

/** Each agent has the chat of one customer: every thread is opened. */
export async function seeThreads(
  { desk, ledger }: Scene,
  customers: readonly Customer[],
  visits: readonly Visit[],
): Promise<void> {
  await openList(desk, "all");
  // What events told is read again after a rest, a page of it: the others are behind that from then on.
  await pause(READ_AGAIN_MS);
  await openList(desk, "all");
  const owners = sorted(await rowTexts(desk, ".owner"));
  ledger.shown("an agent's name", "console, list of all", owners, sorted(SHOWN_NAMES));
  const sights = await look<ThreadSight[]>(
    desk,
    `const seen = [];
    ${LINE}
    const about = (name) =>
      [...document.querySelectorAll(".context-pane dt")].find((node) => node.textContent === name)?.nextElementSibling;
    const page = (name) => {
      const link = about(name).querySelector("a");
      if (link.title !== link.href) throw new Error(link.outerHTML);
      return link.href + "\\n\\n" + eyes.text(link);
    };
    ${OPEN}
    for (const name of ${JSON.stringify(SHOWN_NAMES)}) {
      await open(name, () =>
        document.querySelectorAll(".thread-pane .message").length === 2 &&
        document.querySelector(".context-pane .hint")?.textContent === "There are no others.");
      const [opened, taken] = [...document.querySelectorAll(".thread-pane .line")].map(line);
      seen.push({
        who: eyes.text(document.querySelector(".thread-head h2")),
        label: document.querySelector(".thread-pane").ariaLabel,
        standing: eyes.text(document.querySelector(".thread-head p")),
        along: eyes.text(document.querySelector(".writer .blocked")),
        texts: eyes.all(".thread-pane .message .text").join("\\n\\n"),
        authors: eyes.all(".thread-pane .message .author").join("\\n\\n"),
        opened,
        taken,
        name: eyes.text(about("Name")),
        userAgent: about("Device")?.title ?? "",
        current: page("Current page"),
        first: page("Chat began on"),
        from: about("Came from").querySelector("a").href,
      });
    }
    return seen;`,
  );
  const all = (place: keyof ThreadSight): string[] => sights.map((sight) => sight[place]);
  ledger.shown("a customer's name", "console, heading", all("who"), SHOWN_NAMES);
  ledger.shown(
    "a customer's name",
    "console, heading",
    all("label"),
    said((name) => `Chat with ${name}`),
    0,
  );
  ledger.shown("a customer's name", "console, about", all("name"), SHOWN_NAMES);
  ledger.shown(
    "a customer's name",
    "console, thread's line",
    all("opened"),
    said((name) => `${name} opened the chat`),
  );
  ledger.shown(
    "an agent's name",
    "console, thread's line",
    all("taken"),
    said((name) => `${name} took the chat`),
  );
  ledger.shown(
    "an agent's name",
    "console, standing",
    all("standing"),
    said((name) => `With ${name}`),
  );
  const along = said((name) => `${name} has this chat. You can read along.`);
  ledger.shown("an agent's name", "console, reading along", all("along"), along);
  const authors = said((name) => both(name, name));
  ledger.shown("a customer's name", "console, thread's author", all("authors"), authors);
  ledger.shown("an agent's name", "console, thread's author", all("authors"), authors);
  const texts = VALUES.map((payload) => both(payload, payload));
  ledger.shown("a customer's message", "console, thread", all("texts"), texts);
  ledger.shown("an agent's message", "console, thread", all("texts"), texts);
  const named = customers.flatMap(({ isBrowserNamed, payload }) => (isBrowserNamed ? [payload] : []));
  const agents = all("userAgent").filter((_, index) => customers[index]?.isBrowserNamed);
  const sent = payloadsIn((_, index) => customers[index]?.isBrowserNamed === true);
  ledger.shown("a browser's name", "console, device", agents, named, sent);
  ledger.refused("a browser's name", payloadsIn(() => true) - sent);
  const pages = visits.map((visit) => both(seenAs(visit).href, seenAs(visit).name));
  const titled = payloadsIn((_, index) => visits[index]?.title !== undefined);
  for (const [place, sight] of [
    ["console, current page", "current"],
    ["console, first page", "first"],
  ] as const) {
    ledger.shown("a page's address", place, all(sight), pages);
    ledger.shown("a page's title", place, all(sight), pages, titled);
  }
  ledger.shown("a part of a referrer", "console, came from", all("from"), VALUES.map(addressWith));
}

/** Each service has taken the chat of somebody who wrote its name. */
export async function seeServices({ desk, ledger }: Scene, names: readonly string[]): Promise<void> {
  await openList(desk, "all", names.length);
  const lines = await look<string[]>(
    desk,
    `${LINE}
    const lines = [];
    for (const row of document.querySelectorAll(".list-pane .row")) {
      row.click();
      await eyes.until("another thread is there", () => document.querySelectorAll(".thread-pane .line").length === 2);
      lines.push(line(document.querySelectorAll(".thread-pane .line")[1]));
      document.querySelector(".back").click();
      await eyes.until("it is closed", () => document.querySelector(".thread-pane.nothing"));
    }
    return lines;`,
  );
  const wanted = sorted(names.map((name) => `${name} took the chat`));
  ledger.shown("a service's name", "console, thread's line", sorted(lines), wanted, names.length);
}
