/** Which endpoint a request target names. */
import { describe, expect, it } from "vitest";
import { parseChatUrl } from "../../../src/adapters/transports/chat-url.ts";

describe("parseChatUrl", () => {
  it.each(["", "/", "/chats", "/chat-room/info", "/CHAT", "*", "http://host/chat", "/%63hat"])(
    "%j is not below /chat",
    (target) => {
      expect(parseChatUrl(target)).toBeUndefined();
    },
  );

  it.each([
    ["/chat", "greeting"],
    ["/chat/", "greeting"],
    ["/chat?a/b", "greeting"],
    ["/chat/info?t=1/2", "info"],
    ["/chat/websocket", "websocket"],
    ["/chat/info/", "unknown"],
    ["/chat//", "unknown"],
    ["/chat/0/s", "unknown"],
    ["/chat/0/s/", "unknown"],
    ["/chat/0/s/toString", "unknown"],
    ["/chat/0/s/xhr/", "unknown"],
    ["/chat/%", "malformed"],
    ["/chat/0/%e0%a4/xhr", "malformed"],
  ])("%s is %s", (target, kind) => {
    expect(parseChatUrl(target)).toEqual({ kind });
  });

  it.each(["websocket", "xhr", "xhr_send", "xhr_streaming", "eventsource"])(
    "knows %s of a session",
    (endpoint) => {
      expect(parseChatUrl(`/chat/0/s/${endpoint}?t=1`)).toEqual({ kind: "session", session: "s", endpoint });
    },
  );

  it.each([
    ["s", "s"],
    ["a%20b", "a b"],
    ["%C3%A9", "é"],
    ["toString", "toString"],
    ["x".repeat(64), "x".repeat(64)],
  ])("session id %j is %j", (segment, session) => {
    expect(parseChatUrl(`/chat/server/${segment}/xhr`)).toMatchObject({ session });
  });

  it.each([
    "",
    ".",
    "..",
    "a.b",
    "%2e",
    "a%2Fb",
    "x".repeat(65),
    "undefined",
    "__proto__",
    "constructor",
    "prototype",
  ])("session id %j is none", (segment) => {
    expect(parseChatUrl(`/chat/server/${segment}/xhr`)).toEqual({ kind: "unknown" });
  });
});
