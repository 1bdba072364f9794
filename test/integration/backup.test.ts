/** backup and restore as an operator uses them: while it runs, on another machine, after damage, by an update. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { backUp } from "../../src/backup.ts";
import { restore } from "../../src/restore.ts";
import { createChatClient } from "../../src/web/client/index.ts";
import { admin, endAll, newDataDir, start } from "../helpers/program.ts";
import { preload } from "../helpers/preload.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import { inDatabase, written } from "../helpers/stopped-installation.ts";

const PASSCODE = "correct horse battery";
const quiet = (): void => undefined;

let server: RunningServer | undefined;
afterEach(async () => {
  await endAll();
  await server?.remove();
  server = undefined;
});

it("brings everything written before it to an empty directory, made while people write", async () => {
  const dataDir = newDataDir();
  const file = join(dirname(dataDir), "chat.backup");
  const first = await start({ DATA_DIR: dataDir, ADMIN_PASSCODE: PASSCODE, RATE_LIMITS: "off" });
  const guest = await (await RawClient.connect(first.webSocketUrl)).subscribeAll();
  const token = guest.connected.get("token") ?? "";
  const acknowledged: string[] = [];
  const stop = new AbortController();
  const writing = (async () => {
    for (let count = 1; !stop.signal.aborted; count += 1) {
      await guest.say("support", `message ${count}`);
      acknowledged.push(`message ${count}`);
    }
  })();
  await until("some are written", () => acknowledged.length >= 200);
  const before = acknowledged.length;
  const backup = await admin(dataDir, ["backup", file]);
  stop.abort();
  await writing;
  const last = await guest.say("support", "after the backup", { clientId: "again" });
  expect([backup.stderr, backup.exit?.code]).toEqual(["", 0]);
  expect(backup.stdout.trimEnd().split("\n").at(-1)).toMatch(
    new RegExp(
      `^backed up to ${file}: [\\d.]+ MB of .*Z; \\d+ messages in 1 conversation, 1 account, .*secret.*restore ${file}$`,
    ),
  );
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(file)).sort()).toEqual(["chat.backup", "data"]);
  first.kill("SIGKILL");
  await first.ended();
  rmSync(dataDir, { recursive: true });

  const restored = await admin(dataDir, ["restore", file]);
  expect([restored.stderr, restored.exit?.code]).toEqual(["", 0]);
  expect(restored.stdout).toContain(`restored ${file} of `);
  expect(restored.stdout).not.toContain("what was there");
  const second = await start({ DATA_DIR: dataDir, RATE_LIMITS: "off" });
  expect(second.stdout).not.toContain("first admin");
  const agent = await RawClient.connect(second.webSocketUrl, { login: "admin", passcode: PASSCODE });
  expect(agent.connected.get("user-name")).toBeDefined();
  const again = await RawClient.connect(second.webSocketUrl, { Authorization: `Bearer ${token}` });
  expect(again.id).toBe(guest.id);

  const position = last?.headers.get("position") ?? "";
  const subscribed = await again.subscribe("messages", "/user/queue/messages", `since:${position}\n`);
  expect(subscribed?.headers.get("recovered")).toBe("false");
  const conversation = last?.headers.get("conversation") ?? "";
  const headers = { authorization: `Bearer ${token}` };
  const kept: string[] = [];
  for (let page = [""], after = 0; page.length > 0; after += page.length) {
    const path = `/api/conversations/${conversation}/messages?after=${after}&limit=200`;
    const answer = (await (await fetch(second.url + path, { headers })).json()) as {
      items: { message: string }[];
    };
    page = answer.items.map(({ message }) => message);
    kept.push(...page);
  }
  expect(kept.length).toBeGreaterThanOrEqual(before);
  expect(kept).toEqual(acknowledged.slice(0, kept.length));
  const repeated = await again.say("support", "after the backup", { clientId: "again" });
  expect(repeated?.headers.get("seq")).toBe(String(kept.length + 1));
  expect(repeated?.headers.get("message-id")).not.toBe(last?.headers.get("message-id"));
  expect(repeated?.headers.get("position")?.split("-")[0]).not.toBe(position.split("-")[0]);
});

describe("clients of before a restore", () => {
  it("have their history anew, and agents sign in again", async () => {
    server = await RunningServer.start({ RATE_LIMITS: "off" });
    await server.addAgent("anna");
    const tokens = { token: undefined as string | undefined };
    const client = createChatClient({
      url: server.url,
      tokens: {
        load: () => tokens.token,
        save: (token) => {
          tokens.token = token;
        },
      },
    });
    client.start();
    const texts = (): string[] =>
      [...client.conversations.keys()].flatMap((id) =>
        (client.transcript(id)?.messages ?? []).map(({ message }) => message),
      );
    await until("online", () => client.state.status === "online");
    client.send({ userTo: "support", text: "before the backup" });
    await until("it is stored", () => texts().length === 1);
    const signedIn = await server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
    const session = String(signedIn.body["token"]);
    const file = join(dirname(newDataDir()), "chat.backup");
    await backUp(server.dataDir, file, quiet);
    client.send({ userTo: "support", text: "after the backup" });
    await until("it is stored", () => texts().length === 2);
    expect((await server.get("/api/conversations", session)).status).toBe(200);

    await server.stop();
    restore(server.dataDir, file, quiet);
    await server.start();
    await until("it is online again", () => client.state.status === "online");
    client.send({ userTo: "support", text: "after the restore" });
    const guest = { authorization: `Bearer ${tokens.token ?? ""}` };
    await until("it went on", () => texts().includes("after the restore"));
    const id = [...client.conversations.keys()][0] ?? "";
    const kept = (await (
      await server.fetch(`/api/conversations/${id}/messages`, { headers: guest })
    ).json()) as {
      items: { message: string }[];
    };
    expect(kept.items.map(({ message }) => message)).toEqual(["before the backup", "after the restore"]);
    await until("it shows what there is", () => texts().length === 2);
    expect(texts()).toEqual(["before the backup", "after the restore"]);
    expect((await server.get("/api/conversations", session)).status).toBe(401);
    await client.stop();
  });
});

describe("a backup", () => {
  it("of a stopped installation holds what its log of writes holds, and leaves the directory as it was", async () => {
    const dataDir = newDataDir();
    await written(dataDir, "one", "two");
    const names = readdirSync(dataDir);
    const file = join(dirname(dataDir), "chat.backup");
    expect(await backUp(dataDir, file, quiet)).toContain("2 messages in 1 conversation, 0 accounts");
    expect(readdirSync(dataDir)).toEqual(names);
  });

  it("does not hold what was deleted before it", async () => {
    const dataDir = newDataDir();
    const marker = "erased-".repeat(40);
    await written(dataDir, "kept", marker, "kept too");
    const database = join(dataDir, "chat.db");
    inDatabase(database, (open) => {
      open.exec(`PRAGMA secure_delete = OFF; DELETE FROM messages WHERE text = '${marker}'`);
    });
    expect(readFileSync(database).includes(marker)).toBe(true);
    const file = join(dirname(dataDir), "chat.backup");
    await backUp(dataDir, file, quiet);
    expect(readFileSync(file).includes("kept too")).toBe(true);
    expect(readFileSync(file).includes(marker)).toBe(false);
  });

  it("is refused over a file, beside one that is being written, and where there is no directory", async () => {
    const dataDir = newDataDir();
    await written(dataDir, "one");
    const file = join(dirname(dataDir), "chat.backup");
    writeFileSync(file, "mine");
    await expect(backUp(dataDir, file, quiet)).rejects.toThrow(`${file}: exists already; name another file`);
    expect(readFileSync(file, "utf8")).toBe("mine");
    renameSync(file, `${file}.partial`);
    await expect(backUp(dataDir, file, quiet)).rejects.toThrow(/another backup is writing it, or was killed/);
    expect(readFileSync(`${file}.partial`, "utf8")).toBe("mine");
    const nowhere = join(dirname(dataDir), "nowhere", "chat.backup");
    await expect(backUp(dataDir, nowhere, quiet)).rejects.toThrow(
      `${dirname(nowhere)}: there is no such directory; make it first`,
    );
    const shut = join(dirname(dataDir), "x".repeat(250));
    await expect(backUp(dataDir, shut, quiet)).rejects.toThrow(`${shut}: nothing can be written there: `);
    const { exit, stderr } = await admin(newDataDir(), ["backup", file]);
    expect([exit?.code, stderr]).toEqual([1, expect.stringContaining("there is no installation yet")]);
  });

  it("killed before it is whole leaves no file of its name, and says what to remove; who writes goes on", async () => {
    const dataDir = newDataDir();
    const file = join(dirname(dataDir), "chat.backup");
    const running = await start({ DATA_DIR: dataDir });
    const guest = await RawClient.connect(running.webSocketUrl);
    await guest.say("support", "before");
    const NODE_OPTIONS = preload("killed-at-rename").join(" ");
    const killed = await admin(dataDir, ["backup", file], undefined, { NODE_OPTIONS, KILLED_AT_RENAME: "1" });
    expect(killed.exit?.signal).toBe("SIGKILL");
    expect((await guest.say("support", "after"))?.command).toBe("RECEIPT");
    const again = await admin(dataDir, ["backup", file]);
    expect([again.exit?.code, again.stderr]).toEqual([
      1,
      expect.stringContaining(
        `${file}.partial: another backup is writing it, or was killed; remove it if none is`,
      ),
    ]);
    expect(existsSync(file)).toBe(false);
    rmSync(`${file}.partial`);
    expect((await admin(dataDir, ["backup", file])).stdout).toContain("2 messages in 1 conversation");
  });

  it("that finds no room says so and leaves nothing", async () => {
    const dataDir = newDataDir();
    await written(dataDir, ...Array.from({ length: 60 }, () => "x".repeat(3900)));
    const folder = join(dirname(dataDir), "backups");
    mkdirSync(folder);
    const path = fileURLToPath(new URL("../../src/admin.ts", import.meta.url));
    // The shell's bound on a file, in blocks of 512 octets: the disk of this program is full after 100 KB.
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", `ulimit -f 200; exec "$0" "$@"`, process.execPath, path, "backup", join(folder, "chat.backup")],
      { env: { DATA_DIR: dataDir }, encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/chat\.backup\.partial: .*free space there or name a file on another disk/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of a damaged database is refused and leaves nothing", async () => {
    const dataDir = newDataDir();
    await written(dataDir, ...Array.from({ length: 60 }, () => "x".repeat(3900)));
    const database = join(dataDir, "chat.db");
    const octets = readFileSync(database);
    octets.fill(0x5a, octets.length - 20 * 4096, octets.length - 8 * 4096);
    writeFileSync(database, octets);
    await expect(backUp(dataDir, join(dirname(dataDir), "b"), quiet)).rejects.toThrow(
      /chat\.db: .*(malformed|damaged)/,
    );
    expect(readdirSync(dirname(dataDir))).toEqual(["data"]);
  });
});
