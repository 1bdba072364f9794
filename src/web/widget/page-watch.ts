/** What the host page is, and when it becomes another one without being loaded: read from outside, nothing of its own is replaced. */
import type { VisitedPage } from "../../chat/wire.ts";

/** Where a browser has it, it tells of every change of the address, those by `pushState` too. */
type WithNavigation = { readonly navigation?: EventTarget };

const LOOK_MS = 1000;
/** A page sets its title after its address, and changes both in steps. */
const SETTLE_MS = 300;
/** A title that changes later than that makes no new page: some blink for ever. */
const TITLE_MS = 5000;

/** Calls `changed` with the present page, at once, and with each that comes; returns what ends that. */
export function followPage(title: () => string, changed: (page: VisitedPage) => void): () => void {
  let page: VisitedPage | undefined;
  let since = 0;
  const look = (): void => {
    const next = { url: location.href, title: title() };
    const isSame = page?.url === next.url;
    if (isSame && (page?.title === next.title || performance.now() - since > TITLE_MS)) return;
    if (!isSame) since = performance.now();
    // Where pages change without being loaded, the one before is where the visitor comes from.
    const referrer = isSame ? page?.referrer : page?.url;
    page = { ...next, referrer: referrer ?? document.referrer };
    changed(page);
  };
  look();
  return watchPage(look);
}

/** Calls `look` soon after address or title may have changed. */
function watchPage(look: () => void): () => void {
  const { navigation } = window as WithNavigation;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  };
  const titles = new MutationObserver(soon);
  titles.observe(document.head, { childList: true, subtree: true, characterData: true });
  navigation?.addEventListener("currententrychange", soon);
  addEventListener("popstate", soon);
  addEventListener("hashchange", soon);
  // Without Navigation API nobody tells of `pushState`: the address is read now and then while somebody looks at it.
  const looks = navigation
    ? undefined
    : setInterval(() => {
        if (!document.hidden) look();
      }, LOOK_MS);
  return () => {
    clearTimeout(timer);
    clearInterval(looks);
    titles.disconnect();
    navigation?.removeEventListener("currententrychange", soon);
    removeEventListener("popstate", soon);
    removeEventListener("hashchange", soon);
  };
}
