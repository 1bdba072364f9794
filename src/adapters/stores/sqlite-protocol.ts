/** What the main thread and the store's worker say to each other. */
import type { Fact } from "../../chat/facts.ts";
import type { RefusalDetail } from "../../broker/errors.ts";
import type { OperationName } from "../../chat/operations/index.ts";

export type WorkerOptions = {
  readonly file: string;
  readonly maxMessages: number;
  readonly maxDays: number;
  /** SQLite's own bound on the file, in pages; for tests of a full disk. */
  readonly maxPages?: number;
  /** The memory of `Turns`. */
  readonly turns: SharedArrayBuffer;
};

/** What was asked in one turn of the main thread. */
export type ToWorker = { readonly turn: bigint; readonly requests: readonly Request[] };

/** An operation of the chat, or one of the worker's own. */
export type Request =
  | { readonly kind: "operation"; readonly id: number; readonly name: OperationName; readonly input: unknown }
  | { readonly kind: "check" | "integrity" | "emptyLog" | "close"; readonly id: number };

export type Reply =
  | { readonly id: number; readonly result: unknown; readonly facts: readonly Fact[] }
  | { readonly id: number; readonly refusal: { code: string; message: string; detail: RefusalDetail } };

export type FromWorker =
  | { readonly type: "ready"; readonly epoch: string }
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "replies"; readonly replies: readonly Reply[] }
  | { readonly type: "failure"; readonly reason: string }
  /** What was told as a failure of the storage is over. */
  | { readonly type: "recovered" };
