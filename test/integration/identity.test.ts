/** Who somebody is: tokens, logins, identify, revocation, over real connections. */
import { hash } from "@node-rs/argon2";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../contract/desk.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { ADMIN, AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
/** Of the promise; a machine with other work may take four times as long. */
const PROMISED_MS = 1000;
const TOLERANCE = 4;

let server: RunningServer;

beforeAll(async () => {
  server = await RunningServer.start({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });
  await server.addAgent("anna");
});
afterAll(async () => {
  await server.remove();
});

function siteJwt(sub: string, claims: object = {}): Promise<string> {
  return new SignJWT({ name: "Carla", ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(sub)
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

const connect = (headers: Record<string, string> = {}): Promise<RawClient> =>
  RawClient.connect(server.webSocketUrl, headers);

describe("CONNECT", () => {
  it("without credentials makes a guest, whose token brings the same guest back", async () => {
    const first = await connect();
    const token = first.connected.get("token") ?? "";
    expect(token).toMatch(/^cc_g\./);
    await first.close();
    const again = await connect({ Authorization: `Bearer ${token}` });
    expect(again.id).toBe(first.id);
    expect(again.connected.get("token")).not.toBe(token);
    await again.close();
  });

  it.each([
    ["a wrong passcode", { login: "anna", passcode: "not the passcode" }],
    ["an unknown login", { login: "nobody", passcode: AGENT_PASSCODE }],
    ["a login alone", { login: "anna" }],
    ["a passcode alone", { passcode: AGENT_PASSCODE }],
    ["a broken token", { passcode: "cc_g.broken" }],
    ["a made-up session token", { Authorization: "Bearer cc_s_nothing" }],
    ["an Authorization that is no Bearer", { Authorization: "Basic YTpi" }],
  ])("with %s is AUTH_FAILED, in the same words, and never a guest", async (_name, headers) => {
    const client = await connect(headers);
    expect(client.of("CONNECTED")).toEqual([]);
    expect(client.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    expect(client.of("ERROR")[0]?.headers.get("message")).toBe(
      "AUTH_FAILED These credentials are not valid.",
    );
    await until("closed", () => client.closed !== undefined);
    expect(client.closed?.code).toBe(1008);
  });

  it("with empty credentials is a guest", async () => {
    const client = await connect({ login: "", passcode: "" });
    expect(client.id).toMatch(/^[\w-]{22}$/);
    await client.close();
  });

  it("with a host site's token points to /api/identify", async () => {
    const client = await connect({ Authorization: `Bearer ${await siteJwt("c0")}` });
    expect(new TextDecoder().decode(client.of("ERROR")[0]?.body)).toContain("/api/identify");
  });

  it("ends an old generation 60 s after the newer one was used by a guest that has a row", async () => {
    const first = await connect();
    await first.subscribeAll();
    await first.say("support", "a row, please");
    const second = await connect({ passcode: first.connected.get("token") ?? "" });
    const third = await connect({ passcode: second.connected.get("token") ?? "" });
    expect(third.id).toBe(first.id);
    // The one before the newest still works for a minute; the one before that is over.
    const late = await connect({ passcode: first.connected.get("token") ?? "" });
    expect(late.id).toBe(first.id);
    const fourth = await connect({ passcode: third.connected.get("token") ?? "" });
    expect(fourth.id).toBe(first.id);
    const over = await connect({ passcode: first.connected.get("token") ?? "" });
    expect(over.of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    for (const client of [first, second, third, late, fourth]) await client.close();
  });
});

describe("agents", () => {
  it("log in over REST, use the token, and lose everything with DELETE within a second", async () => {
    const { status, body } = await server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE });
    expect(status).toBe(201);
    expect(body["user"]).toMatchObject({ kind: "agent", role: "agent" });
    const token = String(body["token"]);
    const client = await connect({ Authorization: `Bearer ${token}` });
    expect(client.of("CONNECTED")).toHaveLength(1);
    const ended = await server.json("/api/sessions/current", {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(ended.status).toBe(204);
    await until("the session is revoked", () => client.closed !== undefined, PROMISED_MS * TOLERANCE);
    expect(client.of("ERROR")[0]?.headers.get("code")).toBe("REVOKED");
    expect((await server.get("/api/conversations", token)).status).toBe(401);
  });

  it("survive a restart with their login session", async () => {
    const { body } = await server.post("/api/sessions", ADMIN);
    await server.stop();
    await server.start();
    expect((await server.get("/api/conversations", String(body["token"]))).status).toBe(200);
    expect((await server.post("/api/sessions", ADMIN)).status).toBe(201);
  });
});

describe("identify", () => {
  it("merges the guest: the open conversation moves whole, the guest's sessions end", async () => {
    const agent = await connect({ login: "anna", passcode: AGENT_PASSCODE });
    await agent.subscribeAll();
    await agent.subscribe("support", "/chat/topic/support");
    const guest = await connect();
    await guest.subscribeAll();
    const receipt = await guest.say("support", "who am I?");
    await agent.say(guest.id, "you tell me");
    const guestToken = guest.connected.get("token") ?? "";
    const { status, body } = await server.post("/api/identify", { jwt: await siteJwt("c1"), guestToken });
    expect(status).toBe(200);
    const user = body["user"] as { id: string };
    expect(user).toMatchObject({ kind: "customer", verified: true, name: "Carla" });
    await until("the guest is out", () => guest.closed !== undefined, PROMISED_MS * TOLERANCE);
    expect(guest.of("ERROR")[0]?.headers.get("code")).toBe("REVOKED");
    const customer = await connect({ passcode: String(body["token"]) });
    expect(customer.id).toBe(user.id);
    await customer.subscribe("errors", "/user/queue/errors");
    await customer.subscribe("messages", "/user/queue/messages");
    await until("the customer has the history", () => customer.on("messages").length === 2);
    expect(customer.texts()).toEqual(["who am I?", "you tell me"]);
    expect(customer.on("messages").map((frame) => frame.headers.get("seq"))).toEqual(["1", "2"]);
    const more = await customer.say("support", "it is me");
    expect(more?.headers.get("seq")).toBe("3");
    expect(more?.headers.get("conversation")).toBe(receipt?.headers.get("conversation"));
    await until("the agent goes on with the customer", () => agent.texts().includes("it is me"));
    expect(agent.bodies("support").some((event) => event["type"] === "customer.identified")).toBe(true);
    expect((await connect({ passcode: guestToken })).of("ERROR")[0]?.headers.get("code")).toBe("AUTH_FAILED");
    for (const client of [agent, customer]) await client.close();
  });

  it("closes the guest's conversation as merged when the customer has an open one", async () => {
    const identified = await server.post("/api/identify", { jwt: await siteJwt("c2") });
    const customer = await connect({ passcode: String(identified.body["token"]) });
    await customer.subscribeAll();
    await customer.say("support", "mine");
    const guest = await connect();
    await guest.subscribeAll();
    await guest.say("support", "also mine");
    const guestToken = guest.connected.get("token") ?? "";
    await server.post("/api/identify", { jwt: await siteJwt("c2"), guestToken });
    await until("the merge is told", () =>
      customer.bodies("events").some((event) => (event["data"] as { reason?: string }).reason === "merged"),
    );
    const list = await server.get("/api/conversations", String(identified.body["token"]));
    const states = (list.body["items"] as { state: string }[]).map(({ state }) => state);
    expect(states.sort()).toEqual(["closed", "waiting"]);
    await customer.close();
  });

  it.each([
    ["another audience", { aud: "bank" }, "aud of the site's token is not SITE_JWT_AUDIENCE"],
    [
      "no expiry",
      { exp: undefined },
      "exp of the site's token is in whole seconds, not past, and at most 24 h after iat",
    ],
    [
      "a long name",
      { name: "n".repeat(101) },
      "name in the site's token is text of 1 to 100 characters; shorten it or leave it out",
    ],
  ])("refuses a token with %s", async (_name, claims, hint) => {
    const iat = Math.floor(Date.now() / 1000);
    const jwt = await new SignJWT({ sub: "c3", aud: "shop", iat, exp: iat + 60, ...claims })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET));
    const { status, body } = await server.post("/api/identify", { jwt });
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: "AUTH_FAILED", hint });
  });
});

it("a thousand logins at once are answered each, with RETRY_LATER for those that cannot wait", async () => {
  // Compared in a fifth of the time that a passcode of the product's own takes.
  const passcodeHash = await hash("the passcode of dora", { memoryCost: 8192, timeCost: 1 });
  const dora = { id: newId(), login: "dora", role: "agent", passcodeHash, now: Date.now() } as const;
  await server.server.store.execute("addAgent", dora);
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () =>
      server.post("/api/sessions", { login: "dora", passcode: "not this passcode" }),
    ),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses.has(500)).toBe(false);
  expect([...statuses].every((status) => [401, 429, 503].includes(status))).toBe(true);
});
