/** Rows 13 to 25: commands and header lines. */
import { accepted, connects, fatal } from "./row.ts";
import type { Rows } from "./row.ts";

const SUBSCRIBE = "SUBSCRIBE\nid:1\ndestination:/user/queue/events\n";

export const HEADERS: Rows = {
  13: {
    what: "a command that is none",
    frames: [
      fatal("FOO", "FOO\n\n^@", "UNKNOWN_COMMAND", 1002),
      fatal("a command line without end", "S".repeat(9000), "UNKNOWN_COMMAND", 1002),
    ],
  },
  14: {
    what: "a command in lower case",
    frames: [
      fatal("send", "send\ndestination:/chat/message\n\n{}^@", "UNKNOWN_COMMAND", 1002, {
        hint: "commands are upper case",
      }),
    ],
  },
  15: {
    what: "a command that only servers say",
    frames: ["MESSAGE", "RECEIPT", "CONNECTED", "ERROR"].map((command) =>
      fatal(command, `${command}\n\n^@`, "UNKNOWN_COMMAND", 1002, {
        hint: "only a server sends this command",
      }),
    ),
  },
  16: {
    what: "a header line without a colon",
    frames: [fatal("no colon", "SEND\ndestination\n\n^@", "BAD_HEADER", 1002, { hint: "header line 1" })],
  },
  17: {
    what: "a header without a name",
    frames: [fatal("no name", "SEND\n:value\n\n^@", "BAD_HEADER", 1002, { hint: "header line 1" })],
  },
  18: {
    what: "an escape that its version does not know",
    frames: [
      fatal("a tab", "SEND\ndestination:/a\\tb\n\n^@", "BAD_ESCAPE", 1002),
      fatal("an x", "SEND\ndestination:/a\\xb\n\n^@", "BAD_ESCAPE", 1002),
      fatal("a lone backslash at the end", "SEND\ndestination:/a\\\n\n^@", "BAD_ESCAPE", 1002),
      fatal("a CR in 1.1", "SEND\ndestination:/a\\rb\n\n^@", "BAD_ESCAPE", 1002, { version: "1.1" }),
      accepted(
        "any in 1.0, which has none",
        `${SUBSCRIBE}h:a\\tb\\\nreceipt:ok\n\n^@`,
        {},
        { version: "1.0" },
      ),
    ],
  },
  19: {
    what: "a carriage return inside a value",
    frames: [
      fatal("in 1.2", "SEND\ndestination:/a\rb\n\n^@", "BAD_HEADER", 1002),
      ...(["1.0", "1.1"] as const).map((version) =>
        accepted(`in ${version}`, `${SUBSCRIBE}h:a\rb\nreceipt:ok\n\n^@`, {}, { version }),
      ),
    ],
  },
  20: {
    what: "lines that end with CRLF",
    frames: [
      accepted("in 1.2", `${SUBSCRIBE}receipt:ok\n\n^@`.replaceAll("\n", "\r\n")),
      connects("before the version is known", "CONNECT\r\naccept-version:1.2\r\n\r\n^@", { version: "1.2" }),
    ],
    tests: [["conformance/frame-grammar.test.ts", "#2 every line may end with CRLF"]],
  },
  21: {
    what: "a header that comes twice",
    frames: [
      accepted(
        "the first counts",
        "SUBSCRIBE\nid:1\nid:2\ndestination:/user/queue/events\ndestination:/topic/x\nreceipt:ok\nreceipt:no\n\n^@",
      ),
    ],
    absent: "no metric counts repeated headers",
  },
  22: {
    what: "more headers than a frame may have",
    frames: [
      fatal("33 headers", `SEND\n${"h:v\n".repeat(33)}\n^@`, "TOO_MANY_HEADERS", 1008, { hint: "32" }),
      accepted("32 headers", `${SUBSCRIBE}receipt:ok\n${"h:v\n".repeat(29)}\n^@`),
    ],
  },
  23: {
    what: "a header line that is too long",
    frames: [
      fatal("2,049 octets", `SEND\nh:${"x".repeat(2047)}\n\n^@`, "HEADER_TOO_LONG", 1008, { hint: "2048" }),
      accepted("2,048 octets", `${SUBSCRIBE}receipt:ok\nh:${"x".repeat(2046)}\n\n^@`),
    ],
  },
  24: {
    what: "headers that are too large together",
    frames: [
      fatal("9 KiB", `SEND\n${`h:${"x".repeat(1500)}\n`.repeat(6)}\n^@`, "HEADERS_TOO_LARGE", 1008, {
        hint: "8192",
      }),
    ],
  },
  25: {
    what: "headers without end",
    frames: [
      fatal("25,000 in one piece", `SEND\n${"h:v\n".repeat(25_000)}`, "TOO_MANY_HEADERS", 1008),
      fatal("one by one", ["SEND\n", ...Array<string>(40).fill("h:v\n")], "TOO_MANY_HEADERS", 1008),
    ],
    tests: [["conformance/frame-grammar.test.ts", "#11 repeated headers are bounded by count and by octets"]],
  },
};
