/** People who are called as scripts, come from pages that are called so, and say nothing else. */
import { hash } from "@node-rs/argon2";
import { SignJWT } from "jose";
import { expect } from "vitest";
import { adminVerbs } from "../../../src/admin-verbs.ts";
import { RawClient } from "../raw-client.ts";
import { AGENT_PASSCODE } from "../running-server.ts";
import { grouped } from "../script-payloads.ts";
import type { Passcodes } from "../../../src/adapters/auth/passcodes.ts";
import type { DurableStore } from "../../../src/adapters/stores/sqlite-store.ts";
import type { RunningServer } from "../running-server.ts";
import type { AdminVerb } from "../../../src/adapters/http/admin-socket.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
export const CAST_SITE = { RATE_LIMITS: "off", SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" };

/** As many scripts as a name has room for, side by side: what everybody is called and says. */
const GROUPS = grouped(100);
export const VALUES: readonly string[] = GROUPS.map((group) => group.join(" "));

/** How many scripts stand in those of the values. */
export function payloadsIn(isOne: (value: string, index: number) => boolean): number {
  return GROUPS.filter((group, index) => isOne(group.join(" "), index)).flat().length;
}

/** An address of a page with the payload wherever one has room. */
export function addressWith(payload: string): string {
  return new URL(`https://shop.example/${payload}?q=${payload}#${payload}`).href;
}

/** Keys that no JSON may have. */
const FORBIDDEN_KEYS = ["__proto__", "constructor", "prototype"];

/** What the site signs. */
function siteToken(payload: string, more: object): Promise<string> {
  return new SignJWT({ name: payload, ...more })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(payload)
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

export type Customer = {
  readonly client: RawClient;
  readonly payload: string;
  /** Whether the name of the browser could be sent. */
  readonly isBrowserNamed: boolean;
};

/** A token of who is called so; what the site says beyond the name is passed over, or refused where its keys are traps. */
async function identify(server: RunningServer, payload: string): Promise<string> {
  const more = { email: payload, attributes: { [payload]: payload } };
  const { status, body } = await server.post("/api/identify", { jwt: await siteToken(payload, more) });
  expect([payload, status]).toEqual([payload, FORBIDDEN_KEYS.includes(payload) ? 401 : 200]);
  if (status === 200) return String(body["token"]);
  const plain = await server.post("/api/identify", { jwt: await siteToken(payload, {}) });
  return String(plain.body["token"]);
}

/** A customer for each payload, called so, by a browser that is called so. */
export async function castCustomers(server: RunningServer): Promise<Customer[]> {
  return Promise.all(
    VALUES.map(async (payload) => {
      const credentials = { passcode: await identify(server, payload) };
      const isBrowserNamed = !/[^\t\x20-\x7e\x80-\xff]/.test(payload);
      const headers: Record<string, string> = isBrowserNamed ? { "user-agent": payload } : {};
      const client = await RawClient.connect(server.webSocketUrl, credentials, { headers });
      await client.subscribe("errors", "/user/queue/errors");
      return { client, payload, isBrowserNamed };
    }),
  );
}

/** The operator's commands; the hashes of passcodes cost so little that very many may sign in. */
export async function operator(server: RunningServer): Promise<Readonly<Record<string, AdminVerb>>> {
  const hashed = await hash(AGENT_PASSCODE, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  const quick = { hash: () => Promise.resolve(hashed) } as unknown as Passcodes;
  return adminVerbs(server.server.store as unknown as DurableStore, quick);
}

/** An agent for each payload, called so. */
export async function castAgents(server: RunningServer): Promise<RawClient[]> {
  const { "add-agent": add } = await operator(server);
  return Promise.all(
    VALUES.map(async (name, index) => {
      const login = `agent${index}`;
      await add?.({ login, role: "agent", name, passcode: AGENT_PASSCODE });
      const client = await RawClient.connect(server.webSocketUrl, { login, passcode: AGENT_PASSCODE });
      await client.subscribe("errors", "/user/queue/errors");
      return client;
    }),
  );
}
