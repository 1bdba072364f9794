/** A page of the host site: its title as the link, and below it where that leads. */
import { linkTo } from "./page-address.ts";
import type { JSX } from "preact";

export type PageLinkProps = { readonly url: string; readonly title?: string | undefined };

export function PageLink({ url, title }: PageLinkProps): JSX.Element {
  const link = linkTo(url);
  if (link === undefined) return <span>{url}</span>;
  const name = title === undefined || title.trim() === "" ? link.place : title;
  return (
    <span class="page">
      <a href={link.href} target="_blank" rel="noopener noreferrer" title={link.href} dir="auto">
        {name}
      </a>
      {name !== link.place && <span class="place">{link.place}</span>}
    </span>
  );
}
