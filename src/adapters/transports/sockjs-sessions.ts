/** The SockJS sessions over HTTP of one server: the clients' ids on our side, random ones on the library's. */
import { randomUUID } from "node:crypto";
import { SockjsHttpSession } from "./sockjs-http-session.ts";
import { createSockjsLibrary } from "./sockjs-library.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection, ConnectionListener } from "../../broker/connection.ts";
import type { HttpTransport } from "./sockjs-http-session.ts";
import type { LibraryHandler } from "./sockjs-library.ts";
import type { ConnectionFacts } from "./request-facts.ts";

export type ReceiverEndpoint = "xhr" | "xhr_streaming" | "eventsource";

const TRANSPORTS: Readonly<Record<ReceiverEndpoint, HttpTransport>> = {
  xhr: "xhr-polling",
  xhr_streaming: "xhr-streaming",
  eventsource: "eventsource",
};

export class SockjsSessions {
  /** By the id that the client chose. */
  readonly #sessions = new Map<string, SockjsHttpSession>();
  /** By the library's id: it opens a session a tick after the first request. */
  readonly #opening = new Map<string, SockjsHttpSession>();
  readonly #answer: LibraryHandler;
  #closed = false;

  constructor(open: (connection: Connection) => ConnectionListener) {
    this.#answer = createSockjsLibrary({
      opened: (libraryId, library) => {
        const session = this.#opening.get(libraryId);
        this.#opening.delete(libraryId);
        if (this.#closed || session === undefined) library.end(1001, "Server shut down.");
        else session.opened(library, open);
      },
    });
  }

  get(id: string): SockjsHttpSession | undefined {
    return this.#sessions.get(id);
  }

  /**
   * Begins a session. The library's map is shared by all servers of the process and clients choose its keys: only a
   * random one is ours alone.
   */
  create(id: string, endpoint: ReceiverEndpoint, facts: ConnectionFacts): SockjsHttpSession {
    const libraryId = randomUUID();
    const session = new SockjsHttpSession(TRANSPORTS[endpoint], libraryId, facts, () => {
      this.#sessions.delete(id);
    });
    this.#sessions.set(id, session);
    this.#opening.set(libraryId, session);
    return session;
  }

  /** Gives the session's output this response. */
  addReceiver(
    session: SockjsHttpSession,
    endpoint: ReceiverEndpoint,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    // The library answers a second receiver c[2010]; what becomes of that response is not the session's business.
    if (!session.hasReceiver) session.track(response, request.socket);
    this.#answer(request, response, `/chat/0/${session.libraryId}/${endpoint}`);
  }

  /** The library's answers that belong to no session: the greeting and preflights. */
  answer(request: IncomingMessage, response: ServerResponse, url: string): void {
    this.#answer(request, response, url);
  }

  /** Ends all sessions at once. */
  close(): void {
    this.#closed = true;
    for (const session of this.#sessions.values()) session.end(1001, "Server shut down.");
  }
}
