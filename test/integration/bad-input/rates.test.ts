/** Rates over real connections: who does too much is told which rate and when to go on, and others are served meanwhile. */
import { request } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import { Canary } from "./canary.ts";
import type { IncomingMessage } from "node:http";

let canary: Canary;
/** Each test comes from an address of its own. */
let address: string;
let tests = 1;

beforeAll(async () => {
  canary = await Canary.start({
    RATE_LIMITS: "on",
    ALLOWED_ORIGINS: "https://shop.example.com",
    MAX_ADDRESS_GUESTS: "2",
    MAX_ADDRESS_CONNECTIONS: "5",
    TRUST_PROXY: "loopback",
  });
});
afterAll(() => canary.stop());

const nextAddress = (): string => {
  tests += 1;
  return `127.0.0.${tests}`;
};

function guest(localAddress: string, headers: Record<string, string> = {}): Promise<RawClient> {
  return RawClient.connect(canary.server.webSocketUrl, {}, { localAddress, headers });
}

/** A request from an address; the answer with its body. */
async function ask(
  path: string,
  method: string,
  localAddress: string,
): Promise<{ answer: IncomingMessage; body: string }> {
  const asked = request(`${canary.server.url}${path}`, { method, localAddress, agent: false });
  asked.end(method === "POST" ? "[]" : undefined);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of answer) body += String(chunk);
  return { answer, body };
}

it("a guest who floods is refused with rate and time, then disconnected, and nobody else notices", async () => {
  const flooder = await (await guest(nextAddress())).subscribeAll();
  const body = JSON.stringify({ userFrom: flooder.id, userTo: "support", message: "x" });
  flooder.send(`SEND\ndestination:/chat/message\n\n${body}^@`.repeat(50));
  await until("it is disconnected", () => flooder.closed !== undefined);
  expect(flooder.refusals()).toEqual(Array(11).fill("RATE_LIMITED"));
  expect(flooder.bodies("errors")[0]).toMatchObject({ hint: expect.stringContaining("messages of a guest") });
  expect(Number(flooder.on("errors")[0]?.headers.get("retry-after-ms"))).toBeGreaterThan(0);
  expect(flooder.of("ERROR")[0]?.headers.get("code")).toBe("RATE_LIMITED");
  expect(flooder.closed?.code).toBe(1008);
  await canary.isWell();
});

it("guests of one address who write for the first time are counted, and those who wrote are not", async () => {
  address = nextAddress();
  const [first, second, third] = await Promise.all([guest(address), guest(address), guest(address)]);
  await third.subscribe("errors", "/user/queue/errors");
  for (const client of [first, second, first, second])
    expect(await client.say("support", "hello")).toBeDefined();
  expect(await third.say("support", "hello")).toBeUndefined();
  expect(third.bodies("errors")[0]).toMatchObject({
    code: "RATE_LIMITED",
    hint: "first messages of guests of an address: 2 at once, then one in 1800 seconds",
  });
  const elsewhere = await guest(nextAddress());
  expect(await elsewhere.say("support", "hello")).toBeDefined();
  await Promise.all([first, second, third, elsewhere].map((client) => client.close()));
});

it("connections of one address are bounded on every transport, and TRUST_PROXY says whose they are", async () => {
  address = nextAddress();
  const five = await Promise.all([1, 2, 3, 4, 5].map(() => guest(address)));
  const refused = await RawClient.open(canary.server.webSocketUrl, { localAddress: address });
  await until("the upgrade is refused", () => refused.closed !== undefined);
  const { answer, body } = await ask("/chat/000/abcdefgh/xhr", "POST", address);
  expect(answer.statusCode).toBe(429);
  expect(answer.headers["retry-after"]).toBe("10");
  expect(JSON.parse(body)).toMatchObject({
    code: "RATE_LIMITED",
    hint: "at most 5 connections of one address",
  });
  expect((await ask("/chat/000/abcdefgh/eventsource", "GET", address)).answer.statusCode).toBe(429);
  expect(await overTcp(address)).toMatch(/^ERROR\n.*\ncode:RATE_LIMITED\nretry-after-ms:10000\n/s);
  const forwarded = await guest(address, { "x-forwarded-for": "203.0.113.9" });
  expect(forwarded.of("CONNECTED")).toHaveLength(1);
  await Promise.all([...five, forwarded].map((client) => client.close()));
  const again = await guest(address);
  expect(again.of("CONNECTED")).toHaveLength(1);
  await again.close();
});

async function overTcp(localAddress: string): Promise<string> {
  const socket = connect({ port: canary.server.tcpPort, host: "127.0.0.1", localAddress });
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString()));
  await once(socket, "close");
  return text;
}

it("the twenty-first xhr_send to a session that is none is 429", async () => {
  address = nextAddress();
  const statuses: unknown[] = [];
  for (let time = 0; time < 21; time += 1)
    statuses.push((await ask(`/chat/000/session${time}/xhr_send`, "POST", address)).answer.statusCode);
  expect(statuses).toEqual([...Array<number>(20).fill(404), 429]);
});

it("pages of history over REST are counted with those over STOMP", async () => {
  const client = await guest(nextAddress());
  const conversation = (await client.say("support", "x"))?.headers.get("conversation") ?? "";
  const token = client.connected.get("token") ?? "";
  const statuses = await Promise.all(
    Array.from({ length: 45 }, async () =>
      canary.server.get(`/api/conversations/${conversation}/messages`, token),
    ),
  );
  const limited = statuses.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  expect(limited[0]?.body).toMatchObject({ hint: "pages of history: 20 at once, then 5 a second" });
  expect(Number(limited[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  await client.subscribe("errors", "/user/queue/errors");
  await client.subscribe("events", "/user/queue/events");
  for (let page = 0; page < 20; page += 1)
    client.send(`SEND\ndestination:/chat/history\n\n${JSON.stringify({ conversation })}^@`);
  await until("one is refused", () => client.on("errors").length > 0);
  expect(JSON.parse(bodyOf(client.on("errors")[0]!))).toMatchObject({ code: "RATE_LIMITED" });
  await client.close();
});
