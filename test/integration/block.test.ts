/** Who is blocked is out within a second, on every session, by id and by address, also after a restart. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";

const FROM = { headers: { "x-forwarded-for": "203.0.113.9" } };
const ELSEWHERE = { headers: { "x-forwarded-for": "203.0.113.10" } };
/** Of the promise; a machine with other work may take four times as long. */
const PROMISED_MS = 1000;
const TOLERANCE = 4;

let server: RunningServer;
let anna: RawClient;
const clients: RawClient[] = [];

beforeEach(async () => {
  server = await RunningServer.start({ TRUST_PROXY: "loopback" });
  await server.addAgent("anna");
  anna = await agent();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await server.remove();
});

async function connect(...[headers, options]: [Record<string, string>?, object?]): Promise<RawClient> {
  const client = await RawClient.connect(server.webSocketUrl, headers, options);
  clients.push(client);
  return client;
}
async function agent(): Promise<RawClient> {
  const client = await (await connect({ login: "anna", passcode: AGENT_PASSCODE })).subscribeAll();
  await client.subscribe("support", "/chat/topic/support");
  return client;
}
const told = (type: string): unknown[] =>
  anna.bodies("support").flatMap((event) => (event["type"] === type ? [event["data"]] : []));
const errorOf = (client: RawClient): unknown[] => [
  client.of("ERROR")[0]?.headers.get("code"),
  client.closed?.code,
];

it("ends all sessions of the blocked one within a second, and refuses every new one until the unblocking", async () => {
  const guest = await (await connect({}, FROM)).subscribeAll();
  const token = guest.connected.get("token") ?? "";
  const second = await connect({ passcode: token }, ELSEWHERE);
  const stranger = await (await connect({}, FROM)).subscribeAll();
  await guest.say("support", "hello");
  const begin = performance.now();
  expect(await anna.post("/chat/block", { user: guest.id, reason: "spam" })).toBeDefined();
  await until("both are out", () => guest.closed !== undefined && second.closed !== undefined);
  expect(performance.now() - begin).toBeLessThan(PROMISED_MS * TOLERANCE);
  for (const client of [guest, second]) expect(errorOf(client)).toEqual(["SENDER_BLOCKED", 1008]);
  const user = { id: guest.id, kind: "guest", blocked: true };
  const by = { id: anna.id, kind: "agent", role: "agent", name: "anna" };
  expect(told("customer.blocked")).toEqual([{ user, by }]);

  await server.stop();
  await server.start();
  anna = await agent();
  expect(errorOf(await connect({ passcode: token }, ELSEWHERE))[0]).toBe("SENDER_BLOCKED");
  expect(errorOf(stranger)[0]).toBe("SHUTTING_DOWN");
  // The address alone says nothing as long as it was not blocked.
  expect(await (await connect({}, FROM)).say("support", "hello")).toBeDefined();

  expect(await anna.post("/chat/unblock", { user: guest.id })).toBeDefined();
  expect(told("customer.unblocked")).toEqual([{ user: { id: guest.id, kind: "guest" }, by }]);
  const again = await connect({ passcode: token }, ELSEWHERE);
  expect(await again.say("support", "back")).toBeDefined();
});

it("by address keeps new guests of it out, and no agent", async () => {
  const guest = await (await connect({}, FROM)).subscribeAll();
  const neighbour = await (await connect({}, FROM)).subscribeAll();
  await guest.say("support", "hello");
  await anna.post("/chat/block", { user: guest.id, address: true });
  await until("both are out", () => guest.closed !== undefined && neighbour.closed !== undefined);
  expect(errorOf(neighbour)).toEqual(["SENDER_BLOCKED", 1008]);
  expect(errorOf(await connect({}, FROM))[0]).toBe("SENDER_BLOCKED");
  expect((await connect({}, ELSEWHERE)).id).not.toBe("");
  expect((await connect({ login: "anna", passcode: AGENT_PASSCODE }, FROM)).id).toBe(anna.id);
  await anna.post("/chat/unblock", { user: guest.id });
  expect((await connect({}, FROM)).id).not.toBe("");
});

it("by address is refused where none is known, and where it is the agent's own", async () => {
  const gone = await (await connect({}, FROM)).subscribeAll();
  await gone.say("support", "hello");
  await gone.close();
  const here = await connect();
  for (const user of [gone.id, here.id]) {
    expect(await anna.post("/chat/block", { user, address: true })).toBeUndefined();
  }
  expect(anna.refusals()).toEqual(["CONFLICT", "CONFLICT"]);
  expect(here.closed).toBeUndefined();
});
