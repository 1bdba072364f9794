/** The writer's thread: everything that waits goes into one transaction, in order; answers follow the commit. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Refusal } from "../../broker/errors.ts";
import { createAgeClock } from "../../chat/clock.ts";
import { OPERATIONS, READS } from "../../chat/operations/index.ts";
import { refuse } from "../../chat/errors.ts";
import { FailureReports } from "./failure-reports.ts";
import { FilesInPlace } from "./files-in-place.ts";
import { runOperation } from "./run-operation.ts";
import { openDatabase, setBusyTimeout } from "./sqlite-file.ts";
import { SqliteTables } from "./sqlite-tables.ts";
import { refusalOf, troubleOf } from "./storage-trouble.ts";
import { Turns } from "./turns.ts";
import type { DatabaseSync } from "node:sqlite";
import type { MessagePort } from "node:worker_threads";
import type { FromWorker, Reply, Request, ToWorker, WorkerOptions } from "./sqlite-protocol.ts";
import type { StorageTrouble } from "./storage-trouble.ts";

/** Operations in one transaction: more would only delay the first answer. */
const MAX_BATCH = 2000;
/** After a full disk a check writes as much as a long message needs, so that it does not say "ready" to short ones. */
const PROBE_OCTETS = 16_384;
/** How often a store that was full looks by itself whether there is room again. */
const PROBE_EVERY_MS = 1000;

class Writer {
  readonly #database: DatabaseSync;
  readonly #tables: SqliteTables;
  readonly #port: MessagePort;
  readonly #failures: FailureReports;
  readonly #files: FilesInPlace;
  #probedAt = 0;
  #mayMakeRoomAt = 0;

  constructor(file: string, database: DatabaseSync, tables: SqliteTables, port: MessagePort) {
    this.#database = database;
    this.#tables = tables;
    this.#port = port;
    this.#files = new FilesInPlace(file);
    this.#failures = new FailureReports(file, (message) => {
      this.#send(message);
    });
  }

  /** Runs a batch and answers it; nothing of it is answered before its commit. */
  run(batch: readonly Request[]): void {
    // Not within a transaction: it is of those before it.
    const [outside, inside] = [batch.filter(isOutside), batch.filter((request) => !isOutside(request))];
    if (inside.length > 0) this.#send({ type: "replies", replies: this.#runBatch(inside) });
    if (outside.length > 0)
      this.#send({ type: "replies", replies: outside.map((one) => this.#emptyLog(one)) });
    if (batch.some((request) => request.kind === "close")) this.#port.close();
    else if (this.#failures.trouble === "full" && performance.now() > this.#mayMakeRoomAt) this.#makeRoom();
  }

  #runBatch(batch: readonly Request[]): readonly Reply[] {
    const writes = isWrite(batch);
    if (writes && this.#failures.trouble === "damaged") return this.#oneByOne(batch, "damaged");
    try {
      const replies = this.#inTransaction(writes, () => batch.map((request) => this.#answer(request)));
      if (writes && this.#failures.trouble !== undefined) this.#wrote(batch);
      return replies;
    } catch (error) {
      return this.#oneByOne(batch, this.#failed(error));
    }
  }

  /** One request failed the storage or itself: each gets a transaction of its own, so that one cannot fail others. */
  #oneByOne(batch: readonly Request[], met: StorageTrouble | undefined): readonly Reply[] {
    let trouble = met;
    return batch.map((request) => {
      const writes = isWrite([request]);
      if (writes && trouble !== undefined) return refused(request, refusalTo(request, trouble));
      try {
        return this.#inTransaction(writes, () => this.#answer(request));
      } catch (error) {
        const failing = this.#failed(error);
        trouble ??= failing;
        return refused(request, failing === undefined ? refuse("INTERNAL") : refusalTo(request, failing));
      }
    });
  }

  /**
   * The log may be what fills the disk, when it grew behind somebody who read for long. Commits empty it, and there are
   * none: so it is tried here, for a tenth of the time at most.
   */
  #makeRoom(): void {
    const began = performance.now();
    this.#emptyLog({ kind: "emptyLog", id: 0 });
    const ended = performance.now();
    this.#mayMakeRoomAt = ended + Math.max(PROBE_EVERY_MS, 10 * (ended - began));
  }

  #emptyLog(request: Request): Reply {
    try {
      // Who reads keeps it from being emptied; nobody's commit waits for that.
      setBusyTimeout(this.#database, "short");
      const done = this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
      return { id: request.id, result: done?.["busy"] === 0, facts: [] };
    } catch (error) {
      const trouble = this.#failed(error);
      return refused(request, trouble === undefined ? refuse("INTERNAL") : refusalOf(trouble));
    } finally {
      if (this.#failures.trouble === undefined) setBusyTimeout(this.#database, "long");
    }
  }

  #failed(error: unknown): StorageTrouble | undefined {
    const trouble = troubleOf(error);
    this.#failures.failed(error, trouble);
    // Whoever asks next does not wait as long for a lock that is held as the first one did.
    if (trouble === "locked") setBusyTimeout(this.#database, "short");
    return trouble;
  }

  /** A batch was written. After a full disk that proves little: a check that needs room tells. */
  #wrote(batch: readonly Request[]): void {
    const isProof = this.#failures.trouble !== "full" || batch.some(({ kind }) => kind === "check");
    if (isProof) {
      setBusyTimeout(this.#database, "long");
      this.#failures.recovered();
    } else if (performance.now() - this.#probedAt > PROBE_EVERY_MS) {
      this.#probedAt = performance.now();
      this.#runBatch([{ kind: "check", id: 0 }]);
    }
  }

  #inTransaction<Result>(writes: boolean, body: () => Result): Result {
    this.#database.exec(writes ? "BEGIN IMMEDIATE" : "BEGIN");
    try {
      const result = body();
      if (writes) this.#files.expect();
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

  #own(kind: Exclude<Request["kind"], "operation">): unknown {
    if (kind === "check") {
      const octets = this.#failures.trouble === "full" ? PROBE_OCTETS : 0;
      this.#database.exec(
        `INSERT OR REPLACE INTO meta (name, value) VALUES ('checked', hex(zeroblob(${octets})))`,
      );
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

function isOutside({ kind }: Request): boolean {
  return kind === "emptyLog";
}

function isWrite(batch: readonly Request[]): boolean {
  return batch.some((request) =>
    request.kind === "operation" ? !READS.has(request.name) : request.kind === "check",
  );
}

function refused({ id }: Request, { code, message, detail }: Refusal): Reply {
  return { id, refusal: { code, message, detail } };
}

/** Whether there is damage is no answer to whoever asks whether it can write: it cannot. */
function refusalTo({ kind }: Request, trouble: StorageTrouble): Refusal {
  return kind === "check" && trouble === "damaged" ? refuse("RETRY_LATER") : refusalOf(trouble);
}

/** Hands over what was sent and not withdrawn, as much as one transaction may have. */
function take(port: MessagePort, turns: Turns, first: ToWorker): readonly Request[] {
  const sent = [first];
  for (let count = first.requests.length; count < MAX_BATCH;) {
    const waiting = receiveMessageOnPort(port)?.message as ToWorker | undefined;
    if (waiting === undefined) break;
    sent.push(waiting);
    count += waiting.requests.length;
  }
  const withdrawn = turns.decide(sent.at(-1)?.turn ?? first.turn);
  return sent.filter(({ turn }) => turn > withdrawn).flatMap(({ requests }) => requests);
}

function start(port: MessagePort, options: WorkerOptions): void {
  const { file, maxMessages, maxDays, maxPages } = options;
  const { database, epoch } = openDatabase(file, maxPages);
  const writer = new Writer(
    file,
    database,
    new SqliteTables(database, { maxMessages, maxDays, now: createAgeClock() }),
    port,
  );
  const turns = new Turns(options.turns);
  port.on("message", (first: ToWorker) => {
    writer.run(take(port, turns, first));
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
