/** A proxy on loopback that ends TLS and says who came, in X-Forwarded-For and X-Forwarded-Proto, as those before real servers do. */
import { readFileSync } from "node:fs";
import { request as forward } from "node:http";
import { createServer } from "node:https";
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/localhost-${name}.pem`, import.meta.url));

/** What clients need to believe this proxy. */
export const PROXY_CA = fixture("cert");

export class TlsProxy {
  readonly #target: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  /** `target` tells the port on 127.0.0.1 that is behind it. */
  constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer({ cert: PROXY_CA, key: fixture("key") });
    this.#server.on("connection", (socket: Duplex) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("request", (request, response) => {
      const passed = forward(this.#passed(request), (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      response.on("close", () => passed.destroy());
      request.pipe(passed);
    });
    this.#server.on("upgrade", (request, socket: Duplex, head) => {
      const passed = forward(this.#passed(request));
      const end = (): void => void socket.destroy();
      socket.on("error", end);
      passed.on("error", end);
      passed.on("response", (answer) => {
        socket.end(`HTTP/1.1 ${answer.statusCode ?? 502} x\r\nConnection: close\r\n\r\n`);
      });
      passed.on("upgrade", (answer, upstream, first) => {
        socket.write(headOf(answer));
        socket.write(first);
        upstream.write(head);
        upstream.on("error", end);
        upstream.on("close", end);
        socket.on("close", () => upstream.destroy());
        upstream.pipe(socket).pipe(upstream);
      });
      passed.end();
    });
  }

  /** https://localhost:PORT */
  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The request as it goes on: who came is added behind what came already. */
  #passed({ method, url, headers, socket }: IncomingMessage): RequestOptions {
    const before = headers["x-forwarded-for"];
    const chain = [...(before === undefined ? [] : [before]), socket.remoteAddress ?? ""].join(", ");
    return {
      host: "127.0.0.1",
      port: this.#target(),
      method: method ?? "GET",
      path: url ?? "/",
      headers: { ...headers, "x-forwarded-for": chain, "x-forwarded-proto": "https" },
      agent: false,
    };
  }
}

/** The 101 as text, to be sent on. */
function headOf({ rawHeaders }: IncomingMessage): string {
  const lines = ["HTTP/1.1 101 Switching Protocols"];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
