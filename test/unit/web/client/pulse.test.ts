/** The pulse of a connection: silence is measured by a clock that nobody sets. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { agreedBeat, watchPulse } from "../../../../src/web/client/pulse.ts";

const BEAT_MS = 10_000;
const HOUR_MS = 3_600_000;
let socket: EventTarget;
let asked: number;
let end: () => void;

function watch(ms: number): () => void {
  return watchPulse(socket, ms, () => (asked += 1));
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  socket = new EventTarget();
  end = watch(BEAT_MS);
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ["an hour back", -HOUR_MS],
  ["a day ahead", 24 * HOUR_MS],
])("a wall clock that jumps %s neither hides silence nor makes it", (_what, by) => {
  vi.setSystemTime(Date.now() + by);
  for (let beat = 0; beat < 6; beat += 1) {
    vi.advanceTimersByTime(BEAT_MS / 2);
    socket.dispatchEvent(new Event("message"));
  }
  expect(asked).toBe(0);
  vi.advanceTimersByTime(3 * BEAT_MS);
  expect(asked).toBe(1);
});

it("nothing is overdue where nothing was agreed, and after the end", () => {
  end();
  watch(0);
  vi.advanceTimersByTime(5 * BEAT_MS);
  expect(asked).toBe(0);
});

it.each([
  ["25000,25000", 25_000],
  ["5000,5000", BEAT_MS],
  ["0,0", 0],
  [undefined, 0],
])("by %s it beats every %i ms", (header, beat) => {
  expect(agreedBeat(header, BEAT_MS)).toBe(beat);
});
