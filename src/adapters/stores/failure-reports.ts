/** What the log is told of failures: each kind once a minute, however often it happens, and when it is over. */
import { ADVICE } from "./storage-trouble.ts";
import type { FromWorker } from "./sqlite-protocol.ts";
import type { StorageTrouble } from "./storage-trouble.ts";

const AGAIN_MS = 60_000;
/** Kinds remembered: mistakes of ours are told apart by their message. */
const MAX_KINDS = 100;

export class FailureReports {
  readonly #file: string;
  readonly #send: (message: FromWorker) => void;
  readonly #toldAt = new Map<string, number>();
  #trouble: StorageTrouble | undefined;
  #isTold = false;

  constructor(file: string, send: (message: FromWorker) => void) {
    this.#file = file;
    this.#send = send;
  }

  /** What is wrong with the storage now. Damage stays. */
  get trouble(): StorageTrouble | undefined {
    return this.#trouble;
  }

  /** `trouble` is undefined for a mistake of ours. */
  failed(error: unknown, trouble: StorageTrouble | undefined): void {
    const text = error instanceof Error ? error.message : String(error);
    if (trouble !== undefined && this.#trouble !== "damaged") this.#trouble = trouble;
    if (!this.#mayTell(trouble ?? text)) return;
    if (trouble === undefined) {
      this.#send({ type: "failure", reason: error instanceof Error ? (error.stack ?? text) : text });
      return;
    }
    this.#isTold = true;
    this.#send({ type: "failure", reason: `${this.#file}: ${text}: ${ADVICE[trouble]}` });
  }

  /** Something could be written. */
  recovered(): void {
    if (this.#trouble === undefined || this.#trouble === "damaged") return;
    this.#trouble = undefined;
    if (this.#isTold) this.#send({ type: "recovered" });
    this.#isTold = false;
  }

  #mayTell(kind: string): boolean {
    const now = performance.now();
    if (now - (this.#toldAt.get(kind) ?? -AGAIN_MS) < AGAIN_MS) return false;
    if (this.#toldAt.size >= MAX_KINDS) this.#toldAt.clear();
    this.#toldAt.set(kind, now);
    return true;
  }
}
