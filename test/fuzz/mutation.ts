/** Frames that are nearly right: a frame of the corpus, changed along the grammar, then perhaps among its octets. */
import { CORPUS, frameText } from "./corpus.ts";
import type { CorpusFrame } from "./corpus.ts";

/** A whole number from 0, smaller than `below`. */
export type Random = (below: number) => number;

/** The same seed gives the same numbers (xorshift). */
export function seededRandom(seed: number): Random {
  let next = (seed >>> 0) + 1;
  return (below) => {
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
    return (next >>> 0) % below;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

const COMMANDS = ["SEND", "SUBSCRIBE", "ACK", "COMMIT", "MESSAGE", "CONNECTED", "FOO", "send", "", "SEND "];
const NAMES = [
  "id",
  "receipt",
  "ack",
  "since",
  "content-length",
  "content-type",
  "transaction",
  "destination",
  "selector",
  "prefetch",
  "expires",
  "reply-to",
  "__proto__",
  "",
  "a b",
  "é",
];
const VALUES = [
  "",
  "0",
  "1",
  "-1",
  "99999999999",
  "1e400",
  "a\\nb",
  "a\\",
  "\\t",
  "\u202e",
  "__proto__",
  "x".repeat(300),
  "y".repeat(5000),
  "cafe-0",
  "client",
  "true",
  ":",
  "\0",
  "\r",
  "application/json;charset=utf-16",
  "/../x",
  "//",
  "/user/__proto__/queue/messages",
  "/topic/**/x",
  "/topic/" + "a/".repeat(120),
  "/queue/*",
  "/temp-queue/x",
];
const BODIES = [
  "",
  "{}",
  "[]",
  "null",
  '{"userFrom":1}',
  '{"__proto__":1,"userFrom":"{me}"}',
  "[".repeat(500),
  '{"a":'.repeat(200),
  '{"userFrom":"{me}","userTo":"support","message":"\\ud800"}',
  '{"conversation":"x","seq":1e400}',
  "\u0001\u0002",
  "z".repeat(70_000),
];

/** Only a SEND may have a body: elsewhere it is seldom more than the end. */
const bodied = ({ command }: CorpusFrame, random: Random): string => (random(8) === 0 ? command : "SEND");

const mutators: readonly ((frame: CorpusFrame, random: Random) => CorpusFrame)[] = [
  (frame, random) => ({ ...frame, command: pick(random, COMMANDS) }),
  (frame, random) => ({ ...frame, headers: frame.headers.toSpliced(random(frame.headers.length + 1), 1) }),
  (frame, random) => {
    const header = [pick(random, NAMES), pick(random, VALUES)] as const;
    return { ...frame, headers: frame.headers.toSpliced(random(frame.headers.length + 1), 0, header) };
  },
  (frame, random) => {
    const at = random(frame.headers.length + 1);
    const headers = frame.headers.map(
      ([name, value], index) => [name, index === at ? pick(random, VALUES) : value] as const,
    );
    return { ...frame, headers };
  },
  (frame, random) => ({ ...frame, headers: [...frame.headers, ...pick(random, CORPUS).headers] }),
  (frame, random) => ({ ...frame, headers: frame.headers.toSorted(() => random(3) - 1) }),
  (frame, random) => ({ ...frame, command: bodied(frame, random), body: pick(random, BODIES) }),
  (frame, random) => {
    const other = pick(random, CORPUS).body;
    return {
      ...frame,
      command: bodied(frame, random),
      body: frame.body.slice(0, random(frame.body.length + 1)) + other,
    };
  },
  (frame, random) => {
    const length = Buffer.byteLength(frame.body) + random(5) - 2;
    return { ...frame, headers: [["content-length", String(length)], ...frame.headers] };
  },
  (frame, random) => ({
    ...frame,
    headers: [...frame.headers, ...Array.from({ length: random(40) }, (_, n) => [`h${n}`, "v"] as const)],
  }),
];

/** One frame, or a piece of one; half of them are as the corpus has it, so that sessions live and get somewhere. */
export function mutatedFrame(random: Random, known: Readonly<Record<string, string>>): Buffer {
  let frame = pick(random, CORPUS);
  const isLeft = random(2) === 0;
  if (!isLeft)
    for (let count = 1 + random(3); count > 0; count -= 1) frame = pick(random, mutators)(frame, random);
  const text = frameText(frame, random(20) === 0 ? "\r\n" : "\n");
  const octets = Buffer.from(text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => known[name] ?? whole));
  if (isLeft || random(4) > 0) return octets;
  for (let count = random(4); count > 0; count -= 1) octets[random(octets.length)] = random(256);
  return random(4) === 0 ? octets.subarray(0, random(octets.length)) : octets;
}

/** How a session begins that gets somewhere: connected with these header lines, listening, with a transaction open. */
export function startFrames(random: Random, credentials: string): Buffer {
  const version = pick(random, ["1.0", "1.1", "1.2", "1.2"]);
  const frames = [
    `CONNECT\naccept-version:${version}\n${credentials}\n`,
    "SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n",
    "BEGIN\ntransaction:t1\n\n",
    "SUBSCRIBE\nid:w\ndestination:/queue/a\nack:client\n\n",
  ];
  return Buffer.from(frames.map((frame) => `${frame}\0`).join(""));
}
