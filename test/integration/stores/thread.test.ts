/** The store's thread hangs on its disk or ends: nobody waits for it, nothing is both refused and stored, and the process ends. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreThread } from "../../../src/adapters/stores/sqlite-thread.ts";
import { TURN_OCTETS, Turns } from "../../../src/adapters/stores/turns.ts";
import { preload } from "../../helpers/preload.ts";
import { endAll, newDataDir, start } from "../../helpers/program.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import type { ThreadListener } from "../../../src/adapters/stores/sqlite-thread.ts";
import type { Program } from "../../helpers/program.ts";

/** Of the promise; a machine with other work may take four times as long. */
const REFUSED_WITHIN_MS = 2000;
const TOLERANCE = 4;
const LOST_MS = 30_000;
const REQUEST = { kind: "check", id: 1 } as const;

const workers: Worker[] = [];

let folder: string;
let faultFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  faultFile = join(folder, "fault");
  plant("");
});
afterEach(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

function plant(fault: string): void {
  writeFileSync(faultFile, fault);
}

function startPlanted(): Promise<Program> {
  return start({
    DATA_DIR: newDataDir(),
    ADMIN_PASSCODE: "the admin's passcode",
    FAULT_FILE: faultFile,
    STORE_HEAP_MIB: "64",
    NODE_OPTIONS: preload("store-faults").join(" "),
  });
}

it("that hangs: who comes behind is refused in time and not stored, and what it had taken is answered when it is back", async () => {
  const pipe = `${faultFile}.pipe`;
  execFileSync("mkfifo", [pipe]);
  const server = await startPlanted();
  const taken = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  const behind = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  await behind.say("support", "before");

  plant("stuck");
  const answer = taken.say("support", "taken");
  await until("it is taken", () => existsSync(`${faultFile}.stuck`));
  const began = performance.now();
  for (let times = 1; times <= 3; times += 1) {
    expect(await behind.say("support", `refused ${times}`)).toBeUndefined();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  }
  expect(performance.now() - began).toBeLessThan(REFUSED_WITHIN_MS * TOLERANCE);
  expect(new Set(behind.refusals())).toEqual(new Set(["RETRY_LATER"]));
  expect(taken.refusals()).toEqual([]);

  plant("");
  writeFileSync(pipe, "");
  expect((await answer)?.headers.get("seq")).toBe("1");
  expect((await behind.say("support", "after"))?.headers.get("seq")).toBe("2");
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await Promise.all([taken.close(), behind.close()]);
});

it.each([
  ["runs out of memory", "out of memory", /out of memory|OUT_OF_MEMORY/],
  ["ends", "ended", /the store's thread ended with 3/],
])("that %s: the process says so and ends with 1", async (_what, fault, reason) => {
  const server = await startPlanted();
  const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  await guest.say("support", "before");
  plant(fault);
  const lost = { userFrom: guest.id, userTo: "support", message: "lost" };
  guest.send(`SEND\ndestination:/chat/message\nreceipt:lost\n\n${JSON.stringify(lost)}^@`);
  expect(await server.ended()).toBe(1);
  await until("the session ended", () => guest.closed !== undefined);
  expect(guest.of("RECEIPT").map(({ headers }) => headers.get("receipt-id"))).not.toContain("lost");
  const last = JSON.parse(server.stderr.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  expect([last["level"], last["msg"]]).toEqual(["fatal", "the store ended, and the server with it"]);
  expect(last["reason"]).toMatch(reason);
});

it("that hangs does not hold up the end of the process", async () => {
  execFileSync("mkfifo", [`${faultFile}.pipe`]);
  const server = await startPlanted();
  plant("stuck");
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  server.kill("SIGTERM");
  await server.ended();
  expect(server.exit).toEqual({ code: null, signal: "SIGKILL" });
  expect(server.stderr).toMatch(/the shutdown failed|the shutdown took too long/);
});

type Silent = { readonly takes: boolean };

/** A thread that takes what it is sent, or does not, and answers nothing; what is told of it. */
async function silentThread({ takes }: Silent): Promise<{ thread: StoreThread; told: unknown[] }> {
  const shared = new SharedArrayBuffer(TURN_OCTETS);
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    parentPort.on("message", ({ turn }) => {
      if (${takes}) Atomics.store(new BigInt64Array(workerData), 0, turn);
    });
    parentPort.postMessage("up");`;
  const worker = new Worker(program, { eval: true, workerData: shared });
  workers.push(worker);
  await new Promise((resolve) => worker.once("message", resolve));
  const told: unknown[] = [];
  const tell =
    (what: string) =>
    (...about: readonly unknown[]) =>
      void told.push([what, ...about]);
  const listener: ThreadListener = {
    replies: tell("replies"),
    withdrawn: tell("withdrawn"),
    failure: tell("failure"),
    recovered: tell("recovered"),
    ended: tell("ended"),
  };
  const turns = new Turns(shared);
  const thread = new StoreThread({ worker, turns }, () => true, listener);
  thread.send([REQUEST]);
  if (takes) await until("it is taken", () => turns.decided() === 1n);
  return { thread, told };
}

describe("a thread that says nothing", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
  });

  it("that has not taken what it was sent does not get it any more", async () => {
    const { told, thread } = await silentThread({ takes: false });
    vi.advanceTimersByTime(REFUSED_WITHIN_MS);
    thread.send([REQUEST]);
    expect(told).toEqual([
      ["withdrawn", [REQUEST]],
      ["withdrawn", [REQUEST]],
    ]);
  });

  it("that has taken it is told to the log once, and given up after 30 s", async () => {
    const { told } = await silentThread({ takes: true });
    vi.advanceTimersByTime(LOST_MS - 1);
    expect(told).toEqual([
      ["withdrawn", []],
      ["failure", expect.stringMatching(/look at the disk/)],
    ]);
    vi.advanceTimersByTime(LOST_MS);
    expect(told.slice(2)).toEqual([["ended", expect.stringMatching(/not answered for 30 s/), true]]);
  });
});
