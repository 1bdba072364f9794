/** `npm run bench`: throughput, CPU per delivered message and latency over 200 connections to a server process. */
import { randomUUID } from "node:crypto";
import { LoadClient } from "../helpers/load-client.ts";
import { ADMIN_PASSCODE, ServerProcess } from "../helpers/server-process.ts";

const AGENTS = 20;
const GUESTS = 180;
/** SENDs of one guest that wait for their RECEIPT, at saturation. */
const WINDOW = 16;
const SATURATION_MS = 8000;
const PACED_MS = 10_000;
const PACED_PER_SECOND = 200;

type Desk = {
  readonly guests: readonly LoadClient[];
  /** When each paced message was due, by its text. */
  readonly sent: Map<string, number>;
  /** Messages that agents were shown. */
  shown: number;
  readonly latencies: number[];
};

const server = new ServerProcess();
try {
  await server.start();
  console.log(`server listening ${Math.round(server.startedIn)} ms after its start`);
  const desk = await openDesk();
  await saturate(desk);
  await pace(desk);
  console.log(`memory of the server: ${Math.round(server.residentMiB())} MiB`);
} finally {
  await server.remove();
}
process.exit(0);

/** Every agent serves nine guests; each guest's messages are delivered to the agent. */
async function openDesk(): Promise<Desk> {
  const desk: Desk = { guests: [], sent: new Map(), shown: 0, latencies: [] };
  const guests: LoadClient[] = [];
  const onMessage = ({ text }: { text: string }): void => {
    desk.shown += 1;
    const at = desk.sent.get(text);
    if (at === undefined) return;
    desk.sent.delete(text);
    desk.latencies.push(performance.now() - at);
  };
  const agents: LoadClient[] = [];
  for (let index = 0; index < AGENTS; index += 1) {
    const login = `agent-${index}`;
    await server.addAgent(login);
    agents.push(
      await LoadClient.connect(server.webSocketUrl, { login, passcode: ADMIN_PASSCODE }, { onMessage }),
    );
  }
  for (let index = 0; index < GUESTS; index += 1) {
    const guest = await LoadClient.connect(server.webSocketUrl);
    await agents[index % AGENTS]?.say(guest.id, "how may I help?");
    guests.push(guest);
  }
  return Object.assign(desk, { guests });
}

async function saturate(desk: Desk): Promise<void> {
  const until = performance.now() + SATURATION_MS;
  const before = { cpu: server.cpuMicros(), at: performance.now(), shown: desk.shown };
  let receipts = 0;
  const text = "x".repeat(120);
  const work = async (guest: LoadClient): Promise<void> => {
    while (performance.now() < until) {
      await guest.say("support", text, randomUUID());
      receipts += 1;
    }
  };
  await Promise.all(desk.guests.flatMap((guest) => Array.from({ length: WINDOW }, () => work(guest))));
  while (desk.shown - before.shown < receipts) await new Promise((resolve) => setTimeout(resolve, 10));
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = server.cpuMicros() - before.cpu;
  console.log(
    `saturation, ${AGENTS + GUESTS} connections: ${Math.round(receipts / seconds)} messages/s stored, receipted and delivered, ` +
      `${(cpu / receipts).toFixed(1)} us CPU of the server for each`,
  );
}

async function pace(desk: Desk): Promise<void> {
  const receipted: number[] = [];
  desk.latencies.length = 0;
  const started = performance.now();
  const total = (PACED_MS / 1000) * PACED_PER_SECOND;
  const answers: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    // Each message has its own due time, so that a stall of the server is not hidden by a stall of the bench.
    const due = started + (index * 1000) / PACED_PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const text = `paced ${index}`;
    desk.sent.set(text, due);
    const guest = desk.guests[index % GUESTS];
    if (guest !== undefined) {
      answers.push(
        guest.say("support", text, randomUUID()).then(() => {
          receipted.push(performance.now() - due);
        }),
      );
    }
  }
  await Promise.all(answers);
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(`paced, ${PACED_PER_SECOND} messages/s: send to RECEIPT ${quantiles(receipted)}`);
  console.log(`paced, ${PACED_PER_SECOND} messages/s: send to shown   ${quantiles(desk.latencies)}`);
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (${sorted.length} samples)`;
}
