/** Starting the server as an operator does: what it prints, refuses, keeps, logs and writes. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { admin, endAll, launch, newDataDir, start } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import type { AddressInfo } from "node:net";
import type { Program } from "../helpers/program.ts";

const PASSCODE = "marker-passcode-4711";
const NOBODY = 65_534;

afterEach(endAll);

/** It did not start: nothing on standard output, one line without a stack on standard error. */
async function refusedStart(program: Program): Promise<{ code: number | null; line: string }> {
  const code = await program.ended();
  expect(program.stdout).toBe("");
  expect(program.stderr).toMatch(/^[^\n]+\n$/);
  return { code, line: program.stderr };
}

const passcodeIn = ({ stdout }: Program): string => /passcode (\S+)/.exec(stdout)?.[1] ?? "";

describe("a first start", () => {
  it("prints address, links and a passcode that works, shown once; the next keeps everything", async () => {
    const dataDir = newDataDir();
    const first = await start({ DATA_DIR: dataDir, RATE_LIMITS: "off" });
    const ms = Math.round(performance.now() - first.begunAt);
    process.stdout.write(`first start: listening after ${ms} ms\n`);
    expect(ms).toBeLessThan(8000);
    expect(first.stdout).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n/);
    for (const link of [`${first.url}/`, first.webSocketUrl, `${first.url}/chat`]) {
      expect(first.stdout).toMatch(new RegExp(` ${link}$`, "m"));
    }
    expect(await (await fetch(`${first.url}/readyz`)).json()).toEqual({ status: "ready" });

    const passcode = passcodeIn(first);
    expect(passcode).toMatch(/^[A-Za-z2-9]{20}$/);
    await (await RawClient.connect(first.webSocketUrl, { login: "admin", passcode })).close();
    await admin(dataDir, ["add-agent", "anna"], PASSCODE);
    const guest = await RawClient.connect(first.webSocketUrl);
    const receipt = await guest.say("support", "is anybody there?");
    const token = guest.connected.get("token") ?? "";
    const list = (await admin(dataDir, ["list"])).stdout;
    first.kill("SIGTERM");
    expect(await first.ended()).toBe(0);

    const second = await start({ DATA_DIR: dataDir });
    expect(second.stdout).not.toContain("passcode");
    expect((await admin(dataDir, ["list"])).stdout).toBe(list);
    const anna = await RawClient.connect(second.webSocketUrl, { login: "anna", passcode: PASSCODE });
    const again = await RawClient.connect(second.webSocketUrl, { passcode: token });
    expect(again.id).toBe(guest.id);
    const epoch = (receipt?.headers.get("position") ?? "none-").split("-")[0] ?? "";
    const next = await again.say("support", "hello again");
    expect(next?.headers.get("position")).toMatch(new RegExp(`^${epoch}-`));
    expect(next?.headers.get("conversation")).toBe(receipt?.headers.get("conversation"));
    expect(next?.headers.get("seq")).toBe("2");
    await Promise.all([anna.close(), again.close()]);
  });

  it("that finds the port taken names it and exits with 1, and the next still shows the passcode", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    const { port } = taken.address() as AddressInfo;
    const dataDir = newDataDir();
    const { code, line } = await refusedStart(launch({ DATA_DIR: dataDir, PORT: String(port) }));
    taken.close();
    expect(code).toBe(1);
    expect(line).toContain(`127.0.0.1:${port}`);
    expect(line).toContain("in use");
    const next = await start({ DATA_DIR: dataDir });
    const client = await RawClient.connect(next.webSocketUrl, {
      login: "admin",
      passcode: passcodeIn(next),
    });
    expect(client.connected.get("user-name")).toBe(client.id);
    await client.close();
  });

  it("with bad configuration lists every problem, makes nothing and exits with 78", async () => {
    const dataDir = newDataDir();
    const program = launch({
      DATA_DIR: dataDir,
      PORT: "eighty",
      GUESTS: "maybe",
      PUBLIC_URL: "ftp://shop.example",
      ADMIN_PASSCODE: "hunter2",
      LOG_LEVEL: "loud",
      DATABASE_URL: "postgres://db",
    });
    expect(await program.ended()).toBe(78);
    const problems = program.stderr.trimEnd().split("\n");
    expect(problems.map((line) => line.split(":")[0]).sort()).toEqual(
      ["ADMIN_PASSCODE", "DATABASE_URL", "GUESTS", "LOG_LEVEL", "PORT", "PUBLIC_URL"].sort(),
    );
    expect(program.stderr).not.toContain("hunter2");
    expect(program.stdout).toBe("");
    expect(existsSync(dataDir)).toBe(false);
  });

  // Not every machine has IPv6.
  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === "::1"),
  );
  const hosts: [host: string, printed: string][] = [["0.0.0.0", "http://0.0.0.0:"]];
  if (hasIpv6) hosts.push(["::1", "http://[::1]:"]);
  it.each(hosts)("on HOST=%s prints a URL of it", async (host, printed) => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, HOST: host, ADMIN_PASSCODE: PASSCODE });
    expect(server.url.startsWith(printed)).toBe(true);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.stdout).not.toContain("passcode");
  });

  it("on a HOST that is not this machine's says so", async () => {
    const { code, line } = await refusedStart(launch({ DATA_DIR: newDataDir(), HOST: "203.0.113.7" }));
    expect([code, line.includes("203.0.113.7")]).toEqual([78, true]);
    expect(line).toMatch(/^HOST: /);
  });
});

describe("the data directory", () => {
  it("is used by one process: a second says which one has it", async () => {
    const dataDir = newDataDir();
    const first = await start({ DATA_DIR: dataDir });
    const { code, line } = await refusedStart(launch({ DATA_DIR: dataDir }));
    expect([code, line]).toEqual([1, `${dataDir}: already in use by pid ${first.pid}\n`]);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect((await admin(dataDir, ["list"])).exit?.code).toBe(0);
  });

  it("has files for the owner alone, whatever the umask, while it runs and afterwards", async () => {
    const dataDir = newDataDir();
    const openToOthers = (): string[] =>
      ["", ...readdirSync(dataDir, { recursive: true, encoding: "utf8" })].flatMap((name) => {
        const stat = lstatSync(join(dataDir, name));
        const expected = stat.isDirectory() ? 0o700 : 0o600;
        return (stat.mode & 0o777) === expected ? [] : [`${name} ${(stat.mode & 0o777).toString(8)}`];
      });
    const umask = process.umask(0);
    const server = await start({ DATA_DIR: dataDir }).finally(() => process.umask(umask));
    const guest = await RawClient.connect(server.webSocketUrl);
    await guest.say("support", "hello");
    expect(readdirSync(dataDir)).toEqual(
      expect.arrayContaining(["admin.sock", "chat.db", "chat.db-wal", "secrets.json"]),
    );
    expect(openToOthers()).toEqual([]);
    server.kill("SIGTERM");
    await server.ended();
    expect(openToOthers()).toEqual([]);
  });

  it("that is a file, or below one, is told in a line", async () => {
    const dataDir = newDataDir();
    writeFileSync(dataDir, "a file");
    for (const path of [dataDir, join(dataDir, "below")]) {
      const { code, line } = await refusedStart(launch({ DATA_DIR: path }));
      expect(code).toBeGreaterThan(0);
      expect(line).toContain(path);
    }
  });

  it("that may not be used is told in a line with its name", async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    chmodSync(join(dataDir, ".."), 0o755);
    chmodSync(dataDir, 0o000);
    // Root may use everything, and is somebody else for this.
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const { code, line } = await refusedStart(launch({ DATA_DIR: dataDir }, user));
    expect(code).toBeGreaterThan(0);
    expect(line).toContain(dataDir);
    expect(line).not.toContain("in use");
    chmodSync(dataDir, 0o700);
  });

  it("with a lock file that is none is not said to be in use", async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "lock"), "x".repeat(4096));
    const { line } = await refusedStart(launch({ DATA_DIR: dataDir }));
    expect(line).toContain(join(dataDir, "lock"));
    expect(line).not.toContain("in use");
  });
});

describe("SIGTERM", () => {
  it("is seen by whoever asks for readiness, on a connection of its own, before the port closes", async () => {
    const server = await start({ DATA_DIR: newDataDir(), LOG_LEVEL: "silent" });
    const ready = async (): Promise<number> => {
      const { status } = await fetch(`${server.url}/readyz`, { headers: { connection: "close" } });
      return status;
    };
    expect(await ready()).toBe(200);
    server.kill("SIGTERM");
    let status = 200;
    while (status === 200) status = await ready();
    expect(status).toBe(503);
    expect(await server.ended()).toBe(0);
  });
});

describe("logs", () => {
  it("are JSON lines on standard error that tell no body, token or passcode, however much is asked for", async () => {
    const dataDir = newDataDir();
    const server = await start({
      DATA_DIR: dataDir,
      LOG_LEVEL: "trace",
      RATE_LIMITS: "off",
      ADMIN_PASSCODE: PASSCODE,
    });
    const body = "marker-body-0815";
    const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
    const token = guest.connected.get("token") ?? "";
    await guest.say("support", body);
    await guest.say("nobody", body);
    await guest.post("/chat/message", `{"broken ${body}`);
    await RawClient.connect(server.webSocketUrl, { login: "admin", passcode: PASSCODE });
    await RawClient.connect(server.webSocketUrl, { login: "admin", passcode: `${PASSCODE}-wrong` });
    await RawClient.connect(server.webSocketUrl, { passcode: `${token}x` });
    const json = { "content-type": "application/json" };
    const asked = await Promise.all([
      fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } }),
      fetch(`${server.url}/api/me?token=${token}`),
      fetch(`${server.url}/api/sessions`, {
        method: "POST",
        headers: json,
        body: JSON.stringify({ login: "admin", passcode: PASSCODE }),
      }),
      fetch(`${server.url}/api/sessions`, {
        method: "POST",
        headers: json,
        body: `{"passcode":"${PASSCODE}`,
      }),
    ]);
    const issued = ((await asked[2].json()) as { token: string }).token;
    expect([token.slice(0, 3), issued.slice(0, 3), asked[2].status]).toEqual(["cc_", "cc_", 201]);
    const bot = await admin(dataDir, ["add-service", "bot", "--scopes", "chat"]);
    const service = /token (\S+)/.exec(bot.stdout)?.[1] ?? "no token";
    server.kill("SIGTERM");
    await server.ended();

    const lines = server.stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String) as string,
        time: expect.stringMatching(/^\d{4}-/) as string,
      });
    }
    for (const secret of [body, PASSCODE, token, issued, service]) {
      expect(server.stderr).not.toContain(secret);
      expect(server.stdout).not.toContain(secret);
    }
  });
});

it("npm start with a Node that is too old says which one is needed", () => {
  const code = `Object.defineProperty(process.versions, "node", { value: "22.0.0" })`;
  const hook = new URL("../../src/require-node.js", import.meta.url).href;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", `${code}; await import(${JSON.stringify(hook)})`],
    { encoding: "utf8" },
  );
  expect([status, stderr.split("\n")[0]]).toEqual([
    78,
    `customer-chat needs Node 24.13 or newer; this is 22.0.0 (${process.execPath}).`,
  ]);
});
