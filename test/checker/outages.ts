/** A run: people talk while their server is ended and started again and again; then it is judged what became of their messages. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { ServerProcess } from "../helpers/server-process.ts";
import { Crowd } from "./crowd.ts";
import { judge } from "./judge.ts";
import { SITE } from "./site.ts";
import type { CrowdSize } from "./crowd.ts";
import type { Findings } from "./judge.ts";
import type { Outage, StoredMessage } from "./records.ts";

export type Plan = {
  readonly size: CrowdSize;
  readonly signal: Outage["signal"];
  readonly outages: number;
  /** Decides the moments. */
  readonly seed: number;
  /** One of those in faults.ts. */
  readonly fault?: string;
  /** How long everything may take to come through at the end, in ms. */
  readonly settleMs?: number;
  /** Called with the number of outages so far. */
  readonly progress?: (done: number) => void;
};

export type Report = {
  readonly findings: Findings;
  readonly acked: number;
  /** Guests who became customers of the host site. */
  readonly identified: number;
  /** RECEIPTs of messages a second, outages included. */
  readonly rate: number;
  /** Of each start after an outage, in ms: until it listened. */
  readonly startedIn: readonly number[];
  /** Of each outage, in ms: until the process was gone. */
  readonly endedIn: readonly number[];
  /** Null for a process that was killed. */
  readonly exitCodes: readonly (number | null)[];
  /** Answers of SQLite's integrity check other than `ok`. */
  readonly damages: readonly string[];
};

/** As the promise is judged: 50 senders, 20 receivers and more, 200 messages a second. */
export const FULL: CrowdSize = { guests: 50, agents: 20, sessions: 3, everyMs: 300, processes: 2 };
const SETTLE_MS = 20_000;
const [LEAST_MS, SPREAD_MS] = [200, 1000];
const IDENTIFY_MS = 60;

/** Starts everything and ends it again, whatever happens. */
export async function runOutages(plan: Plan): Promise<Report> {
  const server = new ServerProcess(SITE);
  const crowd = new Crowd(plan.size, server.dataDir);
  try {
    await server.start();
    const tokens: string[] = [];
    for (let index = 0; index < plan.size.agents; index += 1) {
      await server.addAgent(`agent-${index}`);
      tokens.push(await server.openSession(`agent-${index}`));
    }
    await crowd.start(server.url, tokens, plan.fault);
    return await endAndStart(plan, server, crowd);
  } finally {
    crowd.kill();
    await server.remove();
  }
}

async function endAndStart(plan: Plan, server: ServerProcess, crowd: Crowd): Promise<Report> {
  const chance = random(plan.seed);
  const outages: Outage[] = [];
  const [startedIn, endedIn]: [number[], number[]] = [[], []];
  const exitCodes: (number | null)[] = [];
  const damages: string[] = [];
  const began = performance.now();
  for (let done = 0; done < plan.outages; done += 1) {
    await new Promise((resolve) => setTimeout(resolve, LEAST_MS + chance() * SPREAD_MS));
    // While it is on its way, or done, or answered: the outage comes in between.
    crowd.identifyNext();
    await new Promise((resolve) => setTimeout(resolve, chance() * IDENTIFY_MS));
    outages.push({ signal: plan.signal, at: Date.now() });
    const signalled = performance.now();
    exitCodes.push(await server.end(plan.signal));
    endedIn.push(performance.now() - signalled);
    damages.push(...damagesOf(server.dataDir));
    await server.start();
    startedIn.push(server.startedIn);
    plan.progress?.(done + 1);
  }
  const seconds = (performance.now() - began) / 1000;
  await crowd.settle(plan.settleMs ?? SETTLE_MS);
  const logs = await crowd.end();
  await server.end("SIGTERM");
  const stored = messagesOf(server.dataDir);
  const acked = new Set(logs.flat().flatMap((one) => (one.type === "acked" ? [one.clientId] : []))).size;
  const identified = logs.flat().filter(({ type }) => type === "identified").length;
  const findings = judge({ logs, stored, outages, devices: crowd.devices });
  return { findings, acked, identified, rate: acked / seconds, startedIn, endedIn, exitCodes, damages };
}

/** A small generator, so that the seed replays the moments. */
function random(state: number): () => number {
  let next = state;
  return () => {
    next = (Math.imul(next, 1_664_525) + 1_013_904_223) >>> 0;
    return next / 2 ** 32;
  };
}

function damagesOf(dataDir: string): readonly string[] {
  const database = new DatabaseSync(join(dataDir, "chat.db"));
  const answers = database
    .prepare("PRAGMA integrity_check")
    .all()
    .map((row) => String(row["integrity_check"]));
  database.close();
  return answers.filter((answer) => answer !== "ok");
}

/** What is stored, in the order of each conversation. */
function messagesOf(dataDir: string): readonly StoredMessage[] {
  const database = new DatabaseSync(join(dataDir, "chat.db"), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT m.id, c.id AS conversation, text,
              m."offset" + coalesce(v."offset" - v.first, 0) - c.first + 1 AS seq
       FROM messages m JOIN conversations c ON c.key = m.conversation
       LEFT JOIN moves v ON v.source = m.customer AND m."offset" >= v.first
       ORDER BY c.key, seq`,
    )
    .all();
  database.close();
  return rows as unknown as StoredMessage[];
}
