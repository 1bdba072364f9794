/** Points about a session: CONNECT (2C), heart-beats (2D), receipts (2E) and its end (2J). */
import { ALL, FROM_1_1 } from "./section.ts";
import type { Section } from "./section.ts";

export const CONNECT = {
  title: "CONNECT and negotiation",
  tests: "connect.test.ts",
  points: {
    27: {
      level: "M",
      versions: ALL,
      heading: "CONNECT or STOMP Frame",
      requirement: "The first frame is CONNECT, or STOMP, which is the same; any other ends the connection.",
    },
    28: {
      level: "M",
      versions: ALL,
      heading: "Protocol Negotiation",
      requirement:
        "The highest version in common is chosen, in whatever order they are listed; no `accept-version` means 1.0.",
      choice: "Spaces between the versions are tolerated.",
    },
    29: {
      level: "M",
      versions: ["1.2"],
      heading: "Protocol Negotiation",
      requirement:
        "No version in common: ERROR with a `version` header that lists ours and a body, then close.",
    },
    30: {
      level: "M",
      versions: ALL,
      heading: "CONNECTED Frame",
      requirement: "CONNECTED says the `version`.",
      choice: "In 1.0 too; and always `session`, `server` and `heart-beat`.",
    },
    31: {
      level: "M",
      versions: FROM_1_1,
      heading: "CONNECT or STOMP Frame",
      requirement: "`host` is the client's duty; a CONNECT without it is accepted.",
      choice: "Its value is not looked at: there is one virtual host, whatever it is called.",
    },
    32: {
      level: "B",
      versions: ALL,
      heading: "Connecting",
      requirement: "A second CONNECT ends the connection.",
    },
    33: {
      level: "S",
      versions: ALL,
      heading: "Connecting",
      requirement:
        "A login that is not valid is told, then the connection closes; an unknown login and a wrong passcode read the same.",
    },
    34: {
      level: "B",
      versions: ALL,
      heading: "Header receipt",
      requirement: "A `receipt` on CONNECT is ignored.",
    },
    35: {
      level: "B",
      versions: ALL,
      heading: "Size Limits",
      requirement: "There is a deadline for the CONNECT, and one for the answer to it.",
      choice: "Both are `CONNECT_TIMEOUT_MS`; a login that takes longer is told `RETRY_LATER`.",
    },
    36: {
      level: "B",
      versions: ALL,
      heading: "CONNECTED Frame",
      requirement: "CONNECTED carries `user-name`, which clients made for Spring read.",
    },
  },
} as const satisfies Section;

export const HEART_BEATING = {
  title: "Heart-beating",
  tests: "heart-beating.test.ts",
  points: {
    37: {
      level: "M",
      versions: FROM_1_1,
      heading: "Heart-beating",
      requirement: "`heart-beat` is two counts of milliseconds; missing means 0,0; a malformed one is told.",
      choice: "Above 3,600,000 it counts as malformed.",
    },
    38: {
      level: "M",
      versions: FROM_1_1,
      heading: "Heart-beating",
      requirement:
        "In each direction: none if one side says 0, else the greater of what one can and the other wants. CONNECTED states our pair.",
    },
    39: {
      level: "M",
      versions: FROM_1_1,
      heading: "Heart-beating",
      requirement: "The sender sends at least an EOL in each interval; any octet counts as life.",
      choice: "A pong of WebSocket, which only a living peer sends, counts as life too.",
    },
    40: {
      level: "Y",
      versions: FROM_1_1,
      heading: "Heart-beating",
      requirement: "A peer that is silent for longer may be taken for dead, with a margin.",
      choice: "After 2.5 agreed intervals; a browser's session after 75 s if that is more.",
    },
    41: {
      level: "B",
      versions: ALL,
      heading: "Heart-beating",
      requirement: "A dead peer gets no ERROR: the connection closes, and the session ends exactly once.",
    },
    42: {
      level: "B",
      versions: ALL,
      heading: "Heart-beating",
      requirement:
        "A long frame that comes slowly counts as life, and output that waits does not make the peer look dead.",
    },
    43: {
      level: "B",
      versions: ALL,
      heading: "Heart-beating",
      requirement: "Both directions at once.",
    },
    44: {
      level: "B",
      versions: ALL,
      heading: "Heart-beating",
      requirement: "Where STOMP heart-beats are agreed, SockJS sends none of its own.",
      choice: "On WebSocket. The transports over HTTP keep theirs: it also ends a poll that waited in vain.",
    },
    45: {
      level: "B",
      versions: ALL,
      heading: "Heart-beating",
      requirement: "There is a floor on how fast the server will send.",
      choice: "It is our own wish, `HEARTBEAT_MS`: what is agreed is never faster.",
    },
  },
} as const satisfies Section;

export const RECEIPT = {
  title: "RECEIPT",
  tests: "receipt.test.ts",
  points: {
    46: {
      level: "M",
      versions: ALL,
      heading: "Header receipt; RECEIPT",
      requirement: "Every frame of a client but CONNECT gets its RECEIPT once it is processed.",
    },
    47: {
      level: "M",
      versions: ALL,
      heading: "RECEIPT",
      requirement:
        "Never before the effect: SUBSCRIBE's when every message reaches it, SEND's after the durable commit; and in the order of the frames.",
    },
    48: {
      level: "M",
      versions: ALL,
      heading: "ERROR",
      requirement: "A frame that fails gets no RECEIPT; what it gets carries `receipt-id`.",
    },
    49: {
      level: "M",
      versions: ALL,
      heading: "BEGIN; RECEIPT",
      requirement:
        "In a transaction the RECEIPT of SEND, ACK and NACK says that the frame was accepted into it.",
    },
    50: {
      level: "S",
      versions: ALL,
      heading: "RECEIPT",
      requirement: "Frames received before the end of a connection are still processed.",
      choice: "After a FIN they are answered too; behind the Close of a WebSocket nothing can be written.",
    },
    51: {
      level: "M",
      versions: FROM_1_1,
      heading: "Header receipt",
      requirement: "The value may be any text and is escaped like any header.",
      choice: "At most 128 octets, without CR, which a RECEIPT of 1.1 cannot write, and NUL.",
    },
  },
} as const satisfies Section;

export const DISCONNECT = {
  title: "DISCONNECT, ERROR, close",
  tests: "disconnect.test.ts",
  points: {
    82: {
      level: "M",
      versions: ALL,
      heading: "DISCONNECT",
      requirement: "With a receipt: RECEIPT, then close. Without one: close, and no ERROR.",
    },
    83: {
      level: "B",
      versions: ALL,
      heading: "DISCONNECT",
      requirement: "Frames behind a DISCONNECT are ignored.",
    },
    84: {
      level: "Y/M",
      versions: ALL,
      heading: "ERROR",
      requirement: "ERROR may be sent for anything wrong; the connection always closes behind it.",
    },
    85: {
      level: "S",
      versions: ALL,
      heading: "ERROR",
      requirement:
        "ERROR has a short `message`, `receipt-id` where there was one, `content-type` and `content-length`, the detail in the body, and nothing of the server's inside.",
    },
    86: {
      level: "S/B",
      versions: ALL,
      heading: "Connection Lingering",
      requirement:
        "ERROR and RECEIPT are flushed before the close, a peer that does not answer it is cut off after some seconds, and rapid connects and disconnects leave nothing behind.",
      choice: "5 s.",
    },
    87: {
      level: "Y",
      versions: ALL,
      heading: "ERROR",
      requirement: "An unknown command ends the connection.",
    },
    88: {
      level: "Y/S",
      versions: ALL,
      heading: "Size Limits",
      requirement:
        "Bounds on the command, the count and length of headers, the body, and all there is before login: beyond them ERROR and close.",
      choice: "Before login a whole frame may have `MAX_HEADER_BYTES`; a command line has at most 32 octets.",
    },
  },
} as const satisfies Section;
