/** The console's small decisions: names, urgency, the title, drafts. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keep, recall } from "../../../src/web/console/kept.ts";
import { nameOf } from "../../../src/web/console/names.ts";
import { urgencyOf } from "../../../src/web/console/waits.ts";
import { countedTitle } from "../../../src/web/shared/title.ts";
import type * as Drafts from "../../../src/web/console/drafts.ts";

describe("a name", () => {
  it("is the one somebody has", () => {
    expect(nameOf({ id: "x", kind: "customer", name: "Carla" })).toBe("Carla");
  });

  it("turns no words around it, and is seen", () => {
    const named = (name: string): string => nameOf({ id: "A2Dc_24-sK1v_g", kind: "customer", name });
    expect(named("evil\u202egpj\u2066.exe")).toBe("evilgpj.exe");
    expect(named("\u0639\u200c\u0644")).toBe("\u0639\u200c\u0644");
    for (const unseen of ["\u202e\u202e", " \u200b", "\u3164"]) expect(named(unseen)).toBe("Visitor K1VG");
  });

  it.each([
    ["guest", "Visitor K1VG"],
    ["customer", "Visitor K1VG"],
    ["agent", "Agent K1VG"],
    ["service", "Bot K1VG"],
  ] as const)("of a nameless %s comes from the id", (kind, name) => {
    expect(nameOf({ id: "A2Dc_24-sK1v_g", kind, name: "" })).toBe(name);
  });
});

it.each([
  [0, "calm"],
  [119_999, "calm"],
  [120_000, "soon"],
  [299_999, "soon"],
  [300_000, "late"],
])("a wait of %d ms is %s", (ms, urgency) => {
  expect(urgencyOf(ms)).toBe(urgency);
});

it.each([
  [0, "Console"],
  [1, "(1) Console"],
  [120, "(120) Console"],
])("with %d unread the title is %s", (count, title) => {
  expect(countedTitle(count, "Console")).toBe(title);
});

it("what a full storage does not take is remembered as long as the page, before the older that is stored", () => {
  vi.stubGlobal("localStorage", {
    getItem: () => "older",
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem: () => undefined,
  });
  keep("name", "newer");
  expect(recall("name")).toBe("newer");
  keep("name", undefined);
  expect(recall("name")).toBe("older");
  vi.unstubAllGlobals();
});

describe("drafts", () => {
  const kept = new Map<string, string>();

  beforeEach(() => {
    kept.clear();
    vi.resetModules();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** The module as a page that was just loaded has it. */
  const load = (): Promise<typeof Drafts> => import("../../../src/web/console/drafts.ts");

  it("are one for each conversation", async () => {
    const { draftOf, setDraft } = await load();
    setDraft("c1", "one");
    setDraft("c2", "two");
    expect([draftOf("c1"), draftOf("c2"), draftOf("c3")]).toEqual(["one", "two", ""]);
  });

  it("of a note and of an answer are apart", async () => {
    const { draftOf, setDraft } = await load();
    setDraft("c1", "to the customer");
    setDraft("c1", "to colleagues", "note");
    expect([draftOf("c1"), draftOf("c1", "note")]).toEqual(["to the customer", "to colleagues"]);
    setDraft("c1", "", "note");
    expect([draftOf("c1", "reply"), draftOf("c1", "note")]).toEqual(["to the customer", ""]);
  });

  it("are there after a reload, and gone once sent", async () => {
    const before = await load();
    before.setDraft("c1", "half a sent");
    before.setDraft("c2", "other");
    before.setDraft("c2", "");
    vi.resetModules();
    const after = await load();
    expect([after.draftOf("c1"), after.draftOf("c2")]).toEqual(["half a sent", ""]);
    expect([...kept.values()]).toEqual(['{"c1":"half a sent"}']);
  });

  it("take a refused text back before what was written since", async () => {
    const { draftOf, takeBack } = await load();
    takeBack("c1", "refused");
    expect(draftOf("c1")).toBe("refused");
    takeBack("c1", "another");
    expect(draftOf("c1")).toBe("another\nrefused");
  });

  it("begin empty where what was kept is no list of drafts", async () => {
    kept.set("customer-chat:drafts:", "not json");
    const { draftOf } = await load();
    expect(draftOf("c1")).toBe("");
  });
});
