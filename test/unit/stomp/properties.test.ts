/** What holds for every frame and every octet stream. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT_COMMANDS, mayHaveBody, SERVER_COMMANDS, VERSIONS } from "../../../src/stomp/commands.ts";
import { FrameError } from "../../../src/stomp/errors.ts";
import { serializeFrame, serializeOctets } from "../../../src/stomp/serializer.ts";
import { cut, parserFor, readChunks } from "./reading.ts";
import type { Command, Peer, Version } from "../../../src/stomp/commands.ts";
import type { HeaderList } from "../../../src/stomp/headers.ts";
import type { PlainFrame } from "./reading.ts";

type Case = { command: Command; headers: HeaderList; body: Uint8Array };

const UNESCAPED: readonly Command[] = ["CONNECT", "STOMP", "CONNECTED"];

/** Text that this version and command can carry: full range where escaping allows it. */
function textFor(version: Version, command: Command, isKey: boolean): fc.Arbitrary<string> {
  const isRaw = version === "1.0" || UNESCAPED.includes(command);
  const forbidden = isRaw ? (isKey ? /[\0\r\n:]/g : /[\0\r\n]/g) : version === "1.1" ? /[\0\r]/g : /\0/g;
  return fc
    .string({
      unit: fc.oneof(
        fc.constantFrom("\\", ":", "\n", "\r", "r", "n", "c", " "),
        fc.string({ unit: "binary" }),
      ),
      maxLength: 12,
    })
    .map((text) => text.replace(forbidden, ""))
    .map((text) => (version === "1.0" ? text.replace(/^ +| +$/g, "") : text));
}

function caseFor(version: Version, commands: readonly Command[]): fc.Arbitrary<Case> {
  return fc.constantFrom(...commands).chain((command) =>
    fc.record({
      command: fc.constant(command),
      headers: fc.array(
        fc.tuple(
          textFor(version, command, true).filter((name) => name !== "" && name !== "content-length"),
          textFor(version, command, false),
        ),
        { maxLength: 8 },
      ),
      body: mayHaveBody(command) ? fc.uint8Array({ maxLength: 60 }) : fc.constant(new Uint8Array(0)),
    }),
  );
}

/** What reading a case back must give: first of repeated names, and the length that was added. */
function expected({ command, headers, body }: Case): PlainFrame {
  const first = new Map<string, string>();
  for (const [name, value] of headers) if (!first.has(name)) first.set(name, value);
  if (mayHaveBody(command)) first.set("content-length", String(body.length));
  return { command, headers: [...first], body: [...body] };
}

function encode({ command, headers, body }: Case, version: Version): Uint8Array {
  if (mayHaveBody(command)) return serializeOctets(command, headers, body, version);
  return new TextEncoder().encode(serializeFrame(command, headers, undefined, version));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 12 });
const peers: readonly [Peer, readonly Command[]][] = [
  ["client", CLIENT_COMMANDS],
  ["server", SERVER_COMMANDS],
];

describe.each(VERSIONS)("in STOMP %s", (version) => {
  it.each(peers)("every frame of a %s is read as it was written, wherever it is cut", (accepts, commands) => {
    fc.assert(
      fc.property(
        fc.array(caseFor(version, commands), { minLength: 1, maxLength: 4 }),
        cuts,
        (cases, places) => {
          const octets = concat(cases.map((one) => encode(one, version)));
          const frames = readChunks(parserFor({ version, accepts }), cut(octets, places));
          expect(frames).toEqual(cases.map(expected));
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("any octets", () => {
  const fragments = [
    "SEND",
    "CONNECT",
    "\n",
    "\r\n",
    "\r",
    "\0",
    ":",
    "\\",
    "\\n",
    "content-length:",
    "3",
    "a:b",
    "receipt:r",
    "é",
    "\n\n",
  ];
  const streams = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "binary", maxLength: 4 })), {
        maxLength: 60,
      })
      .map((parts) => new TextEncoder().encode(parts.join(""))),
    fc
      .array(fc.constantFrom(...fragments), { maxLength: 12 })
      .map((parts) => new TextEncoder().encode(`SEND\n${parts.join("")}\n\nx\0`)),
  );
  const versions = fc.constantFrom(undefined, ...VERSIONS);

  function outcome(octets: Uint8Array, places: readonly number[], version: Version | undefined): unknown[] {
    const parser = parserFor({ version });
    const frames: unknown[] = [];
    try {
      for (const chunk of cut(octets, places)) frames.push(...readChunks(parser, [chunk]));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return [...frames, error.code];
    }
    expect(frames.length).toBeLessThanOrEqual(octets.length);
    return [...frames, parser.isMidFrame, parser.heartbeats];
  }

  it("make frames or a FrameError, nothing else", () => {
    fc.assert(
      fc.property(streams, cuts, versions, (octets, places, version) => {
        outcome(octets, places, version);
      }),
      { numRuns: 5000 },
    );
  });

  it("make as many complete frames whole as octet by octet, and end alike", () => {
    fc.assert(
      fc.property(streams, versions, (octets, version) => {
        const ends = [outcome(octets, [], version), outcome(octets, [...octets.keys()], version)];
        // Whole, an error may come before the frames ahead of it were handed on: only how it ends is compared then.
        const [whole, bytewise] = ends.map((end) => (typeof end.at(-1) === "string" ? end.at(-1) : end));
        expect(whole).toEqual(bytewise);
      }),
      { numRuns: 5000 },
    );
  });
});
