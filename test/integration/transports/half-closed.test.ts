/** The end of a peer's stream over TCP, TLS and WebSocket: what came before it is carried out and, where it can be, answered. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import { TcpClient } from "../../helpers/tcp-client.ts";
import { openRaw, upgrade } from "./transport-server.ts";
import type { Frame } from "../../../src/stomp/frame.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/localhost-${name}.pem`, import.meta.url));

const CONNECT = `CONNECT\naccept-version:1.2\nlogin:anna\npasscode:${AGENT_PASSCODE}\n\n^@`;

let server: RunningServer;
let reader: RawClient;
let queues = 0;

beforeAll(async () => {
  server = await RunningServer.start({
    STOMP_TCP_PORT: "0",
    SLOW_CONSUMER_MS: "500",
    // Eight long answers at once have room: how late they are taken counts here, not how many there are.
    MAX_PENDING_REPLIES: "8",
    MAX_OUTBOX_BYTES: String(8 << 20),
    RATE_LIMITS: "off",
  });
  await server.addAgent("anna");
  reader = await RawClient.connect(server.webSocketUrl, { login: "anna", passcode: AGENT_PASSCODE });
});
afterAll(async () => {
  await reader.close();
  await server.remove();
});

/** A queue of this test alone. */
function newQueue(): string {
  queues += 1;
  return `/queue/end-${queues}`;
}

const send = (queue: string, body: string, receipt = ""): string =>
  `SEND\ndestination:${queue}\npersistent:true\n${receipt && `receipt:${receipt}\n`}\n${body}^@`;

/** Sends all this and the end of the stream; resolves when the server has ended its side. */
async function sayAndEnd(octets: string, ca?: Buffer): Promise<TcpClient> {
  const client = TcpClient.open(server.tcpPort, ca);
  client.send(octets);
  client.socket.end();
  await until("the server ends the connection", () => client.isClosed);
  return client;
}

const told = ({ frames }: { frames: readonly Frame[] }): string[] =>
  frames.map(({ command, headers }) =>
    [command, headers.get("receipt-id"), headers.get("code")].filter((part) => part !== undefined).join(" "),
  );

/** What is in the queue, by who reads it to the end. */
async function stored(queue: string, count: number): Promise<string[]> {
  await reader.subscribe(queue, queue);
  await until(`${count} messages`, () => reader.on(queue).length >= count);
  return reader.on(queue).map(bodyOf);
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

describe("frames before a FIN", () => {
  it("are answered although the login was still going on when it came", async () => {
    const queue = newQueue();
    const client = await sayAndEnd(
      `${CONNECT}${send(queue, "a")}${send(queue, "b", "b")}DISCONNECT\nreceipt:bye\n\n^@`,
    );
    expect(told(client)).toEqual(["CONNECTED", "RECEIPT b", "RECEIPT bye"]);
    expect(await stored(queue, 2)).toEqual(["a", "b"]);
  });

  it("are answered in order, however many wait for their commit", async () => {
    const queue = newQueue();
    const bodies = numbers(1000);
    const client = await sayAndEnd(`${CONNECT}${bodies.map((body) => send(queue, body, body)).join("")}`);
    expect(told(client)).toEqual(["CONNECTED", ...bodies.map((body) => `RECEIPT ${body}`)]);
    expect(await stored(queue, 1000)).toEqual(bodies);
  });

  it("are refused as always, and nothing behind the refused one takes effect", async () => {
    const queue = newQueue();
    const client = await sayAndEnd(
      `${CONNECT}${send(queue, "a", "a")}${send("/nowhere", "x", "x")}${send(queue, "b", "b")}`,
    );
    expect(told(client)).toEqual(["CONNECTED", "RECEIPT a", "ERROR x UNKNOWN_DESTINATION"]);
    expect(await stored(queue, 1)).toEqual(["a"]);
  });

  it("subscribe for no longer than it takes to answer", async () => {
    const client = await sayAndEnd(`${CONNECT}SUBSCRIBE\nid:s\ndestination:/topic/end\nreceipt:s\n\n^@`);
    expect(told(client)).toEqual(["CONNECTED", "RECEIPT s"]);
    await reader.request("SEND\ndestination:/topic/end\n", "nobody");
  });

  it("may be none: there is no answer, and no wait for a CONNECT", async () => {
    const began = performance.now();
    for (const nothing of ["", "\n\r\n"]) expect((await sayAndEnd(nothing)).received).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("are all but one that the FIN cuts, and that is said", async () => {
    const queue = newQueue();
    const begun = send(queue, "b".repeat(100), "b").slice(0, -50);
    const client = await sayAndEnd(`${CONNECT}${send(queue, "a", "a")}${begun}`);
    expect(told(client)).toEqual(["CONNECTED", "RECEIPT a", "ERROR b BAD_FRAME"]);
    expect(bodyOf(client.frames[2]!)).toContain("ended within a frame");
    expect(told(await sayAndEnd("CONNECT\n\n"))).toEqual(["ERROR BAD_FRAME"]);
    expect(await stored(queue, 1)).toEqual(["a"]);
  });

  it("with a login that fails are not carried out, and the ERROR arrives", async () => {
    const queue = newQueue();
    const client = await sayAndEnd(
      `CONNECT\naccept-version:1.2\nlogin:anna\npasscode:no\n\n^@${send(queue, "x", "x")}`,
    );
    expect(told(client)).toEqual(["ERROR AUTH_FAILED"]);
  });

  it("over TLS are answered too", async () => {
    const tls = await RunningServer.start({
      STOMP_TCP_PORT: "0",
      STOMP_TLS_CERT: fixture("cert"),
      STOMP_TLS_KEY: fixture("key"),
    });
    const token = await tls.addService("bot", ["queues"]);
    const client = TcpClient.open(tls.tcpPort, readFileSync(fixture("cert")));
    const sends = numbers(300).map((body) => send("/queue/tls", body, body));
    client.send(`CONNECT\naccept-version:1.2\npasscode:${token}\n\n^@${sends.join("")}`);
    client.socket.end();
    await until("the server ends the connection", () => client.isClosed);
    await tls.remove();
    expect(told(client)).toEqual(["CONNECTED", ...numbers(300).map((body) => `RECEIPT ${body}`)]);
  });
});

describe("a half-closed peer", () => {
  /** Many requests whose answers are more than all buffers on the way hold. */
  async function longAnswers(): Promise<string> {
    const guest = await RawClient.connect(server.webSocketUrl);
    const said = numbers(30).map(() => guest.say("support", "€".repeat(4000)));
    const conversation = (await Promise.all(said)).at(-1)?.headers.get("conversation");
    await guest.close();
    const request = `SEND\ndestination:/chat/history\nreceipt:h\n\n${JSON.stringify({ conversation })}^@`;
    return `${CONNECT}SUBSCRIBE\nid:e\ndestination:/user/queue/events\n\n^@${request.repeat(60)}`;
  }

  /** Resolves when the server does not read on, because its output is not taken. */
  const stuck = (): Promise<void> =>
    until("output piles up", () =>
      [...server.server.broker.sessions].some(
        ({ intake, outbox }) => intake.isPaused && outbox.pendingBytes > 0,
      ),
    );

  it("that reads late gets more than all buffers on the way hold", async () => {
    const client = TcpClient.open(server.tcpPort);
    client.socket.pause();
    client.send(await longAnswers());
    client.socket.end();
    await stuck();
    client.socket.resume();
    await until("the server ends the connection", () => client.isClosed);
    expect(client.of("RECEIPT")).toHaveLength(60);
    expect(client.received).toBeGreaterThan(20_000_000);
  });

  it("that never reads is a slow consumer, and its session ends", async () => {
    const client = TcpClient.open(server.tcpPort);
    client.socket.pause();
    client.send(await longAnswers());
    client.socket.end();
    await stuck();
    await until("the session ended", () => server.server.broker.sessions.size === 1);
    client.socket.destroy();
  });
});

it("a RST ends the session at once, whatever came before it", async () => {
  const queue = newQueue();
  const sends = numbers(500).map((body) => send(queue, body, body));
  const client = await TcpClient.connect(server.tcpPort, CONNECT.slice("CONNECT\n".length, -3));
  expect(server.server.broker.sessions.size).toBe(2);
  client.send(sends.join(""));
  client.socket.resetAndDestroy();
  await until("the session ended", () => server.server.broker.sessions.size === 1);
  expect(client.of("ERROR")).toEqual([]);
});

/** A frame of WebSocket from a client, whose mask changes nothing. */
function webSocketFrame(opcode: number, content: string): Buffer {
  const payload = Buffer.from(content.replaceAll("^@", "\0"));
  const head = Buffer.alloc(8);
  head.writeUInt16BE(((0x80 | opcode) << 8) | 0x80 | 126);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

describe("frames before the Close of a WebSocket", () => {
  const close = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xff]);

  /** Sends it all in one piece, so that the Close is there before the first frame was carried out. */
  async function sayAndClose(path: string, ...messages: string[]): Promise<void> {
    const { socket, ended } = await openRaw(server, upgrade(path));
    socket.write(Buffer.concat([...messages.map((message) => webSocketFrame(1, message)), close]));
    await ended;
  }

  it("are carried out, although the login was still going on when it came, and many wait", async () => {
    const queue = newQueue();
    const bodies = numbers(300);
    await sayAndClose("/chat", CONNECT, ...bodies.map((body) => send(queue, body)));
    expect(await stored(queue, 300)).toEqual(bodies);
  });

  it("are carried out by SockJS too", async () => {
    const queue = newQueue();
    const frames = [CONNECT, ...numbers(300).map((body) => send(queue, body))];
    const message = JSON.stringify(frames.map((frame) => frame.replaceAll("^@", "\0")));
    await sayAndClose("/chat/000/closing/websocket", message);
    expect(await stored(queue, 300)).toEqual(numbers(300));
  });
});
