/** The writer's thread: everything that waits goes into one transaction, in order; answers follow the commit. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Refusal } from "../../broker/errors.ts";
import { OPERATIONS, READS } from "../../chat/operations/index.ts";
import { refuse } from "../../chat/errors.ts";
import { runOperation } from "./run-operation.ts";
import { openDatabase } from "./sqlite-file.ts";
import { SqliteTables } from "./sqlite-tables.ts";
import type { DatabaseSync } from "node:sqlite";
import type { MessagePort } from "node:worker_threads";
import type { FromWorker, Reply, Request, WorkerOptions } from "./sqlite-protocol.ts";

/** Operations in one transaction: more would only delay the first answer. */
const MAX_BATCH = 2000;

class Writer {
  readonly #database: DatabaseSync;
  readonly #tables: SqliteTables;
  readonly #port: MessagePort;

  constructor(database: DatabaseSync, tables: SqliteTables, port: MessagePort) {
    this.#database = database;
    this.#tables = tables;
    this.#port = port;
  }

  /** Runs a batch and answers it; nothing of it is answered before its commit. */
  run(batch: readonly Request[]): void {
    this.#send({ type: "replies", replies: this.#runBatch(batch) });
    if (batch.some((request) => request.kind === "close")) this.#port.close();
  }

  #runBatch(batch: readonly Request[]): readonly Reply[] {
    try {
      return this.#inTransaction(isWrite(batch), () => batch.map((request) => this.#answer(request)));
    } catch (error) {
      return this.#afterFailure(batch, error);
    }
  }

  /** One request failed the storage or itself: each gets a transaction of its own, so that one cannot fail others. */
  #afterFailure(batch: readonly Request[], error: unknown): readonly Reply[] {
    this.#send({ type: "failure", reason: describe(error) });
    let storageFailed = isStorageError(error);
    return batch.map((request) => {
      const writes = isWrite([request]);
      if (writes && storageFailed) return refused(request, storageRefusal(error));
      try {
        return this.#inTransaction(writes, () => this.#answer(request));
      } catch (again) {
        storageFailed ||= isStorageError(again);
        if (!storageFailed) this.#send({ type: "failure", reason: describe(again) });
        return refused(request, isStorageError(again) ? storageRefusal(again) : refuse("INTERNAL"));
      }
    });
  }

  #inTransaction<Result>(writes: boolean, body: () => Result): Result {
    this.#database.exec(writes ? "BEGIN IMMEDIATE" : "BEGIN");
    try {
      const result = body();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has rolled back by itself already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#tables.forget();
      throw error;
    }
  }

  #answer(request: Request): Reply {
    const { id } = request;
    if (request.kind !== "operation") return { id, result: this.#own(request.kind), facts: [] };
    try {
      const { result, facts } = runOperation(OPERATIONS, this.#tables, request.name, request.input as never);
      return { id, result, facts };
    } catch (error) {
      if (error instanceof Refusal) return refused(request, error);
      throw error;
    }
  }

  #own(kind: "check" | "integrity" | "close"): unknown {
    if (kind === "check") {
      this.#database.exec("INSERT OR REPLACE INTO meta (name, value) VALUES ('checked', '')");
    }
    if (kind !== "integrity") return null;
    return this.#database
      .prepare("PRAGMA integrity_check")
      .all()
      .map((row) => String(row["integrity_check"]));
  }

  #send(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}

function isWrite(batch: readonly Request[]): boolean {
  return batch.some((request) =>
    request.kind === "operation" ? !READS.has(request.name) : request.kind === "check",
  );
}

function refused({ id }: Request, { code, message, detail }: Refusal): Reply {
  return { id, refusal: { code, message, detail } };
}

/** SQLite's primary result codes; others come from our own code. */
const SQLITE_FULL = 13;

function resultCode(error: unknown): number | undefined {
  const code: unknown = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Constraint violations are mistakes of ours; everything else that SQLite reports is the storage. */
function isStorageError(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && code !== 19 && code !== 1 && code !== 21 && code !== 25;
}

function storageRefusal(error: unknown): Refusal {
  return refuse(resultCode(error) === SQLITE_FULL ? "STORAGE_FULL" : "RETRY_LATER", { retryAfterMs: 1000 });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function start(port: MessagePort, { file, maxMessages, maxDays, maxPages }: WorkerOptions): void {
  const { database, epoch } = openDatabase(file, maxPages);
  const writer = new Writer(
    database,
    new SqliteTables(database, { maxMessages, maxDays, now: Date.now }),
    port,
  );
  port.on("message", (first: readonly Request[]) => {
    const batch = [...first];
    while (batch.length < MAX_BATCH) {
      const waiting = receiveMessageOnPort(port);
      if (waiting === undefined) break;
      batch.push(...(waiting.message as readonly Request[]));
    }
    writer.run(batch);
  });
  port.on("close", () => {
    database.close();
  });
  port.postMessage({ type: "ready", epoch } satisfies FromWorker);
}

if (parentPort !== null) {
  try {
    start(parentPort, workerData as WorkerOptions);
  } catch (error) {
    parentPort.postMessage({
      type: "refused",
      reason: error instanceof Error ? error.message : String(error),
    } satisfies FromWorker);
    parentPort.close();
  }
}
