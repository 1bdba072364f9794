/** Crowds of attackers: what thousands who never log in cost, and what working agents notice of a mixed attack. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { ServerProcess } from "../helpers/server-process.ts";
import { until } from "../helpers/running-server.ts";
import { INPUTS, LOT } from "../helpers/unfinished-inputs.ts";
import { WorkingAgents } from "../helpers/working-agents.ts";
import type { ChildProcess } from "node:child_process";
import type { AttackAnswer, AttackCommand, AttackOrder } from "../helpers/attackers.ts";
import type {
  InputName,
  UnfinishedAnswer,
  UnfinishedCommand,
  UnfinishedOrder,
} from "../helpers/unfinished-inputs.ts";

const ATTACKERS = fileURLToPath(new URL("../helpers/attackers.ts", import.meta.url));
const UNFINISHED = fileURLToPath(new URL("../helpers/unfinished.ts", import.meta.url));
const SLOW = 2000;
const FLOODERS = 500;
/** Half of them guests, half of them sessions of agents. */
const NON_READERS = 100;
const QUIET_MS = 5000;
const ATTACK_MS = 8000;
const CALM_MS = 3000;
/** Twice what is promised: the machines of tests are shared. */
const RATIO = 6;
/** Below this a latency is not judged: on a busy machine attackers are slow, and so it takes longer to be rid of them. */
const NOISE_MS = 100;
const GROWN_MIB = 400;
const SOCKETS = 5000;
const MEMORY_MIB = 100;
/** The server has done such work before: code is compiled, and the heap has the size of one in use. */
const WARM_UP_LOTS = 12;
const OPEN_FILES = 6000;

let server: ServerProcess;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server.remove();
});

it.each(Object.keys(INPUTS) as InputName[])(
  `the memory of ${SOCKETS} sockets that leave %s unfinished, as large as it may be, is bounded`,
  async (input) => {
    server = new ServerProcess({ RATE_LIMITS: "on", STOMP_TCP_PORT: "0", CONNECT_TIMEOUT_MS: "60000" });
    await server.start();
    requireOpenFiles();
    const order = { port: Number(new URL(server.url).port), tcpPort: server.tcpPort, input };
    const child = fork(UNFINISHED, [JSON.stringify(order satisfies UnfinishedOrder)]);
    children.push(child);
    await ask(child, { lots: WARM_UP_LOTS, areKept: false });
    const before = await highestMiB();
    await ask(child, { lots: SOCKETS / LOT, areKept: true });
    const grown = (await highestMiB()) - before;
    console.log(`${SOCKETS} times ${input}: ${Math.round(grown)} MiB beyond ${Math.round(before)} MiB`);
    const { open, lastHeard } = await ask(child, { lots: 0, areKept: true });
    expect([open, lastHeard]).toEqual([SOCKETS, expect.not.stringMatching(/ERROR|HTTP\/1\.1 [45]/)]);
    expect(grown).toBeLessThan(MEMORY_MIB);
  },
);

it(`${SLOW} slow-lorises, ${FLOODERS} flooders and ${NON_READERS} who never read: working agents go on`, async () => {
  server = new ServerProcess({ RATE_LIMITS: "on", STOMP_TCP_PORT: "0", TRUST_PROXY: "loopback" });
  await server.start();
  requireOpenFiles();
  const agents = await WorkingAgents.start(server);
  await pause(1000);
  agents.latencies();
  await pause(QUIET_MS);
  const quiet = agents.latencies();
  const before = server.residentMiB();

  const attackers = attack(agents.tokens);
  let met = await tell(attackers, "begin");
  while (met.slow.opened < SLOW || met.flooders.opened < FLOODERS || met.nonReaders.opened < NON_READERS) {
    await pause(100);
    met = await tell(attackers, "look");
  }
  const arrival = agents.latencies();
  await pause(ATTACK_MS);
  const attacked = agents.latencies();
  const toll = await tell(attackers, "end");
  const grown = server.residentMiB() - before;
  await pause(1000);
  agents.latencies();
  await pause(CALM_MS);
  const calm = agents.latencies();
  agents.stop();

  console.log(`RECEIPTs of agents, ms: ${JSON.stringify({ quiet, arrival, attacked, calm })}`);
  console.log(`attackers: ${JSON.stringify(toll)}; the server grew by ${Math.round(grown)} MiB`);
  expect(agents.connected).toBe(agents.size);
  await until("all is answered", () => agents.unanswered === 0);
  const bound = RATIO * Math.max(quiet.p99, NOISE_MS);
  expect(attacked.p99).toBeLessThan(bound);
  expect(calm.p99).toBeLessThan(bound);
  expect(grown).toBeLessThan(GROWN_MIB);
  agents.close();
});

function attack(tokens: readonly string[]): ChildProcess {
  const order: AttackOrder = {
    port: Number(new URL(server.url).port),
    tcpPort: server.tcpPort,
    slow: SLOW,
    flooders: FLOODERS,
    tokens: Array.from({ length: NON_READERS / 2 }, (_, index) => tokens[index % tokens.length] ?? ""),
  };
  const child = fork(ATTACKERS, [JSON.stringify(order)]);
  children.push(child);
  return child;
}

async function tell(child: ChildProcess, command: AttackCommand): Promise<AttackAnswer> {
  child.send(command);
  const [answer] = (await once(child, "message")) as [AttackAnswer];
  return answer;
}

async function ask(child: ChildProcess, command: UnfinishedCommand): Promise<UnfinishedAnswer> {
  child.send(command);
  const [answer] = (await once(child, "message")) as [UnfinishedAnswer];
  return answer;
}

/** The most that the server has for half a second. */
async function highestMiB(): Promise<number> {
  let highest = 0;
  for (let look = 0; look < 5; look += 1) {
    await pause(100);
    highest = Math.max(highest, server.residentMiB());
  }
  return highest;
}

/** Node raises its limit to the hard one by itself. */
function requireOpenFiles(): void {
  const limits = readFileSync(`/proc/${server.pid}/limits`, "utf8");
  const openFiles = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  if (openFiles >= OPEN_FILES) return;
  throw new Error(`the server may open ${openFiles} files; this test needs ${OPEN_FILES}: raise ulimit -Hn`);
}
