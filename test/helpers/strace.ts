/** The system calls of a server as strace sees them: what reached the disk, and when, whatever SQLite believes. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MARK } from "./sync-order.ts";
import type { SyncEvent } from "./sync-order.ts";

const CALLS = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";
const LONGEST_STRING = 1 << 17;
const LINE = /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()/;
const UNFINISHED = /<unfinished \.\.\.>$/;

/** Why there is no trace on this machine; undefined where there can be one. */
export function missingStrace(): string | undefined {
  const { error, status } = spawnSync("strace", ["-f", "-e", "trace=none", process.execPath, "--version"]);
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : "strace may not trace here";
}

/** Traces a process with all its threads into `file` until the returned function is called. */
export function attachStrace(pid: number, file: string): Promise<() => Promise<void>> {
  return attach(pid, ["-y", "-s", String(LONGEST_STRING), "-e", `trace=${CALLS}`, "-o", file]);
}

/** Makes system calls of a process fail with an error, in all its threads, until the returned function is called. */
export function injectError(pid: number, calls: string, error: string): Promise<() => Promise<void>> {
  return attach(pid, ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}`, "-o", "/dev/null"]);
}

async function attach(pid: number, flags: readonly string[]): Promise<() => Promise<void>> {
  const strace = spawn("strace", ["-f", ...flags, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => {
    strace.once("exit", () => {
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    strace.stderr.on("data", (chunk) => {
      said += String(chunk);
      if (said.includes("attached")) resolve();
    });
    strace.once("exit", (code) => {
      reject(new Error(`strace exited with ${code}: ${said}`));
    });
  });
  return async () => {
    strace.kill("SIGINT");
    await ended;
  };
}

/** Writes and syncs of the write-ahead log count when they are done, a RECEIPT when its write begins. */
export function readStrace(file: string): readonly SyncEvent[] {
  const events: SyncEvent[] = [];
  const begun = new Map<string, string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, thread = "", resumed, call] = LINE.exec(line) ?? [];
    if (resumed !== undefined) events.push(...done(begun.get(thread) ?? "", resumed));
    else if (call !== undefined) {
      events.push(...receiptsIn(line, call));
      if (UNFINISHED.test(line)) begun.set(thread, line);
      else events.push(...done(line, call));
    }
  }
  return events;
}

function receiptsIn(line: string, call: string): readonly SyncEvent[] {
  if (!call.startsWith("write") && !call.startsWith("send")) return [];
  return [...line.matchAll(/receipt-id:(mark-[0-9]+-[0-9]+)/g)].map(([, mark = ""]) => ({
    type: "receipt",
    mark,
  }));
}

function done(line: string, call: string): readonly SyncEvent[] {
  if (!line.includes("chat.db-wal>")) return [];
  if (call === "fsync" || call === "fdatasync") return [{ type: "synced" }];
  return call === "pwrite64" ? (line.match(MARK) ?? []).map((mark) => ({ type: "written", mark })) : [];
}
