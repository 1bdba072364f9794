/** What the operator ends is over within a second, with a reason, and nothing else is. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountVerbs } from "../../src/account-verbs.ts";
import { Passcodes } from "../../src/adapters/auth/passcodes.ts";
import { sessionVerbs } from "../../src/session-verbs.ts";
import { expectEnds, FEED_TRANSPORTS, FeedListener, startFeed } from "../helpers/feed.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { AdminVerb } from "../../src/adapters/http/admin-socket.ts";

let server: RunningServer;
let stopFeed: () => Promise<void>;
let verbs: Readonly<Record<string, AdminVerb>>;

beforeAll(async () => {
  server = await RunningServer.start({ STOMP_TCP_PORT: "0" });
  const { broker, store } = server.server;
  verbs = { ...accountVerbs(store, new Passcodes()), ...sessionVerbs({ broker, store }) };
  for (const login of ["anna", "bert", "carl"]) await server.addAgent(login);
  stopFeed = await startFeed(server.webSocketUrl, await server.addService("feed", ["topics"]));
});
afterAll(async () => {
  await stopFeed();
  await server.remove();
});

const run = async (verb: string, input: object): Promise<string> =>
  ((await verbs[verb]?.(input)) ?? []).join("\n");

async function tokenOf(login: string): Promise<string> {
  const answer = await server.post("/api/sessions", { login, passcode: AGENT_PASSCODE });
  return String(answer.body["token"]);
}

const listen = (who: string, token: string): Promise<readonly FeedListener[]> =>
  FeedListener.overAll({ http: server.port, tcp: server.tcpPort }, who, `passcode:${token}\n`);

/** The login session that the newest token of this account belongs to. */
async function newestLogin(login: string): Promise<string> {
  return (await run("list-logins", { account: login })).split("\n").at(-1)?.split("\t")[0] ?? "";
}

/** Of the first lines of the audit log that it is asked for. */
async function lastAudited(): Promise<string> {
  const { lines } = await server.server.store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 1000 });
  const { actor, action, user, object, detail, times } = lines.at(-1) ?? {};
  return [actor, action, user, object, detail, times].map((one) => one ?? "-").join(" ");
}

const reason = "you left the tab open at the till";

describe("with a feed in flight, over each transport,", () => {
  const ends: [
    string,
    "one" | "all",
    string,
    (mine: readonly FeedListener[], token: string) => Promise<string>,
    string,
  ][] = [
    [
      "kick SESSION ends that one",
      "one",
      "SESSION_EXPIRED",
      async (mine) => {
        for (const { session } of mine)
          expect(await run("kick", { session, reason })).toMatch(/^ended 1 session of /);
        return `operator kick anna ${mine.at(-1)?.session ?? ""} SESSION_EXPIRED -`;
      },
      reason,
    ],
    [
      "kick --token ends those that came with it",
      "one",
      "REVOKED",
      async (_mine, token) => {
        expect(await run("kick", { token, code: "REVOKED" })).toMatch(/^ended 3 sessions of [\w-]{22}$/);
        return "operator kick anna - REVOKED 3";
      },
      "the operator ended this session",
    ],
    [
      "kick --user ends all of a user",
      "all",
      "SESSION_EXPIRED",
      async () => {
        expect(await run("kick", { user: "anna", reason })).toMatch(/^ended 6 sessions of [\w-]{22}$/);
        return "operator kick anna - SESSION_EXPIRED 6";
      },
      reason,
    ],
    [
      "sign-out --login ends those that came with it",
      "one",
      "REVOKED",
      async () => {
        const login = await newestLogin("anna");
        expect(await run("sign-out", { account: "anna", login })).toMatch(
          `ended login ${login} of agent anna, `,
        );
        return "operator sign-out anna - one login -";
      },
      "",
    ],
  ];

  it.each(ends)("%s", async (_name, whose, code, end, hint) => {
    const kept = await listen("anna elsewhere", await tokenOf("anna"));
    const token = await tokenOf("anna");
    const mine = await listen("anna", token);
    const bert = await listen("bert", await tokenOf("bert"));
    const [ended, others] = whose === "all" ? [[...mine, ...kept], bert] : [mine, [...kept, ...bert]];

    const began = performance.now();
    const line = await end(mine, token);
    await expectEnds(ended, { began, code, ...(hint === "" ? {} : { hint }) });
    await Promise.all(others.map((one) => one.expectMore()));
    expect(await lastAudited()).toBe(line);

    const isRevoked = line.includes("sign-out");
    const again = await RawClient.connect(server.webSocketUrl, { passcode: token });
    expect(again.frames[0]?.command).toBe(isRevoked ? "ERROR" : "CONNECTED");
    for (const { wire } of others) wire.close();
    again.webSocket.terminate();
  });

  it("rotate-token ends those that came with the one before, which is nothing any more", async () => {
    const token = await server.addService("till", ["topics", "api"]);
    const bot = await listen("the service", token);
    const bert = await listen("bert", await tokenOf("bert"));
    const began = performance.now();
    const told = await run("rotate-token", { account: "till" });
    await expectEnds(bot, { began, code: "REVOKED" });
    expect(await lastAudited()).toBe("operator rotate-token till - - -");
    const fresh = /^token (cc_v_\S+)$/m.exec(told)?.[1] ?? "";
    expect((await server.get("/api/conversations", token)).status).toBe(401);
    expect((await server.get("/api/conversations", fresh)).status).toBe(200);
    const renewed = await listen("the service again", fresh);
    await Promise.all([...bert, ...renewed].map((one) => one.expectMore()));
    for (const { wire } of [...bert, ...renewed]) wire.close();
  });

  it("set-passcode ends all of an agent's, and the one before opens nothing", async () => {
    const token = await tokenOf("carl");
    const carl = await listen("carl", token);
    const bert = await listen("bert", await tokenOf("bert"));
    const began = performance.now();
    const told = await run("set-passcode", { account: "carl" });
    await expectEnds(carl, { began, code: "REVOKED" });
    expect(await lastAudited()).toMatch(/^operator set-passcode carl - - -$/);
    expect((await server.get("/api/conversations", token)).status).toBe(401);
    const signIn = async (passcode: string): Promise<number> =>
      (await server.post("/api/sessions", { login: "carl", passcode })).status;
    expect(await signIn(AGENT_PASSCODE)).toBe(401);
    expect(await signIn(/^passcode (\S{20})$/m.exec(told)?.[1] ?? "")).toBe(201);
    expect(await run("set-passcode", { account: "carl", passcode: AGENT_PASSCODE })).not.toContain(
      "passcode an",
    );
    expect(await signIn(AGENT_PASSCODE)).toBe(201);
    await Promise.all(bert.map((one) => one.expectMore()));
    for (const { wire } of bert) wire.close();
  });
});

describe("a guest or customer", () => {
  it("is kicked by the token it came with, or was given, and comes back as who it was", async () => {
    const first = await RawClient.connect(server.webSocketUrl);
    const token = first.connected.get("token") ?? "";
    const second = await RawClient.connect(server.webSocketUrl, { passcode: token });
    const newer = second.connected.get("token") ?? "";
    const third = await RawClient.connect(server.webSocketUrl, { passcode: newer });
    expect(await run("kick", { token })).toBe(`ended 2 sessions of ${first.id}`);
    await until("both are out", () => first.closed !== undefined && second.closed !== undefined);
    expect(third.closed).toBeUndefined();
    const again = await RawClient.connect(server.webSocketUrl, { passcode: newer });
    expect(again.id).toBe(first.id);
    expect(await run("kick", { user: first.id })).toBe(`ended 2 sessions of ${first.id}`);
  });
});

describe("list-connections", () => {
  it("says who is connected, over what, since when and by which login session", async () => {
    const mine = await listen("anna", await tokenOf("anna"));
    const login = await newestLogin("anna");
    const lines = (await run("list-connections", { user: "anna" }))
      .split("\n")
      .map((line) => line.split("\t"));
    const shown = lines.map(([session, kind, name, , , transport, address, by]) =>
      [session, kind, name, transport, address, by].join(" "),
    );
    const expected = mine.map(
      ({ session }, index) => `${session} agent anna ${FEED_TRANSPORTS[index] ?? ""} 127.0.0.1 ${login}`,
    );
    expect(shown.sort()).toEqual(expected.sort());
    expect(Math.abs(Date.now() - Date.parse(lines[0]?.[4] ?? ""))).toBeLessThan(60_000);

    const guest = await RawClient.connect(server.webSocketUrl);
    expect(await run("list-connections", { user: guest.id })).toMatch(
      new RegExp(
        `^${guest.connected.get("session") ?? ""}\tguest\t-\t${guest.id}\t\\S+\twebsocket\t127\\.0\\.0\\.0/24\t-$`,
      ),
    );
    await guest.close();
    for (const { wire } of mine) wire.close();
  });
});

describe("what is not there, or cannot be meant,", () => {
  it.each<[string, object, RegExp]>([
    ["kick", { session: "nothing" }, /^nothing: there is no such session; list-connections shows them$/],
    ["kick", { user: "nobody" }, /^nobody: there is no such user$/],
    ["kick", { user: "admin" }, /^admin has no session$/],
    ["kick", { token: "cc_s_nothing" }, /^no session came with this token$/],
    ["kick", { token: "hunter2" }, /^token: (?!.*hunter2).*read from standard input$/],
    ["kick", {}, /^input: say a session, --user or --token, one of them$/],
    ["kick", { session: "x", user: "anna" }, /^input: say a session, --user or --token, one of them$/],
    ["kick", { user: "bert", code: "SHUTTING_DOWN" }, /^code: one of SESSION_EXPIRED, REVOKED$/],
    ["kick", { user: "bert", reason: "two\nlines" }, /^reason: 1 to 200 characters in one line$/],
    ["kick", { user: "bert", reason: "x".repeat(201) }, /^reason: 1 to 200 characters in one line$/],
    ["list-connections", { user: "nobody" }, /^nobody: there is no such user$/],
    ["list-logins", { account: "nobody" }, /^nobody: there is no such agent or service$/],
    [
      "sign-out",
      { account: "bert", login: "0badc0de" },
      /^0badc0de: bert has no such login; list-logins shows them$/,
    ],
    ["sign-out", { account: "nobody", login: "0badc0de" }, /^nobody: there is no such agent or service$/],
    ["set-passcode", { account: "nobody" }, /^nobody: there is no such agent$/],
    ["set-passcode", { account: "till" }, /^till: there is no such agent$/],
    ["set-passcode", { account: "bert", passcode: "short" }, /^a passcode has \d+ to \d+ characters$/],
    ["rotate-token", { account: "nobody" }, /^nobody: there is no such service$/],
    ["rotate-token", { account: "bert" }, /^bert: there is no such service$/],
  ])("%s %j is told in a line, and ends nobody", async (verb, input, told) => {
    const bert = await RawClient.connect(server.webSocketUrl, { passcode: await tokenOf("bert") });
    const audited = await lastAudited();
    await expect(run(verb, input)).rejects.toThrow(told);
    expect(await bert.subscribe("s", "/topic/quiet")).toBeDefined();
    expect(await lastAudited()).toBe(audited);
    await bert.close();
  });
});
