/** The largest beginnings of each kind that are legal before CONNECT. */
import { DEFAULT_LIMITS, openingOctetsOf } from "../../src/broker/limits.ts";
export type UnfinishedOrder = { readonly port: number; readonly tcpPort: number; readonly input: InputName };
/** So many lots of sockets more; those that are not kept are closed before the next lot. */
export type UnfinishedCommand = { readonly lots: number; readonly areKept: boolean };
/** Of the sockets that were kept; `lastHeard` is what any of them got last. */
export type UnfinishedAnswer = { readonly open: number; readonly lastHeard: string };

/** Sockets opened together: more would measure what a storm of new connections costs. */
export const LOT = 250;

/** What one socket sends in one step; the next begins when all have sent it and, where `isAnswered`, were answered. */
export type Step = { readonly isAnswered: boolean; readonly octetsOf: (index: number) => string | Buffer };
export type Input = { readonly wire: "http" | "tcp"; readonly steps: readonly Step[] };

const { maxHeaderBytes } = DEFAULT_LIMITS;
const OPENING_OCTETS = openingOctetsOf(DEFAULT_LIMITS);
/** Of the HTTP server's own. */
const HTTP_HEAD_OCTETS = 10 * 1024;
const API_BODY_OCTETS = 6 * 1024;
/** An octet that comes by itself makes the server copy, with room to grow. */
const LAST = 1;
/** What a WebSocket's two chunks count for beyond their octets, and its frame's head. */
const WEB_SOCKET_OCTETS = 2 * 32 + 14;

const silent = (octets: string | Buffer): Step => ({ isAnswered: false, octetsOf: () => octets });
const request = (line: string, headers: string): string => `${line} HTTP/1.1\r\nHost: x\r\n${headers}`;
const inTwo = (octets: string): Step[] => [silent(octets.slice(0, -LAST)), silent(octets.slice(-LAST))];
const post = (path: string, length: number): string =>
  request(`POST ${path}`, `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`);

/** Every second one of SockJS. */
function webSocket(): Input {
  const headers =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const paths = ["/chat/websocket", "/chat/000/session/websocket"] as const;
  // A mask of zeros, and a length that is never reached.
  const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const octets = Buffer.concat([head, Buffer.alloc(OPENING_OCTETS - WEB_SOCKET_OCTETS, "x")]);
  return {
    wire: "http",
    steps: [
      { isAnswered: true, octetsOf: (index) => request(`GET ${paths[index % 2] ?? ""}`, headers) },
      silent(octets.subarray(0, -LAST)),
      silent(octets.subarray(-LAST)),
    ],
  };
}

/** Every second socket is the receiver of a session, to which the one behind it sends. */
function xhrSend(): Input {
  const isReceiver = (index: number): boolean => index % 2 === 0;
  const path = (index: number): string => `/chat/000/session${Math.floor(index / 2)}`;
  const body = "x".repeat(OPENING_OCTETS - 1);
  const sends = (octetsOf: Step["octetsOf"]): Step => ({
    isAnswered: false,
    octetsOf: (index) => (isReceiver(index) ? "" : octetsOf(index)),
  });
  return {
    wire: "http",
    steps: [
      {
        isAnswered: true,
        octetsOf: (index) => (isReceiver(index) ? post(`${path(index)}/xhr_streaming`, 0) : ""),
      },
      sends((index) => post(`${path(index)}/xhr_send`, OPENING_OCTETS) + body.slice(LAST)),
      sends(() => body.slice(0, LAST)),
    ],
  };
}

const HEARTBEATS = `${"\n".repeat(65_535)}S`;
const stomp = "SEND\na:b\n\n".padEnd(maxHeaderBytes, "x");
const head = request("GET /chat/websocket", "Cookie: ").padEnd(HTTP_HEAD_OCTETS - 64, "x");

export const INPUTS = {
  "a frame over TCP": {
    wire: "tcp",
    // Every second one a large frame in two chunks, the others a small one at the end of a chunk of heart-beats.
    steps: inTwo(stomp).map(({ octetsOf }, step) => ({
      isAnswered: false,
      octetsOf: (index) => (index % 2 === 0 ? octetsOf(index) : step === 0 ? HEARTBEATS : ""),
    })),
  },
  "a message of a WebSocket": webSocket(),
  "the body of an xhr_send": xhrSend(),
  "the head of a request": { wire: "http", steps: inTwo(head) },
  "the body of a login": {
    wire: "http",
    steps: inTwo(post("/api/sessions", API_BODY_OCTETS) + "x".repeat(API_BODY_OCTETS - 1)),
  },
} as const satisfies Record<string, Input>;
export type InputName = keyof typeof INPUTS;
