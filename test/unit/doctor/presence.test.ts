/** What the doctor says where files of an installation are missing, empty, unwritable or far too large. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askAdmin } from "../../../src/adapters/http/admin-socket.ts";
import { judgeLog, judgeWritable } from "../../../src/doctor/files.ts";
import { lineOf } from "../../../src/doctor/finding.ts";
import { judgePresence } from "../../../src/doctor/presence.ts";

let folder: string;
let dataDir: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  dataDir = join(folder, "data");
  file = join(dataDir, "chat.db");
  mkdirSync(dataDir);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const make = (...names: readonly string[]): void => {
  for (const name of names) writeFileSync(join(dataDir, name), "octets");
};
/** The line about it without its folder, and whether there is something to look at. */
const presence = (isOpen = false): readonly unknown[] => {
  const { finding, isThere } = judgePresence(dataDir, isOpen);
  return [finding === undefined ? "" : lineOf(finding).replace(`${dataDir}/`, ""), isThere];
};

describe("of a stopped installation", () => {
  it("there is none yet, or nothing to say", () => {
    expect(presence()).toEqual([
      "problem  chat.db: there is no installation yet; npm start makes one",
      false,
    ]);
    make("chat.db", "chat.db.created");
    expect(presence()).toEqual(["", true]);
  });

  it("the database is missing, empty or no file", () => {
    make("chat.db.created");
    expect(presence()).toEqual(["problem  chat.db: missing although it was made; restore a backup", false]);
    writeFileSync(file, "");
    expect(presence()).toEqual(["problem  chat.db: empty although it was made; restore a backup", false]);
    rmSync(file);
    mkdirSync(file);
    expect(presence()).toEqual(["problem  chat.db: is no file; move it away and restore a backup", false]);
  });

  it("DATA_DIR is no directory", () => {
    expect(judgePresence(import.meta.filename, false)).toMatchObject({
      finding: { what: `${import.meta.filename}: is no directory` },
      isThere: false,
    });
  });
});

describe("of one that runs", () => {
  it.each(["chat.db", "chat.db-wal"])("%s is away, and can be put back", (name) => {
    make("chat.db", "chat.db-wal", "chat.db.created");
    expect(presence(true)).toEqual(["", true]);
    rmSync(join(dataDir, name));
    const [line, isThere] = presence(true);
    expect(line).toMatch(
      `problem  ${name}: missing while the server has it open; put back chat.db and chat.db-wal`,
    );
    expect(isThere).toBe(false);
  });

  it("that gives no answer is waited for no longer than told", async () => {
    const path = join(folder, "admin.sock");
    const silent = createServer(() => undefined).listen(path);
    const answer = await askAdmin(path, "doctor", {}, 50);
    expect(answer).toEqual({ ok: false, lines: [expect.stringMatching(/^no answer within 0\.05 s; /)] });
    silent.close();
  });
});

it("a log of hundreds of megabytes is a reader's doing while it runs, and the next start's matter else", () => {
  make("chat.db-wal");
  expect(judgeLog(file, true)).toEqual([]);
  truncateSync(`${file}-wal`, 3 * 1024 ** 3);
  expect(judgeLog(file, true).map(lineOf).join()).toMatch(
    /^problem {2}\S+chat\.db-wal: 3\.0 GiB that are not in the database yet; something reads the database/,
  );
  expect(judgeLog(file, false).map(lineOf).join()).toMatch(/^note .* the next start sees to it/);
});

it.each([
  ["EROFS", "mount its disk so that it can be written"],
  ["EACCES", "let its user write to it: chmod u+w"],
])("what cannot be written is named: %s", (code, todo) => {
  make("chat.db");
  expect(judgeWritable(dataDir)).toEqual([]);
  const denied = (path: unknown): void => {
    if (path === file) throw Object.assign(new Error("denied"), { code });
  };
  expect(judgeWritable(dataDir, denied).map(lineOf).join()).toMatch(
    `problem  ${file}: cannot be written; ${todo}`,
  );
});
