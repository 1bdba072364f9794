/** Whether this browser keeps anything for the chat where another site shows it. */

const PATIENCE_MS = 3000;

/** Within a frame: tells this page's own origin, and nobody else, whether storage works there. */
export function tellStorage(): void {
  window.top?.postMessage({ keeps: keeps("localStorage") }, location.origin);
}

/** Tries it in a frame within a frame of nobody's origin, which is another site to a browser; undefined where no answer comes. */
export function tryOtherSites(): Promise<boolean | undefined> {
  const frame = document.createElement("iframe");
  const inner = `<iframe src="${location.origin}/connection-check?frame"></iframe>`;
  frame.hidden = true;
  frame.src = `data:text/html,${encodeURIComponent(inner)}`;
  return new Promise((resolve) => {
    const done = (found: boolean | undefined): void => {
      clearTimeout(impatience);
      removeEventListener("message", hear);
      frame.remove();
      resolve(found);
    };
    const hear = ({ origin, data }: MessageEvent<{ keeps?: unknown } | null>): void => {
      if (origin === location.origin && typeof data?.keeps === "boolean") done(data.keeps);
    };
    const impatience = setTimeout(() => done(undefined), PATIENCE_MS);
    addEventListener("message", hear);
    document.body.append(frame);
  });
}

const KEY = "customer-chat:check";

/** Writes, reads and removes. */
export function keeps(kind: "localStorage" | "sessionStorage"): boolean {
  try {
    const storage = globalThis[kind];
    storage.setItem(KEY, KEY);
    const isKept = storage.getItem(KEY) === KEY;
    storage.removeItem(KEY);
    return isKept;
  } catch {
    return false;
  }
}
