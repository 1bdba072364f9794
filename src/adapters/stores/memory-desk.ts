/** Notes, canned responses and the index of words over the memory store's rows. */
import { mayGoOn, searchable } from "../../chat/search-words.ts";
import type {
  CannedResponseTables,
  Key,
  MessageRow,
  NoteRow,
  NoteTables,
  SearchTables,
  UserRow,
} from "../../chat/tables.ts";
import type { CannedResponse } from "../../chat/wire.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryNotes implements NoteTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  append(row: Omit<NoteRow, "key" | "number">): NoteRow {
    const { notes } = this.#rows();
    const note = { ...row, key: notes.length + 1, number: this.#of(row.conversation).length + 1 };
    notes.push(note);
    return note;
  }

  byClientId(author: Key, clientId: string): NoteRow | undefined {
    return this.#rows().notes.find((row) => row.author === author && row.clientId === clientId);
  }

  after(conversation: Key, after: number, limit: number): readonly NoteRow[] {
    return this.#of(conversation).slice(after, after + limit);
  }

  before(conversation: Key, before: number, limit: number): readonly NoteRow[] {
    return this.#of(conversation)
      .slice(0, Math.max(0, before - 1))
      .slice(-limit);
  }

  latest(limit: number): readonly { readonly conversation: Key; readonly number: number }[] {
    const latest = new Map<Key, number>();
    for (const { conversation, number } of this.#rows().notes.toReversed()) {
      if (!latest.has(conversation)) latest.set(conversation, number);
    }
    return [...latest].slice(0, limit).map(([conversation, number]) => ({ conversation, number }));
  }

  #of(conversation: Key): readonly NoteRow[] {
    return this.#rows().notes.filter((row) => row.conversation === conversation);
  }
}

export class MemoryCannedResponses implements CannedResponseTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  all(): readonly CannedResponse[] {
    return [...this.#rows().cannedResponses]
      .map(([shortcut, text]) => ({ shortcut, text }))
      .sort((one, other) => (one.shortcut < other.shortcut ? -1 : 1));
  }

  get(shortcut: string): CannedResponse | undefined {
    const text = this.#rows().cannedResponses.get(shortcut);
    return text === undefined ? undefined : { shortcut, text };
  }

  put({ shortcut, text }: CannedResponse): void {
    this.#rows().cannedResponses.set(shortcut, text);
  }

  delete(shortcut: string): void {
    this.#rows().cannedResponses.delete(shortcut);
  }
}

export class MemorySearch implements SearchTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  index(limit: number): number {
    const rows = this.#rows();
    const indexed = Math.min(rows.messages.length, rows.indexed + limit);
    const count = indexed - rows.indexed;
    rows.indexed = indexed;
    return count;
  }

  messages(words: readonly string[], beforeKey: Key | undefined, limit: number): readonly MessageRow[] {
    const { messages, indexed } = this.#rows();
    return messages
      .slice(0, indexed)
      .filter(({ key }) => beforeKey === undefined || key < beforeKey)
      .filter(({ text }) => hasAll(text, words))
      .toReversed()
      .slice(0, limit);
  }

  customers(words: readonly string[], limit: number): readonly UserRow[] {
    return this.#rows()
      .users.filter(({ kind, aliasOf }) => (kind === "guest" || kind === "customer") && aliasOf === undefined)
      .filter(({ name }) => name !== undefined && hasAll(name, words))
      .toReversed()
      .slice(0, limit);
  }
}

/** True when each piece occurs as consecutive words of the text, the last of them perhaps only begun. */
function hasAll(text: string, words: readonly string[]): boolean {
  const haystack = ` ${tokensOf(text).join(" ")} `;
  return words.every((word) => haystack.includes(` ${tokensOf(word).join(" ")}${mayGoOn(word) ? "" : " "}`));
}

function tokensOf(text: string): readonly string[] {
  const plain = searchable(text).normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}
