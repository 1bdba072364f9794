/** The frame of the widget in places where it does not belong: no chat, no script, and words that say so. */
import { expect, it } from "vitest";
import { useSite } from "../helpers/site.ts";
import type { FrameLocator, Page } from "playwright-core";

const SHOP = "https://shop.example.com";
const site = useSite({ ALLOWED_ORIGINS: SHOP });

const BAD = [
  "",
  "?parent=",
  "?parent=shop",
  "?parent=null",
  "?parent=*",
  "?parent=%00%E0%A4%A",
  "?parent=javascript:alert(document.domain)",
  "?parent=data:text/html,<script>alert(1)</script>",
  "?parent=ftp://127.0.0.1",
  `?parent=https://${"a".repeat(4000)}.example`,
  '?parent="><script>alert(1)</script>',
  `?parent=${SHOP}&parent=https://evil.example`,
];

/** Opens a page of the site and puts frames with these addresses on it. */
async function framesOf(page: Page, searches: readonly string[]): Promise<FrameLocator[]> {
  await page.goto(`${site.url}/`);
  await page.evaluate(`for (const search of ${JSON.stringify(searches)}) {
    const src = "/widget/panel" + search;
    document.body.append(Object.assign(document.createElement("iframe"), { src, className: "bad" }));
  }`);
  return searches.map((_, index) => page.locator("iframe.bad").nth(index).contentFrame());
}

it("may be shown by the allowed sites alone, whatever the address says", async () => {
  for (const search of [`?parent=${SHOP}`, ...BAD]) {
    const response = await fetch(`${site.server.url}/widget/panel${search}`);
    expect(response.status).toBe(200);
    const policy = response.headers.get("content-security-policy")?.split(";") ?? [];
    expect(policy).toContain(`frame-ancestors 'self' ${SHOP}`);
    expect(policy).toContain("script-src 'self'");
    expect(await response.text()).not.toContain("parent");
  }
});

it("says that it cannot start where its address does not say of which page it is, and sends nothing", async () => {
  const page = await site.newPage();
  for (const frame of await framesOf(page, BAD)) {
    await frame.getByRole("heading", { name: "The chat cannot start here" }).waitFor();
    expect(await frame.getByRole("textbox").count()).toBe(0);
  }
});

it("says so where the page around it is another than the address says", async () => {
  const page = await site.newPage();
  site.expectErrors(/Failed to execute 'postMessage' on 'DOMWindow'/);
  const [frame] = await framesOf(page, [`?parent=${SHOP}`]);
  await frame?.getByRole("heading", { name: "The chat cannot start here" }).waitFor({ timeout: 40_000 });
});

it("is a chat of its own where no page is around it", async () => {
  const page = await site.newPage();
  await page.goto(`${site.url}/widget/panel?parent=javascript:alert(1)`);
  await page.getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
});
