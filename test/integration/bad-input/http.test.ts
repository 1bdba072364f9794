/** Every wrong HTTP request of the catalogue is answered as it says, and the canary is served after each. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN, AGENT_PASSCODE, RunningServer } from "../../helpers/running-server.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { Canary } from "./canary.ts";
import { API } from "./catalogue/api.ts";
import { HTTP } from "./catalogue/http.ts";
import type { OctetsCase, RequestCase } from "./catalogue/row.ts";

const ORIGIN = "https://shop.example.com";

let canary: Canary;
let server: RunningServer;
let admin: string;
let guest: string;
let theirs: string;

beforeAll(async () => {
  canary = await Canary.start({ ALLOWED_ORIGINS: ORIGIN });
  ({ server } = canary);
  admin = String((await server.post("/api/sessions", ADMIN)).body["token"]);
  guest = String((await server.post("/api/guests", {})).body["token"]);
  const other = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  theirs = (await other.say("support", "mine"))?.headers.get("conversation") ?? "";
  await other.close();
});
afterAll(() => canary.stop());

for (const [number, { what, requests = [], octets = [] }] of Object.entries({ ...HTTP, ...API })) {
  it.each(requests.map((request) => [request.name, request] as const))(
    `#${number} ${what}: %s`,
    (_name, request) => harmless(() => ask(request)),
  );
  it.each(octets.map((one) => [one.name, one] as const))(`#${number} ${what}: %s`, (_name, one) =>
    harmless(() => tell(one)),
  );
}

/** Nothing is stored, and the canary sings afterwards. */
async function harmless(work: () => Promise<void>): Promise<void> {
  const before = canary.rows;
  await work();
  expect(canary.rows).toEqual(before);
  await canary.isWell();
}

async function ask({ path, status, code, field, hint, headers = {}, ...call }: RequestCase): Promise<void> {
  const authorization = headers["authorization"]?.replace("ADMIN", admin).replace("GUEST", guest);
  const response = await server.fetch(path.replace("THEIRS", theirs), {
    ...(call.method === undefined ? {} : { method: call.method }),
    ...(call.body === undefined ? {} : { body: call.body }),
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
  });
  const text = await response.text();
  expect(`${response.status} ${text}`).toContain(`${status} `);
  expect(JSON.parse(text)).toMatchObject({ code, message: expect.any(String) });
  if (field !== undefined) expect(JSON.parse(text)).toMatchObject({ field });
  if (hint !== undefined) expect(JSON.parse(text)).toMatchObject({ hint });
  expect(text).not.toMatch(/\n\s*at |\.ts:|node_modules/);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(response.headers.get("set-cookie")).toBeNull();
  if (status === 405) expect(response.headers.get("allow")).toBeTruthy();
}

/** Octets on the bare socket; an answer that is no upgrade also ends it, without the peer's doing. */
async function tell({ octets, status }: OctetsCase): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(octets);
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("\r\n\r\n")) resolve(text);
    });
    socket.on("close", () => {
      resolve(text);
    });
  });
  expect(answer.split("\r\n")[0]).toContain(`HTTP/1.1 ${status}`);
  if (status >= 400) await new Promise((resolve) => socket.once("close", resolve).resume());
  socket.destroy();
}

describe("an allowed origin", () => {
  it("is echoed exactly, with Vary, and with credentials only under /chat", async () => {
    const origin = ORIGIN;
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
  const strict = await RunningServer.start({ RATE_LIMITS: "on" });
  await strict.addAgent("otto");
  for (let tries = 0; tries < 5; tries += 1) {
    const wrong = await strict.post("/api/sessions", { login: "otto", passcode: "wrong passcode" });
    expect(wrong.status).toBe(401);
  }
  const sixth = await strict.post("/api/sessions", { login: "otto", passcode: AGENT_PASSCODE });
  expect(sixth.status).toBe(429);
  expect(sixth.body["code"]).toBe("RATE_LIMITED");
  expect(sixth.body["hint"]).toContain("5 in 15 minutes");
  expect(Number(sixth.headers.get("retry-after"))).toBeGreaterThan(0);
  await strict.remove();
});

it("/healthz, /readyz and /metrics answer", async () => {
  expect((await server.get("/healthz")).status).toBe(200);
  expect((await server.get("/readyz")).status).toBe(200);
  const metrics = await (await server.fetch("/metrics")).text();
  expect(metrics).toContain("chat_sessions");
  expect(metrics).toContain('chat_frames_total{command="SEND"}');
  expect(metrics).toContain('chat_refused_requests_total{code="ORIGIN_NOT_ALLOWED"}');
});
