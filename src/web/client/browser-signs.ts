/** What a browser tells of its network and its page, as a reason to look after the connection. */

/** A window, as far as it matters here; what runs elsewhere has none. */
export type SignsOf = EventTarget & { readonly document: EventTarget & { readonly hidden: boolean } };

/** Calls `look` when the network is back and when the page is seen again; returns what ends that. */
export function watchBrowser(look: () => void, place: object = globalThis): () => void {
  if (!("document" in place)) return () => undefined;
  const window = place as SignsOf;
  const { document } = window;
  const seen = (): void => {
    // A machine that slept has a socket that looks open and is not.
    if (!document.hidden) look();
  };
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", look);
    document.removeEventListener("visibilitychange", seen);
  };
}
