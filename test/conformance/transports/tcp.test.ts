/** What of the other sections is about the end of a connection, and needs a real one (50). */
import { afterAll, beforeAll, expect } from "vitest";
import { RunningServer, until } from "../../helpers/running-server.ts";
import { TcpClient } from "../../helpers/tcp-client.ts";
import { point } from "../point.ts";
import { accept, headerOf } from "../stage.ts";

let server: RunningServer;
/** Of a service that may use queues. */
let token: string;

beforeAll(async () => {
  server = await RunningServer.start({ STOMP_TCP_PORT: "0" });
  token = await server.addService("conformance", ["queues"]);
});
afterAll(async () => {
  await server.remove();
});

point("#50 frames received before a FIN are processed and answered", async (version) => {
  const queue = `/queue/fin-${version}`;
  const bodies = Array.from({ length: 200 }, (_, index) => String(index));
  const client = TcpClient.open(server.tcpPort);
  client.send(`CONNECT\n${accept(version)}passcode:${token}\n\n^@`);
  for (const body of bodies) {
    client.send(`SEND\ndestination:${queue}\npersistent:true\nreceipt:${body}\n\n${body}^@`);
  }
  client.socket.end(`SUBSCRIBE\nid:s\ndestination:${queue}\nack:client\nreceipt:s\n\n\0`);
  await until("the server closes", () => client.isClosed);
  expect(client.of("RECEIPT").map((frame) => headerOf(frame, "receipt-id"))).toEqual([...bodies, "s"]);
});
