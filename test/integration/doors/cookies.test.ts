/** Whatever cookies come with a request, it is answered as without, and no answer sets one. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { ALL_TRANSPORTS, Wire } from "../../authorisation/wires.ts";
import { doors, Entrance, pages } from "./entrance.ts";
import { COOKIES, LISTED } from "./expected.ts";
import { rowsOf } from "./visits.ts";
import type { Door } from "./entrance.ts";
import type { Headers } from "./visits.ts";

let entrance: Entrance;
beforeAll(async () => {
  entrance = await Entrance.open();
});
afterAll(() => entrance.close());

/** What differs from one answer to the next anyway. */
const CHANGING = /"entropy":\d+|"(?:token|id|requestId|time)":"[^"]+"/g;
const ORIGINS: readonly Headers[] = [{}, { Origin: LISTED }, { Origin: "https://evil.test" }];

async function answer(door: Door, headers: Headers): Promise<unknown> {
  const { status, headers: told, body } = await entrance.enterAsNobody(door, headers);
  const names = Object.keys(told).filter((name) => !/^(?:date|etag|content-length)$/.test(name));
  const text = door.path === "/metrics" ? "" : body.replaceAll(CHANGING, "");
  return [door.name, status, names.map((name) => [name, told[name]]), text];
}

it.each(rowsOf(COOKIES).flat())("Cookie: %s", async (cookie) => {
  const { token } = entrance;
  const cookies = { Cookie: cookie.replaceAll("{token}", token) };
  for (const origin of ORIGINS) {
    const asked = [...doors, ...pages].map(async (door) => {
      const without = await answer(door, origin);
      const withThem = await answer(door, { ...origin, ...cookies });
      expect(withThem).toEqual(without);
      expect(JSON.stringify(without)).not.toContain("set-cookie");
    });
    await Promise.all(asked);
  }
});

it.each(ALL_TRANSPORTS)("over %s who has an agent's token in a cookie is a guest", async (transport) => {
  const { ports, token } = entrance;
  const headers = { Cookie: `token=${token}; Authorization=Bearer ${token}`, Origin: LISTED };
  const wire = await Wire.open(transport, ports, headers);
  wire.send(["CONNECT\naccept-version:1.2\n\n^@"]);
  await wire.until(() => wire.frames.length > 0);
  expect(wire.frames[0]?.headers.get("token")).toMatch(/^cc_g\./);
  wire.close();
});
