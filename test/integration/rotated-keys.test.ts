/** The host site's key and the server's own are changed as docs/DEPLOYMENT.md says: who stays, and who is out. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterEach, beforeEach, expect, it } from "vitest";
import { admin, endAll } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer } from "../helpers/running-server.ts";

const OLD = "an old key of the site, with 32 octets";
const NEW = "a new key of the site, with 32 octets.";

let server: RunningServer;

beforeEach(async () => {
  server = await RunningServer.start({ SITE_JWT_SECRET: OLD, SITE_JWT_AUDIENCE: "shop" });
});
afterEach(async () => {
  await endAll();
  await server.remove();
});

async function identify(secret: string, kid?: string): Promise<Awaited<ReturnType<RunningServer["post"]>>> {
  const jwt = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256", ...(kid === undefined ? {} : { kid }) })
    .setSubject("carla")
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));
  return server.post("/api/identify", { jwt });
}

/** Each way of signing, and what it is answered: the step of the change that it belongs to decides. */
async function statuses(): Promise<Readonly<Record<string, number>>> {
  const ways = { old: [OLD], "old k1": [OLD, "k1"], "new k2": [NEW, "k2"] } as const;
  const answers: [string, number][] = [];
  for (const [way, [secret, kid]] of Object.entries(ways))
    answers.push([way, (await identify(secret, kid)).status]);
  return Object.fromEntries(answers);
}

async function restart(variables: Readonly<Record<string, string>> = {}): Promise<void> {
  await server.stop();
  await server.start(variables);
}

/** Connects with a token; when its session is to end, epoch ms, and who it is. */
async function sessionOf(token: string): Promise<{ id: string; expiresAt: number | undefined }> {
  const { id } = await RawClient.connect(server.webSocketUrl, { passcode: token });
  const [session] = server.server.broker.sessionsOf(id);
  return { id, expiresAt: session?.authentication?.expiresAt };
}

it("the site's key: both are taken meanwhile, the old one no more at the end, and no customer is put out by it", async () => {
  expect(await statuses()).toEqual({ old: 200, "old k1": 200, "new k2": 401 });
  const token = String((await identify(OLD)).body["token"]);
  const before = await sessionOf(token);

  await restart({ SITE_JWT_SECRET: `k1=${OLD},k2=${NEW}` });
  expect(await statuses()).toEqual({ old: 401, "old k1": 200, "new k2": 200 });
  expect(await sessionOf(token)).toEqual(before);

  await restart({ SITE_JWT_SECRET: `k2=${NEW}` });
  expect(await statuses()).toEqual({ old: 401, "old k1": 401, "new k2": 200 });
  expect(await sessionOf(token)).toEqual(before);
  expect((await identify(NEW, "k2")).body["user"]).toMatchObject({ id: before.id });
});

it("the server's own: tokens of guests and customers end, agents and services go on, and the site's customers are who they were", async () => {
  await server.addAgent("anna");
  const login = await server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
  const kept = [String(login.body["token"]), await server.addService("bot", ["api"])];
  const customer = await identify(OLD);
  const guest = await server.post("/api/guests", {});
  const ended = [customer, guest].map(({ body }) => String(body["token"]));
  const answers = (tokens: readonly string[]): Promise<number[]> =>
    Promise.all(tokens.map(async (token) => (await server.get("/api/conversations", token)).status));
  expect(await answers([...kept, ...ended])).toEqual([200, 200, 200, 200]);
  const file = join(server.dataDir, "secrets.json");
  const key = readFileSync(file, "utf8");

  const refused = await admin(server.dataDir, ["rotate-key"]);
  expect([refused.exit?.code, refused.stdout]).toEqual([1, ""]);
  expect(refused.stderr).toMatch(
    /already in use by pid \d+: stop it first \(kill \d+, .*\), rotate the key, and start it again\n$/,
  );
  expect(readFileSync(file, "utf8")).toBe(key);

  await server.stop();
  const rotated = await admin(server.dataDir, ["rotate-key"]);
  expect([rotated.exit?.code, rotated.stderr]).toEqual([0, ""]);
  expect(readFileSync(file, "utf8")).not.toBe(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await admin(server.dataDir, ["audit"])).stdout).toMatch(
    /\toperator\trotate-key\t-\t-\tdone\t[^\n]*\n$/,
  );

  await server.start();
  expect(await answers([...kept, ...ended])).toEqual([200, 200, 401, 401]);
  const again = await identify(OLD);
  expect(again.body["user"]).toEqual(customer.body["user"]);
  expect(await answers([String(again.body["token"])])).toEqual([200]);
});

it("the server's own is made anew where it was lost, and nowhere else", async () => {
  const nowhere = join(server.dataDir, "nowhere");
  expect((await admin(nowhere, ["rotate-key"])).stderr).toContain("there is no installation yet");
  await server.stop();
  rmSync(join(server.dataDir, "secrets.json"));
  await expect(server.start()).rejects.toThrow("restore it from a backup");
  expect((await admin(server.dataDir, ["rotate-key"])).exit?.code).toBe(0);
  await server.start();
  expect((await server.post("/api/guests", {})).status).toBe(201);
});
