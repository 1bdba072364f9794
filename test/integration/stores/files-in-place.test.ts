/** The files of a database under a running server are moved, removed, replaced or cut off: nothing is acknowledged in vain. */
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { lockDataDir } from "../../../src/adapters/stores/data-lock.ts";
import { Desk } from "../../contract/desk.ts";
import type { Principal } from "../../../src/broker/principal.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";

let folder: string;
let file: string;
let store: DurableStore;
let desk: Desk;
let guest: Principal;
let failures: string[];
let recoveries: number;
let unlock: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  mkdirSync(join(folder, "data"));
  file = join(folder, "data", "chat.db");
  [failures, recoveries] = [[], 0];
  unlock = lockDataDir(dirname(file));
  store = await createSqliteStore({
    file,
    onFailure: (reason) => failures.push(reason),
    onRecovery: () => {
      recoveries += 1;
    },
  });
  desk = new Desk(store);
  guest = desk.guest();
  await desk.post(guest, "support", "before");
});
afterEach(async () => {
  await store.close();
  unlock();
  rmSync(folder, { recursive: true });
});

const refused = async (): Promise<unknown> => {
  const error: unknown = await desk.post(guest, "support", "meanwhile").catch((reason: unknown) => reason);
  return (error as { code?: unknown }).code;
};

type Hand = { readonly away: () => void; readonly back: () => void };
const moved = (path: () => string): Hand => ({
  away: () => {
    renameSync(path(), join(folder, "aside"));
  },
  back: () => {
    renameSync(join(folder, "aside"), path());
  },
});
const database = moved(() => file);

it.each<[string, Hand]>([
  ["the database is moved", database],
  ["its log is moved", moved(() => `${file}-wal`)],
  ["their directory is moved", moved(() => dirname(file))],
  [
    "a copy takes the database's place",
    {
      away: () => {
        database.away();
        copyFileSync(join(folder, "aside"), file);
      },
      back: database.back,
    },
  ],
])("%s: refused until it is back, and reads go on", async (_what, { away, back }) => {
  away();
  expect([await refused(), await refused()]).toEqual(["RETRY_LATER", "RETRY_LATER"]);
  await expect(store.checkWritable()).rejects.toMatchObject({ code: "RETRY_LATER" });
  expect(await desk.texts(guest)).toEqual(["before"]);
  expect(failures).toEqual([
    expect.stringMatching(/chat\.db: moved, removed or replaced .*: put back chat\.db/),
  ]);
  expect(recoveries).toBe(0);
  back();
  expect(await desk.post(guest, "support", "after")).toMatchObject({ seq: 2 });
  expect(recoveries).toBe(1);
  expect(await desk.texts(guest)).toEqual(["before", "after"]);
});

it("the lock of their directory is removed, and a second process takes it: one of the two writes, the one whose lock is there", async () => {
  const lock = join(dirname(file), "lock");
  renameSync(lock, join(folder, "aside"));
  expect(await refused()).toBe("RETRY_LATER");
  const unlockSecond = lockDataDir(dirname(file));
  const second = await createSqliteStore({ file });
  expect(await new Desk(second).post(guest, "support", "by the second")).toMatchObject({ seq: 2 });
  expect(await refused()).toBe("RETRY_LATER");
  await expect(store.checkWritable()).rejects.toMatchObject({ code: "RETRY_LATER" });
  expect(failures).toEqual([
    expect.stringMatching(/chat\.db: its directory's lock was .*: put back .* lock/),
  ]);
  expect(await desk.texts(guest)).toEqual(["before", "by the second"]);
  renameSync(join(folder, "aside"), lock);
  await expect(second.checkWritable()).rejects.toMatchObject({ code: "RETRY_LATER" });
  await second.close();
  unlockSecond();
  expect(await desk.post(guest, "support", "after")).toMatchObject({ seq: 3 });
});

it("the database is cut off: nothing is written any more", async () => {
  await store.emptyLog();
  expect(await desk.post(guest, "support", "seen in full")).toMatchObject({ seq: 2 });
  truncateSync(file, 4096);
  expect(await refused()).toBe("INTERNAL");
  expect(failures).toEqual([expect.stringMatching(/chat\.db: cut off .*: stop the server, keep a copy/)]);
  await expect(store.checkWritable()).rejects.toMatchObject({ code: "RETRY_LATER" });
});
