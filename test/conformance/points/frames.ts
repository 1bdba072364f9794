/** Points about frames: their grammar (2A) and their escaping (2B). */
import { ALL, FROM_1_1 } from "./section.ts";
import type { Section } from "./section.ts";

export const FRAME_GRAMMAR = {
  title: "Frame grammar",
  tests: "frame-grammar.test.ts",
  points: {
    1: {
      level: "M",
      versions: ALL,
      heading: "STOMP Frames; Augmented BNF",
      requirement: "A frame is command line, header lines, blank line, body and NUL; it may have no header.",
    },
    2: {
      level: "M",
      versions: ["1.2"],
      heading: "Augmented BNF",
      requirement:
        "A line ends with LF or CRLF. Before 1.2 with LF alone, and a CR is data; before the version is known CRLF is accepted.",
    },
    3: {
      level: "B",
      versions: ["1.2"],
      heading: "Augmented BNF",
      requirement: "A CR without LF behind it is a protocol error.",
    },
    4: {
      level: "M",
      versions: ALL,
      heading: "Augmented BNF",
      requirement: "Any number of EOLs before the first frame and between frames is skipped.",
    },
    5: {
      level: "B",
      versions: ALL,
      heading: "Augmented BNF",
      requirement: "Stray NULs between frames are tolerated.",
    },
    6: {
      level: "M",
      versions: ALL,
      heading: "STOMP Frames",
      requirement: "Commands and header names are case sensitive.",
    },
    7: {
      level: "M",
      versions: ALL,
      heading: "Value Encoding",
      requirement: "Command and headers are UTF-8. Invalid UTF-8 there is told and ends the connection.",
    },
    8: {
      level: "M",
      versions: ALL,
      heading: "Augmented BNF",
      requirement:
        "The first colon splits name and value. The value may be empty; a line without colon or name is an error.",
    },
    9: {
      level: "Y/B",
      versions: ALL,
      heading: "Augmented BNF",
      requirement: "A colon inside a value is accepted without an escape.",
    },
    10: {
      level: "M",
      versions: FROM_1_1,
      heading: "Value Encoding",
      requirement: "Names and values are never trimmed or padded.",
      choice: "In 1.0, whose own examples are padded, spaces around both are dropped.",
    },
    11: {
      level: "S",
      versions: ALL,
      heading: "Repeated Header Entries",
      requirement: "Of repeated headers the first counts; the others cannot be used to grow memory.",
      choice: "Repeated lines count against `MAX_HEADERS` and `MAX_HEADER_BYTES` like all others.",
    },
    12: {
      level: "S",
      versions: ALL,
      heading: "Repeated Header Entries",
      requirement: "A `message-id`, `subscription` or `ack` on SEND never beats the server's own.",
    },
    13: {
      level: "M",
      versions: FROM_1_1,
      heading: "Body",
      requirement: "Of the client's frames only SEND may have a body; on any other it ends the connection.",
      choice: "In 1.0 the body of a SUBSCRIBE is ignored; of the other frames it is an error there too.",
    },
    14: {
      level: "M",
      versions: ALL,
      heading: "Header content-length",
      requirement:
        "With `content-length` exactly that many octets are read, NULs included, and a NUL must follow.",
    },
    15: {
      level: "M",
      versions: ALL,
      heading: "Header content-length",
      requirement: "Without it the first NUL ends the body.",
    },
    16: {
      level: "B",
      versions: ALL,
      heading: "Header content-length",
      requirement: "A length that is negative, no number or over the limit is told and ends the connection.",
    },
    17: {
      level: "M",
      versions: ALL,
      heading: "Header content-length",
      requirement: "It counts octets, not characters.",
    },
    18: {
      level: "M",
      versions: ALL,
      heading: "Header content-length",
      requirement: "It is on every MESSAGE and ERROR that has a body, also where the body holds NULs.",
    },
    19: {
      level: "S",
      versions: ALL,
      heading: "Header content-type",
      requirement:
        "MESSAGE and ERROR say their MIME type; that of a SEND to a general destination passes untouched.",
    },
    20: {
      level: "M",
      versions: ALL,
      heading: "STOMP Frames",
      requirement: "Frames are read the same however their octets are cut, several in one piece included.",
    },
    21: {
      level: "M",
      versions: ALL,
      heading: "STOMP Frames",
      requirement: "Text and binary WebSocket messages are one octet stream: a frame may lie in one of each.",
    },
  },
} as const satisfies Section;

export const ESCAPING = {
  title: "Escaping",
  tests: "escaping.test.ts",
  points: {
    22: {
      level: "M",
      versions: FROM_1_1,
      heading: "Value Encoding",
      requirement:
        "1.2 decodes `\\r`, `\\n`, `\\c` and `\\\\`, 1.1 the same without `\\r`; any other escape ends the connection.",
    },
    23: {
      level: "M",
      versions: ["1.0"],
      heading: "none",
      requirement: "Nothing is escaped in 1.0.",
    },
    24: {
      level: "M",
      versions: ALL,
      heading: "Value Encoding",
      requirement: "CONNECT, the same frame under the name STOMP, and CONNECTED are never escaped.",
    },
    25: {
      level: "M",
      versions: ALL,
      heading: "Value Encoding",
      requirement: "Each receiver gets a message in the encoding of its own version, never a broken frame.",
      choice:
        "What a version cannot write becomes spaces in a value (a CR in 1.1; CR and LF in 1.0); such a name is left out.",
    },
    26: {
      level: "M",
      versions: FROM_1_1,
      heading: "Value Encoding",
      requirement: "Names are escaped like values.",
    },
  },
} as const satisfies Section;
