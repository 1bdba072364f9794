/** Where one chat server is reached: ports of its own, and HTTP servers of others that it is attached to. */
import { attachTo } from "./adapters/http/attach.ts";
import { createHttpServer } from "./adapters/http/http-server.ts";
import { BACKLOG } from "./adapters/transports/tcp-listener.ts";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpServer, Taker } from "./adapters/http/attach.ts";
import type { Handlers } from "./adapters/http/http-server.ts";
import type { TcpListener } from "./adapters/transports/tcp-listener.ts";

export type Address = { readonly host: string; readonly port: number };

export type Listening = {
  /** `http://HOST:PORT`, with the real port. */
  readonly url: string;
  /** Of STOMP over TCP, where it is on. */
  readonly tcpUrl: string | undefined;
};

export type EndpointParts = {
  /** Of a server of its own. */
  readonly handlers: Handlers;
  /** Of somebody else's. */
  readonly taker: Taker;
  /** Opens STOMP over TCP beside the HTTP server; undefined where it is off. */
  readonly listenOnTcp: ((host: string) => Promise<TcpListener>) | undefined;
};

/** What answers at an idle connection after the last request has this long. */
const LINGER_MS = 1000;

export class Endpoints {
  readonly #parts: EndpointParts;
  readonly #detach: (() => void)[] = [];
  #http: Server | undefined;
  #tcp: TcpListener | undefined;
  #listening: Promise<Listening> | undefined;
  #isClosed = false;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /** Throws an Error when it is closed, or when a chat server is attached to that server already. */
  attach(server: HttpServer): void {
    this.#requireOpen();
    this.#detach.push(attachTo(server, this.#parts.taker));
  }

  /** Rejects with an Error when it listens already or is closed; after one for the port it may be tried again. */
  async listen(address: Address): Promise<Listening> {
    this.#requireOpen();
    if (this.#listening !== undefined) throw new Error("the chat server listens already");
    this.#listening = this.#open(address);
    try {
      return await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  /**
   * Opens nothing more from now on, closes what is open once `drained` resolves and a `listen` under way is done;
   * resolves when all requests are answered.
   */
  async close(drained: Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    await drained;
    await this.#listening?.catch(() => undefined);
    for (const detach of this.#detach.splice(0)) detach();
    this.#tcp?.close();
    const http = this.#http;
    if (http === undefined) return;
    const closed = new Promise((resolve) => http.close(resolve));
    setTimeout(() => {
      http.closeAllConnections();
    }, LINGER_MS).unref();
    await closed;
  }

  async #open({ host, port }: Address): Promise<Listening> {
    const http = createHttpServer(this.#parts.handlers);
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, host, BACKLOG, resolve);
    });
    try {
      this.#tcp = await this.#parts.listenOnTcp?.(host);
    } catch (error) {
      http.close();
      throw error;
    }
    this.#http = http;
    const bound = http.address() as AddressInfo;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
    return { url, tcpUrl: this.#tcp?.url };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Error("the chat server is closed");
  }
}
