/** What a customer and the host page see of scripts: who answers, what is said, and what stands on the page. */
import { CUSTOMER, openWidget, panelOf, write } from "../people.ts";
import { sideBySide } from "../script-payloads.ts";
import { payloadsIn, VALUES } from "./cast.ts";
import { look } from "./eyes.ts";
import type { Frame, Page } from "playwright-core";
import type { RawClient } from "../raw-client.ts";
import type { Ledger } from "./ledger.ts";

const json = (value: unknown): string => JSON.stringify(value);

type Scene = { readonly shop: Page; readonly ledger: Ledger };

function frameOf(shop: Page): Frame {
  const frame = shop.frames().find((one) => one.url().includes("/widget/panel?parent"));
  if (frame === undefined) throw new Error("there is no panel");
  return frame;
}

/** A guest who has written, and who looks elsewhere: what nobody sees need not be painted. */
export async function openGuest(shop: Page, url: string): Promise<string> {
  const panel = await openWidget(shop, url);
  await write(panel, CUSTOMER, "who is there?");
  await panel.getByText("Sent").waitFor();
  await shop.evaluate("customerChat.close()");
  return "who is there?";
}

/** Each agent takes the guest's chat in turn, says what the agent is called, and begins to write more. */
export async function seeAgents(
  { shop, ledger }: Scene,
  agents: readonly RawClient[],
  chat: { readonly conversation: string; readonly customer: string },
): Promise<void> {
  const { conversation, customer } = chat;
  await shop.exposeFunction("agentComes", async (index: number) => {
    const agent = agents[index];
    await agent?.post("/chat/claim", { conversation });
    await agent?.say(customer, VALUES[index] ?? "");
    await agent?.post("/chat/typing", { conversation, typing: true });
  });
  await shop.exposeFunction("agentLeaves", async (index: number) => {
    await agents[index]?.post("/chat/typing", { conversation, typing: false });
    await agents[index]?.post("/chat/release", { conversation });
  });
  const seen = await look<{
    headings: string[];
    typing: string[];
    lines: string[];
    authors: string[];
    texts: string[];
  }>(
    frameOf(shop),
    `const [headings, typing] = [[], []];
    for (const [index, name] of ${json(VALUES)}.entries()) {
      await agentComes(index);
      await eyes.until(name + " is there", () => document.querySelector("header h1").textContent === name);
      headings.push(eyes.text(document.querySelector("header h1")));
      const types = await eyes.until(name + " types", () => document.querySelector(".typing"));
      if (types.children.length !== 1) throw new Error(types.outerHTML);
      typing.push(types.textContent);
      await agentLeaves(index);
    }
    const lines = [...document.querySelectorAll(".line")].map((node) => {
      if (node.children.length !== 1 || node.children[0].localName !== "time") throw new Error(node.outerHTML);
      return node.textContent;
    });
    return { headings, typing, lines, authors: eyes.all(".message.other .author"), texts: eyes.all(".message.other .text") };`,
  );
  ledger.shown("an agent's name", "widget, heading", seen.headings, VALUES);
  ledger.shown(
    "an agent's name",
    "widget, typing",
    seen.typing,
    VALUES.map((name) => `${name} is typing`),
  );
  const joined = seen.lines.flatMap((line) => /^(.*) joined the chat · /s.exec(line)?.[1] ?? []);
  ledger.shown("an agent's name", "widget, thread's line", joined, VALUES);
  ledger.shown("an agent's name", "widget, author", seen.authors, VALUES);
  ledger.shown("an agent's message", "widget, thread", seen.texts, VALUES);
}

/** The customer writes them, as they are and so that they are refused. */
export async function seeOwnMessages({ shop, ledger }: Scene, first: string): Promise<void> {
  const texts = sideBySide(600).map((text) => text.trim());
  const refused = texts.map((text) => `${text}\u0007`);
  const [own, failed] = await look<[string[], string[]]>(
    frameOf(shop),
    `const field = document.querySelector(".composer textarea");
    const submit = async (texts, selector, before) => {
      for (const text of texts) {
        eyes.type(field, text);
        await eyes.until("it is written", () => !document.querySelector(".send").disabled);
        field.form.requestSubmit();
        await eyes.until("it is sent", () => field.value === "");
      }
      await eyes.until("all are there", () => document.querySelectorAll(selector).length === texts.length + before);
      return eyes.all(selector + " .text");
    };
    const own = await submit(${json(texts)}, ".message.own:not(.sending)", 1);
    return [own, await submit(${json(refused)}, ".message.failed", 0)];`,
  );
  ledger.shown("a customer's message", "widget, own message", own.slice(1), texts);
  if (own[0] !== first) throw new Error(`the first message is ${String(own[0])}`);
  ledger.shown("a message that is refused", "widget, own message", failed, refused);
}

/** Invitations with all of them side by side, into the chat that somebody has closed. */
export async function seeInvitations(
  { shop, ledger }: Scene,
  agent: RawClient,
  customer: string,
): Promise<void> {
  const invitations = sideBySide(4000);
  let conversation: string | undefined;
  for (const message of invitations) {
    if (conversation !== undefined) await agent.post("/chat/close", { conversation });
    const receipt = await agent.post("/chat/invite", { user: customer, message });
    conversation = receipt?.headers.get("conversation");
  }
  const seen = await look<string[]>(
    frameOf(shop),
    `const texts = ${json(invitations)};
    await eyes.until("all are there", () => eyes.all(".message.other .text").includes(texts.at(-1)));
    return eyes.all(".message.other .text").slice(-texts.length);`,
  );
  ledger.shown("an invitation", "widget, thread", seen, invitations);
}

/** The frame tells of messages of somebody; meanwhile the page is called something else each time, and nobody looks at it. */
export async function seeHostPage({ shop, ledger }: Scene): Promise<void> {
  await shop.evaluate(`Object.defineProperty(document, "hidden", { get: () => true })`);
  const seen = await look<{ names: string[]; texts: string[]; titles: string[] }>(
    frameOf(shop),
    `const root = [...parent.document.documentElement.children].find((one) => one.shadowRoot).shadowRoot;
    const [name, text] = [root.querySelector(".preview strong"), root.querySelector(".preview span")];
    const seen = { names: [], texts: [], titles: [] };
    for (const [index, payload] of ${json(VALUES)}.entries()) {
      parent.document.title = payload;
      parent.postMessage({ customerChat: 1, message: { type: "unread", count: index + 1, preview: payload, from: payload } }, "*");
      await eyes.until("it is told", () => name.textContent === payload && parent.document.title.startsWith("(" + (index + 1) + ")"));
      seen.names.push(eyes.text(name));
      seen.texts.push(eyes.text(text));
      seen.titles.push(parent.document.title);
    }
    return seen;`,
  );
  ledger.shown("what the frame tells the host page", "host page, name in the preview", seen.names, VALUES);
  ledger.shown("what the frame tells the host page", "host page, text in the preview", seen.texts, VALUES);
  // A title has no line breaks and tabs.
  const titles = VALUES.map((payload, index) => `(${index + 1}) ${payload.replaceAll(/[\t\n]/g, " ")}`);
  const accepted = payloadsIn((value) => !/\p{Cc}/u.test(value));
  ledger.shown("a page's title", "host page, window title", seen.titles, titles, accepted);
}

/** The script again, with a title of all of them. */
export async function seeTitle({ shop, ledger }: Scene): Promise<void> {
  const title = sideBySide(Infinity).join(" ");
  const shown = await shop.evaluate(`new Promise((resolve) => {
    customerChat.destroy();
    const script = document.createElement("script");
    script.src = "/widget.js";
    script.dataset.title = ${json(title)};
    script.addEventListener("load", () => {
      customerChat.open();
      const { shadowRoot } = [...document.documentElement.children].find((one) => one.shadowRoot);
      resolve(shadowRoot.querySelector("iframe").title);
    });
    document.body.append(script);
  })`);
  ledger.shown("the widget's title", "host page, frame", [String(shown)], [title]);
  await panelOf(shop).getByLabel(CUSTOMER).waitFor();
}
