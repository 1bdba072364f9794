/** The desk: a snapshot, then every event in its turn; a missing one is noticed. */
import { beforeEach, describe, expect, it } from "vitest";
import { Desk } from "../../../../src/web/client/desk.ts";
import type { ConversationState, ConversationSummary, PublicPrincipal } from "../../../../src/chat/wire.ts";

const EARLIER = "2026-05-01T09:30:00.000Z";
const AT = "2026-05-01T10:00:00.000Z";
const LATER = "2026-05-01T10:05:00.000Z";

const guest = (id: string): PublicPrincipal => ({ id, kind: "guest" });
const anna: PublicPrincipal = { id: "anna", kind: "agent", name: "Anna" };

function conversation(id: string, state: ConversationState): ConversationSummary {
  const assignee = state === "active" ? anna : null;
  return { id, state, customer: guest(`g-${id}`), assignee, lastSeq: 1, version: 1 };
}

let desk: Desk;
let count: number;

/** The next event of the stream. */
function take(type: string, data: unknown, at = AT): boolean {
  count += 1;
  return desk.take({ type, at, data, rev: `s-${count}` });
}

function snapshot(data: object = {}, at = AT): boolean {
  const counts = { online: 0, waiting: 0, active: 0 };
  return take("snapshot", { counts, online: [], agents: [], waiting: [], more: false, ...data }, at);
}

beforeEach(() => {
  desk = new Desk();
  count = 0;
});

describe("the snapshot", () => {
  it("replaces what was known", () => {
    snapshot({
      counts: { online: 1, waiting: 1, active: 2 },
      online: [{ user: guest("a"), sessions: 2 }],
      agents: [{ user: anna, sessions: 1, status: "away" }],
      waiting: [{ conversation: conversation("c1", "waiting"), preview: "hello", waitingSince: EARLIER }],
    });
    expect(desk.counts).toEqual({ online: 1, waiting: 1, active: 2 });
    expect(desk.waiting.get("c1")).toMatchObject({ preview: "hello", since: Date.parse(EARLIER) });
    expect(desk.agents.get("anna")).toEqual({ user: anna, sessions: 1, status: "away" });
    snapshot();
    expect([desk.online.size, desk.agents.size, desk.waiting.size, desk.counts.active]).toEqual([0, 0, 0, 0]);
  });
});

describe("an event", () => {
  it("that is not the next one is refused, and changes nothing", () => {
    snapshot();
    count += 1;
    expect(take("customer.connected", { user: guest("a"), sessions: 1 })).toBe(false);
    expect(desk.online.size).toBe(0);
  });

  it("of another start of the server is refused", () => {
    snapshot();
    const event = { type: "customer.connected", at: AT, data: { user: guest("a"), sessions: 1 }, rev: "t-2" };
    expect(desk.take(event)).toBe(false);
  });

  it("before any snapshot is refused", () => {
    expect(take("customer.connected", { user: guest("a"), sessions: 1 })).toBe(false);
  });
});

describe("presence", () => {
  it("counts people, not their sessions", () => {
    snapshot();
    take("customer.connected", { user: guest("a"), sessions: 1 });
    take("customer.connected", { user: guest("a"), sessions: 2 });
    take("customer.connected", { user: guest("b"), sessions: 1 });
    expect(desk.counts.online).toBe(2);
    expect(desk.online.get("a")?.sessions).toBe(2);
    take("customer.disconnected", { user: guest("a"), sessions: 0 });
    expect([...desk.online.keys()]).toEqual(["b"]);
    expect(desk.counts.online).toBe(1);
  });

  it("goes on counting where there are more than the rows shown", () => {
    const online = [{ user: guest("a"), sessions: 1 }];
    snapshot({ counts: { online: 300, waiting: 0, active: 0 }, online, more: true });
    take("customer.connected", { user: guest("b"), sessions: 1 });
    expect(desk.counts.online).toBe(301);
    take("customer.disconnected", { user: guest("unknown"), sessions: 0 });
    expect(desk.counts.online).toBe(300);
  });

  it("is thin when most of the rows shown are gone and there are more", () => {
    const online = ["a", "b", "c", "d"].map((id) => ({ user: guest(id), sessions: 1 }));
    snapshot({ counts: { online: 6, waiting: 0, active: 0 }, online, more: true });
    const thin = ["a", "b", "c"].map((id) => {
      take("customer.disconnected", { user: guest(id), sessions: 0 });
      return desk.isThin;
    });
    expect(thin).toEqual([false, false, true]);
    snapshot({ counts: { online: 3, waiting: 0, active: 0 }, online: online.slice(1) });
    for (const id of ["b", "c", "d"]) take("customer.disconnected", { user: guest(id), sessions: 0 });
    expect([desk.online.size, desk.isThin]).toEqual([0, false]);
  });

  it("of agents is apart", () => {
    snapshot();
    take("agent.connected", { user: anna, sessions: 1 });
    expect([desk.agents.size, desk.online.size]).toEqual([1, 0]);
    take("agent.disconnected", { user: anna, sessions: 0 });
    expect(desk.agents.size).toBe(0);
  });

  it("of an agent keeps the status that was told, over a second session too", () => {
    snapshot({ agents: [{ user: anna, sessions: 1, status: "online" }] });
    take("agent.status", { user: anna, status: "away" });
    take("agent.connected", { user: anna, sessions: 2, status: "away" });
    take("agent.disconnected", { user: anna, sessions: 1 });
    expect(desk.agents.get("anna")).toEqual({ user: anna, sessions: 1, status: "away" });
  });

  it("of an agent who is not connected begins with the status of the connection", () => {
    snapshot();
    take("agent.status", { user: anna, status: "away" });
    expect(desk.agents.size).toBe(0);
    take("agent.connected", { user: anna, sessions: 1, status: "invisible" });
    expect(desk.agents.get("anna")?.status).toBe("invisible");
  });

  it("shows the page that was visited last and the newest browser, while it lasts", () => {
    const page = { url: "https://shop.example/tea", title: "Tea" };
    snapshot({ online: [{ user: guest("a"), sessions: 1, page, userAgent: "first" }] });
    take("customer.connected", { user: guest("a"), sessions: 2, userAgent: "second" });
    expect(desk.online.get("a")).toMatchObject({ page, userAgent: "second", sessions: 2 });
    take("customer.page", { user: guest("a"), page: { url: "https://shop.example/cart" } });
    take("customer.disconnected", { user: guest("a"), sessions: 1 });
    const shown = { page: { url: "https://shop.example/cart" }, userAgent: "second", sessions: 1 };
    expect(desk.online.get("a")).toEqual({ user: guest("a"), ...shown });
    take("customer.disconnected", { user: guest("a"), sessions: 0 });
    take("customer.page", { user: guest("a"), page });
    expect(desk.online.size).toBe(0);
  });

  it("of a guest ends when the guest is identified", () => {
    snapshot({ online: [{ user: guest("a"), sessions: 1 }] });
    take("customer.identified", { from: guest("a"), user: { id: "x", kind: "customer" } });
    expect(desk.online.has("a")).toBe(false);
  });
});

it("who is blocked is known from the event to the next snapshot", () => {
  snapshot();
  for (const type of ["customer.blocked", "customer.unblocked"]) {
    take(type, { user: guest("a"), by: anna });
    expect([...desk.blocks]).toEqual([["a", type === "customer.blocked"]]);
  }
  snapshot();
  expect(desk.blocks.size).toBe(0);
});

describe("conversations", () => {
  it("wait, are taken, come back and end, and the counts follow", () => {
    snapshot();
    const counts = (): number[] => [desk.counts.waiting, desk.counts.active];
    take("conversation.opened", { conversation: conversation("c1", "waiting"), preview: "hello" });
    expect(counts()).toEqual([1, 0]);
    take("conversation.assigned", { conversation: conversation("c1", "active") });
    expect(counts()).toEqual([0, 1]);
    expect(desk.waiting.size).toBe(0);
    take("conversation.requeued", { conversation: conversation("c1", "waiting") }, LATER);
    expect(counts()).toEqual([1, 0]);
    expect(desk.waiting.get("c1")?.since).toBe(Date.parse(LATER));
    take("conversation.closed", { conversation: conversation("c1", "closed") });
    expect(counts()).toEqual([0, 0]);
  });

  it("keep their preview and their wait while messages are added", () => {
    snapshot();
    take("conversation.opened", { conversation: conversation("c1", "waiting"), preview: "first" });
    take("conversation.updated", { conversation: conversation("c1", "waiting"), preview: "second" }, LATER);
    expect(desk.waiting.get("c1")).toMatchObject({ preview: "second", since: Date.parse(AT) });
    take("conversation.updated", { conversation: conversation("c1", "waiting") }, LATER);
    expect(desk.waiting.get("c1")?.preview).toBe("second");
    expect(desk.counts.waiting).toBe(1);
  });

  it("wait as long as the server says, however late it tells of them, and go on waiting when they are released", () => {
    snapshot({ counts: { online: 0, waiting: 201, active: 1 }, more: true });
    const waits = { preview: "still there?", waitingSince: EARLIER };
    take("conversation.updated", { conversation: conversation("c201", "waiting"), ...waits }, LATER);
    take("conversation.requeued", { conversation: conversation("c1", "waiting"), ...waits }, LATER);
    const since = [...desk.waiting.values()].map((row) => row.since);
    expect(since).toEqual([Date.parse(EARLIER), Date.parse(EARLIER)]);
  });

  it.each([
    ["opened", "waiting", {}, [11, 3]],
    ["reopened", "waiting", {}, [11, 3]],
    ["opened", "active", {}, [10, 4]],
    ["updated", "waiting", {}, [10, 3]],
    ["assigned", "active", {}, [9, 4]],
    ["assigned", "active", { reason: "transferred" }, [10, 3]],
    ["assigned", "active", { reason: "merged" }, [10, 3]],
    ["requeued", "waiting", { reason: "released" }, [11, 2]],
    ["requeued", "waiting", { reason: "merged" }, [10, 3]],
    ["closed", "closed", { isTaken: true }, [10, 2]],
    ["closed", "closed", { isTaken: false }, [9, 3]],
  ] as const)(
    "that no snapshot had room for are counted as what they were: %s, %s, %o",
    (type, state, more: { reason?: string; isTaken?: boolean }, [waiting, active]) => {
      snapshot({ counts: { online: 0, waiting: 10, active: 3 }, more: true });
      const { isTaken = state === "active", ...data } = more;
      const one = { ...conversation("old", state), assignee: isTaken ? anna : null };
      take(`conversation.${type}`, { conversation: one, ...data });
      expect(desk.counts).toEqual({ online: 0, waiting, active });
    },
  );

  it("never count below nothing", () => {
    snapshot();
    take("conversation.closed", { conversation: conversation("old", "closed") });
    expect(desk.counts).toEqual({ online: 0, waiting: 0, active: 0 });
  });
});

it("cleared, it waits for a snapshot", () => {
  snapshot({ online: [{ user: guest("a"), sessions: 1 }] });
  take("agent.connected", { user: anna, sessions: 1 });
  desk.clear();
  expect([desk.online.size, desk.agents.size]).toEqual([0, 0]);
  expect(take("customer.connected", { user: guest("b"), sessions: 1 })).toBe(false);
});
