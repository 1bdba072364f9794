/** Looks at a database file without writing to it, beside a server that runs or without one. */
import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { knownSchema, MIGRATIONS } from "./sqlite-schema.ts";
import { ADVICE, troubleOf } from "./storage-trouble.ts";

export type Inspection = {
  readonly octets: number;
  readonly schema: number;
  /** The schema of this program. */
  readonly newest: number;
  /** What SQLite's integrity check found; empty when all is well. */
  readonly faults: readonly string[];
  /** Ids of customers whose erasure was begun and is not done. */
  readonly unfinished: readonly string[];
};

/** An Error for the operator, with what can be done about it where that is known. */
class InspectionError extends Error {
  override readonly name = "InspectionError";
  readonly advice: string | undefined;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    const trouble = troubleOf(cause);
    this.advice = trouble === undefined ? undefined : ADVICE[trouble];
  }
}

/**
 * Reads the whole file; a server goes on writing meanwhile. `isHeld` while another process may write to it: without one
 * and without a log beside it, the file is all there is, and SQLite is kept from making files of its own. Throws.
 */
export function inspectDatabase(file: string, isHeld: boolean): Inspection {
  try {
    const url = pathToFileURL(file);
    if (!isHeld && !existsSync(`${file}-wal`)) url.searchParams.set("immutable", "1");
    const database = new DatabaseSync(url, { readOnly: true, timeout: 5000 });
    try {
      const schema = knownSchema(database);
      const rows = database.prepare("PRAGMA integrity_check(3)").all();
      const found = rows.map((row) => String(row["integrity_check"]));
      const faults = found.join() === "ok" ? [] : found.map((fault) => fault.replaceAll("\n", " "));
      const newest = MIGRATIONS.length;
      const unfinished = schema < newest || faults.length > 0 ? [] : unfinishedIn(database);
      return { octets: statSync(file).size, schema, newest, faults, unfinished };
    } finally {
      database.close();
    }
  } catch (error) {
    throw new InspectionError(error);
  }
}

function unfinishedIn(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("SELECT id FROM users WHERE erasing = 1 ORDER BY key").all();
  return rows.map((row) => String(row["id"]));
}
