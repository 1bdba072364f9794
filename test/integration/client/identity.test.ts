/** Who a client of the library is: a guest, a customer, somebody else, and what becomes of what was written meanwhile. */
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { memoryTokens, online, only, texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatClient, TokenStore } from "../../../src/web/client/index.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

const at = useClients({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });

/** An answer that has come and is not given yet. */
type Held = {
  readonly came: PromiseWithResolvers<void>;
  readonly release: PromiseWithResolvers<void>;
};

/** What the host site signs for a customer. */
function siteToken(subject: string): Promise<string> {
  return new SignJWT({ name: subject })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

it("takes the guest's conversation along", async () => {
  const client = await at().guest();
  client.send({ userTo: "support", text: "as a guest" });
  await until("stored", () => texts(client).length === 1);
  const guestId = client.user?.id;
  await client.identify(await siteToken("carla"));
  await online(client);
  expect(client.user?.kind).toBe("customer");
  expect(client.user?.id).not.toBe(guestId);
  await client.loadHistory(only(client));
  expect(texts(client)).toEqual(["as a guest"]);
});

it("that is told again changes nothing: no reconnect, and what is shown stays", async () => {
  const client = await at().guest();
  const { id } = await client.identify(await siteToken("carla"));
  await online(client);
  client.send({ userTo: "support", text: "mine" });
  await until("stored", () => texts(client).length === 1);
  const states: string[] = [];
  client.on("state", ({ status }) => states.push(status));
  expect((await client.identify(await siteToken("carla"))).id).toBe(id);
  expect([states, texts(client), client.user?.id]).toEqual([[], ["mine"], id]);
});

it("of somebody else takes nothing along, not even what was not sent yet", async () => {
  const client = await at().guest();
  await client.identify(await siteToken("carla"));
  await online(client);
  client.send({ userTo: "support", text: "carla's" });
  await until("stored", () => texts(client).length === 1);
  at().proxy.freezeWebSockets();
  client.send({ userTo: "support", text: "carla's, unsent" });
  await client.identify(await siteToken("dora"));
  await online(client);
  expect([client.outgoing, client.conversations.size]).toEqual([[], 0]);
  client.send({ userTo: "support", text: "dora's" });
  await until("stored", () => client.outgoing.length === 0 && client.conversations.size === 1);
  await client.loadHistory(only(client));
  expect(texts(client)).toEqual(["dora's"]);
});

/** A guest's client whose next answer of this path waits for `release`. */
async function slow(path: string): Promise<{ client: ChatClient; tokens: TokenStore; hold: () => Held }> {
  let held: Held | undefined;
  const late = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const answer = await fetch(...request);
    const isHeld = typeof request[0] === "string" && request[0].includes(path);
    const now = isHeld ? held : undefined;
    if (isHeld) held = undefined;
    now?.came.resolve();
    await now?.release.promise;
    return answer;
  };
  const tokens = memoryTokens();
  const client = await at().guest({ tokens, platform: { fetch: late } });
  const hold = (): Held => (held = { came: Promise.withResolvers(), release: Promise.withResolvers() });
  return { client, tokens, hold };
}

it("is what the last word says, whichever answer is faster", async () => {
  const { client, tokens, hold } = await slow("/api/identify");
  const first = hold();
  const carla = client.identify(await siteToken("carla"));
  await first.came.promise;
  const { id } = await client.identify(await siteToken("dora"));
  first.release.resolve();
  await expect(carla).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await online(client);
  expect(client.user?.id).toBe(id);

  const second = hold();
  const again = client.identify(await siteToken("carla"));
  await second.came.promise;
  await client.reset();
  second.release.resolve();
  await expect(again).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(tokens.load()).toBeUndefined();
  client.start();
  expect((await online(client)).user?.kind).toBe("guest");
});

it("that the server has and has not told yet is waited for: nobody new sends what the guest wrote", async () => {
  const { client, tokens, hold } = await slow("/api/identify");
  client.send({ userTo: "support", text: "before" });
  await until("stored", () => client.outgoing.length === 0);
  const token = tokens.load();
  let refusals = 0;
  client.on("state", ({ status }) => (refusals += Number(status === "reconnecting")));
  const late = hold();
  const carla = client.identify(await siteToken("carla"));
  await late.came.promise;
  client.send({ userTo: "support", text: "meanwhile" });
  for (const refused of [1, 2]) {
    await until("the guest is refused", () => refusals === refused);
    client.reconnectNow();
  }
  // Whoever comes after it and is online has taken longer than it takes to forget a token.
  await at().guest();
  expect(tokens.load()).toBe(token);
  late.release.resolve();
  await carla;
  await online(client);
  await until("stored", () => client.outgoing.length === 0);
  expect([client.user?.kind, client.conversations.size]).toEqual(["customer", 1]);
  await client.loadHistory(only(client));
  expect(texts(client)).toEqual(["before", "meanwhile"]);
});

it("that was left is shown nothing of, not by an answer that comes late", async () => {
  const { client, hold } = await slow("/messages");
  client.send({ userTo: "support", text: "mine" });
  await until("stored", () => texts(client).length === 1);
  const conversation = only(client);
  await client.identify(await siteToken("carla"));
  await online(client);
  const history = hold();
  const loading = client.loadHistory(conversation);
  await history.came.promise;
  await client.reset();
  client.start();
  history.release.resolve();
  await expect(loading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await online(client);
  expect([client.transcript(conversation), client.conversations.size]).toEqual([undefined, 0]);
});

it("is forgotten at once, behind a network that stalls too", async () => {
  const { customer, conversation } = await at().chat();
  const anna = await at().agent("anna", { url: at().server.url });
  at().proxy.stall();
  anna.send({ userTo: customer.user?.id ?? "", text: "too late", conversation });
  await until("stored", () => anna.outgoing.length === 0);
  const farewell = customer.reset();
  const nothing = [0, undefined];
  expect([customer.conversations.size, customer.transcript(conversation)]).toEqual(nothing);
  at().proxy.resume();
  await farewell;
  expect([customer.conversations.size, customer.transcript(conversation)]).toEqual(nothing);
});

it("is forgotten by reset", async () => {
  const tokens = memoryTokens();
  const client = await at().guest({ tokens });
  client.send({ userTo: "support", text: "mine" });
  await until("stored", () => texts(client).length === 1);
  const before = client.user?.id;
  await client.reset();
  expect([tokens.token, client.conversations.size, client.user]).toEqual([undefined, 0, undefined]);
  client.start();
  await online(client);
  expect(client.user?.id).not.toBe(before);
  expect(client.conversations.size).toBe(0);
});

it("whose answer was lost is asked for again: what the guest wrote is the customer's, and is there once", async () => {
  let isLost = false;
  const lossy = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const answer = await fetch(...request);
    if (isLost || request[0] !== `${at().proxy.url}/api/identify`) return answer;
    isLost = true;
    throw new TypeError("the connection was cut");
  };
  const client = await at().guest({ tokens: memoryTokens(), platform: { fetch: lossy } });
  client.send({ userTo: "support", text: "before" });
  await until("stored", () => client.outgoing.length === 0);
  const carla = client.identify(await siteToken("carla"));
  client.send({ userTo: "support", text: "meanwhile" });
  await carla;
  await online(client);
  await until("stored", () => client.outgoing.length === 0);
  expect([isLost, client.user?.kind, client.conversations.size]).toEqual([true, "customer", 1]);
  await client.loadHistory(only(client));
  expect(texts(client)).toEqual(["before", "meanwhile"]);
});
