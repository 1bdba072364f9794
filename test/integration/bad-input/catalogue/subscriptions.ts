/** Rows 41 to 56: destinations, subscriptions and ACKs. */
import { accepted, fatal, refused } from "./row.ts";
import type { FrameCase, Rows } from "./row.ts";

const subscribe = (destination: string, headers = "", id = "1"): string =>
  `SUBSCRIBE\nid:${id}\ndestination:${destination}\n${headers}\n^@`;
const send = (destination: string): string => `SEND\ndestination:${destination}\n\n{}^@`;
const sent = (destination: string, code: "UNKNOWN_DESTINATION" | "FORBIDDEN_DESTINATION"): FrameCase =>
  refused(`SEND to ${destination}`, send(destination), code);
const forbidden = (destination: string): FrameCase =>
  refused(`SUBSCRIBE ${destination}`, subscribe(destination), "FORBIDDEN_DESTINATION");
const malformed = (name: string, destination: string): FrameCase =>
  refused(name, subscribe(destination), "BAD_DESTINATION");
const ERRORS = "/user/queue/errors";

export const SUBSCRIPTIONS: Rows = {
  41: {
    what: "a SEND to nowhere",
    frames: [
      fatal("no destination", "SEND\n\n{}^@", "MISSING_DESTINATION", 1002),
      fatal("a blank one", "SEND\ndestination: \n\n{}^@", "MISSING_DESTINATION", 1002),
      fatal("an empty one", "SEND\ndestination:\n\n{}^@", "MISSING_DESTINATION", 1002),
    ],
  },
  42: {
    what: "a SEND to a destination that does not exist",
    frames: [sent("/nowhere", "UNKNOWN_DESTINATION"), sent("/chat/nothing", "UNKNOWN_DESTINATION")],
  },
  43: {
    what: "a SEND past the checks, to what the server alone publishes on",
    frames: [
      ...[
        "/chat/topic/support",
        "/user/queue/messages",
        "/user/STRANGER/queue/messages",
        "/topic/x",
        "/queue/x",
      ].map((destination) => sent(destination, "FORBIDDEN_DESTINATION")),
    ],
    tests: [
      [
        "unit/broker/session-rates.test.ts",
        "on what is forbidden is disconnected with the eleventh in a minute, and told when to come back",
      ],
      [
        "unit/chat/audit-trail.test.ts",
        "what the rules forbid leaves a line, with the destination where a rule names it",
      ],
    ],
  },
  44: {
    what: "a SUBSCRIBE without id",
    frames: [
      ...(["1.1", "1.2"] as const).map((version) =>
        fatal(`in ${version}`, `SUBSCRIBE\ndestination:${ERRORS}\n\n^@`, "MISSING_ID", 1002, { version }),
      ),
      accepted(
        "in 1.0, where it is legal",
        "SUBSCRIBE\ndestination:/user/queue/events\nreceipt:ok\n\n^@",
        {},
        { version: "1.0" },
      ),
    ],
  },
  45: {
    what: "a SUBSCRIBE with an id in use",
    frames: [
      fatal(
        "on the same destination",
        subscribe("/user/queue/events") + subscribe("/user/queue/events"),
        "DUPLICATE_SUBSCRIPTION_ID",
        1002,
      ),
      fatal(
        "on another",
        subscribe("/user/queue/events") + subscribe("/user/queue/messages"),
        "DUPLICATE_SUBSCRIPTION_ID",
        1002,
      ),
    ],
  },
  46: {
    what: "a SUBSCRIBE whose id is too long or no line of text",
    frames: [
      fatal("65 octets", subscribe(ERRORS, "", "x".repeat(65)), "BAD_ID", 1002, { hint: "64" }),
      fatal("a line feed", subscribe(ERRORS, "", "a\\nb"), "BAD_ID", 1002),
      fatal("nothing", subscribe(ERRORS, "", ""), "BAD_ID", 1002),
      accepted("64 octets", subscribe("/user/queue/events", "receipt:ok\n", "x".repeat(64))),
    ],
  },
  47: {
    what: "a SUBSCRIBE to another user's queue",
    frames: [
      ...[
        "/user/STRANGER/queue/messages",
        "/user/bob/queue/messages",
        "/user/queue/messages-userSTRANGER",
        "/user/%2e%2e/queue",
        "/queue/messages-userSTRANGER",
        "/chat/topic/support",
      ].map(forbidden),
      refused("upper case", subscribe("/USER/QUEUE/MESSAGES"), "UNKNOWN_DESTINATION"),
    ],
    tests: [
      [
        "conformance/product.test.ts",
        "#104 any other spelling, another user's queue and patterns are refused",
      ],
    ],
  },
  48: {
    what: "a SUBSCRIBE with wild cards, dots, or what is no destination",
    frames: [
      ...["*", ">", "#", "**"].map((wild) => forbidden(`/user/${wild}/queue/messages`)),
      malformed("two dots", "/user/../bob"),
      malformed("one dot", "/user/./queue/messages"),
      malformed("two slashes", "/user//queue/messages"),
      malformed("a slash at the end", "/user/queue/messages/"),
      malformed("beyond ASCII", "/user/queue/m\u00e9"),
      malformed("full-width slashes", "\uff0fuser\uff0fqueue\uff0fmessages"),
      malformed("a space", "/user/queue/messages "),
      refused("256 octets", subscribe(`/${"x".repeat(255)}`), "BAD_DESTINATION", { hint: "255" }),
      refused("255 octets", subscribe(`/${"x".repeat(254)}`), "UNKNOWN_DESTINATION"),
    ],
  },
  49: {
    what: "one subscription too many",
    frames: [
      refused(
        "the one beyond 32",
        Array.from({ length: 32 }, (_, index) => subscribe("/user/queue/events", "", `s${index}`)).join(""),
        "TOO_MANY_SUBSCRIPTIONS",
        { hint: "32", isListening: true },
      ),
    ],
  },
  50: {
    what: "an ack mode that is none",
    frames: [fatal("ack:foo", subscribe(ERRORS, "ack:foo\n"), "BAD_ACK_MODE", 1002)],
  },
  51: {
    what: "a selector",
    frames: [
      refused("selector:1=1", subscribe("/user/queue/messages", "selector:1=1\n"), "UNSUPPORTED_HEADER", {
        field: "selector",
      }),
      refused(
        "a mode the destination has not",
        subscribe("/user/queue/events", "ack:client\n"),
        "UNSUPPORTED",
      ),
    ],
  },
  52: {
    what: "a since that leads nowhere",
    frames: [
      refused("no position", subscribe("/user/queue/messages", "since:garbage\n"), "BAD_POSITION"),
      accepted("another epoch", subscribe("/user/queue/messages", "since:cafe-7\nreceipt:ok\n"), {
        recovered: "false",
      }),
      accepted("beyond the head", subscribe("/user/queue/messages", "since:EPOCH-999999\nreceipt:ok\n"), {
        recovered: "false",
      }),
    ],
  },
  53: {
    what: "an UNSUBSCRIBE of nothing",
    frames: [fatal("an unknown id", "UNSUBSCRIBE\nid:nope\n\n^@", "UNKNOWN_SUBSCRIPTION", 1002)],
  },
  54: {
    what: "an ACK or NACK of nothing, or of another session's delivery",
    frames: ["ACK", "NACK"].map((command) =>
      fatal(`${command} of an unknown id`, `${command}\nid:nope\n\n^@`, "UNKNOWN_ACK", 1002),
    ),
    tests: [
      ["conformance/ack.test.ts", "#71 what is settled, unknown or another connection's ends the connection"],
    ],
  },
  55: {
    what: "an ACK on a subscription without ACKs",
    tests: [["conformance/ack.test.ts", "#71 so does an ACK on an auto subscription"]],
  },
  56: {
    what: "more deliveries than may be un-ACKed",
    tests: [["conformance/ack.test.ts", "#74 on a topic un-ACKed messages count against the window alone"]],
  },
};
