/** Every way in for a browser compares the Origin exactly: with the list and the server's own, and with nothing else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RULES } from "../../../src/chat/access-rules.ts";
import { doorOf, doors, Entrance, pages } from "./entrance.ts";
import { LISTED, PREFLIGHTS, PUBLIC_URL, SPELLINGS } from "./expected.ts";
import { parseHeaders, rowsOf } from "./visits.ts";
import type { Door } from "./entrance.ts";
import type { Answer, Headers } from "./visits.ts";

const EVIL = "https://evil.test";

/** A letter of the table: what a request's headers say of who sent it. */
type Kind = "Y" | "N" | "-" | "H";

const accessControlOf = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith("access-control-"));

/** What is asked over HTTP below /chat: stock sockjs-client sends credentials, of which there are none. */
const isSockjs = ({ method, path }: Door): boolean => path.startsWith("/chat") && method !== "WS";

function expectedOf(door: Door, kind: Kind, origin: unknown): object {
  const isForeign = kind === "N" || (kind === "H" && isSockjs(door));
  const isRead = kind === "Y" && door.method !== "WS";
  return {
    name: door.name,
    status: isForeign ? 403 : door.status,
    isRefused: isForeign,
    origin: isRead ? origin : undefined,
    credentials: isRead && isSockjs(door) ? "true" : undefined,
    accessControls: isRead ? (isSockjs(door) ? 2 : 1) : 0,
    cookies: undefined,
    isVaried: door.method !== "WS",
  };
}

function toldBy({ name }: Door, answer: Answer): object {
  const { status, headers, body } = answer;
  return {
    name,
    status,
    isRefused: body.includes('"ORIGIN_NOT_ALLOWED"'),
    origin: headers["access-control-allow-origin"],
    credentials: headers["access-control-allow-credentials"],
    accessControls: accessControlOf(answer).length,
    cookies: headers["set-cookie"],
    isVaried: /(?:^|, )Origin\b/.test(headers.vary ?? ""),
  };
}

it("the table has every route of HTTP", () => {
  const named = new Set([...doors, ...pages].map(({ name }) => name));
  const routes = RULES.filter(({ verb }) => /^(?:GET|POST|DELETE)$/.test(verb));
  const missing = routes.filter(({ verb, destination }) => !named.has(`${verb} ${destination}`));
  expect(missing).toEqual([]);
});

describe.each([
  { what: "without PUBLIC_URL", column: 0, environment: undefined },
  { what: "with PUBLIC_URL", column: 1, environment: { PUBLIC_URL } },
])("a server $what", ({ column, environment }) => {
  let entrance: Entrance;
  beforeAll(async () => {
    entrance = await Entrance.open(environment);
  });
  afterAll(() => entrance.close());

  const spelled = (text: string): Headers => {
    const { http: port } = entrance.ports;
    return parseHeaders(text.replaceAll("{host}", `127.0.0.1:${port}`).replaceAll("{port}", String(port)));
  };

  it.each(rowsOf(SPELLINGS).map(([kinds = "", text = ""]) => [kinds.split(" ")[column] as Kind, text]))(
    "%s at every door: %s",
    async (kind, text) => {
      const headers = spelled(text);
      const { sessions } = entrance;
      const { rows } = entrance.canary;
      const told = doors.map(async (door) => toldBy(door, await entrance.enter(door, headers)));
      expect(await Promise.all(told)).toEqual(doors.map((door) => expectedOf(door, kind, headers["Origin"])));
      expect(entrance.canary.rows).toEqual(rows);
      if (kind === "N") expect(entrance.sessions).toBe(sessions);
    },
  );

  it("pages and what is no page's give no other site leave to read them", async () => {
    for (const origin of [LISTED, EVIL])
      for (const page of pages) {
        const answer = await entrance.enter(page, { Origin: origin });
        const { "set-cookie": cookies } = answer.headers;
        expect([page.name, accessControlOf(answer), cookies]).toEqual([page.name, [], undefined]);
      }
  });

  it.each(rowsOf(PREFLIGHTS).map((row) => [...row]))(
    "a preflight of %s: %s",
    async (path = "", method = "", methods, allowed) => {
      const ask = (origin: string): Promise<Answer> =>
        entrance.enter(doorOf(`OPTIONS ${path}`), {
          ...{ Origin: origin, "Access-Control-Request-Method": method },
          ...{ "Access-Control-Request-Headers": "x-mine", "Access-Control-Request-Private-Network": "true" },
        });
      const answer = await ask(LISTED);
      expect([answer.status, answer.headers.vary]).toEqual([204, "Origin"]);
      const told = accessControlOf(answer).map((name) => [name, answer.headers[name]]);
      expect(Object.fromEntries(told)).toEqual({
        "access-control-allow-origin": LISTED,
        "access-control-allow-methods": methods,
        "access-control-allow-headers": allowed,
        "access-control-max-age": expect.stringMatching(/^[1-9]\d+$/),
        ...(path.startsWith("/chat") ? { "access-control-allow-credentials": "true" } : {}),
      });
      const foreign = await ask(EVIL);
      expect([foreign.status, foreign.headers.vary, accessControlOf(foreign)]).toEqual([403, "Origin", []]);
    },
  );
});
