/** Within somebody else's HTTP server: what is ours is taken, everything else is theirs as before. */
import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { embed, host, webSocketUrlOf } from "../../helpers/embedded.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import type { Express } from "express";

/** A shop of somebody else's: its own pages, also below our folders, and a last word of its own. */
function shop(): Express {
  const app = express();
  app.get("/", (_request, response) => void response.send("the shop"));
  app.get("/api/orders", (request, response) => void response.send(`orders of ${request.app === app}`));
  return app;
}

/** Headers of ours that would change what somebody else's pages may do. */
const OURS = ["content-security-policy", "x-frame-options", "cross-origin-resource-policy"];

/** What an HTTP/1.1 peer reads that asks exactly this. */
async function raw(url: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(request);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString();
}

describe("the router", () => {
  it("serves the console, the widget's frame, the API and health, each with its own headers", async () => {
    const chat = await embed();
    const { url } = await host(shop().use(chat.router));
    const statuses = await Promise.all(
      ["/agent", "/widget/panel", "/icon.svg", "/healthz", "/readyz", "/metrics", "/api/customers"].map(
        async (path) => (await fetch(url + path)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 401]);
    const page = await fetch(`${url}/agent`);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("passes on what is not its own, untouched, mounted before the rest", async () => {
    const chat = await embed();
    const app = express().use(chat.router, shop());
    const { url } = await host(app);
    const ask = async (path: string, init?: RequestInit): Promise<[number, string, string[]]> => {
      const response = await fetch(url + path, init);
      const ours = OURS.filter((name) => response.headers.has(name));
      return [response.status, await response.text(), ours];
    };
    expect(await ask("/")).toEqual([200, "the shop", []]);
    expect(await ask("/?token=theirs")).toEqual([200, "the shop", []]);
    const foreign = { headers: { origin: "https://elsewhere.example" } };
    expect(await ask("/api/orders", foreign)).toEqual([200, "orders of true", []]);
    for (const path of ["/nothing", "/api/nothing", "/%zz", "/build/none.js", "/index.html", "/chat"]) {
      const response = await fetch(url + path);
      const isExpress = (await response.text()).includes("<!DOCTYPE html>");
      expect([path, response.status < 500, isExpress]).toEqual([path, true, true]);
    }
    expect((await ask("/agent", { method: "POST" }))[0]).toBe(404);
  });

  it("takes bodies that the application has parsed already", async () => {
    const chat = await embed({ adminPasscode: "the passcode of an admin" });
    const { url } = await host(express().use(express.json(), chat.router));
    const login = (body: string): Promise<Response> =>
      fetch(`${url}/api/sessions`, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect((await login('{"login":"admin","passcode":"the passcode of an admin"}')).status).toBe(201);
    expect((await login('{"login":"admin","passcode":"wrong"}')).status).toBe(401);
    expect((await login('{"login":"admin"}')).status).toBe(400);
    const guest = await fetch(`${url}/api/guests`, { method: "POST" });
    expect(guest.status).toBe(201);
  });
});

describe("attach", () => {
  it("takes /chat in every transport, and leaves requests to listeners of before and after", async () => {
    const chat = await embed();
    const { server, url } = await host();
    server.on("request", (request, response) => {
      if (request.url === "/before") response.end("before");
    });
    chat.attach(server);
    server.on("request", (request, response) => {
      if (request.url === "/after") response.end("after");
      // As an application would that knows no such page.
      if (request.url?.startsWith("/chat") === true) response.writeHead(404).end();
    });
    const client = await RawClient.connect(webSocketUrlOf(url));
    expect(client.of("CONNECTED")).toHaveLength(1);
    expect(await (await fetch(`${url}/chat`)).text()).toBe("Welcome to SockJS!\n");
    expect(await (await fetch(`${url}/chat/1/session1/xhr`, { method: "POST" })).text()).toBe("o\n");
    expect(await (await fetch(`${url}/before`)).text()).toBe("before");
    expect(await (await fetch(`${url}/after`)).text()).toBe("after");
  });

  it("leaves other WebSockets to their library, attached before or after", async () => {
    const chat = await embed();
    const { server, url } = await host();
    const before = new WebSocketServer({ server, path: "/before" });
    chat.attach(server);
    const after = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) => {
      if (request.url !== "/after") return;
      after.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.send("after");
      });
    });
    before.on("connection", (webSocket) => {
      webSocket.send("before");
    });
    const client = await RawClient.connect(webSocketUrlOf(url));
    expect(client.of("CONNECTED")).toHaveLength(1);
    const theirs = new WebSocket(`${url.replace("http", "ws")}/before`);
    expect(String((await once(theirs, "message"))[0])).toBe("before");
    theirs.terminate();
    expect(client.closed).toBeUndefined();
    before.close();
  });

  it("leaves an upgrade that nobody takes an ordinary request", async () => {
    const chat = await embed();
    const { server, url } = await host(shop());
    chat.attach(server);
    const upgrade = (path: string, protocol: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    expect(await raw(url, upgrade("/", "h2c"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(url, upgrade("/", "websocket"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(url, upgrade("/chat", "h2c"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(url, upgrade("/chat/nothing", "websocket"))).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("twice, or by two chat servers, is refused; two HTTP servers may share one chat", async () => {
    const [chat, other] = [await embed(), await embed()];
    const [one, two] = [await host(shop()), await host(shop())];
    chat.attach(one.server);
    expect(() => chat.attach(one.server)).toThrow("attached to this HTTP server already");
    expect(() => other.attach(one.server)).toThrow("attached to this HTTP server already");
    chat.attach(two.server);
    const clients = await Promise.all([one, two].map(({ url }) => RawClient.connect(webSocketUrlOf(url))));
    expect(clients.map((client) => client.of("CONNECTED").length)).toEqual([1, 1]);
  });

  it("ends with close: the server goes on alone, and another chat may be attached", async () => {
    const [chat, other] = [await embed(), await embed()];
    const { server, url } = await host(shop());
    chat.attach(server);
    await chat.close();
    expect((await fetch(`${url}/chat`)).status).toBe(404);
    expect(await (await fetch(url)).text()).toBe("the shop");
    other.attach(server);
    expect((await RawClient.connect(webSocketUrlOf(url))).of("CONNECTED")).toHaveLength(1);
  });
});
