/** Pages and browsers that are not as one would wish: in Chromium. */
import { expect, it } from "vitest";
import {
  AGENT,
  CUSTOMER,
  openWidget,
  ownTexts,
  panelOf,
  signIn,
  startChat,
  texts,
  write,
} from "../helpers/people.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Locator } from "playwright-core";

const site = useSite();

const CLOSED_STORAGE = `for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get: () => { throw new DOMException("closed", "SecurityError"); } });`;

it("a widget that the page ends before it has a body leaves nothing there", async () => {
  const shop = await site.newPage();
  await shop.route("**/early.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "customerChat.destroy()" }),
  );
  await shop.route("**/early", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><title>Shop</title><script src="/widget.js"></script><script src="/early.js"></script><body></body>`,
    }),
  );
  await shop.goto(`${site.url}/early`);
  expect(await shop.evaluate("[typeof customerChat, document.documentElement.childElementCount]")).toEqual([
    "undefined",
    2,
  ]);
});

it("who signs out on a page where the chat was never opened is nobody on the next: it shows nothing and sends nothing of before", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const shop = await site.newPage();
  await shop.route("**/lazy", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><title>Shop</title><script src="/widget.js" data-connect="open"></script><body></body>`,
    }),
  );
  const panel = panelOf(shop);
  await shop.goto(`${site.url}/lazy`);
  await shop.evaluate("customerChat.open()");
  await write(panel, CUSTOMER, "before");
  await panel.locator(".message.own:not(.sending)").waitFor();
  site.proxy.refuse(true);
  site.proxy.cut();
  await write(panel, CUSTOMER, "unsent");
  await panel.getByText("Sending…").waitFor();
  await shop.evaluate("customerChat.close()");
  site.proxy.refuse(false);
  await shop.goto(`${site.url}/lazy`);
  await shop.evaluate("customerChat.reset()");
  await shop.goto(`${site.url}/lazy`);
  await shop.evaluate("customerChat.open()");
  await write(panel, CUSTOMER, "somebody else");
  await panel.locator(".message.own:not(.sending)").waitFor();
  expect(await texts(panel)).toEqual(["somebody else"]);
  await shop.reload();
  await panel.getByText("somebody else").waitFor();
  expect(await texts(panel)).toEqual(["somebody else"]);
});

it("a page whose rules hide every div, whose body is moved and made anew, has the bubble where it belongs; on paper there is none", async () => {
  const shop = await site.newPage();
  await shop.route("**/wild", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<title>Shop</title><style>* { all: unset } div, iframe { display: none !important; opacity: 0 } body { transform: translateY(9px); height: 3000px }</style><body><script async src="/widget.js"></script></body>`,
    }),
  );
  await shop.goto(`${site.url}/wild`);
  const bubble = shop.getByRole("button", { name: "Open chat" });
  const place = { x: 1204, y: 724, width: 56, height: 56 };
  await expect.poll(() => bubble.boundingBox()).toEqual(place);
  await shop.evaluate("document.body.replaceWith(document.createElement('body'))");
  expect(await bubble.boundingBox()).toEqual(place);
  await bubble.click();
  await panelOf(shop).getByRole("heading", { name: "Hello! How can we help?" }).waitFor();
  await shop.emulateMedia({ media: "print" });
  expect(await shop.getByRole("dialog").isVisible()).toBe(false);
});

it("elements that visitors wrote into a page under names that scripts use neither hold the widget up nor lead it to another server", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const stranger = "https://evil.example";
  const asked: string[] = [];
  site.allow(stranger);
  await shop.route(`${stranger}/**`, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: "image/svg+xml", body: "<svg xmlns='http://www.w3.org/2000/svg'/>" });
  });
  await shop.route("**/comments", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<title>Shop</title><body><img name="currentScript" src="${stranger}/pixel.svg"><form name="title"></form>
        <form id="customerChat"><input name="destroy"></form><script async src="/widget.js"></script></body>`,
    }),
  );
  await shop.goto(`${site.url}/comments`);
  await shop.getByRole("button", { name: "Open chat" }).click();
  await write(panelOf(shop), CUSTOMER, "hello");
  await signIn(desk, site.url);
  await desk.getByRole("tab", { name: "Visitors 1" }).click();
  await desk.locator(".visitor").getByText("Shop", { exact: true }).waitFor();
  expect(asked).toEqual([`${stranger}/pixel.svg`]);
});

it("where the browser closes its storage, a customer writes and an agent signs in and answers", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  for (const page of [shop, desk]) await page.addInitScript(CLOSED_STORAGE);
  const panel = await startChat(shop, desk, site.url, "hello");
  await write(desk, AGENT, "good day");
  await panel.getByText("good day").waitFor();
});

it("who writes sees it, wherever they had scrolled", async () => {
  const shop = await site.newPage();
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "line\n".repeat(200));
  await panel.getByText("Sent").waitFor();
  const log = panel.getByRole("log");
  await log.press("Home");
  await expect.poll(() => log.evaluate((box: { scrollTop: number }) => box.scrollTop)).toBe(0);
  await panel.getByRole("button", { name: "Newest messages" }).waitFor();
  await write(panel, CUSTOMER, "one more");
  await expect.poll(() => ownTexts(panel)).toHaveLength(2);
  await panel.getByRole("button", { name: "Newest messages" }).waitFor({ state: "detached" });

  // The scroll that Home begins is smooth, and still under way when the message is there.
  await panel.getByLabel(CUSTOMER).fill("at once");
  const distance = (): Promise<number> =>
    log.evaluate(
      (box: { scrollHeight: number; scrollTop: number; clientHeight: number }) =>
        box.scrollHeight - box.scrollTop - box.clientHeight,
    );
  await log.press("Home");
  await panel.getByRole("button", { name: "Newest messages" }).waitFor();
  await panel.getByLabel(CUSTOMER).press("Enter");
  await panel.getByText("at once").waitFor();
  await panel.getByText("Sent").waitFor();
  await expect.poll(distance).toBeLessThan(48);
});

it("zoomed to 400 %, and on a phone that is held sideways, who writes sees the field and what was said", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  const panel = await startChat(shop, desk, site.url, "line\n".repeat(20));
  const sights = [
    { page: shop, place: panel, field: panel.getByLabel(CUSTOMER), width: 640, height: 200 },
    { page: shop, place: panel, field: panel.getByLabel(CUSTOMER), width: 320, height: 256 },
    { page: desk, place: desk, field: desk.getByLabel(AGENT), width: 320, height: 256 },
  ];
  for (const { page, place, field, width, height } of sights) {
    await page.setViewportSize({ width, height });
    await expect
      .poll(async () => {
        await field.scrollIntoViewIfNeeded();
        const [own, log] = [await field.boundingBox(), await place.getByRole("log").boundingBox()];
        const isSeen = own !== null && own.y >= 0 && own.y + own.height <= height;
        return isSeen && log !== null ? own.y - Math.max(0, log.y) : 0;
      })
      .toBeGreaterThan(60);
  }
});

it("in forced colours bubble, frame and field have edges, and the chosen list, chat and status are told apart", async () => {
  const forced = { forcedColors: "active" } as const;
  const [shop, desk] = [await site.newPage(forced), await site.newPage(forced)];
  const panel = await startChat(shop, desk, site.url, "hello");
  const style = (of: Locator, name: string): Promise<string> =>
    of.evaluate(
      (node: { computedStyleMap(): Map<string, unknown> }, wanted) =>
        String(node.computedStyleMap().get(wanted)),
      name,
    );
  for (const edged of [shop.locator(".bubble"), shop.locator(".frame"), panel.locator(".send")])
    expect(await style(edged, "border-block-start-width")).toBe("1px");
  await desk.getByRole("button", { name: /status: Online$/ }).click();
  for (const [chosen, other] of [
    [desk.getByRole("tab", { name: /^Mine/ }), desk.getByRole("tab", { name: /^All/ })],
    [
      desk.getByRole("menuitemradio", { name: /^Online/ }),
      desk.getByRole("menuitemradio", { name: /^Away/ }),
    ],
  ] as const)
    expect(await style(chosen, "border-block-end-color")).not.toBe(
      await style(other, "border-block-end-color"),
    );
  expect(await style(desk.locator(".row.selected"), "border-inline-start-width")).toBe("5px");
});
