/** A hundred sockets that never read: what is held for them is bounded, and nobody who reads waits for them. */
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bodyOf } from "../helpers/memory-connection.ts";
import { LoadClient } from "../helpers/load-client.ts";
import { until } from "../helpers/running-server.ts";
import { ServerProcess } from "../helpers/server-process.ts";
import { TcpClient } from "../helpers/tcp-client.ts";

const SOCKETS = 100;
const MESSAGES = 5000;
const BASELINE_MESSAGES = 750;
const FILLER = "x".repeat(1000);
/** Messages are sent in small bursts, as in life. */
const BURST = 10;
const BURST_EVERY_MS = 12;
const MIB = 1 << 20;
/** Below this a latency is noise of the machine's, not a queue. */
const NOISE_MS = 25;

let server: ServerProcess;
let credentials: string;

beforeEach(async () => {
  server = new ServerProcess({ STOMP_TCP_PORT: "0" });
  await server.start();
  await server.addAgent("anna");
  credentials = `accept-version:1.2\npasscode:${await server.openSession("anna")}\n`;
});
afterEach(async () => {
  await server.remove();
});

/** Knows when each message was sent, and how long it took to be here. */
class Stopwatch {
  readonly #sentAt: number[] = [];
  #latencies: number[] = [];
  /** Of the newest message, where they have positions. */
  position: string | undefined;

  /** The number that goes with the next message. */
  next(): number {
    return this.#sentAt.push(performance.now()) - 1;
  }

  arrived(number: number): void {
    this.#latencies.push(performance.now() - (this.#sentAt[number] ?? NaN));
  }

  get count(): number {
    return this.#latencies.length;
  }

  /** Ms; begins anew. */
  p99(): number {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    this.#latencies = [];
    return sorted[Math.floor(sorted.length * 0.99)] ?? NaN;
  }
}

/** A connected agent whose subscription has begun. */
async function connect(destination?: string, headers = ""): Promise<TcpClient> {
  const client = await TcpClient.connect(server.tcpPort, credentials);
  if (destination !== undefined) {
    await client.request(`SUBSCRIBE\nid:s\ndestination:${destination}\n${headers}`);
  }
  return client;
}

/** Where there are positions they go on behind what the healthy one got: a replay is another load. */
const connectAll = (destination: string, position: string | undefined): Promise<TcpClient[]> =>
  Promise.all(
    Array.from({ length: SOCKETS }, () =>
      connect(destination, position === undefined ? "" : `since:${position}\n`),
    ),
  );

/** Tells the watch of every numbered message that comes. */
function watch(client: TcpClient, stopwatch: Stopwatch): void {
  client.socket.on("data", () => {
    for (const frame of client.frames.splice(0)) {
      const number = /(?:^|"(?:message|preview)":")#([0-9]+) /.exec(bodyOf(frame))?.[1];
      if (number !== undefined) stopwatch.arrived(Number(number));
      stopwatch.position = frame.headers.get("position") ?? stopwatch.position;
    }
  });
}

async function metric(name: string): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} ([0-9.e+]+)$`, "m").exec(metrics)?.[1] ?? 0);
}

/** Sends `count` messages at a steady pace; resolves when the healthy one has them all. */
async function load(send: (body: string) => void, count: number, stopwatch: Stopwatch): Promise<number> {
  for (let sent = 0; sent < count; sent += BURST) {
    for (let one = 0; one < BURST; one += 1) send(`#${stopwatch.next()} ${FILLER}`);
    await pause(BURST_EVERY_MS);
  }
  await until("all are here", () => stopwatch.count === count, 30_000);
  return stopwatch.p99();
}

/** What the server held at most while `work` went on: octets of all outboxes, MiB of memory beyond those before. */
async function observe(work: Promise<number>): Promise<{ p99: number; held: number; grownMiB: number }> {
  const before = server.residentMiB();
  const over = new AbortController();
  const found = { held: 0, grownMiB: 0 };
  const looking = (async () => {
    while (!over.signal.aborted) {
      found.held = Math.max(found.held, await metric("chat_outbox_octets"));
      found.grownMiB = Math.max(found.grownMiB, server.residentMiB() - before);
      await pause(100);
    }
  })();
  try {
    return { p99: await work, ...found };
  } finally {
    over.abort();
    await looking;
  }
}

/** The same load with a hundred sockets that take what they get, then with a hundred that take nothing. */
async function compare(
  destination: string,
  send: (body: string) => void,
  healthy: TcpClient,
): Promise<{ held: number }> {
  const stopwatch = new Stopwatch();
  watch(healthy, stopwatch);
  const readers = await connectAll(destination, stopwatch.position);
  for (const { socket } of readers) socket.removeAllListeners("data").resume();
  await load(send, BASELINE_MESSAGES, stopwatch);
  const baseline = await load(send, BASELINE_MESSAGES, stopwatch);
  for (const { socket } of readers) socket.destroy();
  // New ones: the kernel gives room to who has read before.
  const sockets = await connectAll(destination, stopwatch.position);
  for (const { socket } of sockets) socket.pause();
  const { p99, held, grownMiB } = await observe(load(send, MESSAGES, stopwatch));
  console.log(
    `${destination}: p99 ${p99.toFixed(1)} ms, ${baseline.toFixed(1)} ms while all read; ` +
      `${(held / MIB).toFixed(1)} MiB queued, process grown by ${Math.round(grownMiB)} MiB`,
  );
  expect(p99).toBeLessThan(2 * baseline + NOISE_MS);
  expect(held).toBeLessThan(SOCKETS * MIB);
  expect(grownMiB).toBeLessThan(150);
  expect(healthy.isClosed).toBe(false);
  for (const { socket } of sockets) socket.destroy();
  return { held };
}

it("of a topic", async () => {
  const sender = await connect();
  const healthy = await connect("/topic/load");
  await compare(
    "/topic/load",
    (body) => {
      sender.send(`SEND\ndestination:/topic/load\n\n${body}^@`);
    },
    healthy,
  );
});

it("of a mailbox", async () => {
  const guest = await LoadClient.connect(server.webSocketUrl);
  await guest.say("support", "hello");
  const healthy = await connect("/user/queue/messages");
  const answer = JSON.stringify({ userFrom: healthy.userName, userTo: guest.id, message: "I am here" });
  await healthy.request("SEND\ndestination:/chat/message\n", answer);
  const { held } = await compare("/user/queue/messages", (body) => void guest.say("support", body), healthy);
  // What is stored need not wait in an outbox.
  expect(held).toBeLessThan((SOCKETS * MIB) / 4);
});

it("of the support topic", async () => {
  const guest = await LoadClient.connect(server.webSocketUrl);
  await guest.say("support", "hello");
  const healthy = await connect("/chat/topic/support");
  const { held } = await compare("/chat/topic/support", (body) => void guest.say("support", body), healthy);
  // Who is 256 KiB behind gets a snapshot instead.
  expect(held).toBeLessThan((SOCKETS * MIB) / 3);
});

it("are told SLOW_CONSUMER, when they read at last", async () => {
  const sender = await connect();
  const slow = await connect("/topic/load");
  slow.socket.pause();
  const ended = 'chat_disconnects_total{code="SLOW_CONSUMER"}';
  while ((await metric(ended.replaceAll(/[{}]/g, "\\$&"))) === 0) {
    for (let count = 0; count < 100; count += 1) {
      sender.send(`SEND\ndestination:/topic/load\n\n${FILLER.repeat(10)}^@`);
    }
    await sender.request("SEND\ndestination:/topic/nobody\n");
  }
  slow.socket.resume();
  await until("it is closed", () => slow.isClosed);
  const last = slow.frames.at(-1);
  expect([last?.command, last?.headers.get("code")]).toEqual(["ERROR", "SLOW_CONSUMER"]);
});

it.each([
  ["RECEIPT", "DISCONNECT\nreceipt:bye\n\n^@"],
  ["ERROR", "NONSENSE\n\n^@"],
])("get %s behind all that waited for them", async (command, end) => {
  const sender = await connect();
  const slow = await connect("/topic/load");
  slow.socket.pause();
  let sent = 0;
  while ((await metric("chat_outbox_octets")) < MIB / 2) {
    sent += 10;
    for (let count = 0; count < 10; count += 1) {
      sender.send(`SEND\ndestination:/topic/load\n\n${FILLER.repeat(10)}^@`);
    }
    await sender.request("SEND\ndestination:/topic/nobody\n");
  }
  slow.send(end);
  await pause(100);
  slow.socket.resume();
  await until("it is closed", () => slow.isClosed);
  expect(slow.of("MESSAGE").length).toBe(sent);
  expect(slow.frames.at(-1)?.command).toBe(command);
});
