/** What can be seen of the data directory without writing to it: modes, owner, secrets, room, times. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { readSecrets } from "../adapters/auth/secrets.ts";
import { inspectDatabase } from "../adapters/stores/sqlite-inspection.ts";
import { note, problem, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Below it a day's write-ahead log may fill the disk. */
const LEAST_FREE = 256 * MIB;
/** The log is cut back to 64 MiB as soon as all of it is in the database. */
const MOST_LOG = 256 * MIB;
const TOLERATED_MS = 60_000;

/** Every file and directory, the data directory itself first. */
export function judgeModes(dataDir: string): readonly Finding[] {
  const names = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
  const paths = ["", ...names].map((name) => join(dataDir, name));
  const findings = paths.flatMap(judgeMode);
  return findings.length === 0
    ? [well(`files: ${paths.length} in ${dataDir}, only their owner's`)]
    : findings;
}

function judgeMode(path: string): readonly Finding[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const mode = stat.mode & 0o777;
  const rightMode = stat.isDirectory() ? "700" : "600";
  const user = process.getuid?.() ?? stat.uid;
  return [
    ...((mode & 0o077) === 0
      ? []
      : [problem(`${path}: open to others (${mode.toString(8)})`, `chmod ${rightMode} '${path}'`)]),
    ...(user === 0 || user === stat.uid
      ? []
      : [
          problem(
            `${path}: belongs to another user (uid ${stat.uid})`,
            "run the server and this command as one user",
          ),
        ]),
  ];
}

/** Of what the server writes to, the first that the user of this command cannot write; `access` asks the system. */
export function judgeWritable(dataDir: string, access = accessSync): readonly Finding[] {
  for (const name of ["", "chat.db", "chat.db-wal"]) {
    const path = join(dataDir, name);
    try {
      if (existsSync(path)) access(path, constants.W_OK);
    } catch (error) {
      const isReadOnly = error instanceof Error && "code" in error && error.code === "EROFS";
      const todo = isReadOnly
        ? "mount its disk so that it can be written"
        : `let its user write to it: chmod u+w '${path}'`;
      return [problem(`${path}: cannot be written`, todo)];
    }
  }
  return [];
}

export function judgeSecrets(dataDir: string): Finding {
  const file = join(dataDir, "secrets.json");
  try {
    readSecrets(file);
    return well("secrets: there and whole");
  } catch (error) {
    const isMissing = !existsSync(file);
    const why = isMissing ? "missing although there is data" : messageOf(error);
    return problem(
      isMissing ? `${file}: ${why}` : why,
      "without it guests are strangers again; restore a backup",
    );
  }
}

/** Reads all of the database; a server that runs goes on writing. `isHeld` while one does. */
export function judgeDatabase(file: string, isHeld: boolean): readonly Finding[] {
  try {
    const { octets, schema, newest, faults, unfinished } = inspectDatabase(file, isHeld);
    if (faults.length > 0) {
      return [
        problem(
          `${file}: the database is damaged: ${faults.join("; ")}`,
          "stop the server, keep a copy of the files, and restore a backup",
        ),
      ];
    }
    const ages =
      schema < newest
        ? [note(`database: of an older version (schema ${schema}); the next start brings it to ${newest}`)]
        : [];
    // A server that runs knows better.
    const erasures = isHeld ? [] : unfinished.map(erasureFinding);
    return [well(`database: whole, schema ${schema}, ${sizeOf(octets)}`), ...ages, ...erasures];
  } catch (error) {
    const { message, advice } = error as Error & { readonly advice?: string };
    return [problem(`${file}: ${message}`, advice ?? "look at it, or restore a backup")];
  }
}

/** The write-ahead log beside the database. `isHeld` while a process may write to it. */
export function judgeLog(file: string, isHeld: boolean): readonly Finding[] {
  const octets = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (octets <= MOST_LOG) return [];
  const what = `${file}-wal: ${sizeOf(octets)} that are not in the database yet`;
  return isHeld
    ? [problem(what, "something reads the database all the while, a backup or a shell of SQLite: let it end")]
    : [note(`${what}; the next start sees to it and takes its time`)];
}

/** A customer whose erasure was begun and is not done. */
export function erasureFinding(id: string): Finding {
  return problem(`the erasure of ${id} is not done`, `npm run admin -- erase-customer ${id}`);
}

/** Of the disk that the data directory is on. */
export function judgeRoom(dataDir: string): Finding {
  const { bavail, bsize, files, ffree } = statfsSync(dataDir);
  // Some file systems count none.
  if (files > 0 && ffree === 0) {
    return problem("disk: no inode is free, so no file can be made", "remove files that nobody needs");
  }
  const database = statSync(join(dataDir, "chat.db"), { throwIfNoEntry: false });
  return roomFinding(bavail * bsize, database?.size ?? 0);
}

/** Octets that are free, and of the database. */
export function roomFinding(free: number, database: number): Finding {
  if (free < LEAST_FREE) {
    return problem(`disk: ${sizeOf(free)} free`, "free space; messages are refused when there is none");
  }
  if (free < database) return note(`disk: ${sizeOf(free)} free, no room for a backup beside the database`);
  return well(`disk: ${sizeOf(free)} free`);
}

/** What was written later than now was written before somebody set the clock back. */
export function judgeClock(dataDir: string, now: number): Finding {
  const times = ["chat.db", "chat.db-wal"].map(
    (name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const newest = Math.max(...times);
  if (newest <= now + TOLERATED_MS) return well(`clock: ${new Date(now).toISOString()}`);
  return problem(
    `clock: it is ${new Date(now).toISOString()} here, but the database was written at ${new Date(newest).toISOString()}`,
    "set the clock, and let it be kept by NTP",
  );
}

function sizeOf(octets: number): string {
  return octets < GIB ? `${(octets / MIB).toFixed(1)} MiB` : `${(octets / GIB).toFixed(1)} GiB`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
