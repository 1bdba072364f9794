/** Takes what is ours of an HTTP server that serves somebody else too, whoever listens to it and since when. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Duplex } from "node:stream";

export type HttpServer = Server | TlsServer;

/** What is taken: only requests and upgrades that `owns` says yes to. */
export type Taker = {
  readonly owns: (request: IncomingMessage) => boolean;
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** Node asks this of each request with an Upgrade header; the types know it as an option only. */
type Upgradable = { shouldUpgradeCallback: (request: IncomingMessage) => boolean };

type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

const TAKEN = Symbol.for("customer-chat.attached");

/**
 * Everything that is not ours reaches the server's own listeners as before, also those added later. What is ours
 * reaches none of them: another WebSocket library would answer an upgrade it does not know with 400, on our socket.
 * Returns the function that gives it back. Throws an Error for a server that a chat server is attached to.
 */
export function attachTo(server: HttpServer, taker: Taker): () => void {
  if (TAKEN in server) throw new Error("a chat server is attached to this HTTP server already");
  let isAttached = true;
  const owns = (request: IncomingMessage): boolean => isAttached && taker.owns(request);
  const upgradable = server as unknown as Upgradable;
  const { shouldUpgradeCallback } = upgradable;
  const emit = server.emit.bind(server) as Emit;
  const emitUnlessOwned: Emit = (event, ...values) => {
    if (event !== "request" && event !== "upgrade") return emit(event, ...values);
    const [request, answer, head] = values as [IncomingMessage, unknown, Buffer];
    if (!owns(request)) return emit(event, ...values);
    if (event === "request") taker.request(request, answer as ServerResponse);
    else taker.upgrade(request, answer as Duplex, head);
    return true;
  };
  // Our listener must not turn what was an ordinary request into an upgrade that nobody answers.
  const shouldUpgrade: Upgradable["shouldUpgradeCallback"] = (request) => {
    if (owns(request)) return request.headers.upgrade?.toLowerCase() === "websocket";
    if (isAttached && server.listenerCount("upgrade") === 1) return false;
    return shouldUpgradeCallback.call(server, request);
  };
  Object.assign(server, { [TAKEN]: true, emit: emitUnlessOwned, shouldUpgradeCallback: shouldUpgrade });
  // Without a listener Node destroys the socket before anybody is asked.
  const listener = (): void => undefined;
  server.on("upgrade", listener);
  return () => {
    // Others may have wrapped what was put in: it stays, and passes everything on.
    isAttached = false;
    server.off("upgrade", listener);
    Reflect.deleteProperty(server, TAKEN);
  };
}
