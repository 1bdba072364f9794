/** What the loader on the host page and the panel in its frame say to each other. */
import type { VisitedPage } from "../../chat/wire.ts";

/** From the loader to the panel. */
export type ToPanel =
  | { readonly type: "hello"; readonly token: string | null; readonly isOpen: boolean }
  /** Whether the frame covers the host page. */
  | { readonly type: "modal"; readonly isModal: boolean }
  | { readonly type: "open" | "close" | "reset" }
  | { readonly type: "identify"; readonly jwt: string }
  /** What the host page is now. */
  | { readonly type: "page"; readonly page: VisitedPage };

/** From the panel to the loader. */
export type ToLoader =
  | { readonly type: "ready" }
  | { readonly type: "close" }
  | { readonly type: "open" }
  | { readonly type: "unread"; readonly count: number; readonly preview: string; readonly from: string }
  | { readonly type: "event"; readonly name: string; readonly detail: unknown }
  /** For a browser that gives the frame no storage. */
  | { readonly type: "token"; readonly token: string | null };

/** Marks our messages among those of others. */
export type Envelope<Message> = { readonly customerChat: 1; readonly message: Message };

const ORIGIN = /^https?:\/\//;
/** A scheme, a host name of 253 characters, a port. */
const LONGEST_ORIGIN = 267;

export function wrap<Message>(message: Message): Envelope<Message> {
  return { customerChat: 1, message };
}

/** The message of an event that came from where it should; undefined for everything else. */
export function unwrap(event: MessageEvent, source: unknown, origin: string): unknown {
  if (event.source !== source || event.origin !== origin) return undefined;
  const data = event.data as Partial<Envelope<unknown>> | null;
  const message = data?.customerChat === 1 ? data.message : undefined;
  return typeof message === "object" && message !== null ? message : undefined;
}

/** The origin that the frame's address names as `parent`; undefined unless it is exactly one, of http or https. */
export function originOf(search: string): string | undefined {
  const [only = "", ...more] = new URLSearchParams(search).getAll("parent");
  if (more.length > 0 || only.length > LONGEST_ORIGIN || !ORIGIN.test(only) || !URL.canParse(only))
    return undefined;
  return new URL(only).origin === only ? only : undefined;
}
