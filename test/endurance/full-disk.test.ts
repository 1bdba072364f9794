/** A disk without an octet left, met by a start and by the command line: what there is is shown, and nothing is half done. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import { buildPages } from "../../src/web/build.ts";
import { Desk } from "../contract/desk.ts";
import { admin, endAll, launch, newDataDir, start } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { canMount, fill, mountSmallDisk, unmount } from "../helpers/small-disk.ts";
import { GUEST, inDatabase, written } from "../helpers/stopped-installation.ts";

const PASSCODE = "the admin's passcode";
const REASON = "a full disk under a start: no tmpfs can be mounted here";
const isMountable = canMount();

/** The data directory, and the folder beside it, on another disk. */
let dataDir: string;
let elsewhere: string;
beforeEach(() => {
  dataDir = newDataDir();
  elsewhere = dirname(dataDir);
  mkdirSync(dataDir);
  mountSmallDisk(dataDir);
});
afterEach(async () => {
  unmount(dataDir);
  await endAll();
});

const filler = (): string => join(dataDir, "filler");

it.runIf(isMountable)(
  "killed on it, a server starts on it, shows what is stored, refuses, and stores as soon as there is room",
  async () => {
    const environment = { DATA_DIR: dataDir, ADMIN_PASSCODE: PASSCODE };
    const first = await start(environment);
    const guest = await (await RawClient.connect(first.webSocketUrl)).subscribeAll();
    const receipt = await guest.say("support", "before");
    fill(filler());
    while ((await guest.say("support", "x".repeat(3900))) !== undefined);
    first.kill("SIGKILL");
    await first.ended();
    fill(`${filler()}-2`);

    const accounts = await admin(dataDir, ["list"]);
    expect([accounts.stderr, accounts.stdout]).toEqual(["", expect.stringMatching(/^agent\tadmin\tadmin\t/)]);
    const added = await admin(dataDir, ["add-agent", "anna"], "a passcode of hers");
    expect([added.exit?.code, added.stderr]).toEqual([
      1,
      expect.stringMatching(/chat\.db: database or disk is full: free space on its disk/),
    ]);
    const second = await start(environment);
    const passcode = guest.connected.get("token") ?? "";
    const again = await (await RawClient.connect(second.webSocketUrl, { passcode })).subscribeAll();
    const since = receipt?.headers.get("position")?.replace(/\d+$/, "0") ?? "";
    await again.subscribe("replay", "/user/queue/messages", `since:${since}\n`);
    await until("what is stored", () => again.texts("replay").includes("before"));
    expect(await again.say("support", "x".repeat(3900))).toBeUndefined();
    expect(again.refusals()).toEqual(["STORAGE_FULL"]);
    expect((await fetch(`${second.url}/readyz`)).status).toBe(503);

    for (const file of [filler(), `${filler()}-2`]) rmSync(file);
    expect((await again.say("support", "after"))?.command).toBe("RECEIPT");
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    second.kill("SIGTERM");
    expect(await second.ended()).toBe(0);
  },
);

it.runIf(isMountable)("a backup to another disk says which of the two is full", async () => {
  await written(dataDir, "one");
  fill(filler());
  const file = join(elsewhere, "chat.backup");
  const backup = await admin(dataDir, ["backup", file]);
  expect([backup.exit?.code, backup.stderr.split("\n")[0]]).toEqual([
    1,
    expect.stringMatching(new RegExp(`^${join(dataDir, "chat.db")}: .*: free some space on its disk`)),
  ]);
  expect(readdirSync(elsewhere)).toEqual(["data"]);
});

it.runIf(isMountable)(
  "a restore that finds room for the copy and not for the key leaves nothing",
  async () => {
    await written(dataDir, ...Array.from({ length: 60 }, () => "x".repeat(3900)));
    const file = join(elsewhere, "chat.backup");
    expect((await admin(dataDir, ["backup", file])).exit?.code).toBe(0);
    const names = readdirSync(dataDir);
    fill(filler(), statSync(file).size);
    const restore = await admin(dataDir, ["restore", file]);
    expect([restore.exit?.code, restore.stderr]).toEqual([
      1,
      expect.stringMatching(
        /secrets\.json\.restored: cannot be written: ENOSPC.*; free space in .*; nothing was changed\n$/,
      ),
    ]);
    rmSync(filler());
    expect(readdirSync(dataDir)).toEqual(names);
  },
);

it.runIf(isMountable)(
  "filled by the log while somebody reads, it has room again as soon as nobody does",
  async () => {
    const file = join(dataDir, "chat.db");
    await written(dataDir, "one");
    // Room within the database, as where many were erased: the log alone grows.
    inDatabase(file, (database) => {
      database.exec("CREATE TABLE gone AS SELECT zeroblob(8000000); DROP TABLE gone");
    });
    const store = await createSqliteStore({ file });
    const desk = new Desk(store);
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec("BEGIN; SELECT count(*) FROM messages");
    const say = (): Promise<unknown> => desk.post(GUEST, "support", "short").catch((error: unknown) => error);
    const isStored = (answer: unknown): boolean => !(answer instanceof Error);
    while (isStored(await say()));
    expect(await say()).toMatchObject({ code: "STORAGE_FULL" });
    reader.close();
    await expect.poll(async () => isStored(await say())).toBe(true);
    expect(statSync(`${file}-wal`).size).toBeLessThan(1_000_000);
    await store.close();
  },
);

it.runIf(isMountable)("a disk without a free inode is told by the doctor, and by a start", async () => {
  await written(dataDir, "one");
  execFileSync("mount", ["-o", `remount,nr_inodes=${readdirSync(dataDir).length + 1}`, dataDir]);
  const doctor = await admin(dataDir, ["doctor"]);
  expect(doctor.stderr).toMatch(/^problem +disk: no inode is free, so no file can be made; remove files/m);
  const server = launch({ DATA_DIR: dataDir });
  expect(await server.ended()).toBe(1);
  expect(server.stderr).toMatch(/chat\.db: unable to open database file: .* the disk needs free inodes/);
});

it.runIf(isMountable)("pages that cannot be built there leave nothing", async () => {
  fill(filler());
  await expect(buildPages(join(dataDir, "build"))).rejects.toThrow(/no space left on device/);
  // As long as whatever might still be at work on the first.
  await buildPages(join(elsewhere, "build"));
  expect(readdirSync(dataDir)).toEqual(["filler"]);
});

// The title is the reason: it is what the last lines of a run show.
it.for(isMountable ? [] : [REASON])("%s", (_reason, { skip }) => {
  skip();
});
