/** `/widget.js`: the bubble on the host page, and the frame with the chat when it is needed. */
import { countedTitle } from "../shared/title.ts";
import { unwrap, wrap } from "./messages.ts";
import { followPage } from "./page-watch.ts";
import { createShell, PHONE } from "./shell.ts";
import type { VisitedPage } from "../../chat/wire.ts";
import type { ToLoader, ToPanel } from "./messages.ts";

type Listener = (detail: unknown) => void;
type Api = {
  open(): void;
  close(): void;
  toggle(): void;
  /** A token that the host site signed for the visitor. */
  identify(jwt: string): void;
  /** The visitor signed out: the next chat is somebody else's. */
  reset(): void;
  destroy(): void;
  on(event: string, listener: Listener): () => void;
};
/** A frame that has not said that it is ready by then never will. */
const READY_MS = 10_000;
type Queued = readonly [keyof Api, ...unknown[]];
type Host = { customerChat?: Api | Queued[] };

const script = ofDocument("currentScript") as HTMLScriptElement | null;
if (script !== null) start(script);

/** In a page with an element of that name, which visitors may have written there, `document[name]` is the element. */
function ofDocument(name: "currentScript" | "title"): unknown {
  return Reflect.get(Document.prototype, name, document);
}

function start({ src, dataset }: HTMLScriptElement): void {
  const host = window as unknown as Host;
  const before = host.customerChat;
  const queued = Array.isArray(before) ? before : [];
  // An element with this id has no such function.
  if (before !== undefined && "destroy" in before && typeof before.destroy === "function") before.destroy();
  const origin = new URL(src).origin;
  const storageKey = `customer-chat:${origin}`;
  const listeners = new Map<string, Set<Listener>>();
  const waiting: ToPanel[] = [];
  /** The page's own title, and that with our count. */
  let [title, counted] = [ofDocument("title") as string, ""];
  let page: VisitedPage | undefined;
  const phone = matchMedia(PHONE);
  let frame: HTMLIFrameElement | undefined;
  let isReady = false;
  let loadedAt = 0;
  let isOpen = false;
  let unread = 0;

  const post = (message: ToPanel): void => {
    if (isReady) frame?.contentWindow?.postMessage(wrap(message), origin);
    else waiting.push(message);
  };
  const emit = (name: string, detail: unknown): void => {
    for (const listener of listeners.get(name) ?? []) listener(detail);
  };
  const load = (of: HTMLIFrameElement): void => {
    loadedAt = performance.now();
    of.src = `${origin}/widget/panel?parent=${encodeURIComponent(location.origin)}`;
  };
  /** A browser that was offline when the frame was loaded shows its own words in it, and never tries again. */
  const reload = (): void => {
    if (frame !== undefined && !isReady) load(frame);
  };
  const connect = (): void => {
    if (frame !== undefined) return;
    frame = document.createElement("iframe");
    load(frame);
    frame.title = dataset["title"] ?? "Chat with us";
    frame.id = "customer-chat-panel";
    shell.hold(frame);
  };
  const show = (open: boolean): void => {
    if (open === isOpen) return;
    isOpen = open;
    if (open) connect();
    if (open && performance.now() - loadedAt > READY_MS) reload();
    shell.show(open);
    post({ type: open ? "open" : "close" });
    remember("open", open ? "1" : null);
    emit(open ? "open" : "close", undefined);
  };
  const remember = (name: string, value: string | null): void => {
    try {
      const storage = name === "open" ? sessionStorage : localStorage;
      if (value === null) storage.removeItem(`${storageKey}:${name}`);
      else storage.setItem(`${storageKey}:${name}`, value);
    } catch {
      // Storage is closed: it is remembered as long as the page lives.
    }
  };
  const recall = (name: string): string | null => {
    try {
      return (name === "open" ? sessionStorage : localStorage).getItem(`${storageKey}:${name}`);
    } catch {
      return null;
    }
  };
  const shell = createShell({
    side: dataset["position"] === "left" ? "left" : "right",
    toggled: () => {
      show(!isOpen);
    },
  });
  const fit = (): void => {
    shell.modal(phone.matches);
    post({ type: "modal", isModal: phone.matches });
  };
  const ownTitle = (): string => {
    const shown = ofDocument("title") as string;
    if (shown !== counted) title = shown;
    return title;
  };
  const showTitle = (): void => {
    counted = countedTitle(document.hidden ? unread : 0, ownTitle());
    if (ofDocument("title") !== counted) Reflect.set(Document.prototype, "title", counted, document);
  };
  const received = (event: MessageEvent): void => {
    const message = unwrap(event, frame?.contentWindow, origin) as ToLoader | undefined;
    if (message === undefined) return;
    switch (message.type) {
      case "ready":
        isReady = true;
        post({ type: "hello", token: recall("token"), isOpen });
        fit();
        if (page !== undefined) post({ type: "page", page });
        // Somebody signed out on a page that had no frame.
        if (recall("reset") !== null && !waiting.some(({ type }) => type === "reset"))
          post({ type: "reset" });
        remember("reset", null);
        for (const late of waiting.splice(0)) post(late);
        break;
      case "open":
      case "close":
        show(message.type === "open");
        break;
      case "token":
        remember("token", message.token);
        break;
      case "event":
        emit(message.name, message.detail);
        break;
      case "unread":
        shell.unread(message.count, isOpen ? "" : message.preview, message.from);
        if (message.count === unread) break;
        unread = message.count;
        showTitle();
        emit("unread", unread);
    }
  };
  window.addEventListener("message", received);

  window.addEventListener("online", reload);
  phone.addEventListener("change", fit);
  let endWatch = (): void => undefined;
  if (dataset["page"] !== "off") {
    endWatch = followPage(ownTitle, (now) => {
      page = now;
      if (isReady) post({ type: "page", page });
    });
  }
  document.addEventListener("visibilitychange", showTitle);
  const api: Api = {
    open: () => {
      show(true);
    },
    close: () => {
      show(false);
    },
    toggle: () => {
      show(!isOpen);
    },
    identify: (jwt) => {
      connect();
      if (isReady) remember("reset", null);
      post({ type: "identify", jwt });
    },
    reset: () => {
      remember("token", null);
      // A frame that opens later, if only on another page, has its own memory of the visitor.
      if (!isReady) remember("reset", "1");
      post({ type: "reset" });
    },
    destroy: () => {
      window.removeEventListener("message", received);
      window.removeEventListener("online", reload);
      phone.removeEventListener("change", fit);
      endWatch();
      document.removeEventListener("visibilitychange", showTitle);
      unread = 0;
      showTitle();
      shell.remove();
      listeners.clear();
      delete host.customerChat;
    },
    on: (event, listener) => {
      const all = listeners.get(event) ?? new Set();
      listeners.set(event, all);
      all.add(listener);
      return () => {
        all.delete(listener);
      };
    },
  };
  host.customerChat = api;
  for (const [name, ...values] of queued) (api[name] as (...values: unknown[]) => unknown)(...values);
  // Without a click the chat waits until the page has done its own work.
  if (recall("open") !== null) show(true);
  else if (dataset["connect"] !== "open") whenIdle(connect);
}

function whenIdle(run: () => void): void {
  const idle = (): void => {
    if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: 3000 });
    else setTimeout(run, 1000);
  };
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}
