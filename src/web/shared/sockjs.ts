/** SockJS, loaded when it is needed and not before. */
import type { SockJsFactory } from "../client/index.ts";

export async function loadSockJs(): Promise<SockJsFactory> {
  const { default: SockJS } = await import("sockjs-client");
  return (url) => new SockJS(url, null, { transports: ["xhr-streaming", "xhr-polling"] });
}
