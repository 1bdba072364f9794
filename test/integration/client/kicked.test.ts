/** Whoever is kicked and may come back does so as who they were, and has what was written meanwhile. */
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { kick } from "../../../src/kick.ts";
import { texts, useClients } from "../../helpers/clients.ts";
import { AGENT_PASSCODE, until } from "../../helpers/running-server.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

const at = useClients({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });

async function customerToken(): Promise<unknown> {
  const jwt = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("carla")
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
  return (await at().server.post("/api/identify", { jwt })).body["token"];
}

async function agentToken(): Promise<unknown> {
  return (await at().server.post("/api/sessions", { login: "anna", passcode: AGENT_PASSCODE })).body["token"];
}

it("a customer and an agent who have nothing but their tokens go on with their chat after SESSION_EXPIRED", async () => {
  const { customer, anna, conversation } = await at().chat(
    { credentials: { token: String(await customerToken()) } },
    { credentials: { token: String(await agentToken()) } },
  );
  const [carla, agent] = [customer.user?.id ?? "", anna.user?.id ?? ""];
  const { broker, store } = at().server.server;
  const states: string[] = [];
  for (const client of [customer, anna]) client.on("state", ({ status }) => states.push(status));
  for (const user of [carla, agent]) kick({ broker, store, actor: "operator" }, { user }, {});
  await until("both know it", () => states.filter((state) => state !== "connecting").length >= 2);
  expect(states).toEqual(["reconnecting", "reconnecting"]);
  anna.send({ userTo: carla, text: "are you still there?", conversation });
  await until("it came", () => texts(customer).length === 2);
  expect([customer.user?.id, anna.user?.id]).toEqual([carla, agent]);
  expect(texts(customer)).toEqual(["hello", "are you still there?"]);
});

it("an agent and a customer stay away after REVOKED; a guest comes back as who it was", async () => {
  const { customer, anna } = await at().chat(
    { credentials: { token: String(await customerToken()) } },
    { credentials: { token: String(await agentToken()) } },
  );
  const guest = await at().guest();
  const { broker, store } = at().server.server;
  const [id = "", ...others] = [guest, customer, anna].map(({ user }) => user?.id ?? "");
  const states: string[] = [];
  guest.on("state", ({ status }) => states.push(status));
  for (const user of [id, ...others])
    kick({ broker, store, actor: "operator" }, { user }, { code: "REVOKED" });
  await until("both were told", () => [customer, anna].every(({ state }) => state.status === "refused"));
  await until("the guest is back", () => states.at(-1) === "online");
  expect([states[0], guest.user?.id]).toEqual(["reconnecting", id]);
});
