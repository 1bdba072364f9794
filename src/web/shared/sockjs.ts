/** SockJS, loaded when it is needed and not before. */
import type { SockJsFactory } from "../client/index.ts";

/** What is left where WebSocket is blocked. */
export const FALLBACKS = ["xhr-streaming", "xhr-polling"];

export async function loadSockJs(transports = FALLBACKS): Promise<SockJsFactory> {
  const { default: SockJS } = await import("sockjs-client");
  return (url) => new SockJS(url, null, { transports });
}
