/** Points about WebSocket (2K), SockJS (2L) and the product (2M). */
import { ALL, NONE } from "./section.ts";
import type { Section } from "./section.ts";

export const WEBSOCKET = {
  title: "WebSocket",
  tests: "transports/websocket.test.ts",
  points: {
    89: {
      level: "M*",
      versions: NONE,
      heading: "RFC 6455, subprotocols",
      requirement:
        "`v12.stomp`, `v11.stomp` and `v10.stomp` are known; one of those offered is answered; none offered: none is answered, and it goes on.",
      choice: "Only unknown ones: accepted, and none is answered.",
    },
    90: {
      level: "B",
      versions: ALL,
      heading: "common practice",
      requirement:
        "The highest offered is answered, not the first; where it and `accept-version` disagree, `accept-version` rules.",
    },
    91: {
      level: "M*",
      versions: ALL,
      heading: "common practice",
      requirement:
        "Frames leave as text, those that are not valid UTF-8 as binary; a client that itself sends binary is answered in binary.",
    },
    92: {
      level: "M*",
      versions: NONE,
      heading: "none",
      requirement:
        "A body that is not valid UTF-8 cannot be carried to a SockJS session: something must be chosen.",
      choice: "It goes in base64, with `content-encoding:base64` behind the sender's own, if there is one.",
    },
    93: {
      level: "M*",
      versions: ALL,
      heading: "common practice",
      requirement: "Frames that a client cuts into messages of 8 or 16 KiB are put together.",
    },
    94: {
      level: "M*",
      versions: NONE,
      heading: "RFC 6455, close codes; RFC 6454",
      requirement:
        "The Origin is checked against a list of the operator's, and the close code says what kind of end it was.",
      deviation:
        "There is no authentication at the handshake: credentials travel in CONNECT alone, never in a URL or cookie.",
    },
    95: {
      level: "B",
      versions: NONE,
      heading: "RFC 7692",
      requirement: "Compression is off, so that nothing is inflated.",
    },
  },
} as const satisfies Section;

export const SOCKJS = {
  title: "SockJS",
  tests: "transports/sockjs.test.ts",
  points: {
    96: {
      level: "M*",
      versions: NONE,
      heading: "sockjs-protocol, info and greeting",
      requirement:
        "`/chat/info` says websocket, origins, entropy and that no cookie is needed, uncacheable, with CORS headers for our list only; the base URL greets; there is no iframe page.",
    },
    97: {
      level: "M*",
      versions: NONE,
      heading: "sockjs-protocol, framing",
      requirement:
        "The frames `o`, `h`, `a[...]` and `c[...]` on websocket, xhr-streaming, xhr and eventsource.",
      choice: "jsonp and htmlfile are off (404).",
    },
    98: {
      level: "M*",
      versions: ALL,
      heading: "sockjs-protocol, framing",
      requirement:
        "One STOMP octet stream per session: several messages in one `a[...]`, a frame cut over messages, NUL as `\\u0000`.",
    },
    99: {
      level: "M*",
      versions: NONE,
      heading: "sockjs-protocol, JSON encoding",
      requirement:
        "Surrogates and unsafe code points leave escaped; broken JSON closes a WebSocket and is answered 500 on xhr_send.",
    },
    100: {
      level: "M*",
      versions: NONE,
      heading: "sockjs-protocol, sessions",
      requirement:
        "Nothing is lost or reordered when a response is full; a second receiver is told `c[2010,...]`; a session without receiver ends after 5 s.",
    },
    101: {
      level: "B",
      versions: ALL,
      heading: "sockjs-protocol, raw endpoint",
      requirement: "`/chat/websocket` serves any STOMP client.",
    },
    102: {
      level: "B",
      versions: NONE,
      heading: "sockjs-protocol, sessions",
      requirement: "A client that stops polling is found by STOMP's heart-beat or by the delay of point 100.",
    },
  },
} as const satisfies Section;

export const PRODUCT = {
  title: "The product's contract",
  tests: "product.test.ts",
  points: {
    103: {
      level: "M*",
      versions: ALL,
      heading: "A ChatMessage",
      requirement:
        "A ChatMessage to `/chat/message` is validated, stored and delivered to every session of its receiver; `userFrom` is the sender, or it is refused.",
    },
    104: {
      level: "M*",
      versions: ALL,
      heading: "The mailbox",
      requirement:
        "`/user/queue/<name>` is the caller's own; any other spelling, another user's queue and any pattern are refused.",
    },
    105: {
      level: "M*",
      versions: ALL,
      heading: "The mailbox",
      requirement: "MESSAGE shows the name that was subscribed, never a resolved one.",
    },
    106: {
      level: "M*",
      versions: ALL,
      heading: "The support topic",
      requirement:
        "`/chat/topic/support` tells of each session's connect and disconnect once, after CONNECTED; staff alone subscribe, nobody may SEND.",
    },
  },
} as const satisfies Section;
