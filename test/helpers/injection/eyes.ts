/** What looks at a page from within: texts of places, and whatever no page of ours has in it. */
import { expect } from "vitest";
import type { BrowserContext, Frame, Page } from "playwright-core";

/** Elements that the pages make themselves; `iframe` is the widget's on the host page. */
const OURS =
  "html head meta title link body script main header nav section aside div span p a b i strong em mark kbd code pre small " +
  "h1 h2 h3 ul ol li dl dt dd time button form fieldset legend label input textarea select option dialog details summary " +
  "footer svg path circle iframe";

/**
 * `text(node)` is what a place shows; it throws where something else than a link or a marked word was made of it.
 * `all(selector)` are the texts of all that match. `type` writes into a field as a person does. `until` waits.
 */
const EYES = `globalThis.eyes = {
  text(node) {
    for (const made of node.querySelectorAll("*")) {
      const isLink = made.localName === "a" && /^https?:\\/\\//.test(made.getAttribute("href")) &&
        made.target === "_blank" && made.relList.contains("noopener") && made.relList.contains("noreferrer");
      if (!isLink && made.localName !== "mark") throw new Error("made of a text: " + made.outerHTML);
    }
    return node.textContent;
  },
  all: (selector, root = document) => [...root.querySelectorAll(selector)].map(eyes.text),
  type(field, value) {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  },
  async until(what, condition) {
    const end = performance.now() + 20_000;
    for (;;) {
      const found = condition();
      if (found) return found;
      if (performance.now() > end) throw new Error("waited in vain until " + what);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  },
  strange() {
    const ours = new Set(${JSON.stringify(OURS.split(" "))});
    const found = [];
    // The connection check looks from another site, so to speak.
    const probe = "data:text/html," + encodeURIComponent('<iframe src="' + location.origin + '/connection-check?frame"></iframe>');
    const look = (root) => {
      for (const node of root.querySelectorAll("*")) {
        if (!ours.has(node.localName) || (node.localName === "script" && node.src === "")) found.push(node.outerHTML.slice(0, 200));
        for (const { name, value } of node.attributes) {
          if (/^on/i.test(name) || name === "srcdoc") found.push(name + "=" + value);
          if (/^(?:href|src|action|formaction|xlink:href)$/i.test(name) && !/^(?:https?:\\/\\/|[/#]|data:,$)/.test(value) && value !== probe)
            found.push(name + "=" + value);
        }
        if (node.shadowRoot) look(node.shadowRoot);
      }
    };
    look(document);
    if (globalThis.ran !== undefined || {}.ran !== undefined) found.push("a script ran");
    return found;
  },
  /** What a desktop notification says. */
  notices: [],
};
globalThis.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) {
    super();
    eyes.notices.push([title, body]);
  }
  close() {}
};`;

/** In every page and frame that the browser opens from now on. */
export async function giveEyes(context: BrowserContext): Promise<void> {
  await context.addInitScript(EYES);
}

/** Runs a function body there. */
export async function look<Seen>(place: Page | Frame, body: string): Promise<Seen> {
  return place.evaluate<Seen>(`(async () => { ${body} })()`);
}

/** No page or frame has an element, an event handler or an address in it that is not the pages' own. */
export async function expectNothingStrange(pages: readonly Page[]): Promise<void> {
  for (const frame of pages.flatMap((page) => page.frames())) {
    // The frames of the connection check come and go, and have nothing to show.
    if (/^data:|\?frame$/.test(frame.url())) continue;
    expect(await look(frame, "return eyes.strange()"), frame.url().slice(0, 100)).toEqual([]);
  }
}
