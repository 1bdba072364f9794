/** kill -9 with a durable queue at work: what was receipted is consumed, what was ACKed does not come again, in order. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { bodyOf } from "../helpers/memory-connection.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { ADMIN_PASSCODE, ServerProcess } from "../helpers/server-process.ts";
import type { Frame } from "../../src/stomp/frame.ts";

const KILLS = Number(process.env["KILL_CYCLES"] ?? 4);
const QUEUE = "/queue/orders";
/** What a consumer leaves without ACK, to come again after the kill. */
const isLeft = (count: number): boolean => count % 7 === 0;
const isVolatile = (count: number): boolean => count % 5 === 0;

const server = new ServerProcess();
const credentials = { login: "admin", passcode: ADMIN_PASSCODE };

/** By the number of the message. */
const receipted = new Set<number>();
const delivered = new Set<number>();
/** ACKed, whether the RECEIPT came or was lost with the process. */
const consumed = new Set<number>();
const ackReceipted = new Set<number>();
/** What broke a promise, in words. */
const broken: string[] = [];
let sent = 0;

beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await server.remove();
});

/** Hears every frame behind those that have come. */
function onFrames(client: RawClient, hear: (frame: Frame) => void): void {
  let heard = client.frames.length;
  client.webSocket.on("message", () => {
    for (const frame of client.frames.slice(heard)) hear(frame);
    heard = client.frames.length;
  });
}

/** Sends numbers, several at a time, until the connection is gone. */
async function produce(): Promise<void> {
  const client = await RawClient.connect(server.webSocketUrl, credentials);
  onFrames(client, ({ command, headers }) => {
    if (command === "RECEIPT") receipted.add(Number(headers.get("receipt-id")));
  });
  while (client.closed === undefined) {
    for (let burst = 0; burst < 5; burst += 1) {
      sent += 1;
      const kind = isVolatile(sent) ? "" : `persistent:true\nreceipt:${sent}\n`;
      client.send(`SEND\ndestination:${QUEUE}\n${kind}\n${sent}^@`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** ACKs what comes, in the order of coming, and looks at what must not be. */
async function consume(leavesSome: boolean): Promise<RawClient> {
  const client = await RawClient.connect(server.webSocketUrl, credentials);
  const seenBefore = new Set(delivered);
  let last = 0;
  onFrames(client, (frame) => {
    const { command, headers } = frame;
    if (command === "RECEIPT") ackReceipted.add(Number(headers.get("receipt-id")));
    if (command !== "MESSAGE") return;
    const count = Number(bodyOf(frame));
    if (ackReceipted.has(count)) broken.push(`${count} came again after the RECEIPT of its ACK`);
    if (count <= last) broken.push(`${count} came behind ${last}`);
    if (seenBefore.has(count) && !headers.has("redelivered")) broken.push(`${count} came again unmarked`);
    last = count;
    delivered.add(count);
    if (leavesSome && isLeft(count)) return;
    consumed.add(count);
    client.send(`ACK\nid:${headers.get("ack")}\nreceipt:${count}\n\n^@`);
  });
  client.send(`SUBSCRIBE\nid:s\ndestination:${QUEUE}\nack:client-individual\nprefetch:250\n\n^@`);
  return client;
}

it(`${KILLS} kills: nothing receipted is lost, nothing ACKed comes again, the order holds`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const producing = produce();
    await consume(true);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1000));
    await server.end("SIGKILL");
    await producing;
    await server.start();
  }
  await consume(false);
  const lost = (): number[] => [...receipted].filter((count) => !consumed.has(count));
  await until("everything is consumed", () => lost().length === 0, 10_000).catch(() => undefined);
  console.log(`${sent} sent, ${receipted.size} receipted, ${ackReceipted.size} ACKs receipted`);
  expect(broken).toEqual([]);
  expect(lost()).toEqual([]);
  expect(receipted.size).toBeGreaterThan(KILLS * 20);
});

it("what was not ACKed outlives SIGTERM as well, and an empty queue stays empty", async () => {
  const client = await RawClient.connect(server.webSocketUrl, credentials);
  expect(await client.request("SEND\ndestination:/queue/last\npersistent:true\n", "kept")).toBeDefined();
  expect(await server.end("SIGTERM")).toBe(0);
  await server.start();
  const next = await RawClient.connect(server.webSocketUrl, credentials);
  await next.subscribe("s", QUEUE);
  await next.subscribe("t", "/queue/last");
  await until("it came", () => next.on("t").length > 0);
  expect([next.on("s").length, next.on("t").map(bodyOf)]).toEqual([0, ["kept"]]);
});
