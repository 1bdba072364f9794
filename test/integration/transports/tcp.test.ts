/** STOMP over TCP and TLS: the same broker, heart-beats, closes and bounds as over WebSocket. */
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawClient } from "../../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import { TcpClient } from "../../helpers/tcp-client.ts";
import type { Socket } from "node:net";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/localhost-${name}.pem`, import.meta.url));

let server: RunningServer;

beforeEach(async () => {
  server = await RunningServer.start({
    STOMP_TCP_PORT: "0",
    HEARTBEAT_MS: "100",
    SLOW_CONSUMER_MS: "300",
    CONNECT_TIMEOUT_MS: "300",
  });
  await server.addAgent("anna");
});
afterEach(async () => {
  await server.remove();
});

const anna = (more = ""): Promise<TcpClient> =>
  TcpClient.connect(
    server.tcpPort,
    `accept-version:1.2\nlogin:anna\npasscode:${AGENT_PASSCODE}\nhost:any\n${more}`,
  );

it("a guest over TCP and an agent over WebSocket hold a conversation", async () => {
  const agent = await RawClient.connect(server.webSocketUrl, { login: "anna", passcode: AGENT_PASSCODE });
  await agent.subscribeAll();
  const guest = await TcpClient.connect(server.tcpPort);
  const id = guest.of("CONNECTED")[0]?.headers.get("user-name") ?? "";
  await guest.request("SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\n");
  await guest.request(
    "SEND\ndestination:/chat/message\n",
    JSON.stringify({ userFrom: id, userTo: "support", message: "hello" }),
  );
  await agent.say(id, "welcome");
  await until("the answer", () => guest.of("MESSAGE").length === 1);
  await until("the question", () => agent.texts().includes("hello"));
  guest.send("DISCONNECT\nreceipt:bye\n\n^@");
  await until("closed after the RECEIPT", () => guest.isClosed);
  expect(guest.of("RECEIPT").at(-1)?.headers.get("receipt-id")).toBe("bye");
  await agent.close();
});

it("octets of any kind pass, cut anywhere", async () => {
  const client = await anna();
  await client.request("SUBSCRIBE\nid:t\ndestination:/topic/a\n");
  const body = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
  const frame = Buffer.concat([
    Buffer.from(`SEND\ndestination:/topic/a\ncontent-length:${body.length}\n\n`),
    body,
    Buffer.of(0),
  ]);
  for (const octet of frame) client.send(Buffer.of(octet));
  await until("the message", () => client.of("MESSAGE").length === 1);
  expect(Buffer.from(client.of("MESSAGE")[0]?.body ?? [])).toEqual(body);
  client.socket.destroy();
});

it("a wrong passcode is ERROR, then the end of the stream", async () => {
  const client = await TcpClient.connect(server.tcpPort, "accept-version:1.2\nlogin:anna\npasscode:wrong\n");
  await until("closed", () => client.isClosed);
  expect(client.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
});

it("an ERROR arrives although the peer goes on sending", async () => {
  const client = await anna();
  client.send(`FOO\n\n^@${"x".repeat(300_000)}`);
  await until("closed", () => client.isClosed);
  expect(client.of("ERROR")[0]?.headers.get("code")).toBe("UNKNOWN_COMMAND");
});

it("who says nothing is told so; who connects gets heart-beats, and is gone when silent", async () => {
  const silent = TcpClient.open(server.tcpPort);
  await until("closed", () => silent.isClosed);
  expect(silent.of("ERROR")[0]?.headers.get("code")).toBe("CONNECT_TIMEOUT");
  const client = await anna("heart-beat:100,100\n");
  const before = client.received;
  await until("heart-beats, then the end", () => client.isClosed);
  expect(client.received).toBeGreaterThan(before);
});

it("who takes nothing is a slow consumer, and the broker does not keep its messages", async () => {
  const [slow, sender] = [await anna(), await anna()];
  await slow.request("SUBSCRIBE\nid:t\ndestination:/topic/a\n");
  slow.socket.pause();
  for (let count = 0; count < 300; count += 1) {
    sender.send(`SEND\ndestination:/topic/a\n\n${"x".repeat(60_000)}^@`);
  }
  await sender.request("SEND\ndestination:/topic/b\n");
  slow.socket.resume();
  await until("closed", () => slow.isClosed);
  expect(slow.of("MESSAGE").length).toBeLessThan(300);
  sender.socket.destroy();
});

it("SIGTERM's drain tells everybody", async () => {
  const client = await anna();
  await server.stop();
  await until("closed", () => client.isClosed);
  expect(client.of("ERROR")[0]?.headers.get("code")).toBe("SHUTTING_DOWN");
});

it("the drain answers what was sent before it and was not read yet", async () => {
  const overTcp = await anna();
  const headers = { login: "anna", passcode: AGENT_PASSCODE };
  const overWebSocket = await RawClient.connect(server.webSocketUrl, headers);
  overTcp.send("SEND\ndestination:/topic/a\nreceipt:1\n\n^@");
  overWebSocket.send("SEND\ndestination:/topic/a\nreceipt:1\n\n^@");
  await server.stop();
  await until("both closed", () => overTcp.isClosed && overWebSocket.closed !== undefined);
  const answers = [overTcp, overWebSocket].map((client) => client.of("RECEIPT").length);
  expect(answers).toEqual([1, 1]);
});

it("the drain with a notice answers what was on its way when it began", async () => {
  const client = await anna();
  const stopped = server.server.close(1000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  client.send("SEND\ndestination:/topic/a\nreceipt:1\n\n^@");
  await until("closed", () => client.isClosed);
  expect(client.of("RECEIPT")).toHaveLength(1);
  await stopped;
});

describe("over TLS", () => {
  beforeEach(async () => {
    await server.remove();
    server = await RunningServer.start({
      STOMP_TCP_PORT: "0",
      STOMP_TLS_CERT: fixture("cert"),
      STOMP_TLS_KEY: fixture("key"),
      CONNECT_TIMEOUT_MS: "2000",
    });
  });

  it("the same port speaks it, and plain text does not get through", async () => {
    const client = await TcpClient.connect(
      server.tcpPort,
      "accept-version:1.1\n",
      readFileSync(fixture("cert")),
    );
    expect(client.of("CONNECTED")[0]?.headers.get("version")).toBe("1.1");
    const plain = await TcpClient.connect(server.tcpPort);
    expect(plain.frames).toEqual([]);
    client.socket.destroy();
  });

  /** The first octets of a handshake that never goes on. */
  async function beginHandshake(): Promise<Socket> {
    const socket = connect(server.tcpPort, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(Buffer.of(22, 3, 1));
    await once(socket, "connect");
    return socket;
  }

  it("who ends within the handshake is gone at once, who does not go on with it in the time for CONNECT", async () => {
    const [silent, ended] = [await beginHandshake(), await beginHandshake()];
    const cut = once(silent, "close");
    ended.end();
    await once(ended, "close");
    expect(silent.closed).toBe(false);
    await cut;
  });

  it("who is in the handshake when the server stops is cut off", async () => {
    const [silent, client] = [
      await beginHandshake(),
      TcpClient.open(server.tcpPort, readFileSync(fixture("cert"))),
    ];
    await once(client.socket, "secureConnect");
    const closed = once(silent, "close");
    await server.stop();
    await closed;
  });
});
