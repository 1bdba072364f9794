/** Chat servers and HTTP servers within this process, which a test leaves behind. */
import { createServer } from "node:http";
import { afterEach } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { createChatServer } from "../../src/index.ts";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatServer, ChatServerOptions } from "../../src/index.ts";

export const ADMIN_PASSCODE = "the passcode of an admin";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that keeps everything in memory; closed after the test. */
export async function embed(options: ChatServerOptions = {}): Promise<ChatServer> {
  const chat = await createChatServer({ store: createMemoryStore(), ...options });
  cleanups.push(() => chat.close());
  return chat;
}

/** One that listens, with the URL of its WebSocket. */
export async function embedAndListen(
  options: ChatServerOptions = {},
): Promise<{ chat: ChatServer; url: string; webSocketUrl: string }> {
  const chat = await embed(options);
  const { url } = await chat.listen({ port: 0 });
  return { chat, url, webSocketUrl: webSocketUrlOf(url) };
}

export function webSocketUrlOf(url: string): string {
  return `${url.replace("http", "ws")}/chat`;
}

/** Somebody else's HTTP server, listening; closed after the test. */
export async function host(listener?: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer();
  if (listener !== undefined) server.on("request", listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
