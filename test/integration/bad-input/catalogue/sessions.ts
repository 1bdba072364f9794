/** Rows 57 to 70: transactions, receipts, heart-beats, ends, and what is too much. */
import { accepted, connects, fatal, fatalFirst, refused } from "./row.ts";
import type { Rows } from "./row.ts";

const SEND = "SEND\ndestination:/chat/message\n";
const begin = (id: string): string => `BEGIN\ntransaction:${id}\n\n^@`;

export const SESSIONS: Rows = {
  57: {
    what: "a transaction begun twice",
    frames: [
      fatal("the same id", begin("t") + begin("t"), "TRANSACTION_EXISTS", 1002),
      fatal("no id", "BEGIN\n\n^@", "MISSING_TRANSACTION", 1002),
    ],
  },
  58: {
    what: "a transaction that is not open",
    frames: [
      fatal("COMMIT", "COMMIT\ntransaction:t\n\n^@", "UNKNOWN_TRANSACTION", 1002),
      fatal("ABORT", "ABORT\ntransaction:t\n\n^@", "UNKNOWN_TRANSACTION", 1002),
      fatal("SEND", `${SEND}transaction:t\n\n{}^@`, "UNKNOWN_TRANSACTION", 1002),
    ],
  },
  59: {
    what: "too many transactions, too much in one, or one that stays open",
    frames: [
      fatal("a fifth", ["a", "b", "c", "d", "e"].map(begin).join(""), "TRANSACTION_LIMIT", 1008, {
        hint: "4",
      }),
      fatal(
        "a 33rd frame",
        begin("t") +
          `${SEND}transaction:t\n\n{"userFrom":"ME","userTo":"support","message":"x"}^@`.repeat(33),
        "TRANSACTION_LIMIT",
        1008,
        { hint: "32" },
      ),
      fatal("left open", begin("t"), "TRANSACTION_LIMIT", 1008, { hint: "at most 400 ms" }),
    ],
  },
  60: {
    what: "a receipt that is too long",
    frames: [
      fatal("300 octets", `${SEND}receipt:${"r".repeat(300)}\n\n{}^@`, "BAD_RECEIPT", 1002, { hint: "128" }),
    ],
  },
  61: {
    what: "a heart-beat that is none",
    frames: ["abc", "-1,0", "1", "1,2,3", "99999999999,0", "3600001,0"].map((value) =>
      fatalFirst(
        value,
        `CONNECT\naccept-version:1.2\nheart-beat:${value}\n\n^@`,
        "BAD_HEARTBEAT",
        1002,
        "3600000",
      ),
    ),
  },
  62: {
    what: "a heart-beat that is very short",
    frames: [
      connects("1,1", "CONNECT\naccept-version:1.2\nheart-beat:1,1\n\n^@", { "heart-beat": "10000,10000" }),
    ],
    tests: [
      [
        "conformance/heart-beating.test.ts",
        "#38 what is agreed is the greater of the two wishes, each direction by itself",
      ],
    ],
  },
  63: {
    what: "silence beyond the agreed heart-beat",
    tests: [
      ["conformance/heart-beating.test.ts", "#41 a dead peer gets no ERROR, and its session ends once"],
    ],
  },
  64: {
    what: "frames after DISCONNECT",
    frames: [accepted("what is no frame", "DISCONNECT\nreceipt:ok\n\n^@FOO\n\n^@")],
  },
  65: {
    what: "many more messages than the rate",
    tests: [
      [
        "integration/bad-input/rates.test.ts",
        "a guest who floods is refused with rate and time, then disconnected, and nobody else notices",
      ],
      ["unit/chat/rates.test.ts", "of a guest: five at once, then one a second"],
      ["unit/broker/session-rates.test.ts", "and does not wait as long as it was told is disconnected too"],
    ],
  },
  66: {
    what: "HTTP inside the socket",
    frames: [fatal("GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "UNKNOWN_COMMAND", 1002)],
  },
  67: {
    what: "names of Object.prototype as headers",
    frames: [
      accepted(
        "__proto__, constructor, toString",
        "SUBSCRIBE\nid:1\n__proto__:x\nconstructor:y\ntoString:z\ndestination:/user/queue/events\nreceipt:ok\n\n^@",
      ),
    ],
  },
  68: {
    what: "a ChatMessage that says it is XML",
    frames: [
      refused("application/xml", `${SEND}content-type:application/xml\n\n{}^@`, "UNSUPPORTED_CONTENT_TYPE"),
    ],
  },
  69: {
    what: "a ChatMessage in another charset",
    frames: [
      refused(
        "utf-16",
        `${SEND}content-type:application/json;charset=utf-16\n\n{}^@`,
        "UNSUPPORTED_CONTENT_TYPE",
      ),
    ],
  },
  70: {
    what: "a defect of the server, and a store that does not answer",
    tests: [
      ["integration/embedding/broken-store.test.ts", "in REST and on STOMP"],
      [
        "integration/stores/sqlite.test.ts",
        "refuses with RETRY_LATER while another holds the file, and recovers",
      ],
      ["unit/broker/session-end.test.ts", "for a defect of ours is INTERNAL, and logged with what was wrong"],
    ],
  },
};
