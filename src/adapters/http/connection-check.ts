/** What this server sees of a request, for whoever wants to know why a browser cannot connect. */
import { VERSIONS } from "../../stomp/commands.ts";
import { schemeOf } from "./origins.ts";
import { Query } from "./queries.ts";
import type { Request, RequestHandler } from "express";
import type { IncomingMessage } from "node:http";
import type { ConnectionCheck, UpgradeSighting } from "../../chat/wire.ts";
import type { OriginPolicy } from "./origins.ts";

/** What the check is handed; nothing that it tells is secret. */
export type CheckParts = {
  /** Name and version, as CONNECTED tells them. */
  readonly serverName: string;
  readonly publicUrl: string | undefined;
  readonly guests: boolean;
  readonly isOriginAllowed: OriginPolicy;
  /** The peer's address after TRUST_PROXY. */
  readonly remoteAddress: (request: IncomingMessage) => string;
  /** Whether TRUST_PROXY names the peer. */
  readonly isProxyTrusted: (request: IncomingMessage) => boolean;
  readonly sightingOf: (attempt: string) => UpgradeSighting;
};

const MAX_SHOWN = 256;
const TRANSPORTS = ["websocket", "xhr-streaming", "xhr", "eventsource"];

/** Answers from what is in memory: it works while the store does not. */
export function checkConnection(parts: CheckParts): RequestHandler {
  return (request, response) => {
    const query = new Query(request, ["origin", "upgrade"]);
    const attempt = query.id("upgrade");
    const answer: ConnectionCheck = {
      server: parts.serverName,
      time: new Date().toISOString(),
      address: parts.remoteAddress(request),
      proxy: proxyOf(request, parts),
      scheme: schemeOf(request),
      forwardedScheme: schemeIn(request.headers["x-forwarded-proto"]),
      host: request.headers.host?.slice(0, MAX_SHOWN) ?? null,
      publicUrl: parts.publicUrl ?? null,
      origin: originOf(query.text("origin") ?? request.headers.origin, request, parts),
      upgrade: attempt === undefined ? null : parts.sightingOf(attempt),
      guests: parts.guests,
      versions: VERSIONS,
      transports: TRANSPORTS,
    };
    response.json(answer);
  };
}

function proxyOf(request: Request, { isProxyTrusted }: CheckParts): ConnectionCheck["proxy"] {
  if (request.headers["x-forwarded-for"] === undefined) return "none";
  return isProxyTrusted(request) ? "trusted" : "ignored";
}

/** Of several proxies the first one's word. */
function schemeIn(header: string | readonly string[] | undefined): string | null {
  const scheme = header?.toString().split(",", 1)[0]?.trim().toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : null;
}

function originOf(
  value: string | undefined,
  request: Request,
  { isOriginAllowed }: CheckParts,
): ConnectionCheck["origin"] {
  if (value === undefined) return null;
  return { value: value.slice(0, MAX_SHOWN), allowed: isOriginAllowed(value, request) };
}
