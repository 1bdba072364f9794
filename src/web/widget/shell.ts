/** The bubble, its badge and preview, and the place of the frame: in a shadow root, so that no style leaks. */

import { SPEECH } from "./shapes.ts";

export type Shell = {
  /** Takes the frame in, hidden. */
  hold(frame: HTMLIFrameElement): void;
  show(open: boolean): void;
  /** Whether the open frame covers the page, for screen readers. */
  modal(isModal: boolean): void;
  unread(count: number, preview: string, from: string): void;
  remove(): void;
};

/** Where the frame covers the whole page: on phones, however they are held, and where a page is zoomed to that size. */
export const PHONE = "(max-width:480px),(max-height:480px)";
const CSS = `
*{box-sizing:border-box}
.bubble{position:fixed;bottom:20px;inset-inline-end:20px;width:56px;height:56px;border:0;border-radius:50%;background:#2454d6;color:#fff;cursor:pointer;box-shadow:0 6px 20px rgb(20 28 48/28%);display:grid;place-items:center;z-index:2147483000;transition:transform .15s}
.bubble:hover{transform:scale(1.05)}
.bubble:focus-visible{outline:3px solid #1b43b3;outline-offset:3px;box-shadow:0 0 0 3px #fff}
.preview button:focus-visible{outline:3px solid #2454d6;outline-offset:-3px;border-radius:14px}
.bubble svg{width:26px;height:26px}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:600 13px/22px system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px #fff}
.preview{position:fixed;bottom:90px;inset-inline-end:20px;width:min(300px,calc(100vw - 40px));display:flex;background:#fff;color:#171b24;border-radius:14px;box-shadow:0 8px 30px rgb(20 28 48/25%);z-index:2147483000;overflow:hidden}
.preview .text{flex:1;min-width:0;border:0;background:none;color:inherit;text-align:start;padding:12px 0 14px 16px;padding-inline:16px 0;font:15px/1.4 system-ui,sans-serif;cursor:pointer}
.preview strong,.preview span{display:block;overflow:hidden;text-overflow:ellipsis}
.preview strong{white-space:nowrap;margin-bottom:2px}
.preview span{display:-webkit-box;-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow-wrap:anywhere}
.preview .hide{align-self:flex-start;width:44px;height:44px;margin:0;border:0;border-radius:50%;background:none;color:#545c6d;font:20px/1 system-ui,sans-serif;cursor:pointer}
.frame{position:fixed;bottom:90px;inset-inline-end:20px;width:384px;height:min(620px,calc(100dvh - 110px));border-radius:16px;overflow:hidden;box-shadow:0 12px 40px rgb(20 28 48/30%);z-index:2147483000;background:Canvas}
.frame iframe{width:100%;height:100%;border:0;display:block;color-scheme:light dark}
.left .bubble,.left .preview,.left .frame{inset-inline:20px auto}
[hidden]{display:none!important}
@media ${PHONE}{.frame{inset:0;width:100%;height:100dvh;border-radius:0}.open .bubble{display:none}}
@media(prefers-color-scheme:dark){.preview{background:#1f242e;color:#eceff5}.preview,.frame{outline:1px solid #303644}.preview button:focus-visible{outline-color:#8fb0ff}.preview .hide{color:#a8b0c0}}
@media print{.left,.right{display:none}}
@media(forced-colors:active){.bubble,.badge,.preview,.frame{border:1px solid}}
@media(prefers-reduced-motion:reduce){.bubble{transition:none}}
`;
/** In the element itself: a page's own rules, such as one for all its `div`s, do not reach it. */
const UNTOUCHED = "all:initial!important;position:absolute!important;top:0!important;left:0!important";
const DOWN = "M5 9l7 7 7-7";

export function createShell({ side, toggled }: { side: "left" | "right"; toggled: () => void }): Shell {
  const host = document.createElement("div");
  host.style.cssText = UNTOUCHED;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  const wrap = element("div", side);
  const bubble = element("button", "bubble");
  const badge = element("span", "badge");
  const preview = element("div", "preview");
  const text = element("button", "text");
  const name = element("strong", "");
  const words = element("span", "");
  const hide = element("button", "hide");
  const place = element("div", "frame");
  for (const button of [bubble, text, hide]) (button as HTMLButtonElement).type = "button";
  hide.textContent = "×";
  hide.setAttribute("aria-label", "Hide this message");
  text.append(name, words);
  preview.append(text, hide);
  preview.setAttribute("role", "status");
  place.hidden = preview.hidden = badge.hidden = true;
  bubble.setAttribute("aria-controls", "customer-chat-panel");
  bubble.setAttribute("aria-expanded", "false");
  wrap.append(place, preview, bubble);
  root.append(wrap);
  let unread = 0;
  let isOpen = false;
  const draw = (): void => {
    bubble.replaceChildren(icon(isOpen ? DOWN : SPEECH, isOpen), badge);
    bubble.setAttribute(
      "aria-label",
      isOpen ? "Close chat" : unread > 0 ? `Open chat, ${unread} unread` : "Open chat",
    );
    bubble.setAttribute("aria-expanded", String(isOpen));
    badge.hidden = unread === 0 || isOpen;
    badge.textContent = unread > 99 ? "99+" : String(unread);
  };
  bubble.addEventListener("click", toggled);
  text.addEventListener("click", toggled);
  hide.addEventListener("click", () => {
    preview.hidden = true;
    bubble.focus();
  });
  draw();
  const attach = (): void => {
    // Beside the body: there a page that makes its body anew leaves it, and a body that is moved does not move it.
    document.documentElement.append(host);
  };
  if (document.readyState === "loading")
    document.addEventListener("DOMContentLoaded", attach, { once: true });
  else attach();
  return {
    hold: (frame) => {
      place.setAttribute("role", "dialog");
      place.setAttribute("aria-label", frame.title);
      place.append(frame);
    },
    show: (open) => {
      isOpen = open;
      place.hidden = !open;
      wrap.classList.toggle("open", open);
      if (open) preview.hidden = true;
      draw();
      if (open) place.querySelector("iframe")?.focus();
      else bubble.focus();
    },
    modal: (isModal) => {
      place.ariaModal = String(isModal);
    },
    unread: (count, message, from) => {
      unread = count;
      name.textContent = from;
      words.textContent = message;
      preview.hidden = isOpen || message === "";
      draw();
    },
    remove: () => {
      document.removeEventListener("DOMContentLoaded", attach);
      host.remove();
    },
  };
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function icon(path: string, isStroke: boolean): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", isStroke ? "none" : "currentColor");
  if (isStroke) {
    shape.setAttribute("stroke", "currentColor");
    shape.setAttribute("stroke-width", "2.5");
    shape.setAttribute("stroke-linecap", "round");
  }
  svg.append(shape);
  return svg;
}
