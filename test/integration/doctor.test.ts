/** `doctor` on an installation that runs and on one that is stopped: each fault by its name, and nothing is changed. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { lockDataDir } from "../../src/adapters/stores/data-lock.ts";
import { judgePort, judgePublicUrl } from "../../src/doctor/network.ts";
import { FaultProxy } from "../helpers/fault-proxy.ts";
import { admin, endAll, newDataDir, start } from "../helpers/program.ts";
import { RunningServer } from "../helpers/running-server.ts";
import { written } from "../helpers/stopped-installation.ts";
import type { AddressInfo } from "node:net";
import type { TrustProxy } from "../../src/config-values.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { Program } from "../helpers/program.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  await endAll();
  for (const close of closing.splice(0)) await close();
});

/** Runs it; the exit code has to fit what it says. */
async function doctor(dataDir: string, variables?: Record<string, string>): Promise<Program> {
  const program = await admin(dataDir, ["doctor"], undefined, variables);
  expect([program.stderr, program.exit?.code]).toEqual([program.stderr, program.stderr === "" ? 0 : 1]);
  return program;
}

async function stopped(): Promise<string> {
  const dataDir = newDataDir();
  await written(dataDir, "hello");
  return dataDir;
}

/** Names, modes, times and contents. SQLite's index of the log is rebuilt at will and holds nothing of its own. */
function stateOf(dataDir: string): string[] {
  const names = readdirSync(dataDir).filter((name) => !name.endsWith("-shm"));
  return names.map((name) => {
    const { mode, mtimeMs, size } = statSync(join(dataDir, name));
    const content = name.endsWith(".sock") ? "" : readFileSync(join(dataDir, name));
    return [name, mode, mtimeMs, size, createHash("sha256").update(content).digest("hex")].join(" ");
  });
}

describe("where all is well", () => {
  it("a stopped installation: it says so, with 0, and not one octet is changed", async () => {
    const dataDir = await stopped();
    const before = stateOf(dataDir);
    const { stdout, stderr } = await doctor(dataDir);
    expect(stderr).toBe("");
    for (const word of [
      "node: ",
      "configuration: accepted",
      "files: ",
      "secrets: there",
      "database: whole",
      "disk: ",
    ])
      expect(stdout).toContain(`ok       ${word}`);
    expect(stdout).toContain("note     server: stopped\n");
    expect(stdout).toMatch(/\nall is well\n$/);
    expect(stateOf(dataDir)).toEqual(before);
    expect(readdirSync(dataDir).filter((name) => /-(?:wal|shm)$/.test(name))).toEqual([]);
  });

  it("a running one: where it answers and by which process, and it goes on unchanged", async () => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    // The server proves that it can write, as for /readyz: that is in its log.
    const stateNow = (): string[] => stateOf(dataDir).filter((line) => !line.startsWith("chat.db-wal "));
    const before = stateNow();
    const { stdout, stderr } = await doctor(dataDir);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      new RegExp(`server: customer-chat/\\S+ runs, pid ${server.pid}, and answers at ${server.url}\n`),
    );
    expect(stdout).toContain("database: whole");
    expect(stateNow()).toEqual(before);
    expect((await doctor(dataDir, { PORT: "3999" })).stdout).toContain("note     PORT: 3999 here, another");
  });

  it("one that was killed: what its log holds is looked at and left where it is", async () => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    server.kill("SIGKILL");
    await server.ended();
    const before = stateOf(dataDir);
    expect(before.join("\n")).toContain("chat.db-wal");
    const { stdout, stderr } = await doctor(dataDir);
    expect(stderr).toBe("");
    expect(stdout).toContain("note     server: stopped\n");
    expect(stateOf(dataDir)).toEqual(before);
  });
});

describe("problems of a running installation", () => {
  it("files that were moved or replaced under it: what to put back, and that it is well when they are", async () => {
    const dataDir = newDataDir();
    await start({ DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    const file = join(dataDir, "chat.db");
    renameSync(file, `${dataDir}-aside`);
    const moved = await doctor(dataDir);
    expect(moved.stderr).toContain(
      `problem  ${file}: missing while the server has it open; put back chat.db`,
    );
    copyFileSync(`${dataDir}-aside`, file);
    const replaced = await doctor(dataDir);
    expect(replaced.stderr).toMatch(
      /^problem {2}server: pid \d+ runs: \S+chat\.db: moved, removed or replaced while it is open: put back /m,
    );
    renameSync(`${dataDir}-aside`, file);
    expect((await doctor(dataDir)).stderr).toBe("");
  });
});

describe("problems on a stopped installation", () => {
  it("files that are open to others, lost secrets and a clock that was set back, all at once", async () => {
    const dataDir = await stopped();
    const file = join(dataDir, "chat.db");
    chmodSync(file, 0o644);
    chmodSync(dataDir, 0o755);
    rmSync(join(dataDir, "secrets.json"));
    const tomorrow = Date.now() / 1000 + 86_400;
    utimesSync(file, tomorrow, tomorrow);
    const { stdout, stderr } = await doctor(dataDir);
    expect(stderr).toContain(`${file}: open to others (644); chmod 600 '${file}'\n`);
    expect(stderr).toContain(`: open to others (755); chmod 700 '`);
    expect(stderr).toContain("secrets.json: missing although there is data; ");
    expect(stderr).toMatch(/clock: it is \S+ here, but the database was written at \S+; set the clock/);
    expect(stdout).toMatch(/\n4 problems\n$/);
  });

  it("a database that is damaged, and a file that is none", async () => {
    const [damaged, none] = [await stopped(), await stopped()];
    const file = join(damaged, "chat.db");
    const descriptor = openSync(file, "r+");
    // Every page behind the first two: the schema stays readable.
    for (let at = 2 * 4096; at < statSync(file).size; at += 4096) writeSync(descriptor, "garbage!", at);
    writeSync(openSync(join(none, "chat.db"), "r+"), "this is no database at all", 0);
    const reports = await Promise.all([doctor(damaged), doctor(none)]);
    expect(reports[0].stderr).toMatch(
      /^problem {2}\S+chat\.db: [^\n]*(?:damaged|malformed)[^\n]*restore a backup[^\n]*\n$/,
    );
    expect(reports[1].stderr).toMatch(
      /^problem {2}\S+chat\.db: file is not a database; [^\n]*restore a backup[^\n]*\n$/,
    );
    for (const { stdout } of reports) expect(stdout).not.toContain("whole, schema");
  });

  it("a process that holds the data and takes no commands", async () => {
    const dataDir = await stopped();
    closing.push(lockDataDir(dataDir));
    const { stderr } = await doctor(dataDir);
    expect(stderr).toMatch(
      new RegExp(`^problem {2}lock: pid ${process.pid} holds ${dataDir} and takes no commands; `),
    );
  });

  it("a configuration that the server refuses, and one that is unsafe", async () => {
    const dataDir = await stopped();
    const [refused, unsafe] = await Promise.all([
      doctor(dataDir, { ALLOWED_ORIGINS: "shop.example.com" }),
      doctor(dataDir, { HOST: "0.0.0.0", HEARTBEET_MS: "1000" }),
    ]);
    expect(refused.stderr).toMatch(
      /^problem {2}configuration: ALLOWED_ORIGINS: "shop\.example\.com" is no origin/,
    );
    expect(unsafe.stderr).toContain("did you mean HEARTBEAT_MS?");
    expect(unsafe.stderr).toContain("HOST: 0.0.0.0 is open to others without TLS");
  });
});

const words = (findings: readonly Finding[]): string =>
  findings.map((finding) => `${finding.kind} ${finding.what}`).join("\n");

describe("the port", () => {
  it("is free, another program's, another customer-chat's, or not to be had", async () => {
    const stranger = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    closing.push(() => stranger.close());
    const ours = await RunningServer.start();
    closing.push(() => ours.remove());
    const { port } = stranger.address() as AddressInfo;
    const judged = async (host: string, number: number): Promise<string> =>
      words(await judgePort({ host, port: number }));
    expect(await judged("127.0.0.1", port)).toBe(`problem port: another program has 127.0.0.1:${port}`);
    expect(await judged("0.0.0.0", ours.port)).toMatch(
      /^problem port: another customer-chat\/\S+ has 0\.0\.0\.0:\d+$/,
    );
    expect(await judged("192.0.2.1", 3000)).toMatch(/^problem HOST: cannot listen on 192\.0\.2\.1/);
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
    expect(await judged("127.0.0.1", port)).toBe(`well port: 127.0.0.1:${port} is free`);
  });
});

describe("PUBLIC_URL", () => {
  type Way = { readonly proxy: FaultProxy; readonly judged: (publicUrl?: string) => Promise<string> };

  /** A proxy in front of a server that trusts it, or not. */
  async function behindProxy(TRUST_PROXY?: string): Promise<Way> {
    const proxy: FaultProxy = new FaultProxy(() => server.port);
    await proxy.listen();
    const environment: Record<string, string> = { PUBLIC_URL: proxy.url };
    if (TRUST_PROXY !== undefined) environment["TRUST_PROXY"] = TRUST_PROXY;
    const server: RunningServer = await RunningServer.start(environment);
    closing.push(
      () => {
        proxy.close();
      },
      () => server.remove(),
    );
    const trustProxy: TrustProxy = TRUST_PROXY === undefined ? { kind: "none" } : { kind: "hops", hops: 1 };
    return {
      proxy,
      judged: async (publicUrl = proxy.url) => words(await judgePublicUrl({ publicUrl, trustProxy })),
    };
  }

  it("leads here, WebSocket too; or the proxy drops the upgrade, or refuses it", async () => {
    const { proxy, judged } = await behindProxy("1");
    proxy.adds = ["X-Forwarded-For: 192.0.2.7"];
    expect(await judged()).toBe(
      [
        `well PUBLIC_URL: ${proxy.url} leads to this server`,
        "well TRUST_PROXY: the proxy is known, visitors have addresses of their own",
        "well WebSocket: gets through, STOMP is answered",
      ].join("\n"),
    );
    proxy.dropsUpgrades = true;
    expect(await judged()).toContain(
      "(status 200): the proxy passes the request on without its Upgrade header",
    );
    proxy.dropsUpgrades = false;
    proxy.blocksWebSockets = true;
    expect(await judged()).toContain("(status 502): the proxy does not pass the request on");
  });

  it("leads through a proxy that TRUST_PROXY does not name, or that tells nobody's address", async () => {
    const unnamed = await behindProxy();
    unnamed.proxy.adds = ["X-Forwarded-For: 192.0.2.7"];
    expect(await unnamed.judged()).toContain("problem TRUST_PROXY: does not name the proxy");
    const silent = await behindProxy("1");
    expect(await silent.judged()).toContain(
      "problem TRUST_PROXY: is set, but the proxy sends no X-Forwarded-For",
    );
  });

  it("leads to nobody, to somebody else, or to a server that knows itself by another name", async () => {
    const { proxy, judged } = await behindProxy();
    const other = await RunningServer.start();
    closing.push(() => other.remove());
    expect(await judged(other.url)).toBe(
      `problem PUBLIC_URL: the server at ${other.url} knows itself as nothing`,
    );
    expect(await judged(`${other.url}/elsewhere`)).toContain("is answered by something else (404)");
    proxy.close();
    expect(await judged()).toBe(`problem PUBLIC_URL: ${proxy.url} refuses connections`);
  });
});
