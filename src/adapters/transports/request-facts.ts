/** What the headers of a request say about who sent it. */
import type { IncomingMessage } from "node:http";

/** Only browsers send these: their background tabs wake once a minute. */
export function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
}

/** The Origin is absent (a native client) or allowed. */
export function hasAllowedOrigin(
  request: IncomingMessage,
  isOriginAllowed: (origin: string, request: IncomingMessage) => boolean,
): boolean {
  const { origin } = request.headers;
  return origin === undefined || isOriginAllowed(origin, request);
}
