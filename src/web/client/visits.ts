/** The page of the host site that a visitor looks at: told after each CONNECTED and when it changes; the last one wins. */
import { MAX_PAGE_TITLE, MAX_PAGE_URL } from "../../chat/wire.ts";
import { ChatRefusal } from "./refusal.ts";
import type { VisitedPage } from "../../chat/wire.ts";

const WAIT_MS = 2000;

export type VisitsParts = {
  /** SENDs and resolves when it is done; rejects with a ChatRefusal. */
  readonly send: (destination: string, body: string) => Promise<unknown>;
  readonly isOnline: () => boolean;
};

export class Visits {
  readonly #parts: VisitsParts;
  #page: string | undefined;
  /** The last one that this connection has answered. */
  #told: string | undefined;
  #isWorking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: VisitsParts) {
    this.#parts = parts;
  }

  set(page: VisitedPage): void {
    const fit = fitPage(page);
    if (fit === undefined) return;
    this.#page = JSON.stringify(fit);
    void this.#work();
  }

  /** A new connection knows of no page. */
  connected(): void {
    this.#told = undefined;
    void this.#work();
  }

  /** One at a time. A page that is refused is left at that: it is no business of the user's. */
  async #work(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let page = this.#next(); page !== undefined; page = this.#next()) {
      try {
        await this.#parts.send("/chat/page", page);
      } catch (error) {
        if (error instanceof ChatRefusal && error.isPassing) {
          this.#waitFor(error.body.retryAfterMs ?? WAIT_MS);
          break;
        }
      }
      this.#told = page;
    }
    this.#isWorking = false;
  }

  #next(): string | undefined {
    return this.#parts.isOnline() && this.#page !== this.#told ? this.#page : undefined;
  }

  #waitFor(ms: number): void {
    this.#timer = setTimeout(() => {
      void this.#work();
    }, ms);
  }
}

/** The page as it may be told: no credentials, nothing over its limit; undefined for one that is not of the web. */
export function fitPage({ url, title = "", referrer = "" }: VisitedPage): VisitedPage | undefined {
  const address = fitAddress(url);
  if (address === undefined) return undefined;
  // A character of two halves is not cut in the middle.
  const name = title
    .trim()
    .slice(0, MAX_PAGE_TITLE)
    .replace(/[\uD800-\uDBFF]$/, "");
  const origin = fitAddress(referrer);
  return {
    url: address,
    ...(name === "" ? {} : { title: name }),
    ...(origin === undefined ? {} : { referrer: origin }),
  };
}

function fitAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) return undefined;
  url.username = url.password = "";
  // What is too long is so by its query or fragment.
  if (url.href.length > MAX_PAGE_URL) url.search = url.hash = "";
  return url.href.length > MAX_PAGE_URL ? undefined : url.href;
}
