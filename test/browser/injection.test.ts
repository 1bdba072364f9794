/** Text is text: whatever is written into messages, names and attributes is shown as it is and never runs. */
import { expect, it } from "vitest";
import {
  connectClient,
  CUSTOMER,
  openMine,
  openWidget,
  panelOf,
  startChat,
  texts,
  write,
} from "../helpers/people.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { MAX_MESSAGE_CODE_POINTS } from "../../src/chat/wire.ts";
import { NAMES, PAYLOADS } from "../helpers/script-payloads.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Frame, Page } from "playwright-core";
import type { Place } from "../helpers/people.ts";

const LAST = PAYLOADS.at(-1) ?? "";

const site = useSite({ RATE_LIMITS: "off" });

/** No element was made of a text, and no address but of the web. */
async function expectPlain(place: Place): Promise<void> {
  const texts = place.locator(".message .text");
  const tags = await texts.locator("*").evaluateAll((all) => all.map((node) => node.tagName));
  expect(tags.filter((tag) => tag !== "A")).toEqual([]);
  const links = await texts.locator("a").evaluateAll((all) => all.map((node) => node.outerHTML));
  expect(links.length).toBeGreaterThan(0);
  for (const link of links)
    expect(link).toMatch(
      /^<a href="https?:[^"]*" target="_blank" rel="noopener noreferrer nofollow">[^<]*<\/a>$/,
    );
}

it(`${PAYLOADS.length} scripts in messages stay texts in widget, preview and console, live and after a reload`, async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  // Side by side in one message, as far as it reaches.
  const first = Array.from(PAYLOADS.join(" ")).slice(0, MAX_MESSAGE_CODE_POINTS).join("").trim();
  const panel = await startChat(shop, desk, site.url, first);
  await shop.getByRole("button", { name: "Close chat" }).first().click();
  await shop.getByRole("button", { name: "Open chat" }).waitFor();
  const anna = await connectClient(site.server.url, {
    credentials: { login: "anna", passcode: AGENT_PASSCODE },
  });
  const [conversation] = anna.conversations.values();
  const { id, customer } = conversation ?? { id: "", customer: { id: "" } };
  for (const text of PAYLOADS) {
    anna.send({ userTo: customer.id, text, conversation: id });
    await until("stored", () => anna.outgoing.length === 0);
  }
  const preview = shop.locator(".preview .text span");
  await expect.poll(() => preview.allTextContents(), { timeout: 30_000 }).toEqual([LAST]);
  await shop.getByRole("button", { name: /^Open chat/ }).click();
  for (const place of [panel, desk]) {
    await expect.poll(() => texts(place)).toEqual([first, ...PAYLOADS]);
    await expectPlain(place);
  }
  await Promise.all([shop.reload(), desk.reload()]);
  await openMine(desk);
  for (const place of [panel, desk]) {
    // A page of the history has 50; whether there is a second one already does not matter here.
    await expect.poll(async () => (await texts(place)).slice(-50)).toEqual(PAYLOADS.slice(-50));
    await expectPlain(place);
  }
  await anna.stop();
});

it("scripts in the attributes of the embed snippet stay attributes", async () => {
  const shop = await site.newPage();
  await shop.goto(`${site.url}/`);
  await panelOf(shop).getByLabel(CUSTOMER).waitFor({ state: "attached" });
  for (const payload of NAMES) {
    const title = await shop.evaluate(
      `new Promise((resolve) => {
      customerChat.destroy();
      const script = document.createElement("script");
      script.src = "/widget.js";
      Object.assign(script.dataset, { title: PAYLOAD, position: PAYLOAD, connect: "open", anything: PAYLOAD });
      script.addEventListener("load", () => {
        customerChat.open();
        const host = [...document.documentElement.children].find(({ shadowRoot }) => shadowRoot !== null);
        resolve(host.shadowRoot.querySelector("iframe").title);
      });
      document.body.append(script);
    })`.replaceAll("PAYLOAD", () => JSON.stringify(payload)),
    );
    expect(title).toBe(payload);
  }
  await panelOf(shop).getByLabel(CUSTOMER).waitFor();
});

it("scripts in messages between the host page and the frame are shown as text or refused, and strangers are not heard", async () => {
  const shop = await site.newPage();
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "mine");
  await panel.getByText("Sent").waitFor();
  await shop.getByRole("button", { name: "Close chat" }).first().click();
  const frame = frameOf(shop);
  for (const payload of NAMES) {
    await frame.evaluate(`parent.postMessage(${unreadMessage(payload)}, "*")`);
    await expect.poll(() => shop.locator(".preview .text strong").textContent()).toBe(payload);
    expect(await shop.locator(".preview .text span").textContent()).toBe(payload);
  }
  await frame.evaluate(`parent.postMessage(${unreadMessage("")}, "*")`);

  site.expectErrors(NETWORK_ERRORS);
  const refused = await shop.evaluate(`new Promise((resolve) => {
    const refusals = [];
    customerChat.on("error", (detail) => {
      refusals.push(detail);
      if (refusals.length === ${NAMES.length}) resolve(refusals);
    });
    for (const jwt of ${JSON.stringify(NAMES)}) customerChat.identify(jwt);
  })`);
  expect(refused).toHaveLength(NAMES.length);

  await shop.evaluate(
    `document.body.append(Object.assign(document.createElement("iframe"), { src: "/widget/panel?stranger" }))`,
  );
  const stranger = (): Frame | undefined => shop.frames().find((one) => one.url().endsWith("?stranger"));
  await expect.poll(stranger).toBeDefined();
  await stranger()?.evaluate(`{
    parent.postMessage(${unreadMessage("from a stranger")}, "*");
    for (const type of ["reset", "anything", "__proto__"])
      for (let index = 0; index < parent.frames.length; index += 1)
        parent.frames[index].postMessage({ customerChat: 1, message: { type } }, "*");
  }`);
  await shop.evaluate(`for (const message of [null, 1, "reset", { type: "<script>" }, {}])
    frames[0].postMessage({ customerChat: 1, message }, "*");`);
  await shop.getByRole("button", { name: "Open chat", exact: false }).click();
  await write(panel, CUSTOMER, "still mine");
  await expect.poll(() => texts(panel)).toEqual(["mine", "still mine"]);
  expect(await shop.getByText("from a stranger").count()).toBe(0);
});

it("a script that got into a page would be stopped by its policy, and seen by these tests", async () => {
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  await openWidget(shop, site.url);
  await desk.goto(`${site.url}/agent`);
  await desk.getByLabel("Login").waitFor();
  const attempts = [
    `document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = 1" }))`,
    `document.body.setAttribute("onclick", "globalThis.ran = 1"); document.body.click()`,
    `document.body.append(Object.assign(document.createElement("img"), { src: "https://evil.example/a.gif" }))`,
    `fetch("https://evil.example/").catch(() => undefined)`,
  ];
  const frames = [
    [shop.mainFrame(), ["script-src-elem", "script-src-attr", "img-src", "connect-src"]],
    [frameOf(shop), ["script-src-elem", "script-src-attr", "img-src", "connect-src"]],
    [desk.mainFrame(), ["require-trusted-types-for", "require-trusted-types-for", "img-src", "connect-src"]],
  ] as const;
  for (const [frame, directives] of frames) {
    for (const [index, attempt] of attempts.entries()) {
      await frame.evaluate(`try { ${attempt} } catch {}`);
      const told = `console: policy violated: ${directives[index] ?? ""} `;
      await expect.poll(() => site.complaints.some((one) => one.startsWith(told))).toBe(true);
      expect(await frame.evaluate("globalThis.ran")).toBeUndefined();
    }
    site.complaints.splice(0);
  }
  await Promise.all([shop.close(), desk.close()]);
  site.complaints.splice(0);
});

function frameOf(shop: Page): Frame {
  const frame = shop.frames().find((one) => one.url().includes("/widget/panel?parent"));
  if (frame === undefined) throw new Error("there is no panel");
  return frame;
}

function unreadMessage(text: string): string {
  const message = { type: "unread", count: text === "" ? 0 : 1, preview: text, from: text };
  return JSON.stringify({ customerChat: 1, message });
}
