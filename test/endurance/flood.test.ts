/** Crowds of attackers: what thousands who never log in cost. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { ServerProcess } from "../helpers/server-process.ts";
import { INPUTS, LOT } from "../helpers/unfinished-inputs.ts";
import type { ChildProcess } from "node:child_process";
import type {
  InputName,
  UnfinishedAnswer,
  UnfinishedCommand,
  UnfinishedOrder,
} from "../helpers/unfinished-inputs.ts";

const UNFINISHED = fileURLToPath(new URL("../helpers/unfinished.ts", import.meta.url));
const SOCKETS = 5000;
const MEMORY_MIB = 100;
/** Where each is a request that is being answered; the objects of HTTP are most of it. */
const REQUESTS_MIB = 150;
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
    expect(grown).toBeLessThan(input.startsWith("the body") ? REQUESTS_MIB : MEMORY_MIB);
  },
);

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
