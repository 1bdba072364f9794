/** When alerts ring, and what an agent decided about them. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { REPEAT_MS, WaitingBell } from "../../../../src/web/console/waiting-bell.ts";
import type * as Rules from "../../../../src/web/console/alert-rules.ts";

describe("the bell", () => {
  it("rings at once for a new chat, and every 20 s until it is claimed", () => {
    const bell = new WaitingBell();
    const rung: number[] = [];
    for (let now = 0; now <= 65_000; now += 1000) {
      if (bell.isDue(now < 50_000 ? ["c1"] : [], now, true)) rung.push(now);
    }
    expect(rung).toEqual([0, REPEAT_MS, 2 * REPEAT_MS]);
  });

  it("rings once for each new chat where it does not repeat", () => {
    const bell = new WaitingBell();
    expect(bell.isDue(["c1"], 0, false)).toBe(true);
    expect(bell.isDue(["c1"], 60_000, false)).toBe(false);
    expect(bell.isDue(["c1", "c2"], 61_000, false)).toBe(true);
  });

  it("rings again for a chat that came back", () => {
    const bell = new WaitingBell();
    bell.isDue(["c1"], 0, false);
    bell.isDue([], 1000, false);
    expect(bell.isDue(["c1"], 2000, false)).toBe(true);
  });

  it("does not ring because one of two was claimed", () => {
    const bell = new WaitingBell();
    bell.isDue(["c1", "c2"], 0, true);
    expect(bell.isDue(["c2"], 1000, true)).toBe(false);
  });

  it("tells who listens again of all who wait", () => {
    const bell = new WaitingBell();
    bell.isDue(["c1"], 0, true);
    bell.forget();
    expect(bell.isDue(["c1"], 1000, true)).toBe(true);
  });
});

describe("the rules", () => {
  const kept = new Map<string, string>();

  beforeEach(() => {
    kept.clear();
    vi.resetModules();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  };
  const load = (): Promise<typeof Rules> => import("../../../../src/web/console/alert-rules.ts");

  it("are each agent's own, and are there after a reload", async () => {
    vi.stubGlobal("localStorage", storage);
    const { FULL, saveRules } = await load();
    saveRules("anna", { ...FULL, volume: "loud" });
    vi.resetModules();
    const { loadRules } = await load();
    expect(loadRules("anna")).toEqual({ ...FULL, volume: "loud" });
    expect(loadRules("bert")).toBeUndefined();
  });

  it("last as long as the page where the browser keeps nothing", async () => {
    const refuse = (): never => {
      throw new Error("refused");
    };
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    const { FULL, loadRules, saveRules } = await load();
    expect(loadRules("anna")).toBeUndefined();
    saveRules("anna", FULL);
    expect(loadRules("anna")).toEqual(FULL);
  });

  it.each(["not json", "null", '{"volume":"deafening","waiting":{"sound":"yes"},"mine":7}'])(
    "are silent where what was kept is no rules: %s",
    async (text) => {
      vi.stubGlobal("localStorage", storage);
      const { loadRules, SILENT } = await load();
      kept.set("customer-chat:alerts:anna", text);
      expect([undefined, SILENT]).toContainEqual(loadRules("anna"));
    },
  );
});
