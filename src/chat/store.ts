/** The port of durable storage: operations run in order, each in a transaction, and report facts in commit order. */
import type { Fact } from "./facts.ts";
import type { OperationInput, OperationName, OperationResult } from "./operations/index.ts";

export type FactListener = (fact: Fact, origin: string | undefined) => void;

/**
 * Operations are executed in the order in which `execute` was called, several of them per transaction. An
 * operation sees what all earlier ones wrote; one of `PAGE_READS` may see later ones too, so that many of them at once
 * hold up nobody who writes. Facts are reported synchronously, in commit order, after the commit
 * that made them durable and before the promise of their operation resolves.
 *
 * Rejects with the Refusal an operation threw, or with STORAGE_FULL or RETRY_LATER when the transaction failed;
 * then nothing of it was stored. Reads go on while writes fail.
 */
export interface ChatStore {
  /** Of this installation's positions; `[A-Za-z0-9]+`, new after a restore. */
  readonly epoch: string;
  /**
   * `origin` names the session whose frame asked, for the facts that follow. `inOrder` is called synchronously with
   * the result, between the facts of the operations before and after it; the promise resolves later.
   */
  execute<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    origin?: string,
    inOrder?: (result: OperationResult<Name>) => void,
  ): Promise<OperationResult<Name>>;
  /** One listener, set before the first operation. */
  onFact(listener: FactListener): void;
  /** Resolves when a write transaction succeeded; rejects when the store cannot be written. */
  checkWritable(): Promise<void>;
  /** Ends after all executed operations; further ones are refused RETRY_LATER. */
  close(): Promise<void>;
}
