/** 2K, and what of the other sections needs a real WebSocket (21, 86). */
import net from "node:net";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "../../helpers/raw-client.ts";
import { RunningServer } from "../../helpers/running-server.ts";
import {
  afterThis,
  openRaw,
  pass,
  post,
  startServer,
  until,
  upgrade,
} from "../../integration/transports/transport-server.ts";
import { point, pointBelow } from "../point.ts";
import { accept, headerOf, octets } from "../stage.ts";
import { bodyOf } from "../../helpers/memory-connection.ts";
import type { Version } from "../../../src/stomp/commands.ts";

const ALLOWED = "https://shop.example";
const SUBPROTOCOLS = ["v10.stomp", "v11.stomp", "v12.stomp"];

let server: RunningServer;
/** Of a service that may use topics and queues. */
let token: string;

beforeAll(async () => {
  server = await RunningServer.start({ ALLOWED_ORIGINS: ALLOWED });
  token = await server.addService("conformance", ["topics", "queues"]);
});
afterAll(async () => {
  await server.remove();
});
afterEach(() => {
  vi.useRealTimers();
});

const connectFrame = (version: Version): string => `CONNECT\n${accept(version)}passcode:${token}\n\n\0`;

/** What is received, message by message as WebSocket has them. */
type Socket = { ws: WebSocket; messages: { data: Buffer; isBinary: boolean }[]; text: () => string };

async function openSocket(protocols: readonly string[] = [], path = "/chat"): Promise<Socket> {
  const ws = new WebSocket(`ws://127.0.0.1:${String(server.port)}${path}`, [...protocols]);
  const messages: Socket["messages"] = [];
  ws.on("message", (data: Buffer, isBinary) => messages.push({ data, isBinary }));
  ws.on("error", () => undefined);
  afterThis(() => {
    ws.terminate();
  });
  await until(() => ws.readyState === WebSocket.OPEN);
  return { ws, messages, text: () => Buffer.concat(messages.map(({ data }) => data)).toString() };
}

async function connectClient(version: Version, options = {}): Promise<RawClient> {
  const client = await RawClient.connect(
    server.webSocketUrl,
    { "accept-version": version, passcode: token },
    options,
  );
  afterThis(() => client.close());
  return client;
}

point("#21 text and binary messages are one octet stream", async (version) => {
  const client = await RawClient.open(server.webSocketUrl);
  afterThis(() => client.close());
  const subscribe = "SUBSCRIBE\nid:s\ndestination:/topic/mixed\n\n\0";
  const send = octets("SEND\ndestination:/topic/mixed\n\nhé€^@");
  client.send(octets(connectFrame(version).slice(0, 9)));
  client.send(connectFrame(version).slice(9) + subscribe.slice(0, 4));
  client.send(octets(subscribe.slice(4)));
  // The cut is inside the last character; what is before it is no text.
  client.send(send.subarray(0, -2));
  client.send(send.subarray(-2));
  client.send("SEND\ndestination:/topic/mixed\n\nhal");
  client.send(octets("ves^@"));
  await until(() => client.on("s").length === 2);
  expect(client.on("s").map(bodyOf)).toEqual(["hé€", "halves"]);
});

point("#86 ERROR and RECEIPT arrive before the close", async (version) => {
  for (const [input, command, code] of [
    ["SEND\ndestination:/nowhere\n\n^@", "ERROR", 1008],
    ["DISCONNECT\nreceipt:bye\n\n^@", "RECEIPT", 1000],
  ] as const) {
    const client = await connectClient(version);
    client.send(input);
    await until(() => client.closed !== undefined);
    expect(client.frames.map((frame) => frame.command)).toEqual(["CONNECTED", command]);
    expect(client.closed?.code).toBe(code);
  }
});

pointBelow(
  "#86 peers that do not answer the close, do not read, or sent FIN before are cut off after 5 s",
  async () => {
    const echo = await startServer();
    const silent = await openRaw(echo, upgrade("/chat"));
    const stuck = await openRaw(echo, upgrade("/chat"));
    const half = net.connect({ port: echo.port, host: "127.0.0.1", allowHalfOpen: true });
    afterThis(() => {
      half.destroy();
    });
    half.on("error", () => undefined);
    half.write(upgrade("/chat"));
    await until(() => echo.sessions.length === 3);
    stuck.socket.pause();
    half.pause();
    for (const session of echo.sessions.slice(1)) session.write("x".repeat(32 << 20));
    half.end();
    await pass(50);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (const { connection } of echo.sessions) connection.close(1000, "bye");
    vi.advanceTimersByTime(4999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(echo.sessions.map(({ closes }) => closes)).toEqual([0, 0, 0]);
    vi.advanceTimersByTime(1);
    await until(() => echo.sessions.every(({ closes }) => closes === 1));
    await silent.ended;
  },
);

pointBelow("#89 one of the subprotocols offered is answered, and none where none is known", async () => {
  for (const one of SUBPROTOCOLS) expect((await openSocket([one])).ws.protocol).toBe(one);
  expect((await openSocket()).ws.protocol).toBe("");
  const unknown = { "Sec-WebSocket-Protocol": "soap, wamp" };
  const { text } = await openRaw(server, upgrade("/chat", unknown));
  await until(() => text().includes("\r\n\r\n"));
  expect(text()).toMatch(/^HTTP\/1\.1 101 /);
  expect(text()).not.toMatch(/sec-websocket-protocol/i);
});

point("#90 the highest subprotocol is answered, and accept-version rules", async (version) => {
  for (const offered of [SUBPROTOCOLS, SUBPROTOCOLS.toReversed(), ["soap", ...SUBPROTOCOLS]]) {
    const socket = await openSocket(offered);
    expect(socket.ws.protocol).toBe("v12.stomp");
    socket.ws.send(connectFrame(version));
    await until(() => socket.messages.length === 1);
    expect(socket.text()).toContain(`\nversion:${version}\n`);
  }
  const other = version === "1.0" ? "v12.stomp" : "v10.stomp";
  const socket = await openSocket([other]);
  socket.ws.send(connectFrame(version));
  await until(() => socket.messages.length === 1);
  expect([socket.ws.protocol, socket.text().includes(`\nversion:${version}\n`)]).toEqual([other, true]);
});

point(
  "#91 text leaves as text, other octets as binary; who sends binary is answered in binary",
  async (version) => {
    const [reader, binaryReader] = [await openSocket(), await openSocket()];
    const frames = `${connectFrame(version)}SUBSCRIBE\nid:s\ndestination:/topic/types\nreceipt:r\n\n\0`;
    reader.ws.send(frames);
    binaryReader.ws.send(octets(frames));
    for (const socket of [reader, binaryReader]) await until(() => socket.text().includes("RECEIPT"));
    const sender = await connectClient(version);
    sender.send(octets("SEND\ndestination:/topic/types\n\nhéllo^@"));
    await until(() => reader.text().includes("héllo"));
    sender.send(octets("SEND\ndestination:/topic/types\n\n", [0xff, 0xfe], "^@"));
    for (const socket of [reader, binaryReader])
      await until(() => socket.messages.at(-1)?.data.includes(0xff));
    expect(new Set(binaryReader.messages.map(({ isBinary }) => isBinary))).toEqual(new Set([true]));
    const types = reader.messages.map(({ isBinary }) => isBinary);
    expect(types.slice(0, -1)).not.toContain(true);
    expect(types.at(-1)).toBe(true);
  },
);

pointBelow("#92 a body that is no text reaches a SockJS session in base64, and says so", async () => {
  const sockjs = await openSocket([], "/chat/000/conformance/websocket");
  sockjs.ws.send(
    JSON.stringify([connectFrame("1.2"), "SUBSCRIBE\nid:s\ndestination:/topic/octets\nreceipt:r\n\n\0"]),
  );
  await until(() => sockjs.text().includes("RECEIPT"));
  const sender = await connectClient("1.2");
  sender.send(octets("SEND\ndestination:/topic/octets\ncontent-length:3\n\n", [0, 0xff, 1], "^@"));
  await until(() => sockjs.text().includes("MESSAGE"));
  const message = sockjs.text().slice(sockjs.text().lastIndexOf("MESSAGE"));
  expect(message).toContain("content-encoding:base64\\n");
  expect(message).toContain(`\\n\\n${Buffer.from([0, 0xff, 1]).toString("base64")}\\u0000`);
});

point("#93 a frame cut into messages of 8 or 16 KiB is put together", async (version) => {
  const client = await connectClient(version);
  await client.subscribe("s", "/topic/long");
  const body = "0123456789".repeat(6000);
  for (const size of [8 * 1024, 16 * 1024]) {
    const frame = `SEND\ndestination:/topic/long\ncontent-length:${body.length}\n\n${body}\0`;
    for (let at = 0; at < frame.length; at += size) client.send(frame.slice(at, at + size));
  }
  await until(() => client.on("s").length === 2);
  expect(client.on("s").map((frame) => bodyOf(frame) === body)).toEqual([true, true]);
});

pointBelow("#94 an Origin that is not on the list is refused at the handshake", async () => {
  for (const [origin, status] of [
    [ALLOWED, 101],
    [`http://127.0.0.1:${String(server.port)}`, 101],
    ["https://evil.example", 403],
    ["https://shop.example.evil", 403],
    ["null", 403],
  ] as const) {
    const host = `127.0.0.1:${String(server.port)}`;
    const { text } = await openRaw(server, upgrade("/chat", { Host: host, Origin: origin }));
    await until(() => text().includes("\r\n\r\n"));
    expect(text().slice(0, 12), origin).toBe(`HTTP/1.1 ${status}`);
  }
});

pointBelow("#94 the close code says what kind of end it was", async () => {
  const tooMuch = "x".repeat(64 * 1024 + 1);
  for (const [input, code] of [
    ["NOTHING\n\n^@", 1002],
    [octets("SEND\ndestination:/topic/a", [0xff], "\n\n^@"), 1007],
    ["SEND\ndestination:/nowhere\n\n^@", 1008],
    [`SEND\ndestination:/topic/a\n\n${tooMuch}^@`, 1009],
  ] as const) {
    const client = await connectClient("1.2");
    client.send(input);
    await until(() => client.closed !== undefined);
    expect(client.closed?.code).toBe(code);
  }
  const leaving = await RunningServer.start();
  const client = await RawClient.connect(leaving.webSocketUrl);
  await leaving.remove();
  await until(() => client.closed !== undefined);
  expect([client.closed?.code, headerOf(client.of("ERROR")[0], "code")]).toEqual([1012, "SHUTTING_DOWN"]);
});

pointBelow("#94 credentials at the handshake are not looked at, and refused in a URL", async () => {
  const headers = { Authorization: `Bearer ${token}`, Cookie: `token=${token}` };
  const client = await RawClient.connect(server.webSocketUrl, {}, { headers });
  afterThis(() => client.close());
  // A guest, who gets a token: nobody asked who was meant.
  expect(client.connected.get("token")).toMatch(/^cc_/);
  for (const path of ["/chat", "/chat/websocket", "/chat/0/s/websocket"]) {
    const { text } = await openRaw(server, upgrade(`${path}?token=${token}`));
    await until(() => text().includes("TOKEN_IN_URL"));
    expect(text()).toMatch(/^HTTP\/1\.1 400 /);
  }
  const polled = await post(server, `/chat/0/s/xhr?a=b&access_token=${token}`);
  expect([polled.status, JSON.parse(polled.body)]).toMatchObject([400, { code: "TOKEN_IN_URL" }]);
});

pointBelow("#95 compression is not negotiated, and a compressed message ends the connection", async () => {
  const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
  const { socket, text, ended } = await openRaw(server, upgrade("/chat", offer));
  await until(() => text().includes("\r\n\r\n"));
  expect(text()).toMatch(/^HTTP\/1\.1 101 /);
  expect(text()).not.toMatch(/sec-websocket-extensions/i);
  // FIN, RSV1, text: an empty message that says it is compressed.
  socket.write(Buffer.from([0xc1, 0x80, 0, 0, 0, 0]));
  await ended;
});
