/** Whose credentials end is out within a second, wherever they are connected; what comes meanwhile waits for the next session. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { ALL_TRANSPORTS, Wire } from "../authorisation/wires.ts";
import { loginSessionOf } from "../helpers/login-session.ts";
import { bodyOf } from "../helpers/memory-connection.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { Stage } from "../helpers/stage.ts";
import type { RunningServer } from "../helpers/running-server.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** Of the promise; a machine with other work may take four times as long. */
const PROMISED_MS = SECOND;
const TOLERANCE = 4;
const FEED_EVERY_MS = 10;
/** What a token has left when its sessions begin: time enough to open them on a busy machine. */
const LEFT_MS = 2 * SECOND;

let stage: Stage;
let server: RunningServer;
let topics: string;

beforeAll(async () => {
  stage = await Stage.start({ STOMP_TCP_PORT: "0" });
  ({ server } = stage);
  await server.addAgent("feeder");
  topics = await server.addService("feed", ["topics"]);
});
afterAll(() => stage.close());

const deed = (account: string): { account: string; actor: "operator"; now: number } => ({
  account,
  actor: "operator",
  now: Date.now(),
});

async function tokenOf(login: string): Promise<string> {
  const answer = await server.post("/api/sessions", { login, passcode: AGENT_PASSCODE });
  return String(answer.body["token"]);
}

async function customerToken(): Promise<string> {
  const { body } = await server.post("/api/identify", { jwt: await stage.siteToken("carla") });
  return String(body["token"]);
}

/** Somebody who is to be shut out. */
type Case = {
  readonly what: string;
  readonly login?: string;
  readonly token: () => Promise<string>;
  /** Undefined where the time does it. */
  readonly end?: (token: string) => Promise<unknown>;
  /** Lets them in again. */
  readonly again: () => Promise<string>;
  readonly code: string;
};

const revoked = (
  login: string,
  what: string,
  end: (token: string) => Promise<unknown>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Case => ({
  ...{ what, login, end, code: "REVOKED" },
  token: () => tokenOf(login),
  again: async () => {
    await before();
    return tokenOf(login);
  },
});

const REVOKED: readonly Case[] = [
  revoked(
    "doris",
    "an agent who is disabled",
    () => server.server.store.execute("disable", deed("doris")),
    () => server.server.store.execute("enable", deed("doris")),
  ),
  revoked("otto", "an agent whom the operator signs out", () =>
    server.server.store.execute("signOut", deed("otto")),
  ),
  revoked("nora", "an agent who signs out", (token) =>
    server.fetch("/api/sessions/current", {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    }),
  ),
];

const EXPIRED: readonly Case[] = [
  {
    ...{ what: "an agent after 12 hours", login: "emil", code: "SESSION_EXPIRED" },
    token: async () => {
      const emil = await server.server.store.execute("userByLogin", { login: "emil" });
      return loginSessionOf(server.server.store, emil?.id ?? "", 12 * HOUR - LEFT_MS, 0);
    },
    again: () => tokenOf("emil"),
  },
  {
    ...{ what: "a customer after 24 hours", code: "SESSION_EXPIRED" },
    token: async () => {
      let token = "";
      await stage.ago(24 * HOUR - LEFT_MS, async () => {
        token = await customerToken();
      });
      return token;
    },
    again: customerToken,
  },
];

/** Somebody who writes to them, numbered, and a service that fills a topic, until it is enough. */
async function startFeed({ login }: Case): Promise<{ stop: () => Promise<number> }> {
  const publisher = await RawClient.connect(server.webSocketUrl, { passcode: topics });
  const [writer, userTo] = login === undefined ? await agentAtCustomer() : await guestAt(login);
  const answers: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    answers.push(writer.say(userTo, `number ${answers.length + 1}`));
    publisher.send("SEND\ndestination:/topic/feed\n\ntick^@");
  }, FEED_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(answers);
      for (const client of [writer, publisher]) await client.close();
      return answers.length;
    },
  };
}

/** A guest whose chat the agent has. */
async function guestAt(login: string): Promise<[RawClient, string]> {
  const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  const agent = await RawClient.connect(server.webSocketUrl, { login, passcode: AGENT_PASSCODE });
  await guest.say("support", "hello");
  await agent.say(guest.id, "good day");
  await agent.close();
  return [guest, "support"];
}

async function agentAtCustomer(): Promise<[RawClient, string]> {
  const agent = await RawClient.connect(server.webSocketUrl, { login: "feeder", passcode: AGENT_PASSCODE });
  const customer = await RawClient.connect(server.webSocketUrl, { passcode: await customerToken() });
  const { id } = customer;
  await agent.subscribe("messages", "/user/queue/messages");
  await agent.say(id, "good day");
  await customer.close();
  return [agent, id];
}

const numbersOf = (frames: readonly { readonly body: Uint8Array }[]): number[] =>
  frames.flatMap(
    (frame) =>
      /"number (\d+)"/
        .exec(bodyOf(frame as never))
        ?.slice(1)
        .map(Number) ?? [],
  );

async function listen(wire: Wire, token: string): Promise<Wire> {
  wire.send([
    `CONNECT\naccept-version:1.2\npasscode:${token}\n\n^@`,
    "SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\n\n^@",
  ]);
  await wire.until(() => numbersOf(wire.frames).length > 0);
  return wire;
}
const open = (): Promise<Wire[]> => {
  const ports = { http: server.port, tcp: server.tcpPort };
  return Promise.all(ALL_TRANSPORTS.map((transport) => Wire.open(transport, ports)));
};

/** Resolves with how many ms after `expected` the last of them was over. */
async function untilAllAreOut(wires: readonly Wire[], expected: number): Promise<number> {
  await Promise.all(wires.map((wire) => wire.until(() => false)));
  return performance.now() - expected;
}

async function shutOut(one: Case): Promise<void> {
  if (one.login !== undefined) await server.addAgent(one.login);
  const feed = await startFeed(one);
  const wires = await open();
  const token = await one.token();
  const expires = performance.now() + LEFT_MS;
  await Promise.all(wires.map((wire) => listen(wire, token)));
  if (one.login !== undefined) {
    for (const wire of wires) wire.send(["SUBSCRIBE\nid:feed\ndestination:/topic/feed\n\n^@"]);
    await Promise.all(
      wires.map((wire) => wire.until(() => wire.frames.some((frame) => bodyOf(frame) === "tick"))),
    );
  }
  const began = one.end === undefined ? expires : performance.now();
  await one.end?.(token);
  expect(await untilAllAreOut(wires, began)).toBeLessThan(PROMISED_MS * TOLERANCE);
  for (const [index, wire] of wires.entries()) {
    const transport = ALL_TRANSPORTS[index] ?? "";
    const last = wire.frames.at(-1);
    expect([transport, last?.command, last?.headers.get("code")]).toEqual([transport, "ERROR", one.code]);
    expect([transport, wire.closeCode]).toEqual([transport, transport === "tcp" ? undefined : 1008]);
  }

  // The session of a token that expires may end a moment before the token.
  await until("the credentials are over", () => performance.now() >= began);
  expect((await server.get("/api/conversations", token)).status).toBe(401);
  for (const wire of await open()) {
    wire.send([`CONNECT\naccept-version:1.2\npasscode:${token}\n\n^@`]);
    await wire.until(() => false);
    expect(wire.frames.map(({ headers }) => headers.get("code"))).toEqual(["AUTH_FAILED"]);
  }

  const written = await feed.stop();
  const next = await RawClient.connect(server.webSocketUrl, { passcode: await one.again() });
  await next.subscribe("messages", "/user/queue/messages");
  const numbers = (): number[] => numbersOf(next.on("messages"));
  await until("the next session has the last one", () => numbers().at(-1) === written);
  const [first = 0] = numbers();
  const heard = Math.max(...wires.flatMap(({ frames }) => numbersOf(frames)));
  expect(first).toBeLessThanOrEqual(heard + 1);
  expect(written).toBeGreaterThan(heard);
  expect(numbers()).toEqual(Array.from({ length: written - first + 1 }, (_, index) => first + index));
  await next.close();
}

it.each([...REVOKED, ...EXPIRED])(
  "$what is out on every transport within a second, and nothing is lost",
  shutOut,
);

it("a disabled service's token is nothing until it is enabled; old login sessions stay over for ever", async () => {
  const bot = await server.addService("bot", ["api"]);
  await server.addAgent("dora");
  const session = await tokenOf("dora");
  for (const account of ["bot", "dora"]) await server.server.store.execute("disable", deed(account));
  const answers = async (): Promise<number[]> =>
    Promise.all(
      [bot, session, await tokenOf("dora")].map(
        async (token) => (await server.get("/api/conversations", token)).status,
      ),
    );
  expect(await answers()).toEqual([401, 401, 401]);
  for (const account of ["bot", "dora"]) await server.server.store.execute("enable", deed(account));
  expect(await answers()).toEqual([200, 401, 200]);
});

it("a login whose passcode was compared before the account was disabled opens no session behind it", async () => {
  const id = await server.addAgent("carl");
  await server.server.store.execute("disable", deed("carl"));
  const late = { hash: "of a token", user: id, now: Date.now() };
  await expect(server.server.store.execute("startLoginSession", late)).rejects.toThrow();
});
