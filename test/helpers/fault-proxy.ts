/** A TCP proxy on loopback that behaves as bad networks do: cuts, stalls, resets, refuses. */
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

type Pair = readonly [client: Socket, server: Socket];

export class FaultProxy {
  readonly #target: () => number;
  readonly #pairs = new Set<Pair>();
  readonly #webSockets = new Set<Pair>();
  #server: Server | undefined;
  #isStalled = false;
  #refuses = false;
  /** Requests that ask for a WebSocket are refused, as by a proxy of the last century. */
  blocksWebSockets = false;
  /** Requests that ask for a WebSocket are passed on as ordinary ones, as by a proxy that nobody told of upgrades. */
  dropsUpgrades = false;
  /** Lines that are added to the head of each request, such as `X-Forwarded-For: 192.0.2.7`. */
  adds: readonly string[] = [];

  /** `target` tells the port on 127.0.0.1 at the moment of a connection. */
  constructor(target: () => number) {
    this.#target = target;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    this.#server = createServer((client) => {
      this.#accept(client);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
  }

  /** Ends every connection with FIN. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.end();
      server.end();
    }
  }

  /** Ends every connection with RST. */
  reset(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Nothing passes, either way, until `resume`; connections stay open and new ones are accepted. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What the server says on its present connections is held back until `resume`; it hears everything. */
  stallAnswers(): void {
    for (const [, server] of this.#pairs) server.pause();
  }

  /** Nothing passes on the present WebSockets until `resume`; they stay open, and new ones work: as after a change of networks. */
  freezeWebSockets(): void {
    for (const pair of this.#webSockets) for (const socket of pair) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** New connections are closed at once. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }

  close(): void {
    this.reset();
    this.#server?.close();
  }

  /** A request as this proxy passes it on; anything else stays as it is. */
  #rewritten(chunk: Buffer): Buffer {
    const text = chunk.toString("latin1");
    const requestLine = /^[A-Z]+ \S+ HTTP\/1\.1\r\n/.exec(text)?.[0];
    if (requestLine === undefined || (!this.dropsUpgrades && this.adds.length === 0)) return chunk;
    const rest = text.slice(requestLine.length);
    const kept = this.dropsUpgrades
      ? rest.replace(/^(?:upgrade: websocket|connection: upgrade)\r\n/gim, "")
      : rest;
    const added = this.adds.map((line) => `${line}\r\n`).join("");
    return Buffer.from(requestLine + added + kept, "latin1");
  }

  #accept(client: Socket): void {
    client.on("error", () => undefined);
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const server = connect(this.#target(), "127.0.0.1");
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    server.on("error", () => undefined);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("data", (chunk: Buffer) => {
        if (from === client && /\r\nupgrade: websocket/i.test(chunk.toString("latin1"))) {
          if (this.blocksWebSockets) {
            client.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            server.destroy();
            return;
          }
          this.#webSockets.add(pair);
        }
        if (to.writable) to.write(from === client ? this.#rewritten(chunk) : chunk);
      });
      from.on("close", () => {
        this.#pairs.delete(pair);
        this.#webSockets.delete(pair);
        to.destroy();
      });
      from.on("end", () => {
        to.end();
      });
    }
    if (this.#isStalled) {
      client.pause();
      server.pause();
    }
  }
}
