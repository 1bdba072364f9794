/** restore: what it refuses, what it keeps, and what is left of one that was killed. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { backUp } from "../../src/backup.ts";
import { restore } from "../../src/restore.ts";
import { Desk } from "../contract/desk.ts";
import { preload } from "../helpers/preload.ts";
import { admin, endAll, newDataDir, Program } from "../helpers/program.ts";
import { RunningServer } from "../helpers/running-server.ts";
import { contentOf, GUEST, inDatabase, installation, written } from "../helpers/stopped-installation.ts";

const quiet = (): void => undefined;

let server: RunningServer | undefined;
afterEach(async () => {
  await endAll();
  await server?.remove();
  server = undefined;
});

const inFile =
  (sql: string) =>
  (file: string): void => {
    inDatabase(file, (database) => {
      database.exec(sql);
    });
  };
const SPOILED: readonly (readonly [spoil: (file: string) => void, reason: RegExp])[] = [
  [
    (file) => {
      rmSync(file);
    },
    /no such file/,
  ],
  [
    (file) => {
      writeFileSync(file, "x".repeat(9000));
    },
    /not a database/,
  ],
  [
    (file) => {
      writeFileSync(file, "");
    },
    /no backup of customer-chat/,
  ],
  [
    (file) => {
      rmSync(file);
      inFile("CREATE TABLE other (name); PRAGMA user_version = 1")(file);
    },
    /no backup of customer-chat/,
  ],
  [
    (file) => {
      const octets = readFileSync(file);
      // Of the two places where the guest's id is, table and index: SQLite reads on as if nothing were wrong.
      octets.write("h", octets.indexOf(GUEST.id));
      writeFileSync(file, octets);
    },
    /damaged: /,
  ],
  [inFile("DELETE FROM meta WHERE name = 'backup'"), /no backup of customer-chat/],
  [inFile("PRAGMA user_version = 9999"), /written by a newer version \(schema 9999/],
  [
    (file) => {
      writeFileSync(file, readFileSync(file).subarray(0, -4 * 4096));
    },
    /malformed|damaged/,
  ],
];

describe("a restore", () => {
  it("keeps what was there, with its secrets, and says where", async () => {
    const [source, target] = [newDataDir(), newDataDir()];
    await written(source, "backed up");
    const file = join(dirname(source), "chat.backup");
    await backUp(source, file, quiet);
    await written(target, "was there");
    const [backedUp, old] = [await contentOf(source), await contentOf(target)];
    const lines = restore(target, file, quiet);
    const aside = /what was there is in (\S+):/.exec(lines.join("\n"))?.[1] ?? "";
    const now = await contentOf(target);
    expect(now).toMatchObject({ texts: ["backed up"], key: backedUp.key });
    expect(now.epoch).not.toBe(backedUp.epoch);
    expect(statSync(aside).mode & 0o777).toBe(0o700);
    expect(await contentOf(aside)).toEqual(old);
    // What a backup carries is gone from the database that came of it.
    expect(readdirSync(target).filter((name) => /resto?r(ing|ed)$|\.new$|journal/.test(name))).toEqual([]);
    inDatabase(join(target, "chat.db"), (database) => {
      expect(database.prepare("SELECT name FROM meta WHERE name IN ('backup', 'restored')").all()).toEqual(
        [],
      );
    });
  });

  it("is in the audit log that was restored, once", async () => {
    const [source, target] = [newDataDir(), newDataDir()];
    await written(source, "backed up");
    const file = join(dirname(source), "chat.backup");
    await backUp(source, file, quiet);
    restore(target, file, quiet);
    for (const _open of [1, 2]) {
      const opened = await installation(target);
      const { lines } = await opened.store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 10 });
      await opened.close();
      expect(lines.map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([
        ["operator", "restore", "done"],
      ]);
      expect(lines[0]?.detail).toMatch(/^a backup of 20\d\d-/);
    }
  });

  it("on a running installation is refused with what to do, and changes nothing", async () => {
    server = await RunningServer.start();
    const file = join(dirname(newDataDir()), "chat.backup");
    await backUp(server.dataDir, file, quiet);
    const { exit, stderr, stdout } = await admin(server.dataDir, ["restore", file]);
    expect([exit?.code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `${server.dataDir}: already in use by pid ${process.pid}: stop it first (kill ${process.pid}, or however it is kept running), restore, and start it again\n`,
    );
    expect(readdirSync(server.dataDir).join()).not.toContain("restor");
  });

  it("of what is no whole backup, or a newer version's, is refused, and nothing is changed", async () => {
    const dataDir = newDataDir();
    await written(dataDir, "one");
    const good = join(dirname(dataDir), "chat.backup");
    await backUp(dataDir, good, quiet);
    const before = await contentOf(dataDir);
    const names = readdirSync(dataDir);
    for (const [spoil, reason] of SPOILED) {
      const file = `${good}-spoiled`;
      cpSync(good, file);
      spoil(file);
      expect(() => restore(dataDir, file, quiet)).toThrow(reason);
      expect(readdirSync(dataDir)).toEqual(names);
    }
    const folder = dirname(good);
    expect(() => restore(dataDir, folder, quiet)).toThrow(`${folder}: there is no such file`);
    expect(await contentOf(dataDir)).toEqual(before);
  });

  it("killed at any step leaves all of the old or all of the new, and the next start goes on with it", async () => {
    const [source, target] = [newDataDir(), newDataDir()];
    await written(source, "backed up");
    const file = join(dirname(source), "chat.backup");
    await backUp(source, file, quiet);
    const fresh = await contentOf(source);
    // Copied while it is open, as a killed server leaves it: what it holds is in its write-ahead log.
    const opened = await installation(target);
    await new Desk(opened.store).post(GUEST, "support", "was there");
    const killed = `${target}-killed`;
    cpSync(target, killed, { recursive: true });
    await opened.close();
    expect(readdirSync(killed)).toContain("chat.db-wal");
    const old = await contentOf(target);

    const outcomes = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map(async (step) => {
        const dataDir = `${target}-${step}`;
        cpSync(killed, dataDir, { recursive: true });
        const NODE_OPTIONS = preload("killed-at-rename").join(" ");
        const environment = { DATA_DIR: dataDir, NODE_OPTIONS, KILLED_AT_RENAME: String(step) };
        const program = new Program("admin", ["restore", file], { environment });
        await program.ended();
        const { texts, key, epoch } = await contentOf(dataDir);
        const isOld = key === old.key && epoch === old.epoch && texts.join() === "was there";
        const isNew = key === fresh.key && epoch !== fresh.epoch && texts.join() === "backed up";
        expect(readdirSync(dataDir).filter((name) => /^(chat|secrets).*resto/.test(name))).toEqual([]);
        const aside = readdirSync(dataDir).filter((name) => name.startsWith("before-restore-"));
        const kept = isNew ? await contentOf(join(dataDir, aside[0] ?? "")) : old;
        expect([aside.length, kept]).toEqual([isNew ? 1 : 0, old]);
        return [program.exit?.signal, isOld ? "old" : "", isNew ? "new" : ""].join(" ").trim();
      }),
    );
    expect(outcomes).toEqual([
      ...Array.from({ length: 2 }, () => "SIGKILL old"),
      ...Array.from({ length: 6 }, () => "SIGKILL  new"),
      "new",
    ]);
  });
});
