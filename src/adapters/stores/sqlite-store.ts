/** The durable store: hands operations to the writer's thread and reports facts and results in commit order. */
import { existsSync } from "node:fs";
import { Refusal } from "../../broker/errors.ts";
import { refuse } from "../../chat/errors.ts";
import { PAGE_READS } from "../../chat/operations/index.ts";
import { PageReads } from "./page-reads.ts";
import { DEFAULT_RETENTION } from "./retention.ts";
import { markerOf } from "./sqlite-file.ts";
import { startThread, StoreThread } from "./sqlite-thread.ts";
import { refusalOf } from "./storage-trouble.ts";
import type { OperationInput, OperationName, OperationResult } from "../../chat/operations/index.ts";
import type { ChatStore, FactListener } from "../../chat/store.ts";
import type { Reply, Request } from "./sqlite-protocol.ts";

export type SqliteOptions = {
  /** Path of the database; its WAL lies beside it. */
  readonly file: string;
  readonly retention?: { readonly maxMessages: number; readonly maxDays: number };
  /** Told what failed in the storage and what to do about it, for the log: each kind once a minute at most. */
  readonly onFailure?: (reason: string) => void;
  /** Told that it can be written again. */
  readonly onRecovery?: () => void;
  /**
   * Told that the store stores and answers nothing more and why: everything is refused. `isStuck`: its thread is still
   * there, and an orderly end of the process would wait for it.
   */
  readonly onEnd?: (reason: string, isStuck: boolean) => void;
  readonly maxPages?: number;
};

export interface DurableStore extends ChatStore {
  /** What failed last in the storage and what to do about it, in words, until it can be written again. */
  readonly trouble: string | undefined;
  /** SQLite's own check of the file: `["ok"]`, or what is wrong. */
  checkIntegrity(): Promise<readonly string[]>;
  /**
   * Moves everything from the write-ahead log into the database, so that nothing older is left in either. False while
   * another process reads the database: try again when it is done.
   */
  emptyLog(): Promise<boolean>;
}

/** Whether there is, or was, a database at this path. */
export function databaseExists(file: string): boolean {
  return existsSync(file) || existsSync(markerOf(file));
}

/** Opens the store; rejects with an Error for the operator when the file cannot be used. */
export async function createSqliteStore(options: SqliteOptions): Promise<DurableStore> {
  const { file, retention = DEFAULT_RETENTION, maxPages } = options;
  const thread = await startThread({
    file,
    maxMessages: retention.maxMessages,
    maxDays: retention.maxDays,
    ...(maxPages === undefined ? {} : { maxPages }),
  });
  return new SqliteStore(thread, options);
}

const NO_ANSWER = refusalOf("failing");

type Pending = {
  readonly origin: string | undefined;
  readonly settle: (reply: Reply) => void;
};

class SqliteStore implements DurableStore {
  readonly epoch: string;
  readonly #thread: StoreThread;
  readonly #pending = new Map<number, Pending>();
  readonly #pageReads = new PageReads((request) => {
    this.#enqueue(request);
  });
  #listener: FactListener = () => undefined;
  #requests: Request[] = [];
  #lastId = 0;
  #trouble: string | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(
    started: Awaited<ReturnType<typeof startThread>>,
    { onFailure, onRecovery, onEnd }: Pick<SqliteOptions, "onFailure" | "onRecovery" | "onEnd">,
  ) {
    this.epoch = started.epoch;
    this.#thread = new StoreThread(started, () => this.#pending.size > 0, {
      replies: (replies) => {
        this.#settle(replies);
      },
      withdrawn: (requests) => {
        this.#settle(requests.map(({ id }) => ({ id, refusal: NO_ANSWER })));
      },
      failure: (reason) => {
        this.#trouble = reason;
        onFailure?.(reason);
      },
      recovered: () => {
        this.#trouble = undefined;
        onRecovery?.();
      },
      ended: (reason, isStuck) => {
        const isTold = this.#closing === undefined || this.#pending.size > 0;
        this.#isClosed = true;
        // What the thread had taken may be stored: a repetition with its clientId finds out.
        this.#settle([...this.#pending.keys()].map((id) => ({ id, refusal: NO_ANSWER })));
        if (isTold) onEnd?.(reason, isStuck);
      },
    });
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  execute<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    origin?: string,
    inOrder?: (result: OperationResult<Name>) => void,
  ): Promise<OperationResult<Name>> {
    return this.#request((id) => ({ kind: "operation", id, name, input }), origin, inOrder);
  }

  onFact(listener: FactListener): void {
    this.#listener = listener;
  }

  async checkWritable(): Promise<void> {
    await this.#request((id) => ({ kind: "check", id }));
  }

  checkIntegrity(): Promise<readonly string[]> {
    return this.#request((id) => ({ kind: "integrity", id }));
  }

  emptyLog(): Promise<boolean> {
    return this.#request((id) => ({ kind: "emptyLog", id }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    const finished = this.#thread.finished();
    this.#pageReads.finish();
    const closed = this.#request((id) => ({ kind: "close", id }));
    this.#isClosed = true;
    await closed;
    await finished;
  }

  #request<Result>(
    compose: (id: number) => Request,
    origin?: string,
    inOrder?: (result: Result) => void,
  ): Promise<Result> {
    if (this.#isClosed) return Promise.reject(refuse("RETRY_LATER"));
    this.#lastId += 1;
    const id = this.#lastId;
    const request = compose(id);
    if (request.kind === "operation" && PAGE_READS.has(request.name)) this.#pageReads.ask(request);
    else this.#enqueue(request);
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply): void => {
        if ("refusal" in reply) {
          const { code, message, detail } = reply.refusal;
          reject(new Refusal(code, message, detail));
          return;
        }
        const result = reply.result as Result;
        inOrder?.(result);
        resolve(result);
      };
      this.#pending.set(id, { origin, settle });
    });
  }

  /** Everything asked in one turn goes over together. */
  #enqueue(request: Request): void {
    this.#requests.push(request);
    if (this.#requests.length > 1) return;
    setImmediate(() => {
      const requests = this.#requests;
      this.#requests = [];
      this.#thread.send(requests);
    });
  }

  #settle(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      this.#pageReads.answered(reply.id);
      if (pending === undefined) continue;
      if ("facts" in reply) for (const fact of reply.facts) this.#listener(fact, pending.origin);
      pending.settle(reply);
    }
  }
}
