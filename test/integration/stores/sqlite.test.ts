/** The SQLite store where the world is not kind: killed, full, locked, read by the wrong version, damaged. */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockDataDir } from "../../../src/adapters/stores/data-lock.ts";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { createQueueStore } from "../../../src/chat/queue-store.ts";
import { append, messageAt } from "../../contract/queue-store-contract.ts";
import { Desk } from "../../contract/desk.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";
import type { Principal } from "../../../src/broker/principal.ts";

let folder: string;
let file: string;
const stores: DurableStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  file = join(folder, "chat.db");
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true });
});

async function open(options: { maxPages?: number } = {}): Promise<DurableStore> {
  const store = await createSqliteStore({ file, ...options });
  stores.push(store);
  return store;
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

it("keeps everything, and its epoch, over a restart", async () => {
  const first = await open();
  const desk = new Desk(first);
  const guest = desk.guest();
  await desk.post(guest, "support", "kept", { clientId: "c" });
  await first.close();
  const again = await open();
  expect(again.epoch).toBe(first.epoch);
  const later = new Desk(again);
  expect(await later.texts(guest)).toEqual(["kept"]);
  expect(await later.post(guest, "support", "kept", { clientId: "c" })).toMatchObject({
    seq: 1,
    repeated: true,
  });
  expect(await again.checkIntegrity()).toEqual(["ok"]);
});

it("refuses to change a line of the audit log, and to drop one before its time", async () => {
  const store = await open();
  await new Desk(store).agent();
  await store.close();
  const database = new DatabaseSync(file);
  const lines = (): unknown => database.prepare("SELECT * FROM audit").all();
  const before = lines();
  expect(before).toHaveLength(1);
  for (const statement of [
    "UPDATE audit SET actor = 'nobody'",
    "INSERT OR REPLACE INTO audit (key, at, actor, action, outcome) VALUES (1, 1, 'nobody', 'close', 'done')",
    "DELETE FROM audit",
  ]) {
    expect(() => {
      database.exec(statement);
    }, statement).toThrow("audit log");
  }
  expect(lines()).toEqual(before);
  database.close();
});

it("keeps every acknowledged message when its process is killed", async () => {
  const guest: Principal = { id: "g".repeat(22), kind: "guest" };
  const writer = fileURLToPath(new URL("killed-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [writer, file, guest.id], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.split("\n").length > 500) child.kill("SIGKILL");
    });
    child.on("close", () => {
      resolve();
    });
  });
  const acknowledged = output.split("\n").slice(0, -1);
  expect(acknowledged.length).toBeGreaterThan(400);
  const desk = new Desk(await open());
  const stored = await desk.texts(guest, 0, 100_000);
  expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
  expect(stored).toEqual(stored.map((_, index) => String(index + 1)));
  expect(await stores[0]?.checkIntegrity()).toEqual(["ok"]);
});

it("refuses with STORAGE_FULL when full, goes on reading, and writes again once there is room", async () => {
  const store = await open();
  const desk = new Desk(store);
  const guest = desk.guest();
  await desk.post(guest, "support", "first");
  await store.close();
  const pages = Math.ceil(statSync(file).size / 4096);
  const full = new Desk(await open({ maxPages: pages + 8 }));
  let code: unknown;
  let accepted = 1;
  for (; code === undefined && accepted < 200; accepted += 1) {
    code = await codeOf(full.post(guest, "support", "x".repeat(4000)));
  }
  expect(code).toBe("STORAGE_FULL");
  const stored = (await full.texts(guest)).length;
  await full.store.close();
  const roomy = new Desk(await open());
  expect(await roomy.post(guest, "support", "after")).toMatchObject({ seq: stored + 1 });
  expect(await stores.at(-1)?.checkIntegrity()).toEqual(["ok"]);
});

it("keeps the messages of durable queues over a restart, and refuses them when full", async () => {
  const first = await open();
  await createQueueStore(first).write([append(messageAt(1)), append(messageAt(2))]);
  await first.close();
  const full = await open({ maxPages: Math.ceil(statSync(file).size / 4096) + 2 });
  const queues = createQueueStore(full);
  const large = append(messageAt(3, { body: new Uint8Array(60_000) }));
  expect(await codeOf(queues.write([{ type: "remove", place: 1 }, large]))).toBe("STORAGE_FULL");
  expect((await queues.read(0)).map(({ id }) => id)).toEqual(["id-1", "id-2"]);
});

it("refuses with RETRY_LATER while another holds the file, and recovers", async () => {
  const desk = new Desk(await open());
  const guest = desk.guest();
  await desk.post(guest, "support", "before");
  const intruder = new DatabaseSync(file);
  intruder.exec("BEGIN IMMEDIATE");
  expect(await codeOf(desk.post(guest, "support", "meanwhile"))).toBe("RETRY_LATER");
  expect(await desk.texts(guest)).toEqual(["before"]);
  intruder.exec("ROLLBACK");
  intruder.close();
  expect(await desk.post(guest, "support", "after")).toMatchObject({ seq: 2 });
});

it("finds damage, says once what to do, acknowledges nothing more, and is not ready", async () => {
  const desk = new Desk(await open());
  const guest = desk.guest();
  for (let count = 1; count <= 200; count += 1) await desk.post(guest, "support", "x".repeat(1000));
  await desk.store.close();
  // The leaves at the end are of messages; the pages of the schema are at the beginning.
  const damaged = openSync(file, "r+");
  writeSync(damaged, Buffer.alloc(20 * 4096, 0x5a), 0, 20 * 4096, statSync(file).size - 24 * 4096);
  closeSync(damaged);
  const failures: string[] = [];
  const store = await createSqliteStore({ file, onFailure: (reason) => failures.push(reason) });
  stores.push(store);
  const again = new Desk(store);
  for (let times = 1; times <= 3; times += 1)
    expect(await codeOf(again.texts(guest, 0, 1000))).toBe("INTERNAL");
  expect(await codeOf(again.post(guest, "support", "no"))).toBe("INTERNAL");
  expect(await codeOf(store.checkWritable())).toBe("RETRY_LATER");
  expect(failures).toEqual([expect.stringMatching(/chat\.db: .*malformed.*restore a backup/)]);
});

it("refuses a database of a newer version", async () => {
  await (await open()).close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 9999");
  database.close();
  await expect(createSqliteStore({ file })).rejects.toThrow(/schema 9999/);
});

it.each([
  [
    "no database at all",
    Buffer.from("this is no database, and it is longer than a header of SQLite would be"),
  ],
  ["noise", Buffer.alloc(8192, 0x5a)],
])("refuses %s, and leaves it as it is", async (_what, content) => {
  writeFileSync(file, content);
  await expect(createSqliteStore({ file })).rejects.toThrow(/chat\.db: /);
  expect(readFileSync(file).equals(content)).toBe(true);
});

it("refuses an empty file where there was a database", async () => {
  await (await open()).close();
  for (const path of [file, `${file}-wal`]) if (existsSync(path)) writeFileSync(path, "");
  await expect(createSqliteStore({ file })).rejects.toThrow(/empty database/);
});

it("is readable by its owner alone", async () => {
  const desk = new Desk(await open());
  await desk.post(desk.guest(), "support", "x");
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("has one process to a folder", () => {
  const unlock = lockDataDir(folder);
  expect(() => lockDataDir(folder)).toThrow(/in use|another|process/i);
  unlock();
  lockDataDir(folder)();
});
