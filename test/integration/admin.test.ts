/** The command line on an installation that runs and on one that is stopped. */
import { existsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { admin, endAll, newDataDir, start } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { RunningServer, until } from "../helpers/running-server.ts";
import type { Program } from "../helpers/program.ts";

const PASSCODE = "correct horse battery";

let stopped: RunningServer | undefined;

afterEach(async () => {
  await endAll();
  await stopped?.remove();
  stopped = undefined;
});

type Installation = { readonly dataDir: string; readonly connect: typeof RawClient.connect };

/** The same verbs either way: `connect` starts the stopped one to see what the verb did. */
async function install(kind: "running" | "stopped"): Promise<Installation> {
  if (kind === "running") {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    return { dataDir, connect: (_url, headers) => RawClient.connect(server.webSocketUrl, headers) };
  }
  const server = (stopped = await RunningServer.start());
  await server.stop();
  return {
    dataDir: server.dataDir,
    connect: async (_url, headers) => {
      await server.stop();
      await server.start();
      return RawClient.connect(server.webSocketUrl, headers);
    },
  };
}

/** It refused: nothing on standard output, one line on standard error. */
function refusal({ exit, stdout, stderr }: Program): string {
  expect({ code: exit?.code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^[^\n]+\n$/);
  return stderr;
}

describe.each(["running", "stopped"] as const)("on a %s installation", (kind) => {
  it("add-agent takes a passcode or makes one, and the agent can sign in at once", async () => {
    const { dataDir, connect } = await install(kind);
    const anna = await admin(dataDir, ["add-agent", "anna", "--name", "Anna"], `${PASSCODE}\r\nmore\n`);
    const carl = await admin(dataDir, ["add-agent", "carl", "--role", "supervisor"]);
    expect(anna.stdout).toMatch(/^added agent anna, id [\w-]{22}\n$/);
    expect(carl.stdout).toMatch(/^added supervisor carl, id [\w-]{22}\npasscode [A-Za-z2-9]{20}\n$/);
    expect([anna.exit?.code, anna.stderr, carl.exit?.code]).toEqual([0, "", 0]);

    const made = /passcode (\S+)/.exec(carl.stdout)?.[1] ?? "";
    for (const [program, login, passcode] of [
      [anna, "anna", PASSCODE],
      [carl, "carl", made],
    ] as const) {
      const client = await connect("", { login, passcode });
      expect(program.stdout).toContain(client.id);
      await client.close();
    }
  });

  it("add-agent refuses a bad login, a taken one, an unknown role and a short passcode, a line each", async () => {
    const { dataDir } = await install(kind);
    const refused = async (argv: string[], input?: string): Promise<string> =>
      refusal(await admin(dataDir, ["add-agent", ...argv], input));
    expect(await refused(["two words"])).toContain("a login is 1 to 64 of");
    expect(await refused(["admin"])).toBe("admin: it is taken\n");
    expect(await refused(["bob", "--role", "king"])).toContain("role: one of agent, supervisor, admin");
    const short = await refused(["bob"], "hunter2\n");
    expect(short).toContain("12 to 256 characters");
    expect(short).not.toContain("hunter2");
    expect((await admin(dataDir, ["list"])).stdout.split("\n")).toHaveLength(2);
  });

  it("add-service prints a token that works at once with its scopes; list shows who there is and no secret", async () => {
    const { dataDir, connect } = await install(kind);
    expect(refusal(await admin(dataDir, ["add-service", "bot", "--scopes", "chat,flying"]))).toContain(
      "one or more of topics,queues,chat,api",
    );
    expect(refusal(await admin(dataDir, ["add-service", "bot"]))).toContain("scopes: one or more of");
    const added = await admin(dataDir, ["add-service", "bot", "--scopes", "chat,topics"]);
    const token = /^token (cc_\S+)$/m.exec(added.stdout)?.[1] ?? "";
    expect(refusal(await admin(dataDir, ["add-service", "bot", "--scopes", "chat"]))).toBe(
      "bot: it is taken\n",
    );

    const list = await admin(dataDir, ["list"]);
    expect(list.stdout).toMatch(
      /^agent\tadmin\tadmin\t[\w-]{22}\nservice\t(?:chat,topics|topics,chat)\tbot\t[\w-]{22}\n$/,
    );
    expect(list.stdout).not.toContain(token.slice(3));
    expect(list.stdout).not.toMatch(/argon2|\$|[0-9a-f]{40}/);

    const bot = await connect("", { Authorization: `Bearer ${token}` });
    expect(added.stdout).toContain(bot.id);
    expect(await bot.subscribe("s", "/chat/topic/support")).toBeDefined();
    await bot.close();
  });

  it("disable shuts an account out until enable; sign-out ends sessions alone; who is nobody is refused", async () => {
    const { dataDir, connect } = await install(kind);
    await admin(dataDir, ["add-agent", "anna"], `${PASSCODE}\n`);
    const anna = { login: "anna", passcode: PASSCODE };
    const told = async (verb: string): Promise<string> => (await admin(dataDir, [verb, "anna"])).stdout;
    expect(await told("sign-out")).toMatch(/^signed out agent anna, id [\w-]{22}\n$/);
    expect(await told("disable")).toMatch(/^disabled agent anna, id [\w-]{22}\n$/);
    const out = await connect("", anna);
    expect(out.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    if (kind === "stopped") await stopped?.stop();
    expect((await admin(dataDir, ["list"])).stdout).toMatch(/\tanna\t[\w-]{22}\tdisabled$/m);
    expect(await told("enable")).toMatch(/^enabled agent anna, id [\w-]{22}\n$/);
    expect(refusal(await admin(dataDir, ["disable", "nobody"]))).toBe(
      "nobody: there is no such agent or service\n",
    );
    const back = await connect("", anna);
    expect(back.id).toMatch(/^[\w-]{22}$/);
    await back.close();
  });

  it("rotate-token prints another token, and the one before opens nothing; list-logins of who has none is empty", async () => {
    const { dataDir, connect } = await install(kind);
    const tokenIn = ({ stdout }: Program): string => /^token (cc_v_\S+)$/m.exec(stdout)?.[1] ?? "";
    const before = tokenIn(await admin(dataDir, ["add-service", "bot", "--scopes", "chat"]));
    const rotated = await admin(dataDir, ["rotate-token", "bot"]);
    expect(rotated.stdout).toMatch(
      /^rotated token of service bot, id [\w-]{22}; the one before is over\ntoken /,
    );
    expect(refusal(await admin(dataDir, ["rotate-token", "admin"]))).toBe(
      "admin: there is no such service\n",
    );
    const logins = await admin(dataDir, ["list-logins", "admin"]);
    expect([logins.exit?.code, logins.stdout]).toEqual([0, ""]);
    const answers: (string | undefined)[] = [];
    for (const passcode of [before, tokenIn(rotated)])
      answers.push((await connect("", { passcode })).frames[0]?.command);
    expect(answers).toEqual(["ERROR", "CONNECTED"]);
  });

  it("audit prints who did what, page by page, since when and of whom", async () => {
    const { dataDir } = await install(kind);
    await admin(dataDir, ["add-agent", "anna"], `${PASSCODE}\n`);
    await admin(dataDir, ["add-service", "bot", "--scopes", "chat"]);
    const file = join(dataDir, "a.backup");
    expect((await admin(dataDir, ["backup", file])).exit?.code).toBe(0);
    expect((await admin(dataDir, ["backup", file])).exit?.code).toBe(1);

    const all = await admin(dataDir, ["audit"]);
    expect([all.exit?.code, all.stderr]).toEqual([0, ""]);
    const columns = all.stdout.split("\n").map((line) => line.split("\t"));
    expect(columns.map(([, ...rest]) => rest.join(" "))).toEqual([
      "server add-agent admin - done - admin -",
      "operator add-agent anna - done - agent -",
      "operator add-service bot - done - chat -",
      `operator backup - - done - ${file} -`,
      `operator backup - - FAILED - ${file} -`,
      "",
    ]);
    expect(Date.parse(columns[0]?.[0] ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect((await admin(dataDir, ["audit", "--user", "anna"])).stdout).toMatch(
      /^[^\n]*add-agent\tanna[^\n]*\n$/,
    );
    const since = columns[2]?.[0] ?? "";
    expect((await admin(dataDir, ["audit", "--since", since])).stdout.split("\n")).toHaveLength(4);
    expect(refusal(await admin(dataDir, ["audit", "--user", "bob"]))).toBe("bob: there is no such user\n");
    expect(refusal(await admin(dataDir, ["audit", "--since", "noon"]))).toContain("since: a date, or a time");
  });
});

describe("on a running installation", () => {
  it("the socket is the owner's alone, and gone when the server is", async () => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir });
    const socket = join(dataDir, "admin.sock");
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    server.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  it("two at once are both served", async () => {
    const dataDir = newDataDir();
    await start({ DATA_DIR: dataDir });
    const logins = ["anna", "carl"];
    const both = await Promise.all(logins.map((login) => admin(dataDir, ["add-agent", login])));
    expect(both.map(({ exit }) => exit?.code)).toEqual([0, 0]);
    const { stdout } = await admin(dataDir, ["list"]);
    for (const login of logins) expect(stdout).toContain(`\t${login}\t`);
  });

  it("list-connections shows a session, kick ends it by its id, by its user and by the token on standard input", async () => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    const guest = await RawClient.connect(server.webSocketUrl);
    const other = await RawClient.connect(server.webSocketUrl);
    const token = guest.connected.get("token") ?? "";
    const session = guest.connected.get("session") ?? "";
    const listed = await admin(dataDir, ["list-connections", "--user", guest.id]);
    expect(listed.stdout).toMatch(new RegExp(`^${session}\tguest\t-\t${guest.id}\t[^\n]+\n$`));

    const kicks: [string, string[], string?][] = [
      ["SESSION_EXPIRED", [session, "--reason", "go home"]],
      ["SESSION_EXPIRED", ["--user", guest.id]],
      ["REVOKED", ["--token", "--code", "REVOKED"], `${token}\n`],
    ];
    let client = guest;
    for (const [reason, argv, input] of kicks) {
      const kicked = await admin(dataDir, ["kick", ...argv], input);
      expect([kicked.exit?.code, kicked.stderr], argv.join(" ")).toEqual([0, ""]);
      await until("it is out", () => client.closed !== undefined);
      expect(client.closed, argv.join(" ")).toEqual({ code: 1008, reason });
      client = await RawClient.connect(server.webSocketUrl, { passcode: token });
      expect(client.id).toBe(guest.id);
    }
    expect(refusal(await admin(dataDir, ["kick", session]))).toContain("there is no such session");
    expect(await other.subscribe("s", "/user/queue/events")).toBeDefined();
    await other.close();
  });

  it("a socket that a killed server left is no obstacle", async () => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir });
    server.kill("SIGKILL");
    await server.ended();
    expect(existsSync(join(dataDir, "admin.sock"))).toBe(true);
    expect((await admin(dataDir, ["list"])).stdout).toMatch(/^agent\tadmin\tadmin\t/);
  });

  it("a server that goes before it answers is told in a line", async () => {
    stopped = await RunningServer.start();
    await stopped.stop();
    const silent = createServer((socket) => socket.once("data", () => socket.end()));
    await new Promise<void>((resolve) => {
      silent.listen(join(stopped?.dataDir ?? "", "admin.sock"), resolve);
    });
    const answer = refusal(await admin(stopped.dataDir, ["list"]));
    silent.close();
    expect(answer).toContain("the server ended before it answered");
  });
});

describe("on a stopped installation", () => {
  it("kick and list-connections say that nobody is connected", async () => {
    const { dataDir } = await install("stopped");
    for (const argv of [["kick", "x"], ["list-connections"]]) {
      expect(refusal(await admin(dataDir, argv))).toBe(`no server runs on ${dataDir}: nobody is connected\n`);
    }
  });

  it("of two at once each does its work or says who is at it", async () => {
    const { dataDir } = await install("stopped");
    const both = await Promise.all([
      admin(dataDir, ["add-agent", "anna"]),
      admin(dataDir, ["add-agent", "carl"]),
    ]);
    const done = both.filter(({ exit }) => exit?.code === 0);
    expect(done.length).toBeGreaterThan(0);
    for (const program of both) {
      if (!done.includes(program)) expect(refusal(program)).toMatch(/already in use by pid \d+\n$/);
    }
    expect((await admin(dataDir, ["list"])).stdout.trim().split("\n")).toHaveLength(1 + done.length);
  });
});

describe("without an installation", () => {
  it("list, doctor and add-agent say so and make nothing", async () => {
    const dataDir = newDataDir();
    const verbs = [["list"], ["doctor"], ["add-agent", "anna"]];
    for (const { exit, stderr } of await Promise.all(verbs.map((argv) => admin(dataDir, argv)))) {
      expect(exit?.code).toBe(1);
      expect(stderr).toContain("there is no installation yet; npm start makes one");
    }
    expect(existsSync(dataDir)).toBe(false);
  });

  it("what is no verb is answered with the usage and exit code 64, --help with the usage and 0", async () => {
    const dataDir = newDataDir();
    const wrong = [
      ["dance"],
      [],
      ["add-agent"],
      ["backup"],
      ["list", "all"],
      ["list", "--colour"],
      ["kick", "a", "b"],
    ];
    for (const { exit, stdout, stderr } of await Promise.all(wrong.map((argv) => admin(dataDir, argv)))) {
      expect([exit?.code, stdout]).toEqual([64, ""]);
      expect(stderr).toMatch(/^usage: npm run admin -- <verb>/);
    }
    const { exit, stdout, stderr } = await admin(dataDir, ["--help"]);
    expect([exit?.code, stderr]).toEqual([0, ""]);
    for (const verb of ["add-agent", "add-service", "list", "backup", "restore", "doctor"])
      expect(stdout).toContain(verb);
  });
});
