/** Rows 114 to 133: what the API and the pages may be asked. */
import type { RequestCase, Rows } from "./row.ts";

const JSON_TYPE = { "content-type": "application/json" };
const AS_ADMIN = { authorization: "Bearer ADMIN" };
const AS_GUEST = { authorization: "Bearer GUEST" };
const NOT_FOUND = { status: 404, code: "NOT_FOUND" };
const FORBIDDEN = { status: 403, code: "FORBIDDEN" };
const AUTH_FAILED = { status: 401, code: "AUTH_FAILED" };
const AUTH_REQUIRED = { status: 401, code: "AUTH_REQUIRED" };
const NO_JSON = { status: 415, code: "UNSUPPORTED_CONTENT_TYPE" };

type Answer = Pick<RequestCase, "status" | "code" | "field" | "hint">;
const get = (
  path: string,
  answer: Answer,
  headers: Readonly<Record<string, string>> = {},
  name = path,
): RequestCase => ({ name, path, headers, ...answer });
const badRequest = (code: string, field?: string): Answer => ({
  status: 400,
  code,
  ...(field === undefined ? {} : { field }),
});
const login = (name: string, body: unknown, answer: Answer): RequestCase => ({
  name,
  path: "/api/sessions",
  method: "POST",
  headers: JSON_TYPE,
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...answer,
});
const badQuery = (path: string): RequestCase => get(path, badRequest("BAD_QUERY"), AS_ADMIN);

export const API: Rows = {
  114: {
    what: "a method that a path has not",
    requests: [
      { name: "PUT", path: "/api/sessions", method: "PUT", status: 405, code: "METHOD_NOT_ALLOWED" },
      { name: "GET on xhr", path: "/chat/000/abcdefgh/xhr", status: 405, code: "METHOD_NOT_ALLOWED" },
    ],
    tests: [["integration/transports/sockjs-guard.test.ts", "%s %s: 405 with Allow: %s"]],
  },
  115: {
    what: "what another site's form can send",
    requests: [
      { ...login("text/plain", "{}", NO_JSON), headers: { "content-type": "text/plain" } },
      {
        ...login("a form", "login=x", NO_JSON),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      { ...login("multipart", "x", NO_JSON), headers: { "content-type": "multipart/form-data; boundary=x" } },
    ],
  },
  116: {
    what: "too long a body",
    requests: [
      login(
        "70,000 octets",
        { login: "x".repeat(70_000) },
        { status: 413, code: "PAYLOAD_TOO_LARGE", hint: "at most 6144 octets" },
      ),
    ],
  },
  117: {
    what: "a compressed body",
    requests: ["gzip", "br"].map((coding) => ({
      ...login(coding, "{}", NO_JSON),
      headers: { ...JSON_TYPE, "content-encoding": coding },
    })),
  },
  118: {
    what: "two lengths of one body",
    octets: [
      {
        name: "Content-Length and chunks",
        octets:
          "POST /api/guests HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        status: 400,
      },
    ],
  },
  119: {
    what: "a login that is wrong",
    requests: [
      login("a wrong passcode", { login: "canary", passcode: "wrong passcode" }, AUTH_FAILED),
      login("an unknown login", { login: "nobody", passcode: "wrong passcode" }, AUTH_FAILED),
    ],
    tests: [["unit/auth/passcodes.test.ts", "is that of a wrong passcode, too, where the login is unknown"]],
  },
  120: {
    what: "a sixth login in a quarter of an hour",
    tests: [
      [
        "integration/bad-input/http.test.ts",
        "the sixth failed login in a quarter of an hour is 429 with Retry-After, the right passcode included",
      ],
    ],
  },
  121: {
    what: "a login that is no text",
    requests: [
      login("an object as passcode", { login: "anna", passcode: {} }, badRequest("BAD_TYPE", "passcode")),
      login("an array as login", { login: ["anna"], passcode: "x" }, badRequest("BAD_TYPE", "login")),
      login("no passcode", { login: "anna" }, badRequest("MISSING_FIELD", "passcode")),
      login("a role", { login: "anna", passcode: "x", role: "admin" }, badRequest("UNKNOWN_FIELD", "role")),
      login("__proto__", '{"__proto__":{},"login":"anna","passcode":"x"}', badRequest("FORBIDDEN_KEY")),
      login("no JSON", "{", badRequest("BAD_JSON")),
      login("nothing", "", badRequest("EMPTY_BODY")),
    ],
  },
  122: {
    what: "a passcode without end",
    requests: [
      login("257 letters", { login: "anna", passcode: "x".repeat(257) }, badRequest("BAD_VALUE", "passcode")),
    ],
  },
  123: {
    what: "a token in the URL",
    requests: ["/api/conversations?token=cc_s_x", "/chat/info?token=cc_s_x", "/?access_token=x"].map((path) =>
      get(path, badRequest("TOKEN_IN_URL")),
    ),
  },
  124: {
    what: "a request without a token, or with one that is none",
    requests: [
      get("/api/conversations", AUTH_REQUIRED),
      get("/api/conversations", AUTH_FAILED, { authorization: "Bearer cc_s_x" }, "a made-up one"),
      get("/api/conversations", AUTH_FAILED, { authorization: "Basic YTpi" }, "Basic"),
      {
        ...login("a site's token that is none", { jwt: "a.b.c" }, AUTH_FAILED),
        path: "/api/identify",
      },
    ],
    tests: [["integration/identity.test.ts", "refuses a token with %s"]],
  },
  125: {
    what: "what is somebody else's",
    requests: [
      get("/api/conversations/THEIRS", NOT_FOUND, AS_GUEST),
      get("/api/conversations/THEIRS/messages", NOT_FOUND, AS_GUEST),
      get(`/api/conversations/${"x".repeat(22)}`, NOT_FOUND, AS_GUEST, "what nobody has"),
      get(`/api/conversations/${"x".repeat(22)}/notes`, NOT_FOUND, AS_ADMIN, "notes of what nobody has"),
      get("/api/conversations/THEIRS/notes", FORBIDDEN, AS_GUEST),
      get("/api/customers", FORBIDDEN, AS_GUEST),
      get("/api/search?text=a", FORBIDDEN, AS_GUEST),
      get("/api/canned-responses", FORBIDDEN, AS_GUEST),
      get(`/api/conversations?customer=${"x".repeat(22)}`, FORBIDDEN, AS_GUEST, "a customer's conversations"),
    ],
  },
  126: {
    what: "a query that is none",
    requests: [
      ...["-1", "0", "abc", "1e9", "201", "", "1&limit=2", "1.5", "%00"].map((limit) =>
        badQuery(`/api/conversations?limit=${limit}`),
      ),
      ...["limit[]=1", "sort=x", "state=open", "__proto__=x"].map((query) =>
        badQuery(`/api/conversations?${query}`),
      ),
      badQuery("/api/conversations/THEIRS/notes?before=2&after=1"),
      ...[
        "",
        "?text=",
        `?text=${"x".repeat(201)}`,
        "?text=a&text=b",
        "?text=a&before=%21",
        "?text=a&sort=x",
      ].map((query) => badQuery(`/api/search${query}`)),
    ],
  },
  127: {
    what: "a cursor that is none",
    requests: [
      badQuery("/api/conversations?before=%27"),
      badQuery("/api/conversations/THEIRS/messages?before=x"),
    ],
  },
  128: {
    what: "X-Forwarded-For from a peer that is not trusted",
    tests: [
      [
        "unit/http/client-address.test.ts",
        "each peer that is not believed is told of, and none that is, or that sends no X-Forwarded-For",
      ],
      ["unit/http/client-address.test.ts", "TRUST_PROXY=%s, peer %s%s: %s"],
    ],
  },
  129: {
    what: "a Host of somebody else's",
    octets: [
      {
        name: "a line feed in it",
        octets: "GET /healthz HTTP/1.1\r\nHost: a\nb\r\n\r\n",
        status: 400,
      },
      { name: "none", octets: "GET /healthz HTTP/1.1\r\n\r\n", status: 400 },
      { name: "another", octets: "GET /healthz HTTP/1.1\r\nHost: evil.example:99\r\n\r\n", status: 200 },
    ],
    tests: [["unit/http/origins.test.ts", "are allowed, whatever the Host"]],
  },
  130: {
    what: "a path that leads out of its folder",
    requests: [
      ...["/%2e%2e/etc/passwd", "/widget/..%2f", "/assets/..%2f..%2fpackage.json"].map((path) =>
        get(path, NOT_FOUND),
      ),
      get("/api/conversations/..%2f", NOT_FOUND, AS_ADMIN),
      get("/api/nothing", NOT_FOUND),
    ],
  },
  131: { what: "a bad upload", absent: "there are no attachments" },
  132: { what: "a webhook to a forbidden address", absent: "there are no webhooks" },
  133: {
    what: "/metrics without an admin's token",
    requests: [
      ...["x-forwarded-for", "x-real-ip", "via", "forwarded"].map((name) =>
        get("/metrics", AUTH_REQUIRED, { [name]: "1.2.3.4" }, `with ${name}`),
      ),
      get("/metrics", AUTH_FAILED, { "x-forwarded-for": "1.2.3.4", ...AS_GUEST }, "as a guest"),
    ],
    tests: [["integration/bad-input/http.test.ts", "/healthz, /readyz and /metrics answer"]],
  },
};
