/** One STOMP connection over one transport: a CONNECT that is really answered, and goodbye. */
import { Client } from "@stomp/stompjs";
import { loadSockJs } from "../shared/sockjs.ts";
import type { Tried } from "./facts.ts";

const PATIENCE_MS = 10_000;

/** Resolves with what came of it; never rejects. */
export function tryWebSocket(path: string, headers: Record<string, string>): Promise<Tried> {
  return tryStomp(
    () => new WebSocket(`${location.origin.replace(/^http/, "ws")}${path}`, ["v12.stomp"]),
    headers,
  );
}

/** The same over a transport of SockJS, by the name that its client gives it. */
export async function trySockJs(transport: string, headers: Record<string, string>): Promise<Tried> {
  try {
    const create = await loadSockJs([transport]);
    return await tryStomp(() => create(`${location.origin}/chat`), headers);
  } catch {
    return { ok: false, why: "not loaded" };
  }
}

function tryStomp(open: () => WebSocket, headers: Record<string, string>): Promise<Tried> {
  const began = Date.now();
  return new Promise((resolve) => {
    const client = new Client({
      webSocketFactory: open,
      connectHeaders: headers,
      reconnectDelay: 0,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      discardWebsocketOnCommFailure: true,
    });
    const done = (tried: Tried): void => {
      clearTimeout(impatience);
      resolve(tried);
      // Politely only after an answer: otherwise nobody hears it.
      void client.deactivate({ force: !tried.ok });
    };
    const impatience = setTimeout(() => done({ ok: false, why: "silent" }), PATIENCE_MS);
    const took = (): number => Date.now() - began;
    client.onConnect = () => done({ ok: true, took: took() });
    client.onStompError = (frame) =>
      done({ ok: true, took: took(), refusal: frame.headers["message"] ?? "refused" });
    client.onWebSocketClose = () => done({ ok: false, why: "closed" });
    client.activate();
  });
}
