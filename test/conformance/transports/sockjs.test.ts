/** 2L, and what of heart-beats needs SockJS (44). */
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "../../helpers/raw-client.ts";
import { RunningServer } from "../../helpers/running-server.ts";
import {
  afterThis,
  ask,
  onlySession,
  openRaw,
  post,
  startServer,
  until,
} from "../../integration/transports/transport-server.ts";
import { point, pointBelow } from "../point.ts";
import { accept } from "../stage.ts";
import type { Answer } from "../../integration/transports/transport-server.ts";

const ALLOWED = "https://shop.example";
const AWKWARD = "\u200d\u2028\ufff0\ufffe\u{1f600}é";

let server: RunningServer;
/** Of a service that may use topics and queues. */
let token: string;
let sessions = 0;

beforeAll(async () => {
  server = await RunningServer.start({ ALLOWED_ORIGINS: ALLOWED, HEARTBEAT_MS: "100" });
  token = await server.addService("conformance", ["topics", "queues"]);
});
afterAll(async () => {
  await server.remove();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The URL of a new session. */
function newSession(): string {
  sessions += 1;
  return `/chat/000/conformance-${String(sessions)}`;
}

const connectFrame = (version = "1.2", more = ""): string =>
  `CONNECT\naccept-version:${version}\npasscode:${token}\n${more}\n\0`;

/** SockJS frames as they come over a WebSocket. */
async function openSocket(
  port = server.port,
  url = newSession(),
): Promise<{ ws: WebSocket; frames: string[] }> {
  const ws = new WebSocket(`ws://127.0.0.1:${String(port)}${url}/websocket`);
  const frames: string[] = [];
  ws.on("message", (data: Buffer) => frames.push(data.toString()));
  ws.on("error", () => undefined);
  afterThis(() => {
    ws.terminate();
  });
  await until(() => frames.length > 0);
  return { ws, frames };
}

/** The STOMP octets in a SockJS frame `a[...]`. */
const textIn = (frame: string): string => (JSON.parse(frame.slice(1)) as string[]).join("");

/** Polls until something of this is there. */
async function pollFor(url: string, wanted: string): Promise<string> {
  let body = "";
  while (!body.includes(wanted)) body += (await post(server, `${url}/xhr`)).body;
  return body;
}

const send = (url: string, ...messages: readonly string[]): Promise<Answer> =>
  post(server, `${url}/xhr_send`, JSON.stringify(messages));

point("#44 where STOMP heart-beats are agreed, SockJS sends none over WebSocket", async (version) => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const own = await RunningServer.start();
  afterThis(() => own.remove());
  const [beating, silent] = [await openSocket(own.port), await openSocket(own.port)];
  beating.ws.send(JSON.stringify(`CONNECT\n${accept(version)}heart-beat:0,10000\n\n\0`));
  silent.ws.send(JSON.stringify(`CONNECT\n${accept(version)}\n\0`));
  for (const { frames } of [beating, silent]) await until(() => frames.length === 2);
  vi.advanceTimersByTime(25_000);
  await until(() => silent.frames.length === 3);
  expect(silent.frames[2]).toBe("h");
  beating.ws.send(JSON.stringify("DISCONNECT\nreceipt:r\n\n\0"));
  await until(() => beating.frames.some((frame) => frame.startsWith("c")));
  expect(beating.frames).not.toContain("h");
});

pointBelow("#96 info says what the server has, uncacheable, without cookie", async () => {
  const [first, second] = [await ask(server, "/chat/info"), await ask(server, "/chat/info")];
  expect(first.status).toBe(200);
  expect(first.headers["content-type"]).toBe("application/json; charset=UTF-8");
  expect(first.headers["cache-control"]).toContain("no-store");
  expect(first.headers["set-cookie"]).toBeUndefined();
  const [one, two] = [first, second].map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(one).toEqual({
    websocket: true,
    cookie_needed: false,
    origins: ["*:*"],
    entropy: expect.any(Number),
  });
  expect(one?.["entropy"]).not.toBe(two?.["entropy"]);
});

pointBelow("#96 CORS headers are for our list alone", async () => {
  const allowed = await ask(server, "/chat/info", { headers: { Origin: ALLOWED } });
  expect(allowed.headers["access-control-allow-origin"]).toBe(ALLOWED);
  const foreign = await ask(server, "/chat/info", { headers: { Origin: "https://evil.example" } });
  expect([foreign.status, foreign.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
});

pointBelow("#96 the base URL greets, and there is no iframe page", async () => {
  for (const path of ["/chat", "/chat/"]) {
    expect((await ask(server, path)).body).toBe("Welcome to SockJS!\n");
  }
  for (const path of ["/chat/iframe.html", "/chat/iframe-1.6.1.html"]) {
    expect((await ask(server, path)).status).toBe(404);
  }
});

pointBelow("#97 o, a[...] and c[...] over xhr", async () => {
  const url = newSession();
  expect((await post(server, `${url}/xhr`)).body).toBe("o\n");
  expect((await send(url, connectFrame())).status).toBe(204);
  const connected = await pollFor(url, "CONNECTED");
  expect(connected).toMatch(/^a\["CONNECTED\\nversion:1\.2\\n.*\\u0000"\]\n$/);
  await send(url, "DISCONNECT\nreceipt:r\n\n\0");
  const end = await pollFor(url, "c[");
  expect(end).toBe('a["RECEIPT\\nreceipt-id:r\\n\\n\\u0000"]\nc[1000,"DISCONNECT"]\n');
});

pointBelow("#97 o, a[...] and c[...] over websocket, xhr_streaming and eventsource", async () => {
  const url = newSession();
  const streams = [
    { method: "POST", endpoint: "xhr_streaming", frame: (text: string) => `${text}\n` },
    { method: "GET", endpoint: "eventsource", frame: (text: string) => `data: ${text}\r\n\r\n` },
  ];
  for (const { method, endpoint, frame } of streams) {
    const session = `${url}-${endpoint}`;
    const length = method === "POST" ? "Content-Length: 0\r\n" : "";
    const head = `${method} ${session}/${endpoint} HTTP/1.1\r\nHost: x\r\n${length}\r\n`;
    const { text } = await openRaw(server, head);
    await until(() => text().includes(frame("o")));
    await send(session, connectFrame(), "DISCONNECT\nreceipt:r\n\n\0");
    await until(() => text().includes(frame('c[1000,"DISCONNECT"]')));
    const receipt = JSON.stringify("RECEIPT\nreceipt-id:r\n\n\0");
    expect(text()).toContain(receipt);
    expect(text()).toMatch(/a\["CONNECTED\\nversion/);
  }
  const { ws, frames } = await openSocket();
  ws.send(JSON.stringify([connectFrame(), "DISCONNECT\nreceipt:r\n\n\0"]));
  await until(() => frames.at(-1)?.startsWith("c"));
  expect(frames.map((frame) => frame[0])).toEqual(["o", ...frames.slice(1, -1).map(() => "a"), "c"]);
  expect(frames.at(-1)).toBe('c[1000,"DISCONNECT"]');
});

pointBelow("#97 h every 25 s", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
  const echo = await startServer();
  const { frames } = await openSocket(echo.port);
  const { text } = await openRaw(
    echo,
    "POST /chat/0/s/xhr_streaming HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
  );
  await until(() => text().includes("o\n"));
  vi.advanceTimersByTime(25_000);
  await until(() => frames.length === 2 && text().includes("\nh\n"));
  expect(frames).toEqual(["o", "h"]);
});

pointBelow("#97 jsonp and htmlfile are off", async () => {
  for (const path of ["jsonp?c=alert", "htmlfile?c=alert"]) {
    expect((await ask(server, `${newSession()}/${path}`)).status).toBe(404);
  }
  expect((await post(server, `${newSession()}/jsonp_send`, "d=x")).status).toBe(404);
});

point("#98 the messages of a session are one octet stream, NULs included", async (version) => {
  const stream = `${connectFrame(version)}SUBSCRIBE\nid:s\ndestination:/topic/sockjs\n\n\0\nSEND\ndestination:/topic/sockjs\ncontent-length:3\n\na\0b\0SEND\ndestination:/topic/sockjs\n\nlast\0`;
  const cuts = [1, 30, stream.indexOf("SUBSCRIBE") + 3, stream.length - 9, stream.length];
  const pieces = cuts.map((to, index) => stream.slice(cuts[index - 1] ?? 0, to));
  const { ws, frames } = await openSocket();
  ws.send(JSON.stringify(pieces.slice(0, 2)));
  for (const piece of pieces.slice(2)) ws.send(JSON.stringify([piece]));
  await until(() => frames.join("").includes("last"));
  const heard = frames.slice(1).map(textIn).join("");
  expect(heard).toMatch(/content-length:3\n\na\0b\0[^]*\n\nlast\0$/);
  expect(frames.join("")).toContain("a\\u0000b\\u0000");
  const url = newSession();
  await post(server, `${url}/xhr`);
  await send(url, ...pieces.slice(0, 3));
  for (const piece of pieces.slice(3)) await send(url, piece);
  expect(await pollFor(url, "last")).toContain("a\\u0000b\\u0000");
});

pointBelow("#98 what one turn brings is one a[...] of several messages", async () => {
  const { ws, frames } = await openSocket();
  ws.send(JSON.stringify([connectFrame()]));
  await until(() => frames.length === 2);
  const begin = ["1", "2", "3"].map((id) => `BEGIN\ntransaction:${id}\nreceipt:${id}\n\n\0`);
  ws.send(JSON.stringify(begin));
  await until(() => frames.join("").includes("receipt-id:3"));
  const batch = frames.filter((frame) => frame.includes("RECEIPT"));
  expect(batch).toHaveLength(1);
  expect((JSON.parse(batch[0]?.slice(1) ?? "") as string[]).filter((text) => text !== "\n")).toHaveLength(3);
});

pointBelow("#99 surrogates and unsafe code points leave escaped, and arrive whole", async () => {
  const { ws, frames } = await openSocket();
  ws.send(JSON.stringify([connectFrame(), "SUBSCRIBE\nid:s\ndestination:/topic/unsafe\n\n\0"]));
  ws.send(JSON.stringify([`SEND\ndestination:/topic/unsafe\n\n${AWKWARD}\0`]));
  await until(() => frames.join("").includes("MESSAGE"));
  const frame = frames.find((one) => one.includes("MESSAGE")) ?? "";
  expect(frame).toContain("\\u200d\\u2028\\ufff0\\ufffe\\ud83d\\ude00é");
  expect(textIn(frame)).toContain(`\n\n${AWKWARD}\0`);
});

pointBelow("#99 broken JSON closes a WebSocket, and is answered 500 on xhr_send", async () => {
  const { ws, frames } = await openSocket();
  ws.send('["x"');
  await until(() => ws.readyState === WebSocket.CLOSED);
  expect(frames).toEqual(["o"]);
  const url = newSession();
  await post(server, `${url}/xhr`);
  for (const [body, said] of [
    ["", "Payload expected."],
    ['["x"', "Broken JSON encoding."],
  ] as const) {
    const answer = await post(server, `${url}/xhr_send`, body);
    expect([answer.status, answer.body]).toEqual([500, said]);
  }
  expect((await send(url, connectFrame())).status).toBe(204);
});

pointBelow("#100 full responses end and begin anew, and nothing is lost or out of order", async () => {
  const url = newSession();
  await post(server, `${url}/xhr`);
  await send(url, connectFrame(), "SUBSCRIBE\nid:s\ndestination:/topic/stream\nreceipt:r\n\n\0");
  await pollFor(url, "RECEIPT");
  const sender = await RawClient.connect(server.webSocketUrl, { passcode: token });
  afterThis(() => sender.close());
  const numbers = Array.from({ length: 20 }, (_, index) => String(index));
  for (const number of numbers) {
    sender.send(`SEND\ndestination:/topic/stream\n\n${number} ${"x".repeat(30_000)}^@`);
  }
  let received = "";
  let responses = 0;
  while (!received.includes("\\n\\n19 xxx")) {
    const stream = `POST ${url}/xhr_streaming HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    const { text, ended } = await openRaw(server, stream);
    let isFull = false;
    void ended.then(() => {
      isFull = true;
    });
    await until(() => isFull || text().includes("\\n\\n19 xxx"));
    // Each chunk of the response begins with its length.
    received += text().replace(/\r\n[0-9a-f]+\r\n/g, "");
    responses += 1;
  }
  expect([...received.matchAll(/\\n\\n(\d+) x/g)].map(([, number]) => number)).toEqual(numbers);
  expect(responses).toBeGreaterThan(1);
});

pointBelow("#100 a second receiver is told so, and the first goes on", async () => {
  const url = newSession();
  const first = await openRaw(
    server,
    `POST ${url}/xhr_streaming HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
  );
  await until(() => first.text().includes("o\n"));
  expect((await post(server, `${url}/xhr`)).body).toBe('c[2010,"Another connection still open"]\n');
  await send(url, connectFrame());
  await until(() => first.text().includes("CONNECTED"));
});

pointBelow("#100 a session without receiver ends after 5 s", async () => {
  const echo = await startServer();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await post(echo, "/chat/0/s/xhr");
  const session = await onlySession(echo);
  vi.advanceTimersByTime(4999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(session.closes).toBe(0);
  vi.advanceTimersByTime(1);
  await until(() => session.closes === 1);
  expect((await post(echo, "/chat/0/s/xhr_send", '["x"]')).status).toBe(404);
});

point("#101 /chat/websocket serves any STOMP client", async (version) => {
  const url = `${server.url.replace("http", "ws")}/chat/websocket`;
  const client = await RawClient.connect(url, { "accept-version": version, passcode: token });
  afterThis(() => client.close());
  expect(client.connected.get("version")).toBe(version);
  await client.subscribe("s", "/topic/raw");
  await client.request("SEND\ndestination:/topic/raw\n", "hello");
  await until(() => client.on("s").length === 1);
});

pointBelow("#102 a client that says nothing is found by STOMP's heart-beat", async () => {
  const url = newSession();
  await post(server, `${url}/xhr`);
  await send(url, connectFrame("1.2", "heart-beat:100,0\n"));
  expect(await pollFor(url, "c[")).toContain('c[1008,"HEARTBEAT_TIMEOUT"]');
});
