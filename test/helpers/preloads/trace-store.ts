/** Preloaded into a server: notes messages, commits and RECEIPTs of all threads in one file, in their order. */
import { openSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { MARK } from "../sync-order.ts";
import type { SyncEvent } from "../sync-order.ts";

/** PRAGMA synchronous of a connection whose every commit in WAL mode is synced. */
const FULL = 2;

// Each thread opens it itself; an append is whole, and what is appended first stands first.
const file = openSync(process.env["TRACE_FILE"] ?? "", "a");

function note(event: SyncEvent): void {
  writeSync(file, `${JSON.stringify(event)}\n`);
}

/* eslint-disable @typescript-eslint/unbound-method -- they are called with the receiver they were found on */
const { exec, prepare } = DatabaseSync.prototype;
const { run } = StatementSync.prototype;
const { write } = Socket.prototype;
/* eslint-enable @typescript-eslint/unbound-method */

StatementSync.prototype.run = function (this: StatementSync, ...values: unknown[]) {
  const result = run.apply(this, values as never);
  for (const value of values) {
    if (typeof value === "string")
      for (const mark of value.match(MARK) ?? []) note({ type: "written", mark });
  }
  return result;
};

DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql);
  if (sql !== "COMMIT") return;
  const isSynced = Number(prepare.call(this, "PRAGMA synchronous").get()?.["synchronous"]) >= FULL;
  if (isSynced) note({ type: "synced" });
};

Socket.prototype.write = function (this: Socket, ...taken: unknown[]) {
  const [chunk] = taken;
  const text = Buffer.isBuffer(chunk) ? chunk.toString("latin1") : String(chunk);
  for (const [, mark = ""] of text.matchAll(/receipt-id:(mark-[0-9]+-[0-9]+)/g))
    note({ type: "receipt", mark });
  return write.apply(this, taken as never);
};
