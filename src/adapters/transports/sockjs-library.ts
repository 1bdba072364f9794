/** The npm package sockjs 0.3.24, reduced to what is used of it: its sessions and their HTTP responses. */
import sockjs from "sockjs";
import type { IncomingMessage, ServerResponse } from "node:http";

export const DISCONNECT_DELAY_MS = 5000;

const OPEN = 1;
const CLOSED = 3;

/** Of `lib/transport.js`; the package is pinned and has had no release in five years. */
type Session = {
  readonly session_id: string | null;
  /** All parked messages leave at once when a receiver comes. */
  readonly send_buffer: string[];
  readonly recv?: object | null;
  readonly readyState: number;
  /** Ends a session that has no receiver: its timer, its place in the library's map, 'close' to its connection. */
  didTimeout(): void;
};

type Connection = NodeJS.EventEmitter & {
  readonly _session: Session;
  write(message: string): boolean;
  close(code: number, reason: string): boolean;
};

type Middleware = { middleware(): (request: IncomingMessage, response: ServerResponse) => void };

export type LibraryOptions = {
  /** A session of the library's began, with the id it had in its first URL. */
  opened: (id: string, session: LibrarySession) => void;
};

/** Answers a request that the guard let through, as if its URL were `url`. Synchronous. */
export type LibraryHandler = (request: IncomingMessage, response: ServerResponse, url: string) => void;

export function createSockjsLibrary({ opened }: LibraryOptions): LibraryHandler {
  const server = sockjs.createServer({
    prefix: "/chat",
    // All upgrades are taken by `ws`; the guard's own /info says so.
    websocket: false,
    jsessionid: false,
    response_limit: 128 * 1024,
    heartbeat_delay: 25_000,
    disconnect_delay: DISCONNECT_DELAY_MS,
    log: () => undefined,
    // Only in the iframe page, which the guard does not serve; the default is a public CDN.
    sockjs_url: "/sockjs.min.js",
    ...{ disable_cors: true },
  });
  server.on("connection", (connection: Connection | null) => {
    const id = connection?._session.session_id;
    if (connection && id) opened(id, new LibrarySession(connection));
  });
  const handle = (server as unknown as Middleware).middleware();
  return (request, response, url) => {
    const { url: original } = request;
    request.url = url;
    handle(request, response);
    if (original !== undefined) request.url = original;
  };
}

/** One session of the library. */
export class LibrarySession {
  readonly #connection: Connection;
  readonly #session: Session;

  constructor(connection: Connection) {
    this.#connection = connection;
    // The library forgets it on the connection when it ends.
    this.#session = connection._session;
  }

  get isOpen(): boolean {
    return this.#session.readyState === OPEN;
  }

  /** Messages wait for a receiver. */
  hasParked(): boolean {
    return this.#session.send_buffer.length > 0;
  }

  get hasReceiver(): boolean {
    return Boolean(this.#session.recv);
  }

  onceClosed(listener: () => void): void {
    this.#connection.once("close", listener);
  }

  /** Writes all messages in one `a[...]`: a polling receiver takes a single one. */
  write(messages: readonly string[]): void {
    if (!this.isOpen) return;
    const last = messages.at(-1);
    if (last === undefined) return;
    this.#session.send_buffer.push(...messages.slice(0, -1));
    this.#connection.write(last);
  }

  /** Says `c[code,reason]` to the receiver, or to the next ones until `end`. */
  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  /** Ends the session now. */
  end(code: number, reason: string): void {
    this.close(code, reason);
    if (this.#session.readyState !== CLOSED) this.#session.didTimeout();
  }
}
