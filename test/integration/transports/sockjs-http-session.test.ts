/** What a SockJS session over HTTP promises the broker: counted output, pausing, ends. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { OutboundFrame } from "../../../src/broker/outbound-frame.ts";
import { ask, onlySession, openRaw, pass, post, startServer, until } from "./transport-server.ts";
import type { EchoSession, TestServer } from "./transport-server.ts";

const STREAM = "POST /chat/0/s/xhr_streaming HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
const KIB = 1024;

afterEach(() => {
  vi.useRealTimers();
});

async function poll(server: TestServer): Promise<string> {
  return (await post(server, "/chat/0/s/xhr")).body;
}

async function openPolling(): Promise<{ server: TestServer; session: EchoSession }> {
  const server = await startServer();
  expect(await poll(server)).toBe("o\n");
  const session = await onlySession(server);
  await until(() => session.connection.bufferedBytes === 0);
  session.drains = 0;
  return { server, session };
}

describe("output", () => {
  it("counts what no receiver has fetched, exactly, and says when it is gone", async () => {
    const { server, session } = await openPolling();
    const { connection } = session;
    for (let index = 0; index < 100; index += 1) session.write("x".repeat(1000), "é".repeat(500));
    expect(connection.bufferedBytes).toBe(200_000);
    const { writtenBytes } = connection;
    expect(session.drains).toBe(0);
    const body = await poll(server);
    expect(JSON.parse(body.slice(1))).toHaveLength(200);
    await until(() => session.drains === 1);
    expect(connection.bufferedBytes).toBe(0);
    expect(connection.writtenBytes - writtenBytes).toBeGreaterThan(200_000);
  });

  it("goes to a waiting receiver as one array for each batch", async () => {
    const server = await startServer();
    const { text } = await openRaw(server, STREAM);
    const session = await onlySession(server);
    session.write("one", "two", "three");
    session.write("four");
    await until(() => text().includes("four"));
    expect(text()).toContain('a["one","two","three"]\n');
    expect(text()).toContain('a["four"]\n');
  });

  it("counts what a receiver that does not read leaves, and stands still with it", async () => {
    const server = await startServer();
    const { socket } = await openRaw(server, STREAM);
    const session = await onlySession(server);
    const { connection } = session;
    await until(() => connection.bufferedBytes === 0);
    socket.pause();
    const frame = new OutboundFrame("x".repeat(64 * KIB));
    // What the kernel and both sockets' buffers hold is taken; what is over is counted.
    await until(() => {
      // A response is full after 128 KiB, so that most of this is parked in the library.
      connection.write([frame]);
      return connection.bufferedBytes > 4 * 1024 * KIB;
    });
    await pass(30);
    const { writtenBytes, bufferedBytes } = connection;
    session.drains = 0;
    await pass(30);
    expect(connection.writtenBytes).toBe(writtenBytes);
    expect(connection.bufferedBytes).toBe(bufferedBytes);
    expect(session.drains).toBe(0);
  });

  it("a response cut off with output in it ends the session: its stream would have a hole", async () => {
    const server = await startServer();
    const { socket } = await openRaw(server, STREAM);
    const session = await onlySession(server);
    socket.pause();
    // Enough that the kernel does not take it all, in one response.
    session.write("x".repeat(32 * 1024 * KIB));
    await pass(20);
    expect(session.connection.bufferedBytes).toBeGreaterThan(0);
    socket.resetAndDestroy();
    await until(() => session.closes === 1);
    expect((await post(server, "/chat/0/s/xhr_send", '["x"]')).status).toBe(404);
  });

  it("a frame that is not text drops the session", async () => {
    const { server, session } = await openPolling();
    session.connection.write([new OutboundFrame(Buffer.from([0xff]))]);
    expect(await poll(server)).toBe('c[1011,"a frame is not text"]\n');
  });

  it("eventsource escapes what would break its lines", async () => {
    const server = await startServer();
    const { text } = await openRaw(server, "GET /chat/0/s/eventsource HTTP/1.1\r\nHost: x\r\n\r\n");
    const session = await onlySession(server);
    session.write("MESSAGE\n\n%\0");
    await until(() => text().includes("MESSAGE"));
    expect(text()).toContain('data: a["MESSAGE\\n\\n%25\\u0000"]\r\n\r\n');
  });
});

describe("receivers", () => {
  it("a second one is told to go, and the first keeps the session", async () => {
    const server = await startServer();
    const first = await openRaw(server, STREAM);
    const session = await onlySession(server);
    expect(await poll(server)).toBe('c[2010,"Another connection still open"]\n');
    const streamed = await openRaw(server, STREAM);
    await until(() => streamed.text().includes("c[2010"));
    streamed.socket.resetAndDestroy();
    session.write("still here");
    await until(() => first.text().includes("still here"));
    expect(session.closes).toBe(0);
    expect(streamed.text()).not.toContain("still here");
  });

  it("a second one that breaks unanswered does the session no harm", async () => {
    const server = await startServer();
    await openRaw(server, STREAM);
    const session = await onlySession(server);
    // Its answer waits behind a response without end on the same socket.
    const { socket } = await openRaw(server, STREAM.replace("/s/", "/other/") + STREAM);
    const other = await until(() => server.sessions[1]);
    socket.resetAndDestroy();
    await until(() => other.closes === 1);
    await pass(10);
    expect(session.closes).toBe(0);
  });

  it("one that goes away ends the session", async () => {
    const server = await startServer();
    const { socket } = await openRaw(server, STREAM);
    const session = await onlySession(server);
    socket.destroy();
    await until(() => session.closes === 1);
  });

  it("the same id is a new session afterwards", async () => {
    const server = await startServer();
    const { socket } = await openRaw(server, STREAM);
    const session = await onlySession(server);
    socket.destroy();
    await until(() => session.closes === 1);
    expect(await poll(server)).toBe("o\n");
    expect(server.sessions).toHaveLength(2);
  });
});

describe("pause", () => {
  it("holds xhr_sends back in order, and answers them after resume", async () => {
    const { server, session } = await openPolling();
    session.echoes = false;
    session.connection.pause();
    const answers: number[] = [];
    const send = async (text: string): Promise<void> => {
      answers.push((await post(server, "/chat/0/s/xhr_send", JSON.stringify([text]))).status);
    };
    const first = send("first ");
    await pass(20);
    const second = send("second");
    await pass(20);
    expect([session.received, answers]).toEqual(["", []]);
    session.connection.resume();
    await Promise.all([first, second]);
    expect([session.received, answers]).toEqual(["first second", [204, 204]]);
  });

  it("holds 8 at most", async () => {
    const { server, session } = await openPolling();
    session.connection.pause();
    const sends = Array.from({ length: 9 }, () => post(server, "/chat/0/s/xhr_send", '["x"]'));
    const refused = await Promise.race(sends);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    session.connection.resume();
    const statuses = (await Promise.all(sends)).map(({ status }) => status).sort();
    expect(statuses).toEqual([204, 204, 204, 204, 204, 204, 204, 204, 503]);
    expect((await post(server, "/chat/0/s/xhr_send", '["x"]')).status).toBe(204);
    expect(session.received).toBe("x".repeat(9));
  });

  it("what is held is answered when the session ends", async () => {
    const { server, session } = await openPolling();
    session.connection.pause();
    const held = post(server, "/chat/0/s/xhr_send", '["x"]');
    await pass(20);
    session.connection.close(1000, "DISCONNECT");
    expect((await held).status).toBe(204);
    expect(session.received).toBe("");
  });
});

describe("close", () => {
  it("reaches polls behind what was written, and then the pipe is gone", async () => {
    const { server, session } = await openPolling();
    session.write("last words");
    session.connection.close(1008, "REVOKED");
    session.connection.close(1000, "again");
    expect(await poll(server)).toBe('a["last words"]\n');
    expect(await poll(server)).toBe('c[1008,"REVOKED"]\n');
    await until(() => session.closes === 1);
  });

  it("gives up after 5 s on peers that do not come back or do not read", async () => {
    const server = await startServer();
    await post(server, "/chat/0/polling/xhr");
    const { socket } = await openRaw(server, STREAM);
    await until(() => server.sessions.length === 2);
    socket.pause();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (const session of server.sessions) {
      session.write("x".repeat(32 * 1024 * KIB));
      session.connection.close(1013, "SLOW_CONSUMER");
    }
    vi.advanceTimersByTime(4999);
    expect(server.sessions.map(({ closes }) => closes)).toEqual([0, 0]);
    vi.advanceTimersByTime(1);
    expect(server.sessions.map(({ closes }) => closes)).toEqual([1, 1]);
    await until(() => server.sockets.size === 0);
    expect(server.sessions.map(({ connection }) => connection.bufferedBytes)).toEqual([0, 0]);
    expect((await post(server, "/chat/0/s/xhr_send", '["x"]')).status).toBe(404);
  });

  it("of the transports ends all sessions", async () => {
    const server = await startServer();
    await openRaw(server, STREAM);
    await post(server, "/chat/0/other/xhr");
    await until(() => server.sessions.length === 2);
    server.transports.close();
    expect(server.sessions.map(({ closes }) => closes)).toEqual([1, 1]);
    expect((await ask(server, "/chat/info")).status).toBe(200);
  });
});
