/** Every wrong HTTP request is answered as documented. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN, AGENT_PASSCODE, RunningServer } from "../../helpers/running-server.ts";
import { RawClient } from "../../helpers/raw-client.ts";

let server: RunningServer;
let admin: string;
let guest: string;
let conversation: string;

beforeAll(async () => {
  server = await RunningServer.start({ ALLOWED_ORIGINS: "https://shop.example.com" });
  await server.addAgent("anna");
  admin = String((await server.post("/api/sessions", ADMIN)).body["token"]);
  guest = String((await server.post("/api/guests", {})).body["token"]);
  const other = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  conversation = (await other.say("support", "mine"))?.headers.get("conversation") ?? "";
  await other.close();
});
afterAll(async () => {
  await server.remove();
  console.log(
    "HTTP: not yet applicable: 21st unknown session in a minute, connects per address (rates come with the security work); " +
      "uploads and webhooks (not in this release)",
  );
});

type Call = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };
const json = (body: unknown): Call => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

const rows: readonly (readonly [name: string, path: string, call: Call, status: number, code: string])[] = [
  [
    "text/plain",
    "/api/sessions",
    { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" },
    415,
    "UNSUPPORTED_CONTENT_TYPE",
  ],
  [
    "a form",
    "/api/sessions",
    { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "login=x" },
    415,
    "UNSUPPORTED_CONTENT_TYPE",
  ],
  [
    "gzip",
    "/api/sessions",
    {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: "{}",
    },
    415,
    "UNSUPPORTED_CONTENT_TYPE",
  ],
  [
    "a body over 64 KiB",
    "/api/sessions",
    json(`{"login":"${"x".repeat(70_000)}"}`),
    413,
    "PAYLOAD_TOO_LARGE",
  ],
  ["no JSON", "/api/sessions", json("{"), 400, "BAD_JSON"],
  ["an empty body", "/api/sessions", json(""), 400, "EMPTY_BODY"],
  ["an object as passcode", "/api/sessions", json({ login: "anna", passcode: {} }), 400, "BAD_TYPE"],
  ["an array as login", "/api/sessions", json({ login: ["anna"], passcode: "x" }), 400, "BAD_TYPE"],
  ["no passcode", "/api/sessions", json({ login: "anna" }), 400, "MISSING_FIELD"],
  [
    "an unknown field",
    "/api/sessions",
    json({ login: "anna", passcode: "x", role: "admin" }),
    400,
    "UNKNOWN_FIELD",
  ],
  [
    "__proto__",
    "/api/sessions",
    json('{"__proto__":{},"login":"anna","passcode":"x"}'),
    400,
    "FORBIDDEN_KEY",
  ],
  [
    "a passcode of 257",
    "/api/sessions",
    json({ login: "anna", passcode: "x".repeat(257) }),
    400,
    "BAD_VALUE",
  ],
  [
    "a wrong passcode",
    "/api/sessions",
    json({ login: "anna", passcode: "wrong passcode" }),
    401,
    "AUTH_FAILED",
  ],
  [
    "an unknown login",
    "/api/sessions",
    json({ login: "nobody", passcode: "wrong passcode" }),
    401,
    "AUTH_FAILED",
  ],
  ["a made-up site token", "/api/identify", json({ jwt: "a.b.c" }), 401, "AUTH_FAILED"],
  ["a token in the URL", "/api/conversations?token=cc_s_x", {}, 400, "TOKEN_IN_URL"],
  ["a token in the URL of SockJS", "/chat/info?token=cc_s_x", {}, 400, "TOKEN_IN_URL"],
  ["an access_token in the URL", "/?access_token=x", {}, 400, "TOKEN_IN_URL"],
  ["no token", "/api/conversations", {}, 401, "AUTH_REQUIRED"],
  [
    "a made-up token",
    "/api/conversations",
    { headers: { authorization: "Bearer cc_s_x" } },
    401,
    "AUTH_FAILED",
  ],
  ["Basic", "/api/conversations", { headers: { authorization: "Basic YTpi" } }, 401, "AUTH_FAILED"],
  [
    "customers as a guest",
    "/api/customers",
    { headers: { authorization: "Bearer GUEST" } },
    403,
    "FORBIDDEN",
  ],
  [
    "another's conversation",
    "/api/conversations/THEIRS",
    { headers: { authorization: "Bearer GUEST" } },
    404,
    "NOT_FOUND",
  ],
  [
    "another's history",
    "/api/conversations/THEIRS/messages",
    { headers: { authorization: "Bearer GUEST" } },
    404,
    "NOT_FOUND",
  ],
  [
    "an unknown conversation",
    `/api/conversations/${"x".repeat(22)}`,
    { headers: { authorization: "Bearer GUEST" } },
    404,
    "NOT_FOUND",
  ],
  [
    "an id that is none",
    "/api/conversations/..%2f",
    { headers: { authorization: "Bearer ADMIN" } },
    404,
    "NOT_FOUND",
  ],
  ...["-1", "0", "abc", "1e9", "201", "", "1&limit=2", "1.5"].map(
    (limit) =>
      [
        `limit=${limit}`,
        `/api/conversations?limit=${limit}`,
        { headers: { authorization: "Bearer ADMIN" } },
        400,
        "BAD_QUERY",
      ] as const,
  ),
  [
    "limit[]",
    "/api/conversations?limit[]=1",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  [
    "notes as a guest",
    "/api/conversations/THEIRS/notes",
    { headers: { authorization: "Bearer GUEST" } },
    403,
    "FORBIDDEN",
  ],
  [
    "notes of an unknown conversation",
    `/api/conversations/${"x".repeat(22)}/notes`,
    { headers: { authorization: "Bearer ADMIN" } },
    404,
    "NOT_FOUND",
  ],
  [
    "notes before and after",
    "/api/conversations/THEIRS/notes?before=2&after=1",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  [
    "a search as a guest",
    "/api/search?text=a",
    { headers: { authorization: "Bearer GUEST" } },
    403,
    "FORBIDDEN",
  ],
  ...["", "?text=", `?text=${"x".repeat(201)}`, "?text=a&text=b", "?text=a&before=%21", "?text=a&sort=x"].map(
    (query) =>
      [
        `a search with "${query.slice(0, 30)}"`,
        `/api/search${query}`,
        { headers: { authorization: "Bearer ADMIN" } },
        400,
        "BAD_QUERY",
      ] as const,
  ),
  [
    "canned responses as a guest",
    "/api/canned-responses",
    { headers: { authorization: "Bearer GUEST" } },
    403,
    "FORBIDDEN",
  ],
  [
    "the conversations of a customer as a guest",
    `/api/conversations?customer=${"x".repeat(22)}`,
    { headers: { authorization: "Bearer GUEST" } },
    403,
    "FORBIDDEN",
  ],
  [
    "an unknown parameter",
    "/api/conversations?sort=x",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  [
    "an unknown state",
    "/api/conversations?state=open",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  [
    "a cursor that is none",
    "/api/conversations?before=%27",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  [
    "before that is no seq",
    "/api/conversations/THEIRS/messages?before=x",
    { headers: { authorization: "Bearer ADMIN" } },
    400,
    "BAD_QUERY",
  ],
  ["a wrong method", "/api/sessions", { method: "PUT" }, 405, "METHOD_NOT_ALLOWED"],
  ["an unknown path", "/api/nothing", {}, 404, "NOT_FOUND"],
  ["a path out of the folder", "/%2e%2e/etc/passwd", {}, 404, "NOT_FOUND"],
  ["a broken escape", "/%zz", {}, 400, "BAD_PATH"],
  [
    "a foreign origin",
    "/api/guests",
    { ...json({}), headers: { "content-type": "application/json", origin: "https://evil.example" } },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  [
    "the origin null",
    "/api/guests",
    { ...json({}), headers: { "content-type": "application/json", origin: "null" } },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  [
    "a suffix of an allowed origin",
    "/api/guests",
    { method: "POST", headers: { origin: "https://shop.example.com.evil.tld" } },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  [
    "/metrics through a proxy",
    "/metrics",
    { headers: { "x-forwarded-for": "1.2.3.4" } },
    401,
    "AUTH_REQUIRED",
  ],
  ["/metrics through a tunnel", "/metrics", { headers: { "x-real-ip": "1.2.3.4" } }, 401, "AUTH_REQUIRED"],
  ["/metrics through a cache", "/metrics", { headers: { via: "1.1 cache" } }, 401, "AUTH_REQUIRED"],
  [
    "/metrics as a guest through a proxy",
    "/metrics",
    { headers: { "x-forwarded-for": "1.2.3.4", authorization: "Bearer GUEST" } },
    401,
    "AUTH_FAILED",
  ],
  [
    "SockJS info from a foreign origin",
    "/chat/info",
    { headers: { origin: "https://evil.example" } },
    403,
    "ORIGIN_NOT_ALLOWED",
  ],
  ["jsonp", "/chat/000/abcdefgh/jsonp?c=x", {}, 404, "NOT_FOUND"],
  ["htmlfile", "/chat/000/abcdefgh/htmlfile?c=x", {}, 404, "NOT_FOUND"],
  ["the iframe page", "/chat/iframe.html", {}, 404, "NOT_FOUND"],
  [
    "xhr_send to an unknown session",
    "/chat/000/abcdefgh/xhr_send",
    { method: "POST", body: "[]" },
    404,
    "NOT_FOUND",
  ],
  ["a session called __proto__", "/chat/000/__proto__/xhr", { method: "POST" }, 404, "NOT_FOUND"],
  ["a session with a dot", "/chat/000/a.b/xhr", { method: "POST" }, 404, "NOT_FOUND"],
  ["GET on xhr", "/chat/000/abcdefgh/xhr", {}, 405, "METHOD_NOT_ALLOWED"],
];

it.each(rows)("%s", async (_name, path, { headers = {}, ...call }, status, code) => {
  const authorization = headers["authorization"]?.replace("ADMIN", admin).replace("GUEST", guest);
  const response = await server.fetch(path.replace("THEIRS", conversation), {
    ...call,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
  });
  const text = await response.text();
  expect(`${response.status} ${text}`).toContain(`${status} `);
  expect(JSON.parse(text)).toMatchObject({ code });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(response.headers.get("set-cookie")).toBeNull();
  if (status === 405) expect(response.headers.get("allow")).toBeTruthy();
});

/** Bytes on the bare socket; resolves with the status line. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("close", () => {
      resolve(answer.split("\r\n")[0] ?? "");
    });
    socket.on("error", reject);
    socket.write(request);
    setTimeout(() => socket.end(), 1500).unref();
  });
}

const upgrade = (path: string, lines: readonly string[], method = "GET"): string =>
  [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    ...lines,
    "",
    "",
  ].join("\r\n");
const KEY = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"];

describe("below HTTP", () => {
  it.each([
    ["an upgrade with a foreign origin", upgrade("/chat", [...KEY, "Origin: https://evil.example"]), "403"],
    ["an upgrade with the origin null", upgrade("/chat/websocket", [...KEY, "Origin: null"]), "403"],
    ["an upgrade on an unknown path", upgrade("/nowhere", KEY), "404"],
    ["an upgrade without a key", upgrade("/chat", ["Sec-WebSocket-Version: 13"]), "400"],
    [
      "an upgrade of version 12",
      upgrade("/chat", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 12"]),
      "426",
    ],
    ["an upgrade by POST", upgrade("/chat", KEY, "POST"), "400"],
    ["17 KiB of headers", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, "431"],
    ["2,000 headers", `GET / HTTP/1.1\r\nHost: x\r\n${"X: y1234567\r\n".repeat(2000)}\r\n`, "431"],
    [
      "both lengths",
      "POST /api/guests HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    [
      "an upgrade with an allowed origin",
      upgrade("/chat", [...KEY, "Origin: https://shop.example.com"]),
      "101",
    ],
    ["an upgrade without origin", upgrade("/chat/websocket", KEY), "101"],
    ["an upgrade to h2c", upgrade("/healthz", []).replace("websocket", "h2c, HTTP2-Settings"), "200"],
  ])("%s is %s", async (_name, request, status) => {
    expect(await raw(request)).toContain(`HTTP/1.1 ${status}`);
  });

  it("an xhr_send over the bound is 413 without reading on", async () => {
    const started = performance.now();
    const head = "POST /chat/000/abcdefgh/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n";
    expect(await raw(head)).toContain("413");
    expect(performance.now() - started).toBeLessThan(1400);
  });
});

describe("an allowed origin", () => {
  it("is echoed exactly, with Vary, and with credentials only under /chat", async () => {
    const origin = "https://shop.example.com";
    const api = await server.fetch("/api/guests", { method: "OPTIONS", headers: { origin } });
    expect(api.headers.get("access-control-allow-origin")).toBe(origin);
    expect(api.headers.get("access-control-allow-credentials")).toBeNull();
    expect(api.headers.get("vary")).toContain("Origin");
    const info = await server.fetch("/chat/info", { headers: { origin } });
    expect(info.headers.get("access-control-allow-origin")).toBe(origin);
    expect(info.headers.get("access-control-allow-credentials")).toBe("true");
    expect(await info.json()).toMatchObject({ websocket: true, cookie_needed: false });
  });
});

it("the sixth failed login in a quarter of an hour is 429 with Retry-After, the right passcode included", async () => {
  await server.addAgent("otto");
  for (let tries = 0; tries < 5; tries += 1) {
    expect((await server.post("/api/sessions", { login: "otto", passcode: "wrong passcode" })).status).toBe(
      401,
    );
  }
  const sixth = await server.post("/api/sessions", { login: "otto", passcode: AGENT_PASSCODE });
  expect(sixth.status).toBe(429);
  expect(sixth.body["code"]).toBe("RATE_LIMITED");
  expect(Number(sixth.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("/healthz, /readyz and /metrics answer", async () => {
  expect((await server.get("/healthz")).status).toBe(200);
  expect((await server.get("/readyz")).status).toBe(200);
  const metrics = await (await server.fetch("/metrics")).text();
  expect(metrics).toContain("chat_sessions");
  expect(metrics).toContain('chat_frames_total{command="SEND"}');
  expect(metrics).toContain('chat_refused_requests_total{code="ORIGIN_NOT_ALLOWED"}');
});
