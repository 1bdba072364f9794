/** Every upgrade of the HTTP server: raw STOMP over WebSocket, SockJS over WebSocket, or a refusal. */
import { WebSocketServer } from "ws";
import { openingOctetsOf } from "../../broker/limits.ts";
import { parseChatUrl } from "./chat-url.ts";
import { brokerRefusal, REFUSALS, refuseUpgrade } from "./refusal-answers.ts";
import { connectionFacts, hasAllowedOrigin } from "./request-facts.ts";
import { SockjsWebSocketConnection } from "./sockjs-websocket-connection.ts";
import { watchStranger } from "./stranger.ts";
import { Turns } from "./turns.ts";
import { WebSocketConnection } from "./websocket-connection.ts";
import { CLOSE_TIMEOUT_MS, WebSocketPipe } from "./websocket-pipe.ts";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ServerOptions, WebSocket } from "ws";
import type { TransportOptions } from "./create-transports.ts";
import type { ConnectionFacts } from "./request-facts.ts";
import type { HttpRefusal } from "./refusal-answers.ts";

const SOCKJS_HEARTBEAT_MS = 25_000;
/** A few milliseconds: thousands who come back at once hold up nobody who is there. */
const UPGRADES_A_TURN = 8;
/** Best first: the highest that was offered is chosen (STOMP 1.2, Connecting; RFC 6455, 4.2.2). */
const SUBPROTOCOLS = ["v12.stomp", "v11.stomp", "v10.stomp"];

export class WebSocketUpgrades {
  readonly #options: TransportOptions;
  readonly #server: WebSocketServer;
  readonly #pipes = new Set<WebSocketPipe>();
  readonly #sockjs = new Set<SockjsWebSocketConnection>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #turns = new Turns(UPGRADES_A_TURN);

  /** Messages longer than `maxPayload` octets end their connection with 1009. */
  constructor(options: TransportOptions, maxPayload: number) {
    this.#options = options;
    // @types/ws does not know closeTimeout yet.
    const serverOptions: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: chooseSubprotocol,
    };
    this.#server = new WebSocketServer(serverOptions);
    this.#server.on("wsClientError", (_error, socket, request) => {
      this.#refuse(request, socket, REFUSALS.badUpgrade);
    });
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#sockjs) connection.sendHeartbeat();
    }, SOCKJS_HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until its turn nobody else listens: one who goes meanwhile is no error.
    socket.on("error", ignore);
    this.#turns.add(() => {
      socket.off("error", ignore);
      if (!socket.destroyed) this.#answer(request, socket, head);
    });
  }

  /** Ends every WebSocket at once and the heart-beat. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#server.close();
    for (const pipe of this.#pipes) pipe.terminate();
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = parseChatUrl(request.url ?? "");
    const isSockjs = url?.kind === "session" && url.endpoint === "websocket";
    const isRaw = url?.kind === "greeting" || url?.kind === "websocket";
    const refusal =
      url?.kind === "malformed"
        ? REFUSALS.malformedUrl
        : isSockjs || isRaw
          ? this.#judge(request)
          : REFUSALS.notFound;
    if (refusal !== undefined) {
      this.#refuse(request, socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.#open(ws, socket, this.#factsOf(request), isSockjs);
    });
  }

  #judge(request: IncomingMessage): HttpRefusal | undefined {
    const { isDraining, isOriginAllowed, hasSecretInUrl } = this.#options;
    if (isDraining()) return REFUSALS.draining;
    if (!hasAllowedOrigin(request, isOriginAllowed)) return REFUSALS.originNotAllowed;
    if (hasSecretInUrl(request)) return REFUSALS.secretInUrl;
    if (request.method !== "GET") return REFUSALS.badUpgrade;
    // Version 8 too, which `ws` would take: it sends its origin in another header, past the check above.
    if (request.headers["sec-websocket-version"] !== "13") return REFUSALS.unsupportedVersion;
    const refusal = this.#options.admit(this.#options.remoteAddress(request));
    return refusal && brokerRefusal(refusal);
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: HttpRefusal): void {
    this.#options.onRefused?.(refusal.code, request);
    refuseUpgrade(socket, refusal);
  }

  /** Without the request: what is made here lives as long as the connection. */
  #open(ws: WebSocket, socket: Duplex, facts: ConnectionFacts, isSockjs: boolean): void {
    const pipe = new WebSocketPipe(ws, socket);
    this.#pipes.add(pipe);
    ws.once("close", () => this.#pipes.delete(pipe));
    const connection = isSockjs ? this.#makeSockjs(pipe, facts, ws) : new WebSocketConnection(pipe, facts);
    const listener = this.#options.open(connection);
    connection.attach(listener);
    watchStranger(socket, listener, openingOctetsOf(this.#options.limits), () => {
      pipe.terminate();
    });
  }

  #makeSockjs(pipe: WebSocketPipe, facts: ConnectionFacts, ws: WebSocket): SockjsWebSocketConnection {
    const connection = new SockjsWebSocketConnection(pipe, facts);
    this.#sockjs.add(connection);
    ws.once("close", () => this.#sockjs.delete(connection));
    return connection;
  }

  #factsOf(request: IncomingMessage): ConnectionFacts {
    return connectionFacts(request, this.#options.remoteAddress(request));
  }
}

function ignore(): void {
  // The socket is destroyed then, which is looked at.
}

/** None of ours among the offered: the connection is accepted without an answer to the offer, as RabbitMQ does. */
function chooseSubprotocol(offered: Set<string>): string | false {
  return SUBPROTOCOLS.find((protocol) => offered.has(protocol)) ?? false;
}
