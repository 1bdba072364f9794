/** The connection check says in plain words what was found: one row for each case, and what they come to. */
import { describe, expect, it } from "vitest";
import { judgeAnswer, judgeClock, judgeOrigin, judgeSite } from "../../../../src/web/check/judge-server.ts";
import { judgeSockJs, judgeWebSocket } from "../../../../src/web/check/judge-transport.ts";
import { verdictOf } from "../../../../src/web/check/verdict.ts";
import type { ConnectionCheck } from "../../../../src/chat/wire.ts";
import type { Row } from "../../../../src/web/check/row.ts";

const HERE = "https://chat.example.com";
const CHECK: ConnectionCheck = {
  server: "customer-chat/0.1.0",
  time: "2026-11-26T12:00:00.000Z",
  address: "192.0.2.7",
  proxy: "trusted",
  scheme: "http",
  forwardedScheme: null,
  host: "127.0.0.1:3000",
  publicUrl: null,
  origin: { value: HERE, allowed: false },
  upgrade: null,
  guests: true,
  versions: ["1.2"],
  transports: ["websocket"],
};
const words = ({ outcome, said, todo = "" }: Row): string => `${outcome}: ${said} ${todo}`;

describe("who answers", () => {
  it("is nobody, a device that is offline, a server that cannot now, or something else", () => {
    expect(words(judgeAnswer({ kind: "silent" }, HERE, false))).toMatch(
      /Nothing answers at https.*ad blockers/,
    );
    expect(words(judgeAnswer({ kind: "silent" }, HERE, true))).toContain("This device is offline.");
    expect(words(judgeAnswer({ kind: "strange", status: 503 }, HERE, false))).toContain(
      "cannot serve now (status 503)",
    );
    expect(words(judgeAnswer({ kind: "strange", status: 200 }, HERE, false))).toMatch(
      /Something else answers.*Sign in/,
    );
    const answered = { kind: "answered", check: CHECK, took: 0, ahead: 0 } as const;
    expect(words(judgeAnswer(answered, HERE, false))).toBe(
      "well: It answers, in 1 ms. It sees you at 192.0.2.7. ",
    );
  });
});

describe("an address that is not allowed", () => {
  it.each<[string, Partial<ConnectionCheck>, string, string]>([
    [
      "PUBLIC_URL is another",
      { publicUrl: "https://other.example.com" },
      HERE,
      "knows itself as https://other.example.com",
    ],
    ["the proxy hides TLS", {}, HERE, "does not know of https"],
    ["the proxy changes Host", {}, "http://chat.example.com", "is asked as 127.0.0.1:3000"],
  ])("where %s", (_name, differing, here, said) => {
    const row = judgeOrigin({ ...CHECK, ...differing }, here);
    expect([row.outcome, row.said]).toEqual(["problem", expect.stringContaining(said)]);
    expect(row.todo).toContain(`=${here}`);
  });

  it("of a site that could not be asked about is told apart", () => {
    expect(words(judgeSite({ kind: "silent" }, "https://shop.example.com"))).toContain(
      "could not be asked about",
    );
  });
});

describe("a transport", () => {
  const silent = { ok: false, why: "silent" } as const;
  const known = { isForeign: false };

  it("that is answered works, also where the server says no", () => {
    const refused = { ok: true, took: 12, refusal: "AUTH_REQUIRED this chat admits no guests" } as const;
    expect(words(judgeWebSocket(refused, known))).toBe(
      "well: It works, in 12 ms. The server says: AUTH_REQUIRED this chat admits no guests ",
    );
  });

  it("that opens and is silent, and one that lost the answer, are told apart", () => {
    expect(words(judgeWebSocket(silent, { ...known, sighting: "passed" }))).toContain("nothing comes back");
    expect(words(judgeWebSocket({ ok: false, why: "closed" }, { ...known, sighting: "passed" }))).toContain(
      "was lost on the way",
    );
    expect(words(judgeSockJs("streaming", silent, known))).toMatch(/^note: .*holds the stream/);
    expect(words(judgeSockJs("polling", { ok: false, why: "not loaded" }, known))).toContain(
      "script could not be loaded",
    );
  });
});

it("a clock may differ by a minute, then it is told by how much", () => {
  expect([60_000, -60_000].map((ahead) => judgeClock(ahead).outcome)).toEqual(["well", "well"]);
  const said = [60_001, -3_600_000, 7_500_000, -172_800_000].map((ahead) => judgeClock(ahead).said);
  expect(said).toEqual([
    "Yours is 1 min ahead of the server's.",
    "Yours is 1 h 0 min behind the server's.",
    "Yours is 2 h 5 min ahead of the server's.",
    "Yours is 2 days behind the server's.",
  ]);
});

it("the verdict is about what the chat can use, and names the first problem", () => {
  const rows: readonly Row[] = [
    { name: "Proxy", outcome: "note", said: "" },
    { name: "Storage", outcome: "problem", said: "" },
    { name: "Clock", outcome: "problem", said: "" },
  ];
  expect(verdictOf([], { webSocket: true, sockJs: false })).toEqual({
    outcome: "well",
    said: "You can chat from here.",
  });
  expect(verdictOf(rows, { webSocket: true, sockJs: true })).toEqual({
    outcome: "note",
    said: "You can chat from here. Look at “Storage”.",
  });
  expect(verdictOf(rows, { webSocket: false, sockJs: true }).said).toContain("a little slower");
  expect(verdictOf(rows, { webSocket: false, sockJs: false })).toEqual({
    outcome: "problem",
    said: "You cannot chat from here. Begin with “Storage”.",
  });
});
