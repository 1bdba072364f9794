/** Stock sockjs-client over each of its transports. */
import SockJS from "sockjs-client";
import { describe, expect, it } from "vitest";
import { afterThis, onlySession, startServer, until } from "./transport-server.ts";
import type { TestServer } from "./transport-server.ts";

const TRANSPORTS = [
  { client: "websocket", ours: "sockjs-websocket" },
  { client: "xhr-streaming", ours: "xhr-streaming" },
  { client: "xhr-polling", ours: "xhr-polling" },
  { client: "eventsource", ours: "eventsource" },
] as const;

const AWKWARD = '\0 \u200c\u2028\ufff0 \u{1f600} é % \r\n "\\';

type Client = { socket: WebSocket; received: () => string; closed: Promise<CloseEvent> };

async function connect(server: TestServer, transport: string, sessionId?: () => string): Promise<Client> {
  const options = { transports: [transport], ...(sessionId && { sessionId }) };
  const socket = new SockJS(`${server.url}/chat`, undefined, options);
  afterThis(() => {
    socket.close();
  });
  const messages: string[] = [];
  socket.onmessage = (event: MessageEvent) => messages.push(String(event.data));
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = resolve;
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  return { socket, received: () => messages.join(""), closed };
}

describe.each(TRANSPORTS)("sockjs-client over $client", ({ client, ours }) => {
  it("carries octets both ways, in order and unharmed", async () => {
    const server = await startServer();
    const { socket, received } = await connect(server, client);
    const texts = Array.from({ length: 20 }, (_, index) => `${String(index)} ${AWKWARD}\0`);
    for (const text of texts) socket.send(text);
    const all = texts.join("");
    await until(() => received().length >= all.length);
    expect(received()).toBe(all);
    const session = await onlySession(server);
    expect(session.received).toBe(all);
    expect(session.connection.transport).toBe(ours);
    expect(session.connection.remoteAddress).toBe("127.0.0.1");
  });

  it("carries more than a response holds without loss", async () => {
    const server = await startServer();
    const { received } = await connect(server, client);
    const session = await onlySession(server);
    const texts = Array.from({ length: 40 }, (_, index) => `${String(index)}:${"x".repeat(10_000)}\0`);
    for (const text of texts) {
      await until(() => session.connection.bufferedBytes < 64 * 1024);
      session.write(text);
    }
    const all = texts.join("");
    await until(() => received().length >= all.length);
    expect(received()).toBe(all);
    await until(() => session.connection.bufferedBytes === 0);
    expect(session.connection.writtenBytes).toBeGreaterThan(all.length);
  });

  it("tells the client why the server closes, behind everything written before", async () => {
    const server = await startServer();
    const { received, closed } = await connect(server, client);
    const session = await onlySession(server);
    session.write("ERROR\0", "the end\0");
    session.connection.close(1008, "AUTH_FAILED");
    session.write("ignored");
    const { code, reason } = await closed;
    expect({ code, reason }).toEqual({ code: 1008, reason: "AUTH_FAILED" });
    expect(received()).toBe("ERROR\0the end\0");
    await until(() => session.closes === 1);
  });

  it("ends the session once when the client goes", async () => {
    const server = await startServer();
    const { socket } = await connect(server, client);
    const session = await onlySession(server);
    socket.close();
    await until(() => session.closes > 0);
    expect(session.closes).toBe(1);
  });
});

describe.each(TRANSPORTS)("two servers in one process over $client", ({ client }) => {
  it("keep sessions with the same id apart", async () => {
    const [one, other] = [await startServer(), await startServer()];
    const sameId = (): string => "same-id-on-both";
    const toOne = await connect(one, client, sameId);
    const toOther = await connect(other, client, sameId);
    toOne.socket.send("to one");
    toOther.socket.send("to the other");
    await until(() => toOne.received() !== "" && toOther.received() !== "");
    expect([toOne.received(), toOther.received()]).toEqual(["to one", "to the other"]);
    expect((await onlySession(one)).received).toBe("to one");
    expect((await onlySession(other)).received).toBe("to the other");
  });
});
