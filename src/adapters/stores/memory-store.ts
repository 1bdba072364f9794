/** A store that keeps everything in memory: for tests, with the order and atomicity of the durable one. */
import { randomBytes } from "node:crypto";
import { refuse } from "../../chat/errors.ts";
import { OPERATIONS } from "../../chat/operations/index.ts";
import { MemoryTables } from "./memory-tables.ts";
import { DEFAULT_RETENTION } from "./retention.ts";
import { runOperation } from "./run-operation.ts";
import type { OperationInput, OperationName, OperationResult } from "../../chat/operations/index.ts";
import type { ChatStore, FactListener } from "../../chat/store.ts";
import type { Retention } from "./retention.ts";

export function createMemoryStore(retention: Retention = DEFAULT_RETENTION): ChatStore {
  return new MemoryStore(retention);
}

class MemoryStore implements ChatStore {
  readonly epoch = randomBytes(4).toString("hex");
  readonly #tables: MemoryTables;
  #listener: FactListener = () => undefined;
  #isClosed = false;

  constructor(retention: Retention) {
    this.#tables = new MemoryTables(retention);
  }

  async execute<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    origin?: string,
    inOrder?: (result: OperationResult<Name>) => void,
  ): Promise<OperationResult<Name>> {
    if (this.#isClosed) throw refuse("RETRY_LATER");
    // Answered in a later turn, as by the store in the worker; the callbacks of one turn keep their order.
    await new Promise((resolve) => setImmediate(resolve));
    const { result, facts } = runOperation(OPERATIONS, this.#tables, name, input);
    for (const fact of facts) this.#listener(fact, origin);
    inOrder?.(result);
    return result;
  }

  onFact(listener: FactListener): void {
    this.#listener = listener;
  }

  checkWritable(): Promise<void> {
    return this.#isClosed ? Promise.reject(refuse("RETRY_LATER")) : Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
