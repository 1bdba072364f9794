/** Every hour what is older than its retention goes, however much that is. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "../../../src/adapters/stores/memory-store.ts";
import { startRetention } from "../../../src/chat/retention-job.ts";
import { settled } from "../../helpers/test-chat.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24);
const LIMITS = { maxMessages: 100, maxDays: 365, auditMaxDays: 400 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("lines of the audit log go by their age alone, until it is stopped", async () => {
  const store = createMemoryStore();
  const write = async (at: number, count: number): Promise<void> => {
    const line = { at, actor: "operator", action: "backup", outcome: "done" } as const;
    await store.execute("recordAudit", { lines: Array.from({ length: count }, () => line) });
  };
  const left = async (): Promise<number[]> => {
    await settled(50);
    const { lines } = await store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 5000 });
    return lines.map(({ at }) => at);
  };
  const tooOld = NOW - 400 * DAY - 1;
  await write(tooOld, 2500);
  await write(NOW - 400 * DAY, 2);
  const stop = startRetention(store, LIMITS, () => NOW);
  expect(await left()).toHaveLength(2502);
  vi.advanceTimersByTime(HOUR);
  expect(await left()).toEqual([NOW - 400 * DAY, NOW - 400 * DAY]);
  await write(tooOld, 1);
  stop();
  vi.advanceTimersByTime(HOUR);
  expect(await left()).toHaveLength(3);
});
