/** A backup is one database in one file: a copy of the installation's without its free pages, and the key of its tokens. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { noteRestore } from "./restore-note.ts";
import { knownSchema, MIGRATIONS } from "./sqlite-schema.ts";

/** What a backup carries beside the rows of the database. */
export type BackupLabel = {
  /** RFC 3339, UTC. */
  readonly madeAt: string;
  /** Of guests' and customers' tokens, in base64. */
  readonly tokenKey: string;
};

export type BackupSummary = {
  readonly label: BackupLabel;
  readonly messages: number;
  readonly conversations: number;
  /** Agents and services. */
  readonly accounts: number;
  readonly schema: number;
  /** The next start migrates it. */
  readonly isOld: boolean;
};

const labelSchema = z.strictObject({ madeAt: z.iso.datetime(), tokenKey: z.base64() });

/**
 * Copies the database `source` into the empty file `target`, as it is at one moment, while others go on writing to it:
 * a reader of the write-ahead log holds up no writer. `begun` hears the octets to come, `copied` that what is left is to check them. Blocks its thread; throws
 * SQLite's error, or an Error for the operator. What was deleted is not in the copy: free pages are left out.
 */
export function writeBackup(
  source: string,
  target: string,
  label: BackupLabel,
  { begun, copied }: { readonly begun: (octets: number) => void; readonly copied: () => void },
): BackupSummary {
  withDatabase(source, (database) => {
    if (knownSchema(database) === 0) throw new Error("nothing in it yet");
    const figure = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
    begun((figure("page_count") - figure("freelist_count")) * figure("page_size"));
    database.prepare("VACUUM INTO ?").run(target);
  });
  copied();
  const summary = withDatabase(target, (database) => {
    database.exec("PRAGMA journal_mode = MEMORY");
    database
      .prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('backup', ?)")
      .run(JSON.stringify(label));
    return examine(database);
  });
  syncPath(target);
  return summary;
}

/**
 * Makes a copy of a backup the database of an installation: with an epoch of its own, so that positions given out after
 * the backup are not taken for its own, and without login sessions. Throws an Error for the operator when it is no
 * whole backup, or a newer version's.
 */
export function openBackup(file: string): BackupSummary {
  const summary = withDatabase(file, (database) => {
    database.exec("PRAGMA journal_mode = MEMORY");
    const found = examine(database);
    database.exec("BEGIN IMMEDIATE; DELETE FROM login_sessions; DELETE FROM meta WHERE name = 'backup'");
    database.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(randomBytes(4).toString("hex"));
    noteRestore(database, found.label.madeAt);
    database.exec("COMMIT");
    return found;
  });
  syncPath(file);
  return summary;
}

/** What is written is on the disk, names of a directory included, when this returns. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function examine(database: DatabaseSync): BackupSummary {
  const schema = knownSchema(database);
  const label = schema === 0 ? undefined : labelOf(database);
  if (label === undefined) throw new Error("no backup of customer-chat");
  const [problem] = database.prepare("PRAGMA integrity_check(1)").all();
  if (problem?.["integrity_check"] !== "ok") {
    throw new Error(`damaged: ${String(problem?.["integrity_check"])}`);
  }
  const count = (rows: string): number =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${rows}`).get()?.["count"]);
  return {
    label,
    messages: count("messages"),
    conversations: count("conversations"),
    accounts: count("users WHERE kind IN ('agent', 'service')"),
    schema,
    isOld: schema < MIGRATIONS.length,
  };
}

function labelOf(database: DatabaseSync): BackupLabel | undefined {
  const hasMeta = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
  const row = hasMeta ? database.prepare("SELECT value FROM meta WHERE name = 'backup'").get() : undefined;
  return row === undefined ? undefined : labelSchema.safeParse(JSON.parse(String(row["value"]))).data;
}

function withDatabase<Result>(file: string, work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
