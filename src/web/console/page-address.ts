/** Addresses of the host site's pages, as far as they may become links. */

/** What is no letter but changes how letters look has no place in an address. */
const UNSEEN = /\p{C}/u;

/** Only web addresses become links; `place` is host and path. */
export function linkTo(url: string): { readonly href: string; readonly place: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, href, host, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return { href, place: pathname === "/" ? host : host + readable(pathname) };
}

function readable(path: string): string {
  try {
    const text = decodeURI(path);
    return UNSEEN.test(text) ? path : text;
  } catch {
    return path;
  }
}
