/** Preloaded into a server: its database is full or may not be written, or its thread hangs or dies, as a file says. */
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";

/** What SQLite allows by itself. */
const NO_LIMIT = 4_294_967_294;
const file = process.env["FAULT_FILE"] ?? "";
const heapMiB = process.env["STORE_HEAP_MIB"];
// For threads that begin from now on. What the command line says is stronger than NODE_OPTIONS, and far more.
if (heapMiB !== undefined) setFlagsFromString(`--max-old-space-size=${heapMiB}`);

/** What happens before a transaction begins, in the kernel or to the thread. */
const EVENTS: Readonly<Record<string, () => void>> = {
  // A pipe that nobody writes: the thread waits in a system call, as for a disk.
  stuck: () => {
    writeFileSync(`${file}.stuck`, "");
    closeSync(openSync(`${file}.pipe`, "r"));
  },
  "out of memory": () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1_000_000).fill(0));
  },
  ended: () => process.exit(3),
};

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (sql) {
  if (sql.startsWith("BEGIN")) {
    const fault = readFileSync(file, "utf8");
    EVENTS[fault]?.();
    exec.call(this, `PRAGMA query_only = ${fault === "read-only" ? "ON" : "OFF"}`);
    // One page is never enough: SQLite takes it for the pages there are.
    exec.call(this, `PRAGMA max_page_count = ${fault === "full" ? 1 : NO_LIMIT}`);
  }
  exec.call(this, sql);
};
