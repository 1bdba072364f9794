/** Erasure over the memory store's rows. */
import type { ErasureTables, Key, UserRow } from "../../chat/tables.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryErasure implements ErasureTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  messages(customer: Key, after: number, limit: number): { next: number; count: number } | undefined {
    const { logs, messages } = this.#rows();
    const log = logs.get(customer) ?? [];
    const bite = log.slice(after, after + limit);
    for (const row of bite) {
      const erased = { ...row, text: "" };
      log[row.offset - 1] = erased;
      messages[row.key - 1] = erased;
    }
    const next = bite.at(-1)?.offset;
    return next === undefined ? undefined : { next, count: bite.length };
  }

  conversation(key: Key, but: string): number {
    const { notes, lines } = this.#rows();
    let count = 0;
    for (const [index, note] of notes.entries()) {
      if (note.conversation !== key || note.text === "") continue;
      notes[index] = { ...note, text: "" };
      count += 1;
    }
    const kept = (lines.get(key) ?? []).map(({ reason, ...line }) =>
      reason === but ? { ...line, reason } : line,
    );
    lines.set(key, kept);
    return count;
  }

  /** The index is the texts themselves. */
  words(): boolean {
    return false;
  }

  unfinished(): readonly UserRow[] {
    return this.#rows().users.filter(({ erasing }) => erasing === true);
  }
}
