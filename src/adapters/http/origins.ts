/** Which origins may talk to this server from a browser: listed ones, and the server's own. */
import type { IncomingMessage } from "node:http";

export type OriginPolicy = (origin: string, request: IncomingMessage) => boolean;

/** Exact comparison; `null` and everything unlisted is foreign. Same origin is PUBLIC_URL's, else scheme and Host. */
export function createOriginPolicy(options: {
  readonly publicUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
}): OriginPolicy {
  const allowed = new Set(options.allowedOrigins);
  if (options.publicUrl !== undefined) allowed.add(new URL(options.publicUrl).origin);
  return (origin, request) => {
    if (allowed.has(origin)) return true;
    const { host } = request.headers;
    if (options.publicUrl !== undefined || host === undefined) return false;
    return origin === `${schemeOf(request)}://${host}`;
  };
}

/** What this server itself speaks with the peer, which may be a proxy. */
export function schemeOf({ socket }: IncomingMessage): "http" | "https" {
  return "encrypted" in socket ? "https" : "http";
}
