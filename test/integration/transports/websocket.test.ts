/** Raw WebSocket, SockJS framing over WebSocket, and the upgrades that are refused. */
import { once } from "node:events";
import type net from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { OutboundFrame } from "../../../src/broker/outbound-frame.ts";
import {
  ALLOWED_ORIGIN,
  afterThis,
  onlySession,
  openRaw,
  pass,
  startServer,
  until,
  upgrade,
} from "./transport-server.ts";
import type { ClientOptions, RawData } from "ws";
import type { EchoSession, RawSocket, TestServer } from "./transport-server.ts";

const SOCKJS_PATH = "/chat/000/session-1/websocket";

type Client = {
  ws: WebSocket;
  messages: (string | Buffer)[];
  closed: Promise<{ code: number; reason: string }>;
};

async function connect(
  { port }: TestServer,
  path = "/chat",
  protocols: string[] = [],
  options: ClientOptions = {},
): Promise<Client> {
  const ws = new WebSocket(`ws://127.0.0.1:${String(port)}${path}`, protocols, options);
  const messages: (string | Buffer)[] = [];
  ws.on("message", (data: RawData, isBinary) => {
    const octets = data as Buffer;
    messages.push(isBinary ? octets : octets.toString());
  });
  ws.on("error", () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  afterThis(() => {
    ws.terminate();
  });
  await once(ws, "open");
  return { ws, messages, closed };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("upgrades", () => {
  it.each([
    ["unknown path", "/nowhere", {}, "GET", 404, "NOT_FOUND"],
    ["a path that only begins like ours", "/chatter", {}, "GET", 404, "NOT_FOUND"],
    ["info", "/chat/info", {}, "GET", 404, "NOT_FOUND"],
    ["another SockJS transport", "/chat/0/s/xhr", {}, "GET", 404, "NOT_FOUND"],
    ["bad session id", "/chat/0/__proto__/websocket", {}, "GET", 404, "NOT_FOUND"],
    ["broken percent-encoding", "/chat/0/%zz/websocket", {}, "GET", 400, "BAD_PATH"],
    ["foreign Origin", "/chat", { Origin: "https://evil.example" }, "GET", 403, "ORIGIN_NOT_ALLOWED"],
    ["null Origin", "/chat/websocket", { Origin: "null" }, "GET", 403, "ORIGIN_NOT_ALLOWED"],
    [
      "foreign Origin, SockJS",
      SOCKJS_PATH,
      { Origin: "https://evil.example" },
      "GET",
      403,
      "ORIGIN_NOT_ALLOWED",
    ],
    ["no key", "/chat", { "Sec-WebSocket-Key": undefined }, "GET", 400, "BAD_UPGRADE"],
    ["bad key", "/chat", { "Sec-WebSocket-Key": "short" }, "GET", 400, "BAD_UPGRADE"],
    ["bad subprotocol list", "/chat", { "Sec-WebSocket-Protocol": "a,,b" }, "GET", 400, "BAD_UPGRADE"],
    ["another upgrade", "/chat", { Upgrade: "h2c" }, "GET", 400, "BAD_UPGRADE"],
    ["POST", "/chat", {}, "POST", 400, "BAD_UPGRADE"],
    ["version 12", "/chat", { "Sec-WebSocket-Version": "12" }, "GET", 426, "UNSUPPORTED_WEBSOCKET_VERSION"],
    ["version 8", "/chat", { "Sec-WebSocket-Version": "8" }, "GET", 426, "UNSUPPORTED_WEBSOCKET_VERSION"],
    [
      "no version",
      "/chat",
      { "Sec-WebSocket-Version": undefined },
      "GET",
      426,
      "UNSUPPORTED_WEBSOCKET_VERSION",
    ],
  ] as const)("%s: refused, socket closed", async (_name, path, headers, method, status, code) => {
    const server = await startServer();
    const { text, ended } = await openRaw(server, upgrade(path, headers, method));
    await ended;
    expect(text()).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect(JSON.parse(text().split("\r\n\r\n")[1] ?? "")).toMatchObject({ code });
    expect(text()).not.toMatch(/access-control/i);
    if (status === 426) expect(text()).toContain("Sec-WebSocket-Version: 13\r\n");
    expect(server.refusals).toEqual([code]);
    expect(server.sessions).toEqual([]);
  });

  it("draining: 503 with Retry-After", async () => {
    const server = await startServer();
    server.draining = true;
    const { text, ended } = await openRaw(server, upgrade("/chat"));
    await ended;
    expect(text()).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n/);
  });

  it("a peer that resets while it is refused harms nobody", async () => {
    const peers: net.Socket[] = [];
    const server = await startServer({
      isOriginAllowed: () => {
        for (const peer of peers) peer.resetAndDestroy();
        return false;
      },
    });
    const { socket } = await openRaw(server, "");
    peers.push(socket);
    socket.write(upgrade("/chat", { Origin: "https://evil.example" }));
    await until(() => server.refusals.length === 1 && server.sockets.size === 0);
    const { messages, ws } = await connect(server);
    ws.send("x");
    await until(() => messages.length === 1);
  });

  it.each(["/chat", "/chat/", "/chat?x=1", "/chat/websocket"])("%s is raw WebSocket", async (path) => {
    const server = await startServer();
    await connect(server, path);
    expect((await onlySession(server)).connection.transport).toBe("websocket");
  });

  it.each([
    [["v10.stomp", "v11.stomp", "v12.stomp"], "v12.stomp"],
    [["v11.stomp", "v10.stomp"], "v11.stomp"],
    [["v10.stomp"], "v10.stomp"],
    [["soap", "v11.stomp"], "v11.stomp"],
    [[], ""],
  ])("of the subprotocols %j it answers %j", async (offered, answered) => {
    const { ws } = await connect(await startServer(), "/chat", offered);
    expect(ws.protocol).toBe(answered);
  });

  it("only unknown subprotocols: accepted without an answer to them", async () => {
    const server = await startServer();
    const { text } = await openRaw(server, upgrade("/chat", { "Sec-WebSocket-Protocol": "soap, wamp" }));
    await until(() => text().includes("\r\n\r\n"));
    expect(text()).toMatch(/^HTTP\/1\.1 101 /);
    expect(text()).not.toMatch(/sec-websocket-protocol/i);
  });

  it("compression is not negotiated", async () => {
    const server = await startServer();
    const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    const { text } = await openRaw(server, upgrade("/chat", offer));
    await until(() => text().includes("\r\n\r\n"));
    expect(text()).not.toMatch(/extensions|set-cookie/i);
  });

  it.each([
    [{}, false],
    [{ Origin: ALLOWED_ORIGIN }, true],
    [{ "Sec-Fetch-Site": "cross-site" }, true],
  ])("headers %o: isBrowser %s", async (headers, isBrowser) => {
    const server = await startServer();
    await connect(server, "/chat", [], { headers });
    expect((await onlySession(server)).connection.isBrowser).toBe(isBrowser);
  });
});

describe("raw WebSocket", () => {
  it("joins a batch into one text message", async () => {
    const server = await startServer();
    const { messages } = await connect(server);
    const session = await onlySession(server);
    session.write("one\0", "é\0");
    session.write("three\0");
    await until(() => messages.length === 2);
    expect(messages).toEqual(["one\0é\0", "three\0"]);
  });

  it("sends in binary the frames that are not text, and only those", async () => {
    const server = await startServer();
    const { messages } = await connect(server);
    const { connection } = await onlySession(server);
    const [one, two, other] = [
      new OutboundFrame("one\0"),
      new OutboundFrame("two\0"),
      new OutboundFrame(Buffer.from([0xff, 0])),
    ];
    connection.write([one, two, other, other, one]);
    connection.write([other]);
    connection.write([]);
    await until(() => messages.length === 4);
    const octets = Buffer.from([0xff, 0]);
    expect(messages).toEqual(["one\0two\0", Buffer.concat([octets, octets]), "one\0", octets]);
  });

  it("answers binary in binary while the peer sends nothing else but heart-beats", async () => {
    const server = await startServer();
    const { ws, messages } = await connect(server);
    const session = await onlySession(server);
    session.echoes = false;
    ws.send(Buffer.from("CONNECT\n\n\0"));
    ws.send("\n");
    ws.send("\r\n");
    await until(() => session.received.endsWith("\r\n"));
    session.write("a", "b");
    session.write("c");
    ws.send("text");
    await until(() => session.received.endsWith("text"));
    session.write("d");
    await until(() => messages.length === 3);
    expect(messages).toEqual([Buffer.from("ab"), Buffer.from("c"), "d"]);
    expect(session.received).toBe("CONNECT\n\n\0\n\r\ntext");
  });

  it.each([
    [
      1009,
      (ws: WebSocket) => {
        ws.send("x".repeat(150_000));
      },
    ],
    [
      1007,
      (ws: WebSocket) => {
        ws.send(Buffer.from([0xff]), { binary: false });
      },
    ],
    [
      1002,
      (ws: WebSocket) => {
        rawSocketOf(ws).write(Buffer.from([0xff, 0xff, 0xff]));
      },
    ],
    [
      1008,
      (ws: WebSocket) => {
        for (let n = 0; n < 17_000; n += 1) ws.send("", { fin: false });
      },
    ],
  ])("closes with %i what breaks WebSocket's rules, and says closed once", async (expected, offend) => {
    const server = await startServer();
    const { ws, closed } = await connect(server);
    const session = await onlySession(server);
    offend(ws);
    expect((await closed).code).toBe(expected);
    await until(() => session.closes > 0);
    expect([session.closes, session.received]).toEqual([1, ""]);
  });

  it("takes a message of twice the largest frame", async () => {
    const server = await startServer();
    const { ws } = await connect(server);
    ws.send("x".repeat(144 * 1024));
    const session = await onlySession(server);
    await until(() => session.received.length === 144 * 1024);
  });

  it("counts only pongs that answer a ping", async () => {
    const server = await startServer();
    const { ws } = await connect(server, "/chat", [], { autoPong: false });
    const session = await onlySession(server);
    const pings: Buffer[] = [];
    ws.on("ping", (payload) => pings.push(payload));
    session.connection.ping?.();
    session.connection.ping?.();
    session.connection.ping?.();
    await until(() => pings.length === 3);
    ws.pong();
    ws.pong("99");
    ws.pong(pings[0]);
    ws.pong(pings[0]);
    ws.send("x");
    await until(() => session.received === "x");
    expect(session.pongs).toBe(1);
    // RFC 6455, 5.5.3: the last one answers those before it.
    ws.pong(pings[2]);
    await until(() => session.pongs === 3);
  });

  it("reads nothing while paused", async () => {
    const server = await startServer();
    const { ws } = await connect(server);
    const session = await onlySession(server);
    session.connection.pause();
    ws.send("later");
    await pass(30);
    expect(session.received).toBe("");
    session.connection.resume();
    await until(() => session.received === "later");
  });

  it("counts what a slow reader leaves, sees each octet taken, and says once when all is gone", async () => {
    const server = await startServer();
    const { ws } = await connect(server);
    const session = await onlySession(server);
    const { connection } = session;
    session.write("small");
    expect([connection.bufferedBytes, session.drains]).toEqual([0, 0]);
    ws.pause();
    const size = 32 << 20;
    session.write("x".repeat(size));
    await pass(50);
    const stalled = connection.writtenBytes;
    expect(connection.bufferedBytes).toBeGreaterThan(size / 2);
    await pass(20);
    expect(connection.writtenBytes).toBe(stalled);
    // One batch, taken piece by piece: the count moves before the write is complete.
    ws.resume();
    await until(() => connection.writtenBytes > stalled && connection.bufferedBytes > 0);
    await until(() => session.drains === 1);
    expect(connection.bufferedBytes).toBe(0);
    expect(connection.writtenBytes).toBeGreaterThan(size);
  });

  it("closes behind everything written, and reads the peer's answer though paused", async () => {
    const server = await startServer();
    const { messages, closed } = await connect(server);
    const session = await onlySession(server);
    session.connection.pause();
    session.write("ERROR\0");
    session.connection.close(1008, `AUTH_FAILED ${"é".repeat(200)}`);
    session.write("ignored");
    await until(() => session.closes === 1);
    const { code, reason } = await closed;
    expect(code).toBe(1008);
    expect(reason).toMatch(/^AUTH_FAILED é/);
    expect(messages).toEqual(["ERROR\0"]);
  });

  it("transports.close() ends it at once", async () => {
    const server = await startServer();
    const { closed } = await connect(server);
    const session = await onlySession(server);
    server.transports.close();
    expect((await closed).code).toBe(1006);
    await until(() => session.closes === 1);
  });
});

describe("SockJS over WebSocket", () => {
  it("frames and unframes", async () => {
    const server = await startServer();
    const { ws, messages } = await connect(server, SOCKJS_PATH);
    const session = await onlySession(server);
    session.echoes = false;
    ws.send("");
    ws.send('["one\\u0000","two"]');
    ws.send('" three"');
    ws.send("[]");
    await until(() => session.received.endsWith("three"));
    expect(session.received).toBe("one\0two three");
    session.write("a\0", "\u200d\ufffe\u{1f600}é");
    await until(() => messages.length === 2);
    expect(messages).toEqual(["o", 'a["a\\u0000","\\u200d\\ufffe\\ud83d\\ude00é"]']);
    expect(JSON.parse(String(messages[1]).slice(1))).toEqual(["a\0", "\u200d\ufffe\u{1f600}é"]);
  });

  it("broken JSON ends it without a close frame", async () => {
    const server = await startServer();
    const { ws, messages, closed } = await connect(server, SOCKJS_PATH);
    ws.send('["x"');
    expect(await closed).toEqual({ code: 1002, reason: "Broken framing." });
    expect(messages).toEqual(["o"]);
    const session = await onlySession(server);
    await until(() => session.closes === 1);
  });

  it.each([
    ["[1]", "BAD_FRAME"],
    ["{}", "BAD_FRAME"],
    ["null", "BAD_FRAME"],
    ['["x",["y"]]', "BAD_FRAME"],
    ['["\\udc00"]', "BAD_UTF8"],
    ['"\\ud800"', "BAD_UTF8"],
    [Buffer.from([0x22, 0xff, 0x22]), "BAD_UTF8"],
  ])("%s fails the session with %s, which closes it", async (message, code) => {
    const server = await startServer();
    const { ws, messages, closed } = await connect(server, SOCKJS_PATH);
    ws.send(message);
    expect(await closed).toEqual({ code: 1002, reason: code });
    expect(messages).toEqual(["o", `a["ERROR ${code}"]`, `c[1002,"${code}"]`]);
    const session = await onlySession(server);
    expect([session.failures, session.received]).toEqual([[code], ""]);
  });

  it("a frame that is not text drops the connection", async () => {
    const server = await startServer();
    const { messages, closed } = await connect(server, SOCKJS_PATH);
    (await onlySession(server)).connection.write([new OutboundFrame(Buffer.from([0xff]))]);
    expect((await closed).code).toBe(1011);
    expect(messages).toEqual(["o", 'c[1011,"a frame is not text"]']);
  });

  it("says h every 25 s, on one timer, to connections without heart-beats of STOMP's own", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const server = await startServer();
    const clients = [await connect(server, SOCKJS_PATH), await connect(server, "/chat/1/other/websocket")];
    const beating = await connect(server, "/chat/2/third/websocket");
    const session = await until(() => server.sessions[2]);
    session.sendsHeartbeats = true;
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(50_000);
    await until(() => clients.every(({ messages }) => messages.length === 3));
    expect(clients[0]?.messages).toEqual(["o", "h", "h"]);
    session.write("behind whatever was said");
    await until(() => beating.messages.length > 1);
    expect(beating.messages).toEqual(["o", 'a["behind whatever was said"]']);
    server.transports.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** To send what no client would. */
function rawSocketOf(ws: WebSocket): net.Socket {
  return (ws as unknown as { _socket: net.Socket })._socket;
}

describe.each(["/chat", SOCKJS_PATH])("before CONNECT, at %s", (path) => {
  /** The beginning of a message that never ends; its length says 64 KiB. */
  const begun = (octets: number): Buffer =>
    Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(octets, "x")]);

  async function open(): Promise<{ raw: RawSocket; session: EchoSession }> {
    const server = await startServer();
    const raw = await openRaw(server, upgrade(path));
    const session = await onlySession(server);
    session.state = "opening";
    return { raw, session };
  }

  it("more than 8.5 KiB unfinished ends the session, and as much again the socket", async () => {
    const { raw, session } = await open();
    raw.socket.write(begun(8500));
    await pass(20);
    expect(session.failures).toEqual([]);
    raw.socket.write("x".repeat(300));
    await until(() => session.failures.length > 0);
    expect(session.failures).toEqual(["FRAME_TOO_LARGE"]);
    session.state = "ending";
    expect(session.closes).toBe(0);
    raw.socket.write("x".repeat(8705));
    await raw.ended;
    await until(() => session.closes === 1);
  });

  it("no more is counted once CONNECT is being judged, or the session is open", async () => {
    const { raw, session } = await open();
    session.state = "authenticating";
    raw.socket.write(begun(30_000));
    await pass(20);
    session.state = "open";
    raw.socket.write("x".repeat(20_000));
    await pass(20);
    expect([session.failures, session.closes]).toEqual([[], 0]);
  });
});

it("a peer that goes on sending behind our Close is cut off when it has sent 64 KiB", async () => {
  const server = await startServer();
  const raw = await openRaw(server, upgrade("/chat"));
  const session = await onlySession(server);
  session.connection.close(1008, "x");
  raw.socket.write(Buffer.alloc(65_536, 0x8a));
  await pass(20);
  raw.socket.write("x");
  await raw.ended;
});
