/** Tabs of one customer that freeze, close, crash and lose the network in any order: all comes once, each tab's in order. */
import { expect, it } from "vitest";
import { freeze } from "../helpers/frozen.ts";
import { AGENT, CUSTOMER, panelOf, startChat, texts, write } from "../helpers/people.ts";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { BrowserContext, FrameLocator, Page } from "playwright-core";

const STEPS = 40;
const MOST_TABS = 4;
/** The longest wait between two attempts to connect, and a little. */
const LONGEST_MS = 45_000;
/** A deed is as probable as it is often here. */
const DEEDS = [
  ...["write", "write", "write", "write", "answer", "refuse", "allow", "cut", "reset"],
  ...["stall", "reload", "close", "crash", "open"],
] as const;

const site = useSite();

type Tab = {
  readonly page: Page;
  readonly panel: FrameLocator;
  /** What was written since it was loaded. */
  written: string[];
};

async function stored(): Promise<readonly string[]> {
  const { body } = await site.server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
  const token = String(body["token"]);
  const listed = (await site.server.get("/api/conversations", token)).body["items"] as { id: string }[];
  const path = `/api/conversations/${listed[0]?.id ?? ""}/messages?limit=200`;
  const items = (await site.server.get(path, token)).body["items"] as { message: string }[];
  return items.map(({ message }) => message);
}

async function openTab(profile: BrowserContext): Promise<Tab> {
  const page = await profile.newPage();
  await page.goto(`${site.url}/`);
  await page.getByRole("button", { name: /^Open chat/ }).click();
  const panel = panelOf(page);
  await panel.getByLabel(CUSTOMER).waitFor();
  return { page, panel, written: [] };
}

/** All that was written is stored once, and all pages show it so. */
async function expectAll(
  count: number,
  written: readonly (readonly string[])[],
  pages: readonly (Page | FrameLocator)[],
): Promise<void> {
  await expect.poll(async () => (await stored()).length, { timeout: LONGEST_MS }).toBe(count);
  const all = await stored();
  for (const texts of written) expect(all.filter((text) => texts.includes(text))).toEqual(texts);
  for (const page of pages) {
    await expect.poll(() => texts(page), { timeout: LONGEST_MS }).toEqual(all);
    await expect.poll(() => page.getByText("Sending…").count()).toBe(0);
  }
}

it("a tab that is frozen before it hears the answer goes on where it was, with the token that another tab has renewed", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const profile = await site.newProfile();
  const [page, desk] = [await profile.newPage(), await site.newPage()];
  const panel = await startChat(page, desk, site.url, "before");
  site.proxy.stallAnswers();
  const written = ["one", "two"];
  for (const text of written) await write(panel, CUSTOMER, text);
  await expect.poll(stored).toEqual(["before", "one"]);
  const thaw = await freeze(page);
  site.proxy.reset();
  const other = await openTab(profile);
  await other.panel.getByText("one").waitFor();
  await other.page.reload();
  await write(other.panel, CUSTOMER, "another tab");
  await desk.getByText("another tab").last().waitFor();
  await write(desk, AGENT, "an answer");
  await other.panel.getByText("an answer").waitFor();
  thaw();
  await expectAll(5, [written], [panel, other.panel, desk]);
});

it.each([1, 2, 3])(
  "whatever happens to the tabs, nothing is lost, doubled or out of order (%i)",
  async (seed) => {
    site.expectErrors(NETWORK_ERRORS);
    const random = randomOf(seed);
    const profile = await site.newProfile();
    const [first, desk] = [await profile.newPage(), await site.newPage()];
    const tabs: Tab[] = [
      { page: first, panel: await startChat(first, desk, site.url, "before"), written: [] },
    ];
    const written = [tabs[0]?.written ?? []];
    const done: string[] = [];
    let isRefused = false;
    let count = 1;
    for (let step = 0; step < STEPS; step += 1) {
      const tab = tabs[Math.floor(random() * tabs.length)] as Tab;
      const deed = DEEDS[Math.floor(random() * DEEDS.length)];
      done.push(`${deed ?? ""}@${tabs.indexOf(tab)}`);
      if (deed === "write") {
        tab.written.push(`message ${count}`);
        await write(tab.panel, CUSTOMER, `message ${count}`);
        count += 1;
      } else if (deed === "answer") {
        await write(desk, AGENT, `answer ${count}`);
        count += 1;
      } else if (deed === "refuse" || deed === "allow") {
        isRefused = deed === "refuse";
        site.proxy.refuse(isRefused);
        if (isRefused) site.proxy.cut();
      } else if (deed === "cut") site.proxy.cut();
      else if (deed === "reset") site.proxy.reset();
      else if (deed === "stall") site.proxy.stallAnswers();
      else if (deed === "reload" && !isRefused) {
        site.proxy.resume();
        await tab.page.reload();
        await tab.panel.getByLabel(CUSTOMER).waitFor();
        tab.written = [];
        written.push(tab.written);
      } else if (deed === "open" && !isRefused && tabs.length < MOST_TABS) {
        site.proxy.resume();
        tabs.push(await openTab(profile));
        written.push(tabs.at(-1)?.written ?? []);
      } else if ((deed === "close" || deed === "crash") && tabs.length > 1) {
        if (deed === "crash") await crash(tab.page);
        await tab.page.close();
        tabs.splice(tabs.indexOf(tab), 1);
      }
    }
    site.proxy.refuse(false);
    site.proxy.resume();
    try {
      await expectAll(count, written, [...tabs.map(({ panel }) => panel), desk]);
    } catch (error) {
      throw new Error(`after ${done.join(" ")}`, { cause: error });
    }
  },
  120_000,
);

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  // Nobody is left to answer.
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
}

/** The same numbers for the same seed, from 0 to 1. */
function randomOf(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
