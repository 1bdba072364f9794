/** What is printed goes to a full disk, or to a reader that had enough: the work goes on, and its end says so. */
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { adminSocketPath, askAdmin } from "../../src/adapters/http/admin-socket.ts";
import { admin, endAll, newDataDir } from "../helpers/program.ts";
import { asShipped, preload } from "../helpers/preload.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { inDatabase, written } from "../helpers/stopped-installation.ts";
import type { ChildProcess } from "node:child_process";

const scriptOf = (name: string): string => fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url));

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  await endAll();
});

describe("a server", () => {
  /** Prints to what the shell's words say, and is known by its socket alone. */
  async function startSilent(
    printing: string,
    environment: Record<string, string> = {},
    nodeArguments: readonly string[] = [],
  ): Promise<{ readonly child: ChildProcess; readonly url: string }> {
    const dataDir = newDataDir();
    const child = spawn(
      "sh",
      [
        "-c",
        `exec "$0" "$@" ${printing}`,
        process.execPath,
        ...asShipped("start"),
        ...nodeArguments,
        scriptOf("main"),
      ],
      {
        env: { DATA_DIR: dataDir, PORT: "0", ADMIN_PASSCODE: "the admin's passcode", ...environment },
        stdio: "ignore",
      },
    );
    started.push(child);
    const asked = { url: "" };
    await expect
      .poll(async () => {
        asked.url = (await askAdmin(adminSocketPath(dataDir), "doctor", {}))?.lines[0] ?? "";
        return asked.url;
      })
      .toMatch(/^http/);
    return { child, url: asked.url };
  }

  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => {
      child.once("exit", resolve);
    });

  it("whose log finds no room goes on", async () => {
    const { child, url } = await startSilent(">/dev/full 2>&1", { LOG_LEVEL: "debug" });
    for (let times = 1; times <= 3; times += 1)
      expect((await fetch(`${url}/api/conversations`)).status).toBe(401);
    const exit = ended(child);
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
  });

  it("whose log finds no room ends with 1 when its store does", async () => {
    const FAULT_FILE = join(dirname(newDataDir()), "fault");
    writeFileSync(FAULT_FILE, "");
    const { child, url } = await startSilent("2>/dev/full", { FAULT_FILE }, preload("store-faults"));
    const guest = await RawClient.connect(`${url.replace("http", "ws")}/chat`);
    const exit = ended(child);
    writeFileSync(FAULT_FILE, "ended");
    void guest.say("support", "lost");
    expect(await exit).toBe(1);
  });
});

describe("the command line", () => {
  const run = (dataDir: string, command: string, ...argv: string[]): readonly [unknown, string] => {
    const options = [...asShipped("admin"), scriptOf("admin"), ...argv];
    const { status, stderr } = spawnSync("sh", ["-c", command, process.execPath, ...options], {
      env: { PATH: process.env["PATH"], DATA_DIR: dataDir, PORT: "0" },
      encoding: "utf8",
    });
    return [status, stderr];
  };

  it("on a full disk says that what it printed is not whole, and a backup is made all the same", async () => {
    const dataDir = newDataDir();
    await written(dataDir, "one", "two");
    const cut = "standard output: ENOSPC: no space left on device, write; what was printed is not whole\n";
    for (const argv of [["audit"], ["list"], ["--help"], ["export-customer", "g".repeat(22)]]) {
      if (argv[0] === "list") await admin(dataDir, ["add-agent", "anna"], "a passcode of hers");
      if (argv[0] === "audit") await admin(dataDir, ["add-agent", "bob"], "a passcode of his");
      expect(run(dataDir, `"$0" "$@" >/dev/full`, ...argv)).toEqual([1, cut]);
    }
    const [status, stderr] = run(dataDir, `"$0" "$@" >/dev/full`, "doctor");
    expect(status).toBe(1);
    expect(stderr).toContain(cut);
    expect(stderr).not.toContain("    at ");
    const file = join(dirname(dataDir), "chat.backup");
    expect(run(dataDir, `"$0" "$@" >/dev/full`, "backup", file)).toEqual([1, cut]);
    expect((await admin(join(dirname(dataDir), "other"), ["restore", file])).exit?.code).toBe(0);
  });

  it("whose reader had enough asks for no more, and says nothing", async () => {
    const dataDir = newDataDir();
    await written(dataDir, "one");
    inDatabase(join(dataDir, "chat.db"), (database) => {
      database.exec(`
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO audit (at, actor, action, outcome) SELECT i, 'operator', 'backup', 'done' FROM n
      `);
    });
    const command = `{ "$0" "$@"; echo "exit $?" >&2; } | head -n 1 >/dev/null`;
    expect(run(dataDir, command, "audit")).toEqual([0, "exit 1\n"]);
  });
});
