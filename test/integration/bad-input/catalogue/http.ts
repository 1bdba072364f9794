/** Rows 100 to 113: origins, upgrades, and what SockJS's URLs may be asked. */
import type { OctetsCase, RequestCase, Rows } from "./row.ts";

const EVIL = { origin: "https://evil.example" };
const NO_ORIGIN = { status: 403, code: "ORIGIN_NOT_ALLOWED" };
const NOT_FOUND = { status: 404, code: "NOT_FOUND" };

/** An upgrade with these lines besides. */
function upgrade(path: string, lines: readonly string[], method = "GET"): string {
  const head = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"];
  return [...head, ...lines, "", ""].join("\r\n");
}
const VERSION_13 = "Sec-WebSocket-Version: 13";
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const GOOD = [KEY, VERSION_13];

const upgraded = (name: string, status: number, octets: string): OctetsCase => ({ name, status, octets });
const session = (name: string, id: string, server = "000"): RequestCase => ({
  name,
  path: `/chat/${server}/${id}/xhr`,
  method: "POST",
  ...NOT_FOUND,
});

export const HTTP: Rows = {
  100: {
    what: "SockJS from a page of another site",
    requests: ["/chat/info", "/chat", "/chat/000/abcdefgh/eventsource"].map((path) => ({
      name: path,
      path,
      headers: EVIL,
      ...NO_ORIGIN,
    })),
    tests: [["integration/transports/sockjs-guard.test.ts", "answers preflights"]],
  },
  101: {
    what: "an upgrade from a page of another site",
    octets: [
      upgraded("a foreign origin", 403, upgrade("/chat", [...GOOD, "Origin: https://evil.example"])),
      upgraded("the origin null", 403, upgrade("/chat/websocket", [...GOOD, "Origin: null"])),
      upgraded(
        "an allowed origin with more behind it",
        403,
        upgrade("/chat", [...GOOD, "Origin: https://shop.example.com.evil.tld"]),
      ),
      upgraded(
        "an allowed origin over http",
        403,
        upgrade("/chat", [...GOOD, "Origin: http://shop.example.com"]),
      ),
      upgraded("an allowed origin", 101, upgrade("/chat", [...GOOD, "Origin: https://shop.example.com"])),
    ],
    requests: [
      {
        name: "the API, from a foreign origin",
        path: "/api/guests",
        method: "POST",
        headers: EVIL,
        ...NO_ORIGIN,
      },
      {
        name: "the API, from the origin null",
        path: "/api/guests",
        method: "POST",
        headers: { origin: "null" },
        ...NO_ORIGIN,
      },
    ],
  },
  102: {
    what: "no origin, as programs come",
    octets: [upgraded("an upgrade", 101, upgrade("/chat/websocket", GOOD))],
    tests: [["interop/foreign-clients.test.ts", "gets what it sends to a topic, with a RECEIPT"]],
  },
  103: {
    what: "an upgrade on a path that is none",
    octets: [
      upgraded("/nowhere", 404, upgrade("/nowhere", GOOD)),
      upgraded("/", 404, upgrade("/", GOOD)),
      upgraded("a session without server", 404, upgrade("/chat/abcdefgh/websocket/x/y", GOOD)),
    ],
  },
  104: {
    what: "an upgrade that is none",
    octets: [
      upgraded("no key", 400, upgrade("/chat", [VERSION_13])),
      upgraded("a short key", 400, upgrade("/chat", ["Sec-WebSocket-Key: x", VERSION_13])),
      upgraded("version 12", 426, upgrade("/chat", [KEY, "Sec-WebSocket-Version: 12"])),
      upgraded(
        "version 8, which sends its origin elsewhere",
        426,
        upgrade("/chat", [KEY, "Sec-WebSocket-Version: 8"]),
      ),
      upgraded("by POST", 400, upgrade("/chat", GOOD, "POST")),
      upgraded("to h2c", 200, upgrade("/healthz", []).replace("websocket", "h2c, HTTP2-Settings")),
    ],
  },
  105: {
    what: "too many or too large headers of a request",
    octets: [
      upgraded("17 KiB", 431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(17_000)}\r\n\r\n`),
      upgraded("2,000", 431, `GET / HTTP/1.1\r\nHost: x\r\n${"X: y1234567\r\n".repeat(2000)}\r\n`),
    ],
  },
  106: {
    what: "xhr_send to a session that is none",
    requests: [
      {
        name: "an unknown id",
        path: "/chat/000/abcdefgh/xhr_send",
        method: "POST",
        body: "[]",
        ...NOT_FOUND,
      },
    ],
    tests: [
      ["integration/bad-input/rates.test.ts", "the twenty-first xhr_send to a session that is none is 429"],
    ],
  },
  107: {
    what: "xhr_send with too long a body",
    octets: [
      upgraded(
        "declared",
        413,
        "POST /chat/000/abcdefgh/xhr_send HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
      ),
    ],
    tests: [
      [
        "integration/transports/sockjs-guard.test.ts",
        "a declared length beyond the cap is refused without reading on",
      ],
      ["integration/transports/sockjs-guard.test.ts", "a chunked body is refused as soon as it is too long"],
    ],
  },
  108: {
    what: "xhr_send with no messages in it",
    tests: [
      ["integration/transports/sockjs-guard.test.ts", "%j: %i %s, and the session lives"],
      ["integration/transports/sockjs-guard.test.ts", "%s never reaches the parser: %s"],
    ],
  },
  109: {
    what: "two receivers on one SockJS session",
    tests: [
      [
        "integration/transports/sockjs-http-session.test.ts",
        "a second one is told to go, and the first keeps the session",
      ],
    ],
  },
  110: {
    what: "a SockJS session id that is none",
    requests: [
      session("two dots", "%2e%2e"),
      session("a dot", "a.b"),
      session("nothing", ""),
      session("65 letters", "x".repeat(65)),
      session("undefined", "undefined"),
      session("__proto__", "__proto__"),
      session("constructor", "constructor"),
    ],
  },
  111: {
    what: "a server segment with a dot",
    requests: [session("0.1", "abcdefgh", "0.1")],
  },
  112: {
    what: "transports of SockJS that are off",
    requests: ["/chat/000/abcdefgh/jsonp?c=x", "/chat/000/abcdefgh/htmlfile?c=x", "/chat/iframe.html"].map(
      (path) => ({ name: path, path, ...NOT_FOUND }),
    ),
  },
  113: {
    what: "broken percent-encoding",
    requests: ["/%zz", "/chat/%zz", "/chat/000/%ff/xhr", "/api/%"].map((path) => ({
      name: path,
      path,
      status: 400,
      code: "BAD_PATH",
    })),
  },
};
