/** What becomes known of dead letters that found their queue full: a count for metrics, a line in the log now and then. */
import { OnceAMinute } from "../once-a-minute.ts";
import { count } from "../stats.ts";
import type { Log } from "../log.ts";
import type { Stats } from "../stats.ts";
import type { DeadLetterReason } from "./queue-consumer.ts";

export class DroppedDeadLetters {
  readonly #stats: Stats;
  readonly #log: Log;
  readonly #reports: OnceAMinute;

  /** `now`: monotonic milliseconds. */
  constructor(stats: Stats, log: Log, now: () => number) {
    this.#stats = stats;
    this.#log = log;
    this.#reports = new OnceAMinute(now);
  }

  /** Counts one; the log has a line a minute for each queue of dead letters. */
  add(deadLetters: string, messageId: string, reason: DeadLetterReason): void {
    count(this.#stats.droppedDeadLetters, reason);
    if (!this.#reports.mayTell(deadLetters)) return;
    const text = "a dead letter was dropped: its queue is full; consume from it, or raise MAX_QUEUE_MESSAGES";
    this.#log.warn({ queue: deadLetters, messageId, reason }, text);
  }
}
