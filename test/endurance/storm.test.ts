/** A thousand clients, or as many as STORM_CLIENTS says, come back after a restart: as shipped, each after its own wait, and all at once. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reconnectWait } from "../../src/web/client/reconnect-wait.ts";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";

const CLIENTS = Number(process.env["STORM_CLIENTS"] ?? 1000);
const TO_RETURN_MS = 15_000;
const MEMORY_MIB = 400;

const server = new ServerProcess();
const tokens: { readonly token: string; readonly id: string }[] = [];

beforeAll(async () => {
  await server.start();
  while (tokens.length < CLIENTS) {
    const many = Math.min(100, CLIENTS - tokens.length);
    const batch = await Promise.all(
      Array.from({ length: many }, () => LoadClient.connect(server.webSocketUrl)),
    );
    await Promise.all(batch.map((client) => client.say("support", "hello")));
    tokens.push(...batch.map(({ token, id }) => ({ token, id })));
  }
});
afterAll(async () => {
  await server.remove();
});

it(`of ${CLIENTS} clients that wait as the shipped ones do, 95 % are subscribed again within 15 s of a restart`, async () => {
  await server.end("SIGKILL");
  const lost = performance.now();
  const returns = tokens.map(async (guest) => {
    for (let attempts = 1; ; attempts += 1) {
      await wait(reconnectWait(attempts));
      const client = await connect(guest).catch(() => undefined);
      if (client !== undefined) return { client, at: performance.now() };
    }
  });
  await server.start();
  const listening = performance.now();
  const back = await Promise.all(returns);
  const took = back.map(({ at }) => at - listening).toSorted((one, other) => one - other);
  const most = took[Math.floor(took.length * 0.95)] ?? 0;
  console.log(
    `${CLIENTS} clients with waits: 95 % back ${Math.round(most)} ms after the server (${Math.round(listening - lost)} ms down), ` +
      `all after ${Math.round(took.at(-1) ?? 0)} ms, server at ${Math.round(server.residentMiB())} MiB`,
  );
  expect(back.map(({ client }) => client.id)).toEqual(tokens.map(({ id }) => id));
  expect(most).toBeLessThan(4 * TO_RETURN_MS);
  for (const { client } of back) client.close();
});

it(`${CLIENTS} clients at the same moment are subscribed again, and the server's memory stays small`, async () => {
  await server.end("SIGKILL");
  await server.start();
  const began = performance.now();
  const back = await Promise.all(tokens.map(connect));
  const took = performance.now() - began;
  const memory = server.residentMiB();
  console.log(
    `${CLIENTS} clients at once: back in ${Math.round(took)} ms, server at ${Math.round(memory)} MiB`,
  );
  expect(back.map((client) => client.id)).toEqual(tokens.map(({ id }) => id));
  expect(took).toBeLessThan(4 * TO_RETURN_MS);
  expect(memory).toBeLessThan(MEMORY_MIB);
  for (const client of back) client.close();
});

function connect({ token }: { readonly token: string }): Promise<LoadClient> {
  return LoadClient.connect(server.webSocketUrl, { passcode: token });
}
