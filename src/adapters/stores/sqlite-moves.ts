/** Conversations that went to another customer's log: their messages stay where they are stored and are read at new places. */
import { LruCache } from "./lru-cache.ts";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Key, MessageRow } from "../../chat/tables.ts";

/** The end of one log, a conversation, that is a part of another one now. */
type Move = {
  /** The log that stores the messages. It ends before them, for good: only a guest who became a customer gives one away. */
  readonly source: Key;
  /** Their first offset there. */
  readonly first: number;
  readonly conversation: Key;
  /** The log they are a part of. */
  readonly customer: Key;
  /** Their first offset in it. */
  readonly offset: number;
  /** How many moved, at least one; what is said afterwards is stored in the customer's own log. */
  readonly count: number;
};

/** A part of a log that is stored in one piece. */
export type Stretch = {
  /** The `customer` of the rows. */
  readonly stored: Key;
  /** Their offsets as stored are in (after, upTo]. */
  readonly after: number;
  readonly upTo: number;
  /** Offset in the log less offset as stored. */
  readonly shift: number;
};

type LogMoves = { readonly away?: Move; readonly here: readonly Move[] };

const CACHED = 50_000;
const NONE: LogMoves = { here: [] };

export class SqliteMoves {
  readonly #ofLog = new LruCache<Key, LogMoves>(CACHED);
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
  }

  add({ source, first, conversation, customer, offset, count }: Move): void {
    this.#sql.insert.run(source, first, conversation, customer, offset, count);
    for (const log of [source, customer]) this.#ofLog.delete(log);
  }

  /** A message as it was stored, at its place in the log it is a part of. */
  placed(row: MessageRow): MessageRow {
    const { away } = this.#of(row.customer);
    if (away === undefined || row.offset < away.first) return row;
    return { ...row, customer: away.customer, offset: row.offset - away.first + away.offset };
  }

  /** Where the messages of a log with offsets in (after, upTo] are stored, ascending. */
  stretches(log: Key, after: number, upTo: number): readonly Stretch[] {
    const { away, here } = this.#of(log);
    const end = away === undefined ? upTo : Math.min(upTo, away.first - 1);
    const stretches: Stretch[] = [];
    let from = after;
    const add = (stored: Key, to: number, shift: number): void => {
      const until = Math.min(to, end);
      if (until > from) stretches.push({ stored, after: from - shift, upTo: until - shift, shift });
      from = Math.max(from, until);
    };
    for (const { source, first, offset, count } of here) {
      add(log, offset - 1, 0);
      add(source, offset + count - 1, offset - first);
    }
    add(log, Number.MAX_SAFE_INTEGER, 0);
    return stretches;
  }

  forget(): void {
    this.#ofLog.clear();
  }

  #of(log: Key): LogMoves {
    let moves = this.#ofLog.get(log);
    if (moves === undefined) {
      const away = this.#sql.away.get(log);
      const here = this.#sql.here.all(log).map(moveFrom);
      moves = away !== undefined ? { away: moveFrom(away), here } : here.length > 0 ? { here } : NONE;
      this.#ofLog.set(log, moves);
    }
    return moves;
  }
}

function moveFrom(row: Record<string, SQLOutputValue>): Move {
  const { source, first, conversation, customer, offset, count } = row as Record<keyof Move, number>;
  return { source, first, conversation, customer, offset, count };
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const columns = `source, first, conversation, customer, "offset", count`;
  return {
    insert: database.prepare(`INSERT INTO moves (${columns}) VALUES (?, ?, ?, ?, ?, ?)`),
    away: database.prepare(`SELECT ${columns} FROM moves WHERE source = ?`),
    here: database.prepare(`SELECT ${columns} FROM moves WHERE customer = ? ORDER BY "offset"`),
  };
}
