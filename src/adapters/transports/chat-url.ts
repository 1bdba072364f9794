/** Which endpoint below /chat a request line names, by SockJS's own rules and ours for session ids. */

/** The SockJS transports that end in a session, as their URLs call them. */
export type SessionEndpoint = "websocket" | "xhr" | "xhr_send" | "xhr_streaming" | "eventsource";

export type ChatUrl =
  | { readonly kind: "greeting" | "info" | "websocket" }
  | { readonly kind: "session"; readonly session: string; readonly endpoint: SessionEndpoint }
  /** Below /chat, but nothing of ours: jsonp, htmlfile, iframe pages, ids that are none. */
  | { readonly kind: "unknown" }
  /** Broken percent-encoding. */
  | { readonly kind: "malformed" };

const MAX_SESSION_ID = 64;
const ENDPOINTS: ReadonlySet<string> = new Set([
  "websocket",
  "xhr",
  "xhr_send",
  "xhr_streaming",
  "eventsource",
]);
/** What a client sends that forgot to choose an id, or hopes to reach into an object. */
const FORBIDDEN_IDS: ReadonlySet<string> = new Set(["undefined", "__proto__", "constructor", "prototype"]);

/** Parses a request target; undefined when it is not below /chat. The query is ignored, the path is decoded once. */
export function parseChatUrl(target: string): ChatUrl | undefined {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  if (path !== "/chat" && !path.startsWith("/chat/")) return undefined;
  const segments = decodeSegments(path.slice("/chat/".length));
  if (segments === undefined) return { kind: "malformed" };
  const [first = "", session = "", endpoint = ""] = segments;
  if (segments.length === 1) {
    if (first === "") return { kind: "greeting" };
    if (first === "info" || first === "websocket") return { kind: first };
  }
  if (segments.length !== 3 || !isSegment(first) || !isSessionId(session) || !isEndpoint(endpoint)) {
    return { kind: "unknown" };
  }
  return { kind: "session", session, endpoint };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** sockjs-protocol, invalid paths: no dots, not empty. A slash got here percent-encoded. */
function isSegment(segment: string): boolean {
  return segment !== "" && !/[./]/.test(segment);
}

function isSessionId(id: string): boolean {
  return isSegment(id) && id.length <= MAX_SESSION_ID && !FORBIDDEN_IDS.has(id);
}

function isEndpoint(name: string): name is SessionEndpoint {
  return ENDPOINTS.has(name);
}
