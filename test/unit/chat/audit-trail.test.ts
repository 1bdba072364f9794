/** What changes nothing in the store is written down too, and cannot flood the log. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryStore } from "../../../src/adapters/stores/memory-store.ts";
import { AuditTrail, WINDOW_MS } from "../../../src/chat/audit-trail.ts";
import { networkOf } from "../../../src/broker/network.ts";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { AuditEntry } from "../../../src/chat/audit-trail.ts";
import type { AuditLine } from "../../../src/chat/audit.ts";
import type { ChatStore } from "../../../src/chat/store.ts";

async function linesOf(store: ChatStore): Promise<readonly AuditLine[]> {
  await settled();
  return (await store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 5000 })).lines;
}

describe("the trail", () => {
  const failed = (address: string): AuditEntry => ({
    actor: "unknown",
    action: "sign-in",
    address,
    outcome: "AUTH_FAILED",
  });
  let store: ChatStore;
  let trail: AuditTrail;
  let now = 1000;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    now = 1000;
    store = createMemoryStore();
    trail = new AuditTrail(store, () => now);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("writes the first at once, and counts the same again until the window ends", async () => {
    for (const address of ["a", "a", "b", "a"]) {
      trail.record(failed(address));
      now += 1;
    }
    const first = await linesOf(store);
    expect(first.map(({ address, at, times }) => [address, at, times])).toEqual([
      ["a", 1000, undefined],
      ["b", 1002, undefined],
    ]);
    vi.advanceTimersByTime(WINDOW_MS);
    expect((await linesOf(store)).slice(2)).toEqual([{ at: 1003, ...failed("a"), times: 2 }]);
    trail.record(failed("a"));
    expect((await linesOf(store)).at(-1)).toEqual({ at: now, ...failed("a") });
  });

  it("has room in a window for 100 refusals of different kinds; the rest share a line, and nobody else's is lost", async () => {
    for (let index = 0; index < 1000; index += 1) trail.record(failed(`address ${index}`));
    trail.record({ actor: "an admin", action: "search", outcome: "done" });
    const lines = await linesOf(store);
    expect(lines).toHaveLength(102);
    const shared = { actor: "unknown", action: "sign-in", detail: "by many", outcome: "AUTH_FAILED" };
    expect(lines[100]).toMatchObject(shared);
    expect(lines[101]).toMatchObject({ actor: "an admin" });
    vi.advanceTimersByTime(WINDOW_MS);
    expect((await linesOf(store)).slice(102)).toEqual([{ at: now, ...shared, times: 899 }]);
  });

  it("writes what it counted when it is closed", async () => {
    for (const _time of [1, 2, 3]) trail.record(failed("a"));
    trail.close();
    expect((await linesOf(store)).at(-1)).toMatchObject({ times: 2 });
  });
});

describe("in a chat", () => {
  let chat: TestChat;
  beforeEach(() => {
    chat = new TestChat();
  });
  afterEach(() => {
    chat.close();
  });
  const told = async (): Promise<unknown[]> =>
    (await linesOf(chat.store))
      .filter(({ action }) => action !== "add-agent")
      .map(({ actor, action, object, detail, outcome }) => [actor, action, object ?? detail, outcome]);

  it("what the rules forbid leaves a line, with the destination where a rule names it", async () => {
    const guest = await chat.connect(chat.guest());
    await guest.send("/chat/claim", { conversation: "x" });
    await guest.subscribe("s", "/chat/topic/support");
    await guest.subscribe("t", `/user/${"v".repeat(22)}/queue/messages`);
    await guest.send("/chat/message", { userFrom: "somebody", userTo: "support", message: "hello" });
    await guest.send("/chat/nothing", {});
    expect(await told()).toEqual([
      [guest.id, "forbidden", "SEND /chat/claim", "FORBIDDEN"],
      [guest.id, "forbidden", "SUBSCRIBE /chat/topic/support", "FORBIDDEN_DESTINATION"],
      [guest.id, "forbidden", "SUBSCRIBE", "FORBIDDEN_DESTINATION"],
      [guest.id, "forbidden", "SEND /chat/message", "FORBIDDEN_SENDER"],
    ]);
  });

  it("an admin who reads what others wrote leaves a line; an agent and a supervisor do not", async () => {
    const guest = await chat.connect(chat.guest());
    const conversation = (await guest.say("support", "hello"))?.headers.get("conversation") ?? "";
    for (const role of ["agent", "supervisor", "admin"] as const) {
      const reader = await chat.connect(await chat.agent(role));
      await reader.send("/chat/history", { conversation });
      const lines = await told();
      expect(lines, role).toEqual(
        role === "admin" ? [[reader.principal.name, "read-history", conversation, "done"]] : [],
      );
    }
  });
});

describe("a network", () => {
  it.each([
    ["203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:db8::6", "2001:db8:0::/48"],
    ["::1", "0:0:0::/48"],
    ["fe80::1%eth0", "fe80:0:0::/48"],
    ["64:ff9b::203.0.113.9", "64:ff9b:0::/48"],
    ["pipe", "pipe"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address, { four: 24, six: 48 })).toBe(network);
  });

  it("may be the whole address", () => {
    expect(networkOf("203.0.113.77", { four: 32, six: 64 })).toBe("203.0.113.77/32");
    expect(networkOf("2001:db8:1:2:3::", { four: 32, six: 64 })).toBe("2001:db8:1:2::/64");
  });
});
