/** The transports of one HTTP server: raw WebSocket, and SockJS over WebSocket and HTTP. */
import { parseChatUrl } from "./chat-url.ts";
import { SockjsGuard } from "./sockjs-guard.ts";
import { WebSocketUpgrades } from "./websocket-upgrades.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { Refusal } from "../../broker/errors.ts";
import type { Limits } from "../../broker/limits.ts";

const MIN_XHR_SEND_OCTETS = 128 * 1024;

export type TransportOptions = {
  /** `Broker.open`: called once a pipe is up; what it returns hears everything from then on. */
  readonly open: (connection: Connection) => ConnectionListener;
  /** Asked only when a request sent Origin, "null" included. */
  readonly isOriginAllowed: (origin: string, request: IncomingMessage) => boolean;
  /** A credential is among the query parameters, where it does not belong. */
  readonly hasSecretInUrl: (request: IncomingMessage) => boolean;
  /** The peer's address after TRUST_PROXY. */
  readonly remoteAddress: (request: IncomingMessage) => string;
  readonly limits: Limits;
  /** Why a new connection of this address, which no session has yet, is refused; undefined where it is not. */
  readonly admit: (remoteAddress: string) => Refusal | undefined;
  /** The same of one more request for a SockJS session that is none. */
  readonly admitUnknown: (remoteAddress: string) => Refusal | undefined;
  /** While true, upgrades and new SockJS sessions get 503 with Retry-After; what is open goes on. */
  readonly isDraining: () => boolean;
  /** A request or upgrade was refused with this code, for logs and metrics. */
  readonly onRefused?: (code: string, request: IncomingMessage) => void;
};

export type Transports = {
  /** Whether the request's URL is /chat or below it. */
  owns(request: IncomingMessage): boolean;
  /** True when the URL is /chat or below it: then it is answered. Call it before any other request listener. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Takes every upgrade of the HTTP server; one that is not for /chat gets 404 and its socket is closed. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends what is left at once: WebSockets, SockJS sessions, timers. Idempotent. */
  close(): void;
};

/** The bridge between an HTTP server and the broker. Two of them in one process share nothing. */
export function createTransports(options: TransportOptions): Transports {
  const { maxFrameBodyBytes, maxHeaderBytes } = options.limits;
  // Room for quoting, and for the broker to answer FRAME_TOO_LARGE before the transport closes without a word.
  const maxMessage = 2 * (maxFrameBodyBytes + maxHeaderBytes);
  const guard = new SockjsGuard(options, Math.max(maxMessage, MIN_XHR_SEND_OCTETS));
  const upgrades = new WebSocketUpgrades(options, maxMessage);
  return {
    owns: ({ url }) => parseChatUrl(url ?? "") !== undefined,
    handleRequest: (request, response) => guard.handle(request, response),
    handleUpgrade: (request, socket, head) => {
      upgrades.handle(request, socket, head);
    },
    close: () => {
      guard.close();
      upgrades.close();
    },
  };
}
