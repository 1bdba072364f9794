/** Garbage, in process and over every way in: the process stays, answers a neighbour all the while, and forgets it all. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepCrash } from "../fuzz/crashes.ts";
import { fuzzInProcess } from "../fuzz/in-process.ts";
import { mutatedFrame, pick, seededRandom, startFrames } from "../fuzz/mutation.ts";
import { WIRES } from "../fuzz/wires.ts";
import { liveHeapMiB } from "../helpers/live-heap.ts";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";
import type { Random } from "../fuzz/mutation.ts";
import type { WireKind } from "../fuzz/wires.ts";

const IN_PROCESS = Number(process.env["FUZZ_IN_PROCESS"] ?? 200_000);
const ON_EACH_WIRE = Number(process.env["FUZZ_FRAMES"] ?? 20_000);
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? 5000);
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const MIB = 1 << 20;
const HTTP_BODIES = [
  "",
  "{}",
  "[]",
  "null",
  '["x"]',
  '["\\ud800"]',
  "[".repeat(500),
  '{"login":1}',
  "\u0000",
];

const WORKERS = 4;
const BURST = 4;
const BURSTS_A_SESSION = 10;
const SING_EVERY_MS = 25;

/** Garbage would be collected some time: to tell it from a leak it is collected when it is asked for. */
const COLLECT_ON_SIGNAL = [
  "--expose-gc",
  "--import",
  "data:text/javascript,process.on('SIGUSR2', () => globalThis.gc())",
];
const server = new ServerProcess({ STOMP_TCP_PORT: "0" }, COLLECT_ON_SIGNAL);
let pid = 0;
let token = "";
let canary: LoadClient;
let canaryStopped = false;
let longestSilence = 0;
let song: Promise<void>;

beforeAll(async () => {
  await server.start();
  pid = server.pid;
  await server.addAgent("anna");
  token = await server.openSession("anna");
  canary = await LoadClient.connect(server.webSocketUrl);
  song = sing();
});
afterAll(async () => {
  canaryStopped = true;
  await song;
  await server.remove();
});

/** All the while. */
async function sing(): Promise<void> {
  while (!canaryStopped) {
    const began = performance.now();
    await canary.say("support", "still there?");
    longestSilence = Math.max(longestSilence, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, SING_EVERY_MS));
  }
}

async function metric(name: string): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} ([0-9.e+]+)$`, "m").exec(metrics)?.[1]);
}

async function heldMiB(): Promise<number> {
  process.kill(server.pid, "SIGUSR2");
  // The next request comes behind the signal.
  await metric("chat_outbox_octets");
  return (
    ((await metric("nodejs_heap_size_used_bytes")) + (await metric("nodejs_external_memory_bytes"))) / MIB
  );
}

async function expectWell(): Promise<void> {
  await canary.say("support", "still there?");
  expect({ pid: server.pid, stderr: server.stderr }).toEqual({ pid, stderr: "" });
  // Of the time since it was last asked; the loop may not be blocked for 200 ms, a busy machine may stop the process.
  expect(await metric("nodejs_eventloop_lag_max_seconds")).toBeLessThan(0.8);
  expect(longestSilence).toBeLessThan(4000);
}

/** Sessions one after the other, each until it is closed or has had enough. */
async function fuzzWire({ open }: WireKind, frames: number, random: Random): Promise<void> {
  const ports = { http: Number(new URL(server.url).port), tcp: server.tcpPort };
  for (let sent = 0; sent < frames;) {
    const wire = await open(ports);
    const credentials = random(2) === 0 ? "" : `passcode:${token}\n`;
    if (random(10) > 0) await wire.send([startFrames(random, credentials)], seededRandom(0));
    for (let burst = 0; burst < BURSTS_A_SESSION && wire.isOpen() && sent < frames; burst += 1) {
      await wire.send(
        Array.from({ length: BURST }, () => mutatedFrame(random, { me: canary.id })),
        random,
      );
      sent += BURST;
    }
    wire.close();
  }
}

async function fuzzWires(framesEach: number, firstSeed: number): Promise<void> {
  const work = WIRES.flatMap((kind, index) =>
    Array.from({ length: WORKERS }, (_, worker) =>
      fuzzWire(kind, framesEach / WORKERS, seededRandom(firstSeed + WORKERS * index + worker)),
    ),
  );
  await Promise.all(work);
}

it(`${IN_PROCESS} mutated frames in process (SEED=${seed})`, async () => {
  await fuzzInProcess(IN_PROCESS / 10, seed);
  const before = liveHeapMiB();
  const { crashes, longestMs } = await fuzzInProcess((IN_PROCESS / 10) * 9, seed + 1);
  expect(crashes.map(keepCrash)).toEqual([]);
  expect(longestMs).toBeLessThan(200);
  expect(liveHeapMiB() - before).toBeLessThan(30);
});

it(`${ON_EACH_WIRE} mutated frames over each of ${WIRES.map(({ name }) => name).join(", ")} (SEED=${seed})`, async () => {
  await fuzzWires(ON_EACH_WIRE / 20, seed);
  const before = await heldMiB();
  await expectWell();
  await fuzzWires((ON_EACH_WIRE / 20) * 19, seed + 100);
  await expectWell();
  // SockJS sessions whose peer is gone wait for it a while.
  await expect.poll(heldMiB, { timeout: 30_000, interval: 1000 }).toBeLessThan(before + 30);
  await expect.poll(() => metric("chat_outbox_octets"), { timeout: 15_000 }).toBe(0);
  const [silence, after] = [longestSilence, await heldMiB()].map(Math.round);
  console.log(`canary: ${silence} ms at most; memory from ${Math.round(before)} to ${after} MiB`);
});

it(`${REQUESTS} bad HTTP requests (SEED=${seed})`, async () => {
  const random = seededRandom(seed + 2);
  const port = Number(new URL(server.url).port);
  const methods = ["GET", "POST", "PUT", "OPTIONS", "DELETE", "FOO"];
  const paths = [
    "/",
    "/chat",
    "/chat/info",
    "/chat/0/abcdefgh/xhr",
    "/chat/0/abcdefgh/xhr_send",
    "/chat/0/__proto__/xhr_streaming",
    "/api/guests",
    "/api/sessions",
    "/api/identify",
    "/api/conversations?limit=x",
    "/%zz",
    "/../../etc/passwd",
    "*",
  ];
  for (let sent = 0; sent < REQUESTS; sent += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () => {
        const body = pick(random, HTTP_BODIES);
        const request = Buffer.from(
          `${pick(random, methods)} ${pick(random, paths)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
            `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        for (let mutations = random(3); mutations > 0; mutations -= 1)
          request[random(request.length)] = random(256);
        return new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => {
            socket.end(request);
          });
          socket.on("data", () => undefined);
          socket.on("error", () => undefined);
          socket.on("close", () => {
            resolve();
          });
          setTimeout(() => {
            socket.destroy();
          }, 500).unref();
        });
      }),
    );
  }
  await expectWell();
});
