/** Rows 71 to 99: ChatMessages. */
import { accepted, refused } from "./row.ts";
import type { RefusalCode } from "../../../../src/chat/errors.ts";
import type { FrameCase, Rows } from "./row.ts";

const SEND = "SEND\ndestination:/chat/message\n";
const frame = (body: string): string => `${SEND}\n${body}^@`;
/** A whole ChatMessage with these members instead, or besides. */
const whole = (members: object = {}): string =>
  JSON.stringify({ userFrom: "ME", userTo: "support", message: "x", ...members });
const without = (member: string): string => whole({ [member]: undefined });
const nested = (depth: number): string => whole().replace('"x"', "[".repeat(depth) + "]".repeat(depth));

function bad(name: string, body: string, code: RefusalCode, field?: string): FrameCase {
  return refused(name, frame(body), code, field === undefined ? {} : { field });
}

function stored(name: string, message: string): FrameCase {
  const body = whole({ message });
  return accepted(name, `${SEND}receipt:ok\n\n${body}^@`, {}, { stores: true });
}

const HIDDEN = "\u200b\u200d\ufeff\u2060";

export const MESSAGE: Rows = {
  71: {
    what: "no body",
    frames: [bad("nothing", "", "EMPTY_BODY"), bad("white space", " \n\t", "EMPTY_BODY")],
  },
  72: {
    what: "a body that is no JSON",
    frames: [
      bad("text", "hello", "BAD_JSON"),
      bad("cut short", '{"userFrom":"x"', "BAD_JSON"),
      bad("a comma at the end", '{"userFrom":"x",}', "BAD_JSON"),
      bad("two documents", "{}{}", "BAD_JSON"),
      bad("NaN", '{"message":NaN}', "BAD_JSON"),
      bad("a comment", '{/**/"message":"x"}', "BAD_JSON"),
    ],
  },
  73: {
    what: "JSON that is no object",
    frames: ["[]", '"x"', "1", "true", "null"].map((body) => bad(body, body, "BAD_TYPE", "$")),
  },
  74: {
    what: "no message, or one that is no text",
    frames: [
      bad("none", without("message"), "MISSING_FIELD", "message"),
      ...[null, 1, true, {}, []].map((message) =>
        bad(JSON.stringify(message), whole({ message }), "BAD_TYPE", "message"),
      ),
    ],
  },
  75: {
    what: "a message with nothing to see",
    frames: [
      bad("nothing", whole({ message: "" }), "EMPTY_MESSAGE", "message"),
      bad("white space", whole({ message: " \n\t " }), "EMPTY_MESSAGE", "message"),
      bad("characters of no width", whole({ message: HIDDEN }), "EMPTY_MESSAGE", "message"),
    ],
  },
  76: {
    what: "a message at its limit, and beyond",
    frames: [
      stored("4,000 letters", "x".repeat(4000)),
      stored("4,000 code points of four octets", "😀".repeat(4000)),
      bad("4,001 letters", whole({ message: "x".repeat(4001) }), "MESSAGE_TOO_LONG", "message"),
      bad("4,001 code points", whole({ message: "😀".repeat(4001) }), "MESSAGE_TOO_LONG", "message"),
    ],
  },
  77: {
    what: "a message of odd characters",
    frames: [
      stored("mark-up and quotes", "<script>alert(1)</script> & \"quotes\" 'single' \\ / **bold**"),
      stored("right to left, and twins", "\u202eright to left\u202c, e\u0301 and \u00e9"),
      stored("a thousand marks on one letter", `a${"\u0300".repeat(1000)}`),
      stored("tab and line feed", "tab\tand\nline"),
    ],
    tests: [["integration/bad-input/chat-messages.test.ts", "a text is stored and delivered as it was sent"]],
  },
  78: {
    what: "control characters",
    frames: [
      bad("NUL", whole({ message: "a\u0000b" }), "BAD_CHARACTER", "message"),
      bad("escape", whole({ message: "a\u001bb" }), "BAD_CHARACTER", "message"),
      bad("carriage return", whole({ message: "a\rb" }), "BAD_CHARACTER", "message"),
      bad("NUL in userTo", whole({ userTo: "a\u0000b" }), "BAD_USER_ID", "userTo"),
    ],
  },
  79: {
    what: "half a surrogate pair in an escape",
    frames: [bad("\\ud800", whole().replace('"x"', '"a\\ud800b"'), "BAD_CHARACTER", "message")],
  },
  80: {
    what: "no userTo",
    frames: [
      bad("of a guest", without("userTo"), "MISSING_FIELD", "userTo"),
      {
        ...bad("of an agent", without("userTo"), "MISSING_FIELD", "userTo"),
        as: "agent",
        over: ["WebSocket"],
      },
    ],
  },
  81: {
    what: "a receiver whom a guest does not know",
    frames: [
      bad("22 letters", whole({ userTo: "u".repeat(22) }), "FORBIDDEN_RECEIVER"),
      bad("a short name", whole({ userTo: "bob" }), "FORBIDDEN_RECEIVER"),
      bad("support in upper case", whole({ userTo: "SUPPORT" }), "FORBIDDEN_RECEIVER"),
      bad("an agent who never wrote", whole({ userTo: "AGENT" }), "FORBIDDEN_RECEIVER"),
    ],
  },
  82: {
    what: "a receiver whom an agent does not know",
    frames: [
      {
        ...bad("22 letters", whole({ userTo: "u".repeat(22) }), "UNKNOWN_USER"),
        as: "agent",
        over: ["WebSocket"],
      },
    ],
  },
  83: {
    what: "oneself as receiver",
    frames: [
      bad("of a guest", whole({ userTo: "ME" }), "FORBIDDEN_RECEIVER"),
      {
        ...bad("of an agent", whole({ userTo: "ME" }), "FORBIDDEN_RECEIVER"),
        as: "agent",
        over: ["WebSocket"],
      },
    ],
  },
  84: {
    what: "another guest as receiver",
    frames: [bad("who is connected", whole({ userTo: "STRANGER" }), "FORBIDDEN_RECEIVER")],
  },
  85: {
    what: "a receiver that is no id",
    frames: [
      bad("an array", whole({ userTo: ["support"] }), "BAD_TYPE", "userTo"),
      bad("an operator", whole({ userTo: { $ne: 1 } }), "BAD_TYPE", "userTo"),
      bad("a path", whole({ userTo: "../x" }), "BAD_USER_ID", "userTo"),
      bad("65 letters", whole({ userTo: "x".repeat(65) }), "BAD_USER_ID", "userTo"),
      bad("another alphabet", whole({ userTo: "ж".repeat(22) }), "BAD_USER_ID", "userTo"),
    ],
  },
  86: {
    what: "a sender who is somebody else",
    frames: [
      bad("another guest", whole({ userFrom: "STRANGER" }), "FORBIDDEN_SENDER", "userFrom"),
      bad("a space behind", whole({ userFrom: "ME " }), "FORBIDDEN_SENDER", "userFrom"),
      bad("a short name", whole({ userFrom: "bob" }), "FORBIDDEN_SENDER", "userFrom"),
      bad("support", whole({ userFrom: "support" }), "FORBIDDEN_SENDER", "userFrom"),
      bad("nobody", without("userFrom"), "MISSING_FIELD", "userFrom"),
    ],
    tests: [
      [
        "unit/chat/audit-trail.test.ts",
        "what the rules forbid leaves a line, with the destination where a rule names it",
      ],
    ],
  },
  87: {
    what: "a member that there is not",
    frames: [bad("priority", whole({ priority: 1 }), "UNKNOWN_FIELD", "priority")],
  },
  88: {
    what: "a member twice",
    frames: [
      bad("userTo", whole().replace("{", '{"userTo":"support",'), "DUPLICATE_KEY", "userTo"),
      bad("userTo, once escaped", whole().replace("}", ',"user\\u0054o":"x"}'), "DUPLICATE_KEY", "userTo"),
    ],
  },
  89: {
    what: "members that reach for prototypes",
    frames: [
      bad("__proto__", whole().replace("}", ',"__proto__":{}}'), "FORBIDDEN_KEY", "__proto__"),
      bad("constructor", whole({ constructor: 1 }), "FORBIDDEN_KEY", "constructor"),
      bad("prototype, inside", whole({ more: { prototype: 1 } }), "FORBIDDEN_KEY", "prototype"),
    ],
  },
  90: {
    what: "JSON that is nested too deeply",
    frames: [
      bad("eight levels are looked at", nested(7), "BAD_TYPE", "message"),
      refused("nine", frame(nested(8)), "TOO_DEEP", { hint: "at most 8" }),
      bad("20,000", nested(20_000), "TOO_DEEP"),
    ],
  },
  91: { what: "attributes of a customer, too many or too long", absent: "customers have no attributes" },
  92: { what: "odd numbers in attributes of a customer", absent: "customers have no attributes" },
  93: {
    what: "a clientId again with the same text",
    frames: [
      accepted(
        "twice at once",
        `${SEND}\n${whole({ clientId: "again" })}^@${SEND}receipt:ok\n\n${whole({ clientId: "again" })}^@`,
        { seq: "1" },
        { stores: true },
      ),
    ],
  },
  94: {
    what: "a clientId again with another text",
    tests: [
      [
        "unit/chat/conversation.test.ts",
        "answers a repeated clientId with the first RECEIPT and stores nothing",
      ],
    ],
  },
  95: {
    what: "a clientId that is none",
    frames: [
      bad("a space", whole({ clientId: "a b" }), "BAD_CLIENT_ID", "clientId"),
      bad("nothing", whole({ clientId: "" }), "BAD_CLIENT_ID", "clientId"),
      bad("65 letters", whole({ clientId: "x".repeat(65) }), "BAD_CLIENT_ID", "clientId"),
      bad("a number", whole({ clientId: 5 }), "BAD_TYPE", "clientId"),
    ],
  },
  96: {
    what: "members that the server alone writes",
    frames: Object.entries({
      id: "x",
      conversation: "x",
      seq: 1,
      sentAt: "x",
      timestamp: 1,
      role: "admin",
    }).map(([member, value]) => bad(member, whole({ [member]: value }), "UNKNOWN_FIELD", member)),
  },
  97: {
    what: "a message to a closed conversation",
    tests: [
      [
        "contract/conversation-contract.ts",
        "reopens within a day as waiting for a customer, as active for an agent; later a new one begins",
      ],
    ],
  },
  98: {
    what: "a sender who is blocked",
    tests: [
      [
        "integration/block.test.ts",
        "ends all sessions of the blocked one within a second, and refuses every new one until the unblocking",
      ],
    ],
  },
  99: { what: "an attachment of another conversation", absent: "there are no attachments" },
};
