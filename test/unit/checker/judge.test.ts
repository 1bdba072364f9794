/** The judge of a run: clean where all is well, and one counter for each way to break the promise. */
import { expect, it } from "vitest";
import { CLEAN, judge } from "../../checker/judge.ts";
import type { Evidence, Findings } from "../../checker/judge.ts";
import type { LoadRecord, StoredMessage } from "../../checker/records.ts";

const DEVICES = ["g0/0", "a0/0", "a0/1", "g1/0"];
const [QUESTION, ANSWER] = ["g0_a0_0", "a0_g0_0"];

const sent = (device: string, clientId: string, at = 100): LoadRecord => ({
  type: "sent",
  device,
  at,
  clientId,
});
const place = (seq: number): { id: string; conversation: string; seq: number } => ({
  id: `m${seq}`,
  conversation: "c",
  seq,
});
const acked = (device: string, clientId: string, seq: number, at = 110): LoadRecord => ({
  type: "acked",
  device,
  at,
  clientId,
  ...place(seq),
});
const shown = (device: string, text: string, seq: number): LoadRecord => ({
  type: "shown",
  device,
  at: 120,
  text,
  ...place(seq),
});
const closed = (device: string, at: number): LoadRecord => ({ type: "closed", device, at });

/** A guest writes, the agent's first session answers, and all see it. */
const TALK = [
  sent("g0/0", QUESTION),
  acked("g0/0", QUESTION, 1),
  shown("a0/0", QUESTION, 1),
  shown("a0/1", QUESTION, 1),
  sent("a0/0", ANSWER),
  acked("a0/0", ANSWER, 2),
  shown("g0/0", ANSWER, 2),
  shown("a0/1", ANSWER, 2),
];
const STORED: readonly StoredMessage[] = [
  { text: QUESTION, ...place(1) },
  { text: ANSWER, ...place(2) },
];

function findings(log: readonly LoadRecord[], more: Partial<Evidence> = {}): Findings {
  return judge({ logs: [log], stored: STORED, outages: [], devices: DEVICES, ...more });
}

it("finds nothing where everything that was acknowledged is stored and shown once, in order", () => {
  expect(findings(TALK)).toEqual(CLEAN);
});

it.each<[string, Partial<Findings>, readonly LoadRecord[]]>([
  ["not shown on one of three devices", { lost_acked: 1 }, TALK.slice(0, -1)],
  [
    "acknowledged under another id",
    { dup_stored: 1 },
    TALK.map((one) => (one.type === "acked" && one.seq === 2 ? { ...one, id: "other" } : one)),
  ],
  ["shown twice", { dup_shown: 1 }, [...TALK, shown("g0/0", ANSWER, 2)]],
  [
    "shown after a later one",
    { order_violations: 1 },
    [...TALK.filter(({ device }) => device !== "a0/1"), shown("a0/1", ANSWER, 2), shown("a0/1", QUESTION, 1)],
  ],
  [
    "missing between two others",
    { gaps: 1 },
    TALK.map((one) => (one.type === "shown" && one.device === "g0/0" ? { ...one, seq: 3 } : one)),
  ],
  ["shown to somebody else", { leaked: 1 }, [...TALK, shown("g1/0", QUESTION, 1)]],
  ["never answered", { unanswered: 1 }, [...TALK, sent("g0/0", "g0_a0_1")]],
  [
    "answered after more than ten seconds",
    { unanswered: 1 },
    [...TALK, sent("g0/0", QUESTION, 200), acked("g0/0", QUESTION, 1, 10_201)],
  ],
])("counts what was %s", (_, expected, log) => {
  expect(findings(log)).toEqual({ ...CLEAN, ...expected });
});

it("compares with what is stored", () => {
  const [first, second] = STORED as [StoredMessage, StoredMessage];
  expect(findings(TALK, { stored: [first] })).toEqual({ ...CLEAN, lost_acked: 1 });
  expect(findings(TALK, { stored: [...STORED, { text: QUESTION, ...place(3) }] })).toEqual({
    ...CLEAN,
    dup_stored: 1,
  });
  expect(findings(TALK, { stored: [first, { ...second, seq: 3 }] })).toEqual({ ...CLEAN, gaps: 1 });
});

it("counts what was on its way when SIGTERM came and got no answer; not what came later, nor what a kill took", () => {
  const outages = [
    { signal: "SIGTERM", at: 10 },
    { signal: "SIGKILL", at: 50 },
  ] as const;
  const until = (sentAt: number, closedAt: number): LoadRecord[] => [
    sent("g0/0", QUESTION, sentAt),
    closed("g0/0", closedAt),
    ...TALK,
  ];
  expect(findings(until(9, 12), { outages })).toEqual({ ...CLEAN, unanswered: 1 });
  expect(findings(until(11, 12), { outages })).toEqual(CLEAN);
  expect(findings(until(49, 51), { outages })).toEqual(CLEAN);
});
