/** What is answered below /chat over HTTP, and what never reaches the library. */
import http from "node:http";
import { describe, expect, it } from "vitest";
import {
  ALLOWED_ORIGIN,
  afterThis,
  ask,
  onlySession,
  openRaw,
  pass,
  post,
  startServer,
  until,
} from "./transport-server.ts";

const CORS = [
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-allow-headers",
];

/** Every URL form of ours, with the method it takes. */
const ENDPOINTS = [
  ["GET", "/chat"],
  ["GET", "/chat/"],
  ["GET", "/chat/info"],
  ["OPTIONS", "/chat/info"],
  ["GET", "/chat/websocket"],
  ["GET", "/chat/0/s/websocket"],
  ["POST", "/chat/0/s/xhr"],
  ["OPTIONS", "/chat/0/s/xhr"],
  ["POST", "/chat/0/s/xhr_send"],
  ["OPTIONS", "/chat/0/s/xhr_send"],
  ["POST", "/chat/0/s/xhr_streaming"],
  ["OPTIONS", "/chat/0/s/xhr_streaming"],
  ["GET", "/chat/0/s/eventsource"],
] as const;

describe("info and greeting", () => {
  it("info offers WebSocket, needs no cookie and is not cacheable", async () => {
    const server = await startServer();
    const [first, second] = [await ask(server, "/chat/info?t=1"), await ask(server, "/chat/info")];
    expect(first.status).toBe(200);
    expect(first.headers["content-type"]).toBe("application/json; charset=UTF-8");
    expect(first.headers["cache-control"]).toContain("no-store");
    const info = JSON.parse(first.body) as Record<string, unknown>;
    expect(info).toEqual({
      websocket: true,
      cookie_needed: false,
      origins: ["*:*"],
      entropy: info["entropy"],
    });
    expect(info["entropy"]).not.toBe((JSON.parse(second.body) as typeof info)["entropy"]);
  });

  it.each(["/chat", "/chat/", "/chat?x=1"])("greets at %s", async (path) => {
    const answer = await ask(await startServer(), path);
    expect(answer.body).toBe("Welcome to SockJS!\n");
    expect(answer.headers["content-type"]).toBe("text/plain; charset=UTF-8");
  });

  it.each(["/", "/chatter", "/api/chat", "/Chat"])("leaves %s to others", async (path) => {
    expect((await ask(await startServer(), path)).status).toBe(418);
  });
});

describe("Origin", () => {
  const foreign = [
    "null",
    "https://evil.example",
    "https://shop.example.evil.tld",
    "https://evil.shop.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.",
    "",
  ];

  it.each(ENDPOINTS)("%s %s is refused to foreign ones, without CORS headers", async (method, path) => {
    const server = await startServer();
    for (const origin of foreign) {
      const answer = await ask(server, path, { method, headers: { Origin: origin } });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ code: "ORIGIN_NOT_ALLOWED" });
      for (const name of CORS) expect(answer.headers[name]).toBeUndefined();
    }
    expect(server.refusals).toEqual(foreign.map(() => "ORIGIN_NOT_ALLOWED"));
    expect(server.sessions).toEqual([]);
  });

  it.each(ENDPOINTS)("%s %s echoes an allowed one exactly", async (method, path) => {
    const server = await startServer();
    const headers = await headersOf(server.port, method, path, {
      Origin: ALLOWED_ORIGIN,
      "Access-Control-Request-Headers": "x-anything",
    });
    expect(headers["access-control-allow-origin"]).toBe(ALLOWED_ORIGIN);
    expect(headers["access-control-allow-credentials"]).toBe("true");
    expect(headers.vary).toBe("Origin");
    expect(headers["access-control-allow-headers"]).toBe(method === "OPTIONS" ? "content-type" : undefined);
  });

  it.each(ENDPOINTS)("%s %s writes no CORS headers without one, and never a cookie", async (method, path) => {
    const server = await startServer();
    const headers = await headersOf(server.port, method, path, { Cookie: "JSESSIONID=abc; __proto__=x" });
    for (const name of CORS.slice(0, 2)) expect(headers[name]).toBeUndefined();
    expect(headers["set-cookie"]).toBeUndefined();
    expect(headers.vary).toBe("Origin");
  });

  it("answers preflights", async () => {
    const server = await startServer();
    const headers = { Origin: ALLOWED_ORIGIN, "Access-Control-Request-Method": "POST" };
    const answer = await ask(server, "/chat/0/s/xhr_send", { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-methods"]).toBe("OPTIONS, POST");
    expect(Number(answer.headers["access-control-max-age"])).toBeGreaterThan(0);
    const info = await ask(server, "/chat/info", { method: "OPTIONS", headers });
    expect(info.headers["access-control-allow-methods"]).toBe("OPTIONS, GET");
    expect(server.sessions).toEqual([]);
  });
});

describe("refusals", () => {
  const longId = "x".repeat(65);
  it.each([
    // URLs of what is disabled
    ["GET", "/chat/iframe.html", 404],
    ["GET", "/chat/iframe-1.6.1.html", 404],
    ["GET", "/chat/0/s/jsonp?c=alert", 404],
    ["POST", "/chat/0/s/jsonp_send", 404],
    ["GET", "/chat/0/s/htmlfile?c=alert", 404],
    ["POST", "/chat/chunking_test", 404],
    ["GET", "/chat/0/s/iframe.html", 404],
    // ids
    ["POST", "/chat/0/../xhr", 404],
    ["POST", "/chat/0/%2e%2e/xhr", 404],
    ["POST", "/chat/0/a.b/xhr", 404],
    ["POST", "/chat/0//xhr", 404],
    ["POST", "/chat//s/xhr", 404],
    ["POST", "/chat/0.1/s/xhr", 404],
    ["POST", "/chat/0/a%2fb/xhr", 404],
    ["POST", `/chat/0/${longId}/xhr`, 404],
    ["POST", "/chat/0/__proto__/xhr", 404],
    ["POST", "/chat/0/constructor/xhr_send", 404],
    ["POST", "/chat/0/prototype/xhr", 404],
    ["POST", "/chat/0/undefined/xhr", 404],
    ["GET", "/chat/a", 404],
    ["GET", "/chat//", 404],
    ["GET", "/chat/a/b", 404],
    ["GET", "/chat/a/b/c/d", 404],
    // percent-encoding
    ["POST", "/chat/0/%zz/xhr", 400],
    ["GET", "/chat/%", 400],
    ["GET", "/chat/%ff", 400],
    // sessions that are none
    ["POST", "/chat/0/unknown/xhr_send", 404],
    // WebSocket URLs without an upgrade
    ["GET", "/chat/websocket", 400],
    ["GET", "/chat/0/s/websocket", 400],
  ] as const)("%s %s: %i", async (method, path, status) => {
    const server = await startServer();
    const answer = await ask(server, path, { method, ...(method === "POST" && { body: '["x"]' }) });
    expect(answer.status).toBe(status);
    expect(server.sessions).toEqual([]);
  });

  it.each([
    ["POST", "/chat", "GET"],
    ["HEAD", "/chat", "GET"],
    ["POST", "/chat/info", "GET, OPTIONS"],
    ["DELETE", "/chat/info", "GET, OPTIONS"],
    ["POST", "/chat/websocket", "GET"],
    ["GET", "/chat/0/s/xhr", "POST, OPTIONS"],
    ["PUT", "/chat/0/s/xhr_send", "POST, OPTIONS"],
    ["GET", "/chat/0/s/xhr_streaming", "POST, OPTIONS"],
    ["POST", "/chat/0/s/eventsource", "GET"],
    ["PATCH", "/chat/0/s/eventsource", "GET"],
  ] as const)("%s %s: 405 with Allow: %s", async (method, path, allow) => {
    const answer = await ask(await startServer(), path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
  });

  it("a percent-encoded id is the id it means", async () => {
    const server = await startServer();
    expect((await post(server, "/chat/0/a%20b/xhr")).body).toBe("o\n");
    expect((await post(server, "/chat/other-server/%61%20b/xhr_send", '["x"]')).status).toBe(204);
    expect((await onlySession(server)).received).toBe("x");
  });

  it("draining: no new session, and the open ones go on", async () => {
    const server = await startServer();
    await post(server, "/chat/0/old/xhr");
    server.draining = true;
    const refused = await post(server, "/chat/0/new/xhr");
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect((await ask(server, "/chat/0/new/eventsource")).status).toBe(503);
    expect((await post(server, "/chat/0/old/xhr_send", '["x"]')).status).toBe(204);
    expect((await post(server, "/chat/0/old/xhr")).body).toBe('a["x"]\n');
    expect(server.refusals).toEqual(["SHUTTING_DOWN", "SHUTTING_DOWN"]);
  });
});

describe("xhr_send", () => {
  it.each([
    ["", 500, "Payload expected."],
    ["not json", 500, "Broken JSON encoding."],
    ['["x"', 500, "Broken JSON encoding."],
  ])("%j: %i %s, and the session lives", async (body, status, text) => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const answer = await post(server, "/chat/0/s/xhr_send", body);
    expect([answer.status, answer.body]).toEqual([status, text]);
    expect((await post(server, "/chat/0/s/xhr_send", '["x","","y"]')).status).toBe(204);
    const session = await onlySession(server);
    expect(session.received).toBe("xy");
    expect(session.failures).toEqual([]);
  });

  it.each([
    ['{"__proto__":null}', "BAD_FRAME"],
    ['"string"', "BAD_FRAME"],
    ["null", "BAD_FRAME"],
    ["17", "BAD_FRAME"],
    ['["x",1]', "BAD_FRAME"],
    ['[{"toString":null}]', "BAD_FRAME"],
    ["[null]", "BAD_FRAME"],
    ['[["x"]]', "BAD_FRAME"],
    ['["\\ud800"]', "BAD_UTF8"],
    ['["\\ud83d","\\ude00"]', "BAD_UTF8"],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), "BAD_UTF8"],
  ])("%s never reaches the parser: %s", async (body, code) => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    expect((await ask(server, "/chat/0/s/xhr_send", { method: "POST", body })).status).toBe(500);
    const session = await onlySession(server);
    expect(session.failures).toEqual([code]);
    expect(session.received).toBe("");
    expect((await post(server, "/chat/0/s/xhr")).body).toBe(`a["ERROR ${code}"]\n`);
    expect((await post(server, "/chat/0/s/xhr")).body).toBe(`c[1002,"${code}"]\n`);
    await until(() => session.closes === 1);
  });

  it("a declared length beyond the cap is refused without reading on", async () => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const { text, ended } = await openRaw(
      server,
      "POST /chat/0/s/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 200000000\r\n\r\n",
    );
    await ended;
    expect(text()).toMatch(/^HTTP\/1\.1 413 /);
    expect(text()).toMatch(/connection: close/i);
  });

  it("a chunked body is refused as soon as it is too long", async () => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const { socket, text, ended } = await openRaw(
      server,
      "POST /chat/0/s/xhr_send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 9; sent += 1) socket.write(chunk);
    expect(text()).toBe("");
    socket.write(chunk);
    await ended;
    expect(text()).toMatch(/^HTTP\/1\.1 413 /);
    expect((await onlySession(server)).received).toBe("");
  });

  it("takes 128 KiB", async () => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const body = JSON.stringify(["x".repeat(128 * 1024 - 4)]);
    expect((await post(server, "/chat/0/s/xhr_send", body)).status).toBe(204);
  });

  it("takes little before CONNECT: 8.5 KiB in a body, one body at a time", async () => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const session = await onlySession(server);
    session.state = "opening";
    const of = (length: number): string => JSON.stringify(["x".repeat(length - 4)]);
    expect((await post(server, "/chat/0/s/xhr_send", of(8704))).status).toBe(204);
    const answer = await post(server, "/chat/0/s/xhr_send", of(8705));
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([413, { hint: "at most 8704 octets" }]);
    const begun = "POST /chat/0/s/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
    const first = await openRaw(server, begun);
    await pass(20);
    const second = await openRaw(server, begun);
    await second.ended;
    expect(second.text()).toMatch(/^HTTP\/1\.1 503 /);
    expect(first.text()).toBe("");
  });

  it.each(["gzip", "br", "identity"])("Content-Encoding %s: 415", async (encoding) => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr");
    const answer = await post(server, "/chat/0/s/xhr_send", "xxx", { "Content-Encoding": encoding });
    expect(answer.status).toBe(415);
  });

  it("a receiver that sends a body without end loses its connection", async () => {
    const server = await startServer();
    const { socket, ended } = await openRaw(
      server,
      "POST /chat/0/s/xhr_streaming HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const pump = setInterval(() => socket.write(`4000\r\n${"x".repeat(0x4000)}\r\n`), 1);
    afterThis(() => {
      clearInterval(pump);
    });
    await ended;
  });
});

describe("isBrowser", () => {
  it.each([{ Origin: ALLOWED_ORIGIN }, { "Sec-Fetch-Site": "same-origin" }])(
    "is learnt from any request of the session: %o",
    async (headers) => {
      const server = await startServer();
      await post(server, "/chat/0/s/xhr");
      const { connection } = await onlySession(server);
      expect(connection.isBrowser).toBe(false);
      await post(server, "/chat/0/s/xhr_send", '["x"]', headers);
      expect(connection.isBrowser).toBe(true);
      await post(server, "/chat/0/s/xhr");
      expect(connection.isBrowser).toBe(true);
    },
  );

  it("is known from the first request", async () => {
    const server = await startServer();
    await post(server, "/chat/0/s/xhr", "", { Origin: ALLOWED_ORIGIN });
    expect((await onlySession(server)).connection.isBrowser).toBe(true);
  });
});

/** The headers of an answer, whose body may never end. */
function headersOf(
  port: number,
  method: string,
  path: string,
  headers: http.OutgoingHttpHeaders,
): Promise<http.IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: "127.0.0.1", method, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      response.on("error", () => undefined);
      resolve(response.headers);
      request.destroy();
    });
    request.end();
  });
}
