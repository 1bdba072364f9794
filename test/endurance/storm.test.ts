/** A thousand clients come back at once after a restart. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";

const CLIENTS = Number(process.env["STORM_CLIENTS"] ?? 1000);
const server = new ServerProcess();

beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await server.remove();
});

it(`${CLIENTS} clients are connected and subscribed again within 60 s of a kill, with what they missed`, async () => {
  const tokens: { token: string; id: string }[] = [];
  for (let count = 0; count < CLIENTS; count += 100) {
    const batch = await Promise.all(
      Array.from({ length: 100 }, () => LoadClient.connect(server.webSocketUrl)),
    );
    await Promise.all(batch.map((client) => client.say("support", "hello")));
    tokens.push(...batch.map(({ token, id }) => ({ token, id })));
  }
  await server.end("SIGKILL");
  await server.start();
  const began = performance.now();
  const shown = new Map<string, string[]>();
  const back = await Promise.all(
    tokens.map(({ token, id }) =>
      LoadClient.connect(
        server.webSocketUrl,
        { passcode: token },
        {
          onMessage: ({ text }) => {
            shown.set(id, [...(shown.get(id) ?? []), text]);
          },
        },
      ),
    ),
  );
  const took = performance.now() - began;
  console.log(
    `${CLIENTS} clients back in ${Math.round(took)} ms, server at ${Math.round(server.residentMiB())} MiB`,
  );
  expect(took).toBeLessThan(60_000);
  expect(back.map((client) => client.id)).toEqual(tokens.map(({ id }) => id));
  expect(server.residentMiB()).toBeLessThan(400);
  for (const client of back) client.close();
});
