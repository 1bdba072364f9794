/** The writer's thread as the main one sees it: who waits is told when it falls silent, and when it will answer no more. */
import { parse } from "node:path";
import { Worker } from "node:worker_threads";
import { TURN_OCTETS, Turns } from "./turns.ts";
import type { FromWorker, Reply, Request, WorkerOptions } from "./sqlite-protocol.ts";

const LOOK_EVERY_MS = 250;
/**
 * Looks without a word from the thread. They are counted and not timed: a process that was stopped for a while has
 * looked once. Nobody waits longer than 2 s for a refusal.
 */
const SILENT_LOOKS = 7;
/** 3 s: longer than the thread itself waits for a lock, of which it tells the log. */
const TOLD_LOOKS = 12;
/** 30 s: a disk that stalls comes back sooner. */
const LOST_LOOKS = 120;

/** What is told of the thread, in the order in which it happens. */
export type ThreadListener = {
  readonly replies: (replies: readonly Reply[]) => void;
  /** The thread has not taken them and never will: nothing of them is done. */
  readonly withdrawn: (requests: readonly Request[]) => void;
  /** For the log. */
  readonly failure: (reason: string) => void;
  /** What was told as a failure is over. */
  readonly recovered: () => void;
  /** No answer comes any more. `isStuck`: the thread is still there, and holds up the end of the process. */
  readonly ended: (reason: string, isStuck: boolean) => void;
};

/** Starts the thread; resolves when the database is open, rejects with an Error for the operator. */
export async function startThread(
  options: Omit<WorkerOptions, "turns">,
): Promise<{ readonly epoch: string; readonly worker: Worker; readonly turns: Turns }> {
  const shared = new SharedArrayBuffer(TURN_OCTETS);
  const workerData: WorkerOptions = { ...options, turns: shared };
  // Compiled like this file, or like it not.
  const { ext } = parse(import.meta.url);
  const worker = new Worker(new URL(`./sqlite-worker${ext}`, import.meta.url), { workerData });
  const epoch = await new Promise<string>((resolve, reject) => {
    worker.once("message", (message: FromWorker) => {
      if (message.type === "ready") resolve(message.epoch);
      else
        reject(new Error(message.type === "refused" ? message.reason : "the store's thread did not start"));
    });
    worker.once("error", reject);
  });
  return { epoch, worker, turns: new Turns(shared) };
}

export class StoreThread {
  readonly #worker: Worker;
  readonly #turns: Turns;
  readonly #listener: ThreadListener;
  readonly #isWaitedFor: () => boolean;
  readonly #looking: NodeJS.Timeout;
  /** What may still be withdrawn, by turn. */
  readonly #sent = new Map<bigint, readonly Request[]>();
  #lastTurn = 0n;
  #looks = 0;
  #isOver = false;

  /** `isWaitedFor` says whether anybody waits for an answer: a thread that nobody asks is silent, too. */
  constructor(
    { worker, turns }: { readonly worker: Worker; readonly turns: Turns },
    isWaitedFor: () => boolean,
    listener: ThreadListener,
  ) {
    this.#worker = worker;
    this.#turns = turns;
    this.#isWaitedFor = isWaitedFor;
    this.#listener = listener;
    this.#looking = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS).unref();
    worker.on("message", (message: FromWorker) => {
      this.#receive(message);
    });
    worker.on("error", (error) => {
      this.#end(error instanceof Error ? (error.stack ?? error.message) : String(error), false);
    });
    worker.on("exit", (code) => {
      this.#end(`the store's thread ended with ${code}`, false);
    });
  }

  /** Hands them over together; withdrawn at once while the thread is silent. */
  send(requests: readonly Request[]): void {
    if (this.#isOver || this.#looks >= SILENT_LOOKS) {
      this.#listener.withdrawn(requests);
      return;
    }
    this.#lastTurn += 1n;
    this.#sent.set(this.#lastTurn, requests);
    this.#worker.postMessage({ turn: this.#lastTurn, requests });
  }

  /** Resolves when the thread ended by itself, as it was told to. */
  async finished(): Promise<void> {
    if (!this.#isOver) await new Promise((resolve) => this.#worker.once("exit", resolve));
  }

  #receive(message: FromWorker): void {
    if (this.#isOver) return;
    if (this.#looks >= TOLD_LOOKS) this.#listener.recovered();
    this.#looks = 0;
    if (message.type === "failure") this.#listener.failure(message.reason);
    if (message.type === "recovered") this.#listener.recovered();
    if (message.type !== "replies") return;
    this.#forgetTaken(this.#turns.decided());
    this.#listener.replies(message.replies);
  }

  #look(): void {
    this.#looks = this.#isWaitedFor() ? this.#looks + 1 : 0;
    if (this.#looks === TOLD_LOOKS) {
      this.#listener.failure(
        "its thread does not answer: look at the disk; everything is refused until it does",
      );
    }
    if (this.#looks === SILENT_LOOKS) this.#withdraw();
    if (this.#looks === LOST_LOOKS)
      this.#end("its thread has not answered for 30 s, nor has the disk, it seems", true);
  }

  /** What the thread has taken may be stored or not: that is answered by the thread alone, or by nobody. */
  #withdraw(): void {
    this.#forgetTaken(this.#turns.decide(this.#lastTurn));
    const requests = [...this.#sent.values()].flat();
    this.#sent.clear();
    this.#listener.withdrawn(requests);
  }

  #forgetTaken(upTo: bigint): void {
    for (const turn of this.#sent.keys()) {
      if (turn > upTo) return;
      this.#sent.delete(turn);
    }
  }

  #end(reason: string, isStuck: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#looking);
    this.#listener.ended(reason, isStuck);
  }
}
