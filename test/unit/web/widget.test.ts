/** The widget's guards: who may speak to whom, and where a token lives. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { originOf, unwrap, wrap } from "../../../src/web/widget/messages.ts";
import { shownOf } from "../../../src/web/widget/shown.ts";
import { createTokenStore } from "../../../src/web/widget/token-store.ts";
import type { ConversationStanding, ConversationState } from "../../../src/chat/wire.ts";

const ORIGIN = "https://chat.example.com";
const source = {};

function event(change: object = {}): MessageEvent {
  return { source, origin: ORIGIN, data: wrap({ type: "open" }), ...change } as MessageEvent;
}

describe("a message between page and frame", () => {
  it("comes through from the right window and origin", () => {
    expect(unwrap(event(), source, ORIGIN)).toEqual({ type: "open" });
  });

  it.each([
    ["another window", { source: {} }],
    ["no window", { source: null }],
    ["another origin", { origin: "https://evil.example.com" }],
    ["an origin that only begins alike", { origin: `${ORIGIN}.evil.example` }],
    ["somebody else's protocol", { data: { type: "open" } }],
    ["nothing", { data: null }],
    ["text", { data: '{"customerChat":1}' }],
  ])("from %s is none", (_what, change) => {
    expect(unwrap(event(change), source, ORIGIN)).toBeUndefined();
  });
});

describe("the host page", () => {
  it.each(["https://shop.example.com", "http://127.0.0.1:3000", "https://xn--bcher-kva.example"])(
    "is %s when the frame's address says so",
    (origin) => {
      expect(originOf(`?parent=${encodeURIComponent(origin)}`)).toBe(origin);
    },
  );

  it.each([
    ["none", ""],
    ["an empty one", "?parent="],
    ["no address", "?parent=shop"],
    ["anything", "?parent=*"],
    ["the same as here", "?parent=/"],
    ["an opaque origin", "?parent=null"],
    ["a script", "?parent=javascript:alert(1)"],
    ["data", "?parent=data:text/html,hello"],
    ["another scheme", "?parent=ftp://shop.example.com"],
    ["a scheme alone", "?parent=https://"],
    ["a path", "?parent=https://shop.example.com/cart"],
    ["credentials", "?parent=https://me:secret@shop.example.com"],
    ["one that a browser would write differently", "?parent=https://SHOP.example.com:443"],
    ["a very long one", `?parent=https://${"a".repeat(100_000)}.example`],
    ["two", "?parent=https://shop.example.com&parent=https://evil.example"],
    ["the same twice", "?parent=https://shop.example.com&parent=https://shop.example.com"],
    ["bad encoding", "?parent=%E0%A4%A"],
  ])("is unknown when that is %s", (_what, search) => {
    expect(originOf(search)).toBeUndefined();
  });
});

describe("the conversation that is shown", () => {
  const standing = (id: string, state: ConversationState): ConversationStanding => ({
    id,
    state,
    customer: { id: "customer", kind: "guest" },
    assignee: null,
    lastSeq: 1,
    version: 1,
    deliveredSeq: 0,
    readSeq: 0,
    unread: 0,
  });
  const old = standing("old", "closed");

  it("is the open one", () => {
    expect(shownOf([old, standing("new", "waiting")], "old")?.id).toBe("new");
  });

  it("stays when it is closed, whatever was there before it", () => {
    expect(shownOf([old, standing("new", "closed")], "new")?.id).toBe("new");
  });

  it("is the newest when the panel opens, and none when there is none", () => {
    expect(shownOf([old, standing("older", "closed")], undefined)?.id).toBe("old");
    expect(shownOf([], undefined)).toBeUndefined();
  });
});

describe("the token", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** A browser's storage; `room` is how many characters it takes. */
  function useStorage(room = Infinity): Map<string, string> {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => {
        if (value.length > room) throw new DOMException("full", "QuotaExceededError");
        kept.set(key, value);
      },
      removeItem: (key: string) => kept.delete(key),
    });
    return kept;
  }

  it("lives in the frame's storage, and the host page never gets it", () => {
    const kept = useStorage();
    const told: unknown[] = [];
    const tokens = createTokenStore((token) => told.push(token));
    tokens.offer("of the host");
    expect(tokens.load()).toBeUndefined();
    tokens.save("mine");
    expect([tokens.load(), [...kept.values()], told]).toEqual(["mine", ["mine"], []]);
    tokens.save(undefined);
    expect([tokens.load(), kept.size]).toEqual([undefined, 0]);
  });

  it("is kept by the host page where the frame has no storage", () => {
    vi.stubGlobal("localStorage", {
      setItem: () => {
        throw new Error("SecurityError");
      },
    });
    const told: unknown[] = [];
    const tokens = createTokenStore((token) => told.push(token));
    tokens.offer("from last time");
    expect(tokens.load()).toBe("from last time");
    tokens.save("new");
    tokens.offer("late");
    expect([tokens.load(), told]).toEqual(["new", ["new"]]);
    tokens.save(undefined);
    expect(told).toEqual(["new", null]);
  });

  it("is what a full storage has, and once that takes no newer one, this page's", () => {
    const kept = useStorage(0);
    kept.set("customer-chat:token", "of last time");
    const told: unknown[] = [];
    const tokens = createTokenStore((token) => told.push(token));
    tokens.offer(null);
    expect(tokens.load()).toBe("of last time");
    tokens.save("newer");
    expect([tokens.load(), told]).toEqual(["newer", ["newer"]]);
  });

  it("outlives the clearing of the storage while the page is open, as the newest that any tab has", () => {
    const kept = useStorage();
    const tokens = createTokenStore(() => undefined);
    tokens.save("mine");
    tokens.changed({ key: "customer-chat:token", newValue: "renewed by another tab" });
    kept.clear();
    expect(tokens.load()).toBe("renewed by another tab");
    tokens.changed({ key: null, newValue: null });
    expect([...kept.values()]).toEqual(["renewed by another tab"]);
    kept.clear();
    tokens.changed({ key: "customer-chat:token", newValue: null });
    tokens.changed({ key: null, newValue: null });
    expect([tokens.load(), kept.size]).toEqual([undefined, 0]);
  });
});
