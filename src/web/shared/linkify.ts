/** Links in a message: text and http addresses, told apart and never HTML. */

export type Piece = string | { readonly href: string; readonly text: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** What ends a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]}]+$/;

/** The pieces of a text, in order. */
export function linkify(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    if (!URL.canParse(address)) continue;
    if (match.index > at) pieces.push(text.slice(at, match.index));
    pieces.push({ href: address, text: address });
    at = match.index + address.length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}
