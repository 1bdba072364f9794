/** Migrations: what was written stays, whatever stops them, and the next start brings it up to date. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backUp } from "../../../src/backup.ts";
import { writeSecrets } from "../../../src/adapters/auth/secrets.ts";
import { MIGRATIONS } from "../../../src/adapters/stores/sqlite-schema.ts";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { restore } from "../../../src/restore.ts";
import { Desk } from "../../contract/desk.ts";
import type { Principal } from "../../../src/broker/principal.ts";

const GUEST: Principal = { id: "g".repeat(22), kind: "guest" };
const TEXTS = Array.from({ length: 300 }, (_, index) => `written ${index + 1}`);
const KILLED_MIGRATION = fileURLToPath(new URL("killed-migration.ts", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A database as the version with this schema left it, with a chat in it. */
function written(file: string, schema: number): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL");
  for (const migration of MIGRATIONS.slice(0, schema)) database.exec(migration);
  database.exec(`
    PRAGMA user_version = ${schema};
    INSERT INTO meta VALUES ('epoch', '0000abcd');
    INSERT INTO users (key, id, kind, created_at) VALUES (1, '${GUEST.id}', 'guest', 1);
    INSERT INTO conversations (key, id, customer, first, state, version, opened_at, waiting_since)
      VALUES (1, 'conversation-1', 1, 1, 'waiting', 1, 1, 1);
  `);
  const insert = database.prepare(
    `INSERT INTO messages (customer, "offset", conversation, id, sender, receiver, text, sent_at)
     VALUES (1, ?, 1, ?, 1, 'support', ?, 1)`,
  );
  TEXTS.forEach((text, index) => insert.run(index + 1, `message-${index + 1}`, text));
  database.close();
}

/** Opens it as a start does: migrated, whole, everything there, and it goes on. */
async function expectWhole(file: string): Promise<void> {
  const store = await createSqliteStore({ file });
  const desk = new Desk(store);
  try {
    expect(await desk.texts(GUEST)).toEqual(TEXTS);
    expect(await desk.post(GUEST, "support", "goes on")).toMatchObject({ seq: TEXTS.length + 1 });
    expect(await store.checkIntegrity()).toEqual(["ok"]);
  } finally {
    await store.close();
  }
  const database = new DatabaseSync(file);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
  database.close();
}

describe.each([1, 2])("from schema %i", (schema) => {
  it("killed before any statement, it is migrated by the next start with everything that was written", async () => {
    const original = join(folder, "original.db");
    written(original, schema);
    const migrate = (file: string, killedAt: number): ReturnType<typeof spawnSync> => {
      cpSync(original, file);
      return spawnSync(process.execPath, [KILLED_MIGRATION, file, String(killedAt)], { encoding: "utf8" });
    };
    const all = Number(migrate(join(folder, "all.db"), 1_000_000).stdout);
    expect(all).toBeGreaterThan(MIGRATIONS.length - schema);
    // Among them the last one, which is a COMMIT, and the ones in the middle of the first migration.
    for (const killedAt of [2, 4, Math.ceil(all / 2), all]) {
      const file = join(folder, `${killedAt}.db`);
      expect(migrate(file, killedAt).signal).toBe("SIGKILL");
      await expectWhole(file);
    }
  });

  it("restored from a backup, it is migrated by the next start", async () => {
    written(join(folder, "chat.db"), schema);
    writeSecrets(join(folder, "secrets.json"), Buffer.alloc(32, 1));
    const backup = join(folder, "chat.backup");
    expect(await backUp(folder, backup, () => undefined)).toContain(`schema ${schema};`);
    const target = join(folder, "target");
    const lines = restore(target, backup, () => undefined);
    expect(lines).toContain(`its schema is ${schema}: the next start brings it up to date`);
    await expectWhole(join(target, "chat.db"));
  });
});

it("from a schema before what is deleted was overwritten, it leaves the file", async () => {
  const file = join(folder, "chat.db");
  written(file, 3);
  const database = new DatabaseSync(file);
  database.exec(`INSERT INTO meta VALUES ('gone', '${"quokka".repeat(1000)}')`);
  database.exec("DELETE FROM meta WHERE name = 'gone'");
  database.close();
  expect(readFileSync(file).includes("quokka")).toBe(true);
  await expectWhole(file);
  expect(readFileSync(file).includes("quokka")).toBe(false);
});
