/** How the transports say no before there is a session: one JSON body on every way in. */
import { STATUS_CODES } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "../../broker/errors.ts";

export type HttpRefusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export const REFUSALS = {
  malformedUrl: { status: 400, code: "BAD_PATH", message: "The path has broken percent-encoding." },
  badUpgrade: { status: 400, code: "BAD_UPGRADE", message: "This is not a WebSocket upgrade." },
  originNotAllowed: {
    status: 403,
    code: "ORIGIN_NOT_ALLOWED",
    message: "This Origin may not use the chat; the operator lists allowed ones in ALLOWED_ORIGINS.",
  },
  secretInUrl: {
    status: 400,
    code: "TOKEN_IN_URL",
    message: "Credentials travel in the CONNECT frame, never in a URL.",
  },
  notFound: { status: 404, code: "NOT_FOUND", message: "There is nothing here." },
  unknownSession: { status: 404, code: "NOT_FOUND", message: "No SockJS session has this id." },
  tooLarge: {
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    message: "The request body is longer than this server reads.",
  },
  encodedBody: {
    status: 415,
    code: "UNSUPPORTED_CONTENT_TYPE",
    message: "Bodies are taken without Content-Encoding only.",
  },
  unsupportedVersion: {
    status: 426,
    code: "UNSUPPORTED_WEBSOCKET_VERSION",
    message: "This server speaks WebSocket version 13 (RFC 6455).",
    headers: { "Sec-WebSocket-Version": "13" },
  },
  tooManySends: {
    status: 503,
    code: "RETRY_LATER",
    message: "Too many unanswered xhr_send requests of this session.",
    headers: { "Retry-After": "1" },
  },
  draining: {
    status: 503,
    code: "SHUTTING_DOWN",
    message: "This server is shutting down.",
    headers: { "Retry-After": "1" },
  },
} as const satisfies Record<string, HttpRefusal>;

export function methodRefusal(allowed: readonly string[]): HttpRefusal {
  const allow = allowed.join(", ");
  return {
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    message: `Use ${allow}.`,
    headers: { Allow: allow },
  };
}

/** The broker's refusal of a connection, over HTTP: RATE_LIMITED, or RETRY_LATER. */
export function brokerRefusal({ code, message, detail }: Refusal): HttpRefusal {
  const seconds = Math.ceil((detail.retryAfterMs ?? 1000) / 1000);
  return {
    status: code === "RATE_LIMITED" ? 429 : 503,
    code,
    message,
    ...(detail.hint === undefined ? {} : { hint: detail.hint }),
    headers: { "Retry-After": String(seconds) },
  };
}

/** Answers a request with a refusal; one whose body was not read ends its connection, for the rest is not read either. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: HttpRefusal,
): void {
  for (const [name, value] of Object.entries(headersOf(refusal))) response.setHeader(name, value);
  if (hasBody(request) && !request.complete) response.setHeader("Connection", "close");
  response.writeHead(refusal.status);
  response.end(bodyOf(refusal));
}

/** Answers an upgrade with a refusal and closes its socket. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const body = bodyOf(refusal);
  const headers = {
    ...headersOf(refusal),
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // A peer that resets the connection meanwhile must not end the process.
  socket.on("error", () => undefined);
  socket.once("finish", () => socket.destroy());
  const status = `${String(refusal.status)} ${STATUS_CODES[refusal.status] ?? ""}`;
  socket.end(`HTTP/1.1 ${status}\r\n${head.join("")}\r\n${body}`);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  return headers["content-length"] !== undefined && headers["content-length"] !== "0";
}

function headersOf(refusal: HttpRefusal): Record<string, string> {
  return {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    ...refusal.headers,
  };
}

function bodyOf({ code, message, hint }: HttpRefusal): string {
  return `${JSON.stringify({ code, message, hint })}\n`;
}
