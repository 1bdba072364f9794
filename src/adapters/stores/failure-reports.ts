/** What the log is told of failures: each kind once a minute, however often it happens, and when it is over. */
import { OnceAMinute } from "../../broker/once-a-minute.ts";
import { ADVICE } from "./storage-trouble.ts";
import type { FromWorker } from "./sqlite-protocol.ts";
import type { StorageTrouble } from "./storage-trouble.ts";

export class FailureReports {
  readonly #file: string;
  readonly #send: (message: FromWorker) => void;
  readonly #reports = new OnceAMinute(() => performance.now());
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
    // Mistakes of ours are told apart by their message.
    if (!this.#reports.mayTell(trouble ?? text)) return;
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
}
