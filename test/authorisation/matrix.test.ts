/** The authorisation matrix: every role, every destination, every spelling, every transport and entry. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLES, ROWS, SPELLED } from "./cells.ts";
import { createCredentials, runBeforeConnect, runConnect } from "./connect.ts";
import { DEEDS } from "./deeds.ts";
import { EmbeddingMatrix, PUBLISHING, RELEASING, SPEAKING } from "./embedding.ts";
import { CODES } from "./expected.ts";
import { BEFORE_CONNECT, TOKENS } from "./expected-entries.ts";
import { GUARDED_ROWS, HTTP, HTTP_NOBODY, HttpMatrix, TOKEN_PLACES } from "./http.ts";
import { LANES, runLane } from "./matrix.ts";
import { Stage } from "./stage.ts";
import { readEntries } from "./tables.ts";
import { TRANSPORTS } from "./wires.ts";
import type { Verdict } from "./tables.ts";

let stage: Stage;
let credentials: ReadonlyMap<string, string>;

beforeAll(async () => {
  stage = await Stage.start();
  credentials = await createCredentials(stage);
}, 30_000);
afterAll(async () => {
  await stage.server.remove();
});

/** Prints the counts; fails on anything unexpected, and when not everything was asked. */
function accept(what: string, asked: number, { cells, allows, denials }: Verdict): void {
  const counts = `${allows.length} unexpected allows, ${denials.length} unexpected denials`;
  console.log(`authorisation, ${what}: ${cells} cells, ${counts}`);
  expect({ allows, denials }).toEqual({ allows: [], denials: [] });
  expect(cells).toBe(asked);
}

describe("the expected table", () => {
  it("has a letter for every role in every row, and no row twice", () => {
    const letters = new Set(["Y", ...Object.keys(CODES)]);
    const gaps = ROWS.filter(({ expected }) => ROLES.some((role) => !letters.has(expected.get(role) ?? "")));
    expect(gaps.map(({ name }) => name)).toEqual([]);
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
    expect(SPELLED.filter(({ letter, name }) => !letters.has(letter) || name === "")).toEqual([]);
    expect(new Set(SPELLED.map(({ name }) => name)).size).toBe(SPELLED.length);
  });

  it("says of everything that can be sent who may", () => {
    const sent = ROWS.map(({ name }) => name).filter((name) => name.startsWith("SEND "));
    expect(sent.map((name) => name.slice("SEND ".length)).sort()).toEqual(Object.keys(DEEDS).sort());
  });
});

describe.each(LANES)("over $name", (lane) => {
  it("nothing is allowed or denied that is not expected", async () => {
    const rows = lane.entry === "frame" ? ROWS.length + 2 * SPELLED.length : Object.keys(DEEDS).length - 4;
    accept(lane.name, rows * ROLES.length, await runLane(stage, lane));
  });
});

describe.each(TRANSPORTS)("over %s", (transport) => {
  it("CONNECT takes the credentials of somebody, and no others", async () => {
    accept(
      `CONNECT over ${transport}`,
      2 * credentials.size,
      await runConnect(stage, credentials, transport),
    );
  });

  it("nobody does anything before CONNECT, nor behind a frame that tried", async () => {
    const answers = await runBeforeConnect(stage, transport);
    expect(answers).toEqual(BEFORE_CONNECT.map(() => "ERROR NOT_CONNECTED"));
  });
});

describe("over HTTP", () => {
  let http: HttpMatrix;
  beforeAll(async () => {
    http = await HttpMatrix.open(stage);
  });
  afterAll(() => {
    http.close();
  });

  it("every route answers who may ask, and nobody else", async () => {
    accept("HTTP", HTTP.rows.length * HTTP.roles.length, await http.runRoles());
  });

  it("other paths and methods are nothing, to whoever asks", async () => {
    accept("HTTP, other paths", HTTP_NOBODY.length * 2, await http.runNothing());
  });

  it("tokens that are nobody's, and those in the wrong place, open nothing", async () => {
    const strangers = readEntries(TOKENS).filter(({ letter }) => letter !== "Y").length + TOKEN_PLACES.length;
    accept("HTTP, tokens", GUARDED_ROWS.length * strangers, await http.runStrangers(credentials));
  });
});

it("an embedding program speaks, gives back and publishes what it may, in any spelling", async () => {
  const matrix = await EmbeddingMatrix.open();
  accept("send", SPEAKING.rows.length * SPEAKING.roles.length, await matrix.runSends());
  accept("release", RELEASING.length, await matrix.runReleases());
  accept("publish", PUBLISHING.length, await matrix.runPublishes());
});
