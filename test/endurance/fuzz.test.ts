/** Garbage, over every way in, for a bounded time: the process stays, and a neighbour is answered all the while. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";

const FRAMES = Number(process.env["FUZZ_FRAMES"] ?? 30_000);
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? 5000);
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

const server = new ServerProcess();
let pid = 0;
let neighbour: LoadClient;

beforeAll(async () => {
  await server.start();
  pid = server.pid;
  neighbour = await LoadClient.connect(server.webSocketUrl);
});
afterAll(async () => {
  await server.remove();
});

function generator(state: number): (below: number) => number {
  let next = state >>> 0;
  return (below) => {
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
    return (next >>> 0) % below;
  };
}

const pick = <Item>(random: (below: number) => number, items: readonly Item[]): Item =>
  items[random(items.length)] as Item;

const COMMANDS = [
  "SEND",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "ACK",
  "NACK",
  "BEGIN",
  "DISCONNECT",
  "CONNECT",
  "FOO",
  "send",
  "",
];
const DESTINATIONS = [
  "/chat/message",
  "/chat/claim",
  "/chat/history",
  "/chat/typing",
  "/chat/topic/support",
  "/user/queue/messages",
  "/user/queue/errors",
  "/user/queue/events",
  "/topic/x",
  "/../x",
  "//",
  "/user/__proto__/queue/messages",
];
const VALUES = [
  "",
  "1",
  "-1",
  "a\\nb",
  "a\\",
  "\u202e",
  "__proto__",
  "x".repeat(300),
  "99999999999",
  "cafe-0",
  "client",
  ":",
  "\0",
];
const BODIES = [
  "",
  "{}",
  "[]",
  "null",
  '{"userFrom":1}',
  '{"__proto__":1}',
  "[".repeat(500),
  '{"userFrom":"x","userTo":"support","message":"\\ud800"}',
  '{"conversation":"x","seq":1e400}',
  "\u0000\u0001",
];

/** A frame that is nearly right, then mutated. */
function badFrame(random: (below: number) => number): Buffer {
  const headers = [`destination:${pick(random, DESTINATIONS)}`];
  for (const name of ["id", "receipt", "ack", "since", "content-length", "transaction", "__proto__"]) {
    if (random(3) === 0) headers.push(`${name}:${pick(random, VALUES)}`);
  }
  const text = `${pick(random, COMMANDS)}\n${headers.join("\n")}\n\n${pick(random, BODIES)}\0`;
  const octets = Buffer.from(text);
  for (let mutations = random(4); mutations > 0; mutations -= 1) octets[random(octets.length)] = random(256);
  return random(4) === 0 ? octets.subarray(0, random(octets.length)) : octets;
}

function open(url: string): Promise<WebSocket> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.on("error", () => undefined);
    socket.on("open", () => {
      resolve(socket);
    });
    socket.on("close", () => {
      resolve(socket);
    });
  });
}

async function expectWell(): Promise<void> {
  const began = performance.now();
  await neighbour.say("support", "still there?");
  expect(performance.now() - began).toBeLessThan(4000);
  expect(server.pid).toBe(pid);
  expect(server.stderr).toBe("");
}

it(`${FRAMES} bad frames over WebSocket and SockJS framing (SEED=${seed})`, async () => {
  const random = generator(seed + 1);
  for (let sent = 0; sent < FRAMES;) {
    const isSockjs = random(2) === 0;
    const path = isSockjs ? `/0/s${random(1_000_000)}/websocket` : "";
    const socket = await open(`${server.webSocketUrl}${path}`);
    const send = (octets: Buffer): void => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (isSockjs)
        socket.send(
          random(10) === 0 ? octets.toString("latin1") : JSON.stringify([octets.toString("latin1")]),
        );
      else socket.send(octets);
    };
    send(
      Buffer.from("CONNECT\naccept-version:1.2\n\n\0SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0"),
    );
    for (let count = 0; count < 20 && socket.readyState === WebSocket.OPEN; count += 1) {
      send(badFrame(random));
      sent += 1;
      if (count % 5 === 4) await new Promise((resolve) => setImmediate(resolve));
    }
    socket.terminate();
    if (sent % 5000 < 20) await expectWell();
  }
  await expectWell();
});

it(`${REQUESTS} bad HTTP requests (SEED=${seed})`, async () => {
  const random = generator(seed + 2);
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
        const body = pick(random, BODIES);
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

it("leaves no memory behind", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log(`memory after the garbage: ${Math.round(server.residentMiB())} MiB`);
  expect(server.residentMiB()).toBeLessThan(400);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
