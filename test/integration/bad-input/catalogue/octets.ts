/** Rows 26 to 40: lengths, bodies, pieces, and octets that are no text. */
import { accepted, BINARY, fatal, refused } from "./row.ts";
import type { Rows } from "./row.ts";

const SEND = "SEND\ndestination:/chat/message\n";
const GOOD = "SUBSCRIBE\nid:1\ndestination:/user/queue/events\nreceipt:ok\n\n\0";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

export const OCTETS: Rows = {
  26: {
    what: "a negative content-length",
    frames: [fatal("-1", `${SEND}content-length:-1\n\n{}^@`, "BAD_CONTENT_LENGTH", 1002)],
  },
  27: {
    what: "a content-length that is no count",
    frames: ["abc", "1e3", "0x10", "+5", " 5", "5 ", "5.0", "", "1".repeat(20)].map((value) =>
      fatal(JSON.stringify(value), `${SEND}content-length:${value}\n\n{}^@`, "BAD_CONTENT_LENGTH", 1002),
    ),
  },
  28: {
    what: "less body than counted, then silence",
    frames: [
      fatal("two of five octets", `${SEND}content-length:5\n\nab`, "FRAME_TIMEOUT", 1008, {
        hint: "within 400 ms",
      }),
    ],
  },
  29: {
    what: "more body than counted",
    frames: [fatal("three octets for one", `${SEND}content-length:1\n\nabc^@`, "MISSING_NUL", 1002)],
  },
  30: {
    what: "a NUL in a counted body",
    frames: [refused("inside a ChatMessage", `${SEND}content-length:3\n\n{^@}^@`, "BAD_JSON")],
  },
  31: {
    what: "a NUL in an uncounted body",
    frames: [
      fatal("the rest is the next frame", `${SEND}\n{}^@rest\n\n^@`, "UNKNOWN_COMMAND", 1002),
      fatal("a body where there may be none", "DISCONNECT\n\nbody^@", "UNEXPECTED_BODY", 1002),
    ],
  },
  32: {
    what: "a body over the limit",
    frames: [
      fatal("counted", `${SEND}content-length:65537\n\n`, "FRAME_TOO_LARGE", 1009, { hint: "65536" }),
      fatal("uncounted", `${SEND}\n${"x".repeat(65_537)}`, "FRAME_TOO_LARGE", 1009, { hint: "65536" }),
    ],
    tests: [
      ["integration/transports/websocket.test.ts", "takes a message of twice the largest frame"],
      [
        "integration/transports/websocket.test.ts",
        "closes with %i what breaks WebSocket's rules, and says closed once",
      ],
    ],
  },
  33: {
    what: "a body without end, in pieces",
    frames: [
      fatal(
        "five of 16 KiB",
        [`${SEND}\n`, ...Array<string>(5).fill("x".repeat(16_384))],
        "FRAME_TOO_LARGE",
        1009,
      ),
    ],
  },
  34: {
    what: "several frames in one message",
    frames: [
      accepted(
        "three, in order",
        "SUBSCRIBE\nid:a\ndestination:/user/queue/events\n\n^@UNSUBSCRIBE\nid:a\n\n^@SUBSCRIBE\nid:a\ndestination:/user/queue/events\nreceipt:ok\n\n^@",
      ),
    ],
  },
  35: {
    what: "one frame in many messages",
    frames: [accepted("octet by octet", [...GOOD])],
  },
  36: {
    what: "nothing but line ends",
    frames: [
      accepted("between frames, with NULs", `\n\r\n^@\n${GOOD}`),
      accepted("two hundred of them", `${"\n".repeat(200)}${GOOD}`),
    ],
    tests: [
      ["unit/broker/session-rates.test.ts", "of %s: more than %i octets at once wait, line ends count too"],
    ],
  },
  37: {
    what: "octets that are not UTF-8",
    frames: [
      fatal("in a header", [latin1("SEND\ndestination:/chat/\xff\n\n\0")], "BAD_UTF8", 1007, {
        over: BINARY,
      }),
      fatal("in the body of a ChatMessage", [latin1(`${SEND}\n{\xff}\0`)], "BAD_UTF8", 1007, {
        over: BINARY,
      }),
    ],
    tests: [
      [
        "integration/transports/websocket.test.ts",
        "closes with %i what breaks WebSocket's rules, and says closed once",
      ],
      ["integration/transports/sockjs-guard.test.ts", "%s never reaches the parser: %s"],
    ],
  },
  38: {
    what: "a byte order mark",
    frames: [
      fatal("before the command", "\ufeffSEND\n\n^@", "UNKNOWN_COMMAND", 1002, { hint: "byte order mark" }),
    ],
  },
  39: {
    what: "a good frame in a binary message",
    frames: [accepted("binary", [Buffer.from(GOOD)], {}, { over: BINARY })],
  },
  40: {
    what: "half a surrogate pair in a message of SockJS",
    tests: [
      ["integration/transports/sockjs-guard.test.ts", "%s never reaches the parser: %s"],
      ["integration/transports/websocket.test.ts", "%s fails the session with %s, which closes it"],
    ],
  },
};
