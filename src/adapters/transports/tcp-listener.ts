/** STOMP over plain TCP or TLS, for clients that know nothing of HTTP. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { errorFrame } from "../../broker/error-frames.ts";
import { Disconnect } from "../../broker/errors.ts";
import { CLOSE_TIMEOUT_MS, TcpConnection } from "./tcp-connection.ts";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Refusal } from "../../broker/errors.ts";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";

export type TcpOptions = {
  readonly port: number;
  readonly host: string;
  /** Files in PEM; plain TCP without. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Of TLS; who has not finished it by then is cut off. */
  readonly handshakeTimeoutMs: number;
  /** Why a new connection of this address is refused; undefined where it is not. */
  readonly admit: (remoteAddress: string) => Refusal | undefined;
  /** `Broker.open`. */
  readonly open: (connection: Connection) => ConnectionListener;
};

export type TcpListener = {
  /** `tcp://HOST:PORT` or `tls://HOST:PORT`, with the port that was taken. */
  readonly url: string;
  /** Takes nothing new and ends what is left at once. */
  close(): void;
};

/** Connections that may wait to be taken: after a restart all clients come at once. The system may hold fewer. */
export const BACKLOG = 4096;

/** Resolves when it listens; rejects when the port or a file cannot be had. */
export function listenOnTcp(options: TcpOptions): Promise<TcpListener> {
  const { port, host, tls, open } = options;
  const take = (socket: Socket): void => {
    const address = plain(socket.remoteAddress ?? "");
    const refusal = options.admit(address);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    const connection = new TcpConnection(socket, address);
    connection.attach(open(connection));
  };
  const server = createServerFor(options, take);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, BACKLOG, () => {
      resolve({
        url: urlOf(server, host, tls !== undefined),
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

/** ERROR and the end; a peer that does not take it is gone after the while that closing takes elsewhere. */
function refuse(socket: Socket, refusal: Refusal): void {
  socket.on("error", () => undefined);
  socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy());
  socket.resume();
  socket.end(errorFrame(Disconnect.from(refusal), {}, "1.2").octets);
}

function createServerFor(
  { tls, handshakeTimeoutMs: handshakeTimeout }: TcpOptions,
  take: (socket: Socket) => void,
): Server {
  if (tls === undefined) return createServer({ keepAlive: true }, take);
  const [cert, key] = [readFileSync(tls.certFile), readFileSync(tls.keyFile)];
  const server = createTlsServer({ keepAlive: true, cert, key, handshakeTimeout }, take);
  // A peer that breaks the handshake, or takes too long for it, is nobody yet.
  server.on("tlsClientError", (_error, socket) => {
    socket.destroy();
  });
  return server;
}

function urlOf(server: Server, host: string, isTls: boolean): string {
  const { port } = server.address() as AddressInfo;
  return `${isTls ? "tls" : "tcp"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** An IPv4 address that an IPv6 socket shows as ::ffff:1.2.3.4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, "");
}
