/** A real HTTP server with the transports on it and an echo for a broker, for tests. */
import http from "node:http";
import net from "node:net";
import { once } from "node:events";
import { afterEach } from "vitest";
import { createTransports } from "../../../src/adapters/transports/create-transports.ts";
import { DEFAULT_LIMITS } from "../../../src/broker/limits.ts";
import { OutboundFrame } from "../../../src/broker/outbound-frame.ts";
import type { AddressInfo } from "node:net";
import type { Connection, ConnectionListener, SessionState } from "../../../src/broker/connection.ts";
import type { TransportOptions, Transports } from "../../../src/adapters/transports/create-transports.ts";

export const ALLOWED_ORIGIN = "https://shop.example";

/** What a session of the broker would be: it notes everything and, unless told otherwise, echoes what it receives. */
export class EchoSession implements ConnectionListener {
  readonly connection: Connection;
  readonly chunks: Buffer[] = [];
  readonly failures: string[] = [];
  pongs = 0;
  drains = 0;
  ends = 0;
  closes = 0;
  echoes = true;
  sendsHeartbeats = false;
  state: SessionState = "open";

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get received(): string {
    return Buffer.concat(this.chunks).toString();
  }

  write(...texts: string[]): void {
    this.connection.write(texts.map((text) => new OutboundFrame(text)));
  }

  receive(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
    if (this.echoes) this.write(Buffer.from(chunk).toString());
  }

  ponged(): void {
    this.pongs += 1;
  }

  drained(): void {
    this.drains += 1;
  }

  ended(): void {
    this.ends += 1;
  }

  fail(code: string): void {
    this.failures.push(code);
    this.write(`ERROR ${code}`);
    this.connection.close(1002, code);
  }

  closed(): void {
    this.closes += 1;
  }
}

export type TestServer = {
  readonly port: number;
  readonly url: string;
  readonly sessions: EchoSession[];
  readonly refusals: string[];
  readonly transports: Transports;
  /** Open ones, whatever became of them. */
  readonly sockets: ReadonlySet<net.Socket>;
  draining: boolean;
};

const cleanups: (() => Promise<void> | void)[] = [];

/** Runs after the test, the newest first. */
export function afterThis(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function startServer(options: Partial<TransportOptions> = {}): Promise<TestServer> {
  const sessions: EchoSession[] = [];
  const refusals: string[] = [];
  const state = { draining: false };
  const transports = createTransports({
    open: (connection) => {
      const session = new EchoSession(connection);
      sessions.push(session);
      return session;
    },
    isOriginAllowed: (origin) => origin === ALLOWED_ORIGIN,
    hasSecretInUrl: () => false,
    remoteAddress: (request) => request.socket.remoteAddress ?? "",
    limits: DEFAULT_LIMITS,
    admit: () => undefined,
    admitUnknown: () => undefined,
    isDraining: () => state.draining,
    onRefused: (code) => refusals.push(code),
    ...options,
  });
  const server = http.createServer((request, response) => {
    if (!transports.handleRequest(request, response)) response.writeHead(418).end();
  });
  server.on("upgrade", (request, socket, head) => {
    transports.handleUpgrade(request, socket, head);
  });
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  afterThis(async () => {
    transports.close();
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return Object.assign(state, {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    sessions,
    refusals,
    transports,
    sockets,
  });
}

/** The server of this test or another one. */
type Place = Pick<TestServer, "port">;

export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string };

export type Asking = { method?: string; headers?: http.OutgoingHttpHeaders; body?: string | Buffer };

/** One request on a connection of its own. */
export function ask(
  { port }: Place,
  path: string,
  { method = "GET", headers, body }: Asking = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      port,
      host: "127.0.0.1",
      path,
      method,
      agent: false,
      ...(headers && { headers }),
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks).toString() });
      });
    });
    request.end(body);
  });
}

export function post(
  server: Place,
  path: string,
  body = "",
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answer> {
  return ask(server, path, { method: "POST", body, headers });
}

/** A bare socket: what is sent is exactly what is given; `text` grows; `ended` resolves when the server closes. */
export type RawSocket = { socket: net.Socket; text: () => string; ended: Promise<unknown> };

export async function openRaw({ port }: Place, request: string): Promise<RawSocket> {
  const socket = net.connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  afterThis(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  socket.write(request);
  return { socket, text: () => Buffer.concat(chunks).toString("latin1"), ended };
}

/** A handshake of WebSocket, with other headers or without some. */
export function upgrade(
  path: string,
  headers: Record<string, string | undefined> = {},
  method = "GET",
): string {
  const all: Record<string, string | undefined> = {
    Host: "x",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/**
 * Resolves with the first value that is not undefined or false; polls, for what has no event to wait for, and goes on
 * while timers are faked.
 */
export async function until<T>(look: () => T | undefined | false, ms = 10_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${String(ms)} ms: ${look.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Real time in which nothing is expected to happen. */
export function pass(ms: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The session that the server has, once it has exactly one. */
export function onlySession(server: TestServer): Promise<EchoSession> {
  return until(() => (server.sessions.length === 1 ? server.sessions[0] : undefined));
}
