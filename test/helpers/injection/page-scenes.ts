/** What the other pages, and answers that are no pages, make of scripts in their addresses. */
import { sideBySide } from "../script-payloads.ts";
import { expectNothingStrange, look } from "./eyes.ts";
import type { Page } from "playwright-core";
import type { Ledger } from "./ledger.ts";

type Scene = { readonly page: Page; readonly ledger: Ledger; readonly url: string };

/** As many as an address may have. */
const MANY = sideBySide(2500).map(encodeURIComponent);

/** Opens each address; nothing of what stands in it becomes a part of the page. */
async function openAll(page: Page, addresses: readonly string[], isThere: string): Promise<void> {
  for (const address of addresses) {
    await page.goto(address);
    await page.locator(isThere).first().waitFor({ state: "attached" });
    await expectNothingStrange([page]);
  }
}

export async function seeAddresses({ page, ledger, url }: Scene): Promise<void> {
  const pages = [
    ["demo page", "/?q=", "#snippet:not(:empty)"],
    ["console, sign-in", "/agent?q=", ".sign-in"],
    ["widget", "/widget/panel?parent=", ".panel h1"],
    ["check", "/connection-check?q=", ".verdict"],
  ] as const;
  for (const [place, path, isThere] of pages) {
    await openAll(
      page,
      MANY.map((many) => `${url}${path}${many}#${many}`),
      isThere,
    );
    ledger.silent("query and fragment", place);
  }
}

export async function seeAnswers({ page, ledger, url }: Scene): Promise<void> {
  await openAll(
    page,
    MANY.map((many) => `${url}/nothing/${many}`),
    "pre",
  );
  ledger.silent("a part of a request", "REST, unknown path");
  await openAll(
    page,
    MANY.flatMap((many) => [`${url}/api/search?text=${many}`, `${url}/api/connection-check?origin=${many}`]),
    "pre",
  );
  ledger.silent("a part of a request", "REST, query");
}

/** The address of a site, or what is none, in the question whether it may show the chat. */
export async function seeSites({ page, ledger, url }: Scene): Promise<void> {
  const sites = sideBySide(256);
  const [rows, wanted, fields]: [string[], string[], string[]] = [[], [], []];
  for (const site of sites) {
    await page.goto(`${url}/connection-check?site=${encodeURIComponent(site)}`);
    const [said, todo, field, origin] = await look<[string, string, string, string]>(
      page,
      `const row = await eyes.until("the site is judged", () =>
        [...document.querySelectorAll(".rows li")].find((one) => one.querySelector("strong").textContent === "Site with the chat"));
      const site = ${JSON.stringify(site)};
      const origin = (URL.parse(site) ?? URL.parse("https://" + site))?.origin ?? site.slice(0, 256);
      const [, said, todo] = row.children;
      return [eyes.text(said), eyes.text(todo), document.querySelector("#site").value, origin];`,
    );
    rows.push(said, todo);
    wanted.push(
      `${origin} may not show the chat.`,
      `Whoever runs the server adds it: ALLOWED_ORIGINS=${origin}. It must be exactly that, with https and without a path.`,
    );
    fields.push(field);
  }
  ledger.shown("a site in question", "check, row", rows, wanted);
  // A field of one line has no room for the other one's end.
  ledger.shown(
    "a site in question",
    "check, field",
    fields,
    sites.map((site) => site.replaceAll("\n", "")),
  );
  await page.getByRole("button", { name: "Copy report" }).waitFor({ timeout: 20_000 });
  await page.getByText("Report as text").click();
  await expectNothingStrange([page]);
}
