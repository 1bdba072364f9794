/** `/api/connection-check` says what the server sees of a request: address, origin, scheme, and what became of an upgrade. */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { RunningServer } from "../helpers/running-server.ts";

const SHOP = "https://shop.example.com";
const PATH = "/api/connection-check";

let server: RunningServer;

/** One server for the tests of a block. */
function serve(environment: Record<string, string>): void {
  beforeAll(async () => {
    server = await RunningServer.start(environment);
  });
  afterAll(async () => {
    await server.remove();
  });
}

type Answer = Awaited<ReturnType<RunningServer["json"]>>;
const ask = (query = "", headers: Record<string, string> = {}): Promise<Answer> =>
  server.json(`${PATH}${query}`, { headers });

/** What a proxy makes of a WebSocket request when it passes no Upgrade on. */
function askWithoutUpgrade(path: string): Promise<number | undefined> {
  const headers = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13" };
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { headers }, (response) => {
      response.resume().on("end", () => {
        resolve(response.statusCode);
      });
    })
      .on("error", reject)
      .end();
  });
}

/** Resolves once the attempt is over, whatever came of it. */
function attempt(path: string, origin?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `${server.url.replace("http", "ws")}${path}`,
      origin === undefined ? {} : { origin },
    );
    socket.on("open", () => {
      socket.terminate();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}

describe("without configuration", () => {
  serve({});

  it("tells what it is, what it offers and what time it is, and nothing that its contract lacks", async () => {
    const before = Date.now();
    const { status, body, headers } = await ask();
    const { server: name, time, ...rest } = body;
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(name).toMatch(/^customer-chat\/\d+\.\d+\.\d+/);
    expect(Date.parse(String(time))).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(String(time))).toBeLessThanOrEqual(Date.now() + 1);
    expect(rest).toEqual({
      address: "127.0.0.1",
      proxy: "none",
      scheme: "http",
      forwardedScheme: null,
      host: `127.0.0.1:${server.port}`,
      publicUrl: null,
      origin: null,
      upgrade: null,
      guests: true,
      versions: ["1.0", "1.1", "1.2"],
      transports: ["websocket", "xhr-streaming", "xhr", "eventsource"],
    });
  });

  it("a proxy that nobody named is ignored, and what it says of the scheme is shown", async () => {
    const { body } = await ask("", { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https, http" });
    expect(body).toMatchObject({ address: "127.0.0.1", proxy: "ignored", scheme: "http" });
    expect(body["forwardedScheme"]).toBe("https");
    const { body: odd } = await ask("", { "x-forwarded-proto": "<script>" });
    expect(odd["forwardedScheme"]).toBe(null);
  });

  it("refuses what it does not know, as other queries do", async () => {
    for (const query of ["?orgin=x", "?origin=", "?upgrade=a.b", "?origin=a&origin=b"])
      expect([query, (await ask(query)).body["code"]]).toEqual([query, "BAD_QUERY"]);
    const { status, headers } = await server.json(PATH, { method: "POST" });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("a WebSocket attempt that named itself is unseen, passed, or dropped when its Upgrade header was lost on the way", async () => {
    const sighting = async (name: string): Promise<unknown> =>
      (await ask(`?upgrade=${name}`)).body["upgrade"];
    expect(await sighting("never-came")).toBe("unseen");
    expect(await attempt("/chat?check=attempt-1")).toBe(true);
    expect(await sighting("attempt-1")).toBe("passed");
    expect(await attempt("/chat?check=attempt-2", "https://evil.example")).toBe(false);
    expect(await sighting("attempt-2")).toBe("passed");
    expect(await askWithoutUpgrade("/chat/websocket?check=attempt-3")).toBe(400);
    expect(await sighting("attempt-3")).toBe("dropped");
  });

  it("such an attempt is forgotten when very many came after it, so that nobody can fill the memory", async () => {
    await askWithoutUpgrade("/chat?check=the-first");
    for (let count = 0; count < 256; count += 1) await askWithoutUpgrade(`/chat?check=later-${count}0000`);
    expect((await ask("?upgrade=the-first")).body["upgrade"]).toBe("unseen");
    expect((await ask("?upgrade=later-2550000")).body["upgrade"]).toBe("dropped");
  });
});

describe("origins", () => {
  serve({ ALLOWED_ORIGINS: SHOP, PUBLIC_URL: "https://chat.example.com" });

  it("one that is asked about is judged as a connection from there would be", async () => {
    const judged = async (origin: string): Promise<unknown> => {
      const { body } = await ask(`?origin=${encodeURIComponent(origin)}`);
      const isOpened = await attempt("/chat", origin);
      expect(body["origin"]).toEqual({ value: origin, allowed: isOpened });
      return isOpened;
    };
    expect(await judged(SHOP)).toBe(true);
    expect(await judged("https://chat.example.com")).toBe(true);
    expect(await judged("https://evil.example")).toBe(false);
    expect(await judged(server.url)).toBe(false);
    expect((await ask())["body"]).toMatchObject({ publicUrl: "https://chat.example.com" });
  });

  it("a page of an allowed site may read it, any other gets ORIGIN_NOT_ALLOWED as from the rest of the API", async () => {
    const allowed = await ask("", { origin: SHOP });
    expect(allowed.headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(allowed.body["origin"]).toEqual({ value: SHOP, allowed: true });
    const foreign = await ask("", { origin: "https://evil.example" });
    expect([foreign.status, foreign.body["code"]]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    expect(foreign.headers.get("access-control-allow-origin")).toBe(null);
  });
});

describe("behind a proxy that is named", () => {
  serve({ TRUST_PROXY: "loopback" });

  it("the address is the one that the proxy tells", async () => {
    const { body } = await ask("", { "x-forwarded-for": "198.51.100.4, 192.0.2.7" });
    expect(body).toMatchObject({ address: "192.0.2.7", proxy: "trusted" });
  });
});
