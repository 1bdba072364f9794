/** What the headers of a request say about who sent it. */
import type { IncomingMessage } from "node:http";

const MAX_USER_AGENT = 256;

/** What a Connection tells of its peer. */
export type ConnectionFacts = {
  readonly remoteAddress: string;
  readonly isBrowser: boolean;
  readonly userAgent: string | undefined;
};

/** The facts of the request that opens a connection. */
export function connectionFacts(request: IncomingMessage, remoteAddress: string): ConnectionFacts {
  const userAgent = request.headers["user-agent"]?.slice(0, MAX_USER_AGENT);
  return {
    remoteAddress,
    isBrowser: isFromBrowser(request),
    userAgent: userAgent === "" ? undefined : userAgent,
  };
}

/** Only browsers send these: their background tabs wake once a minute. */
export function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

/**
 * A browser's request for a page of another site that does not say which, as for an image, a script or a link: what may
 * come from elsewhere says its Origin. Upgrades always do.
 */
export function hidesItsOrigin({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  return headers.origin === undefined && (site === "cross-site" || site === "same-site");
}

/** The Origin is absent (a native client) or allowed. */
export function hasAllowedOrigin(
  request: IncomingMessage,
  isOriginAllowed: (origin: string, request: IncomingMessage) => boolean,
): boolean {
  const { origin } = request.headers;
  return origin === undefined || isOriginAllowed(origin, request);
}
