/** Every RECEIPT leaves after its message was synced; a store that does not sync, or answers early, is found out. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { preload } from "../helpers/preload.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { ServerProcess } from "../helpers/server-process.ts";
import { attachStrace, missingStrace, readStrace } from "../helpers/strace.ts";
import { unsyncedReceipts } from "../helpers/sync-order.ts";
import type { SyncEvent } from "../helpers/sync-order.ts";

const SENDERS = 5;
const EACH = 20;

let folder: string;
let trace: string;
let server: ServerProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  trace = join(folder, "trace");
});
afterEach(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

/** Each sender waits for its RECEIPT before it goes on; together they share commits. */
async function send(): Promise<void> {
  const senders = Array.from({ length: SENDERS }, async (_, sender) => {
    const client = await RawClient.connect(server.webSocketUrl);
    for (let count = 1; count <= EACH; count += 1) {
      const mark = `mark-${sender}-${count}`;
      const body = JSON.stringify({ userFrom: client.id, userTo: "support", message: mark });
      client.send(`SEND\ndestination:/chat/message\nreceipt:${mark}\n\n${body}^@`);
      await until(`the RECEIPT of ${mark}`, () => client.of("RECEIPT").length === count);
    }
    await client.close();
  });
  await Promise.all(senders);
}

type Watch = (faults: readonly string[]) => Promise<readonly SyncEvent[]>;

/** What the writer's own connection did and had set: works wherever the server does. */
const watchStore: Watch = async (faults) => {
  // What is loaded later is called first: the trace sees what a planted fault really does.
  server = new ServerProcess({ TRACE_FILE: trace }, preload("trace-store", ...faults));
  await server.start();
  await send();
  return readFileSync(trace, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SyncEvent);
};

/** What the kernel was asked for, whatever anybody believes. */
const watchCalls: Watch = async (faults) => {
  server = new ServerProcess({}, preload(...faults));
  await server.start();
  const detach = await attachStrace(server.pid, trace);
  await send();
  await detach();
  return readStrace(trace);
};

const absent = missingStrace();
const watches = [
  { what: "as the store's connection says", watch: watchStore },
  ...(absent === undefined ? [{ what: "as the system calls say", watch: watchCalls }] : []),
];

describe.each(watches)("the order of sync and RECEIPT, $what", ({ watch }) => {
  it("is kept for every message", async () => {
    const events = await watch([]);
    const receipts = events.flatMap((event) => (event.type === "receipt" ? event.mark : []));
    expect(new Set(receipts).size).toBe(SENDERS * EACH);
    expect(unsyncedReceipts(events)).toEqual([]);
  });

  it.each(["synchronous-normal", "early-receipt"])("is seen broken by %s", async (fault) => {
    expect(unsyncedReceipts(await watch([fault])).length).toBeGreaterThan((SENDERS * EACH) / 4);
  });
});

// The title is the reason: it is what the last lines of a run show.
it.for(absent === undefined ? [] : [absent])("system calls at a commit: %s", (_reason, { skip }) => {
  skip();
});
