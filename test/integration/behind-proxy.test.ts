/** Behind a proxy that ends TLS: every transport, Origins with https, whose address it is, and what an unnamed proxy costs. */
import { once } from "node:events";
import { request } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { RunningServer, until } from "../helpers/running-server.ts";
import { PROXY_CA, TlsProxy } from "../helpers/tls-proxy.ts";
import type { IncomingMessage } from "node:http";
import type { ClientOptions } from "ws";

const CLIENT = "127.0.0.5";
const FORGED = "198.51.100.66";

let server: RunningServer;
let proxy: TlsProxy;

async function serve(environment: Record<string, string>): Promise<void> {
  proxy = new TlsProxy(() => server.port);
  await proxy.listen();
  server = await RunningServer.start({ PUBLIC_URL: proxy.url, ...environment });
}
afterEach(async () => {
  proxy.close();
  await server.remove();
});

type Asking = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };

/** Asks through the proxy; the answer may be a stream. */
async function ask(
  path: string,
  { method = "GET", headers = {}, body }: Asking = {},
): Promise<IncomingMessage> {
  const options = { ca: PROXY_CA, localAddress: CLIENT, agent: false, method, headers };
  const asked = request(`${proxy.url}${path}`, options);
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return answer;
}

async function check(forwarded?: string): Promise<Record<string, unknown>> {
  const answer = await ask("/api/connection-check", {
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  });
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

function connect(options: ClientOptions = {}): Promise<RawClient> {
  const url = `${proxy.url.replace("https", "wss")}/chat`;
  return RawClient.connect(url, {}, { ca: PROXY_CA, localAddress: CLIENT, ...options });
}

describe("named", () => {
  it("who came to the proxy is who it is, whatever was sent as X-Forwarded-For", async () => {
    await serve({ TRUST_PROXY: "127.0.0.1" });
    for (const forged of [undefined, FORGED, `127.0.0.1, ${FORGED}, ::1`, "<script>", ""])
      expect(await check(forged)).toMatchObject({
        address: CLIENT,
        proxy: "trusted",
        forwardedScheme: "https",
      });
  });

  it("of two in a row both are believed, and nobody before them", async () => {
    await serve({ TRUST_PROXY: `127.0.0.1,${CLIENT}` });
    const rows = [
      ["203.0.113.9", "203.0.113.9"],
      [`${FORGED}, 2001:db8::9`, "2001:db8::9"],
      [`${FORGED}, [2001:db8::9]:443`, "2001:db8::9"],
      [`${FORGED}, ::ffff:203.0.113.9`, "203.0.113.9"],
    ] as const;
    for (const [forwarded, address] of rows) expect((await check(forwarded))["address"]).toBe(address);
  });

  it.each(["127.0.0.2", "0"])("but as %s, it is not believed", async (trust) => {
    await serve({ TRUST_PROXY: trust });
    expect(await check(FORGED)).toMatchObject({ address: "127.0.0.1", proxy: "ignored" });
  });

  it("its WebSockets come with the Origin of PUBLIC_URL, and with no other scheme, port or host", async () => {
    await serve({ TRUST_PROXY: "127.0.0.1" });
    expect((await connect({ origin: proxy.url })).of("CONNECTED")).toHaveLength(1);
    for (const origin of [proxy.url.replace("https", "http"), "https://localhost", server.url, "null"])
      expect([origin, (await connect({ origin })).frames]).toEqual([origin, []]);
  });

  it("each SockJS transport opens for that Origin and for no other, and what is said comes while the stream is open", async () => {
    await serve({ TRUST_PROXY: "127.0.0.1" });
    const [headers, foreign] = [{ origin: proxy.url }, { origin: "https://evil.example" }];
    for (const [name, method] of [
      ["xhr_streaming", "POST"],
      ["eventsource", "GET"],
      ["xhr", "POST"],
    ] as const) {
      const path = `/chat/000/session-${name}`;
      expect((await ask(`${path}/${name}`, { method, headers: foreign })).statusCode).toBe(403);
      let said = "";
      const listen = (answer: IncomingMessage): unknown =>
        answer.on("data", (chunk) => (said += String(chunk)));
      listen(await ask(`${path}/${name}`, { method, headers }));
      await until(`${name} is open`, () => /(?:^|\n|data: )o/.test(said));
      const body = JSON.stringify(["CONNECT\naccept-version:1.2\n\n\0"]);
      expect((await ask(`${path}/xhr_send`, { method: "POST", headers, body })).statusCode).toBe(204);
      if (name === "xhr") listen(await ask(`${path}/xhr`, { method, headers }));
      await until(`CONNECTED came over ${name}`, () => said.includes("CONNECTED"));
    }
  });

  it("connections are counted by client, whatever address a client names itself", async () => {
    await serve({ TRUST_PROXY: "127.0.0.1", RATE_LIMITS: "on", MAX_ADDRESS_CONNECTIONS: "2" });
    for (const forged of [FORGED, "203.0.113.9"])
      expect((await connect({ headers: { "x-forwarded-for": forged } })).of("CONNECTED")).toHaveLength(1);
    expect((await connect({ headers: { "x-forwarded-for": "203.0.113.10" } })).frames).toEqual([]);
    expect((await connect({ localAddress: "127.0.0.6" })).of("CONNECTED")).toHaveLength(1);
  });
});

describe("unnamed", () => {
  it("one who insists until the address were closed out closes nobody else out", async () => {
    await serve({ RATE_LIMITS: "on" });
    for (let session = 0; session < 4; session += 1) {
      const attacker = await connect();
      expect(attacker.of("CONNECTED")).toHaveLength(1);
      await attacker.subscribe("errors", "/user/queue/errors");
      attacker.send("SEND\ndestination:/topic/forbidden\n\n{}^@".repeat(11));
      await until("the session is ended", () => attacker.closed !== undefined);
      expect(attacker.closed?.code).toBe(1008);
    }
    expect((await connect({ localAddress: "127.0.0.6" })).of("CONNECTED")).toHaveLength(1);
  });

  it("all who come through it are counted together", async () => {
    await serve({ RATE_LIMITS: "on", MAX_ADDRESS_CONNECTIONS: "1" });
    expect((await connect()).of("CONNECTED")).toHaveLength(1);
    expect((await connect({ localAddress: "127.0.0.6" })).frames).toEqual([]);
  });
});
