/** A message's text: text nodes, and links where there are addresses. */
import { linkify } from "./linkify.ts";
import type { JSX } from "preact";

export function Text({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {linkify(text).map((piece) =>
        typeof piece === "string" ? (
          piece
        ) : (
          <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ),
      )}
    </>
  );
}
