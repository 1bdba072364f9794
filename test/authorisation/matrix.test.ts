/** The authorisation matrix over STOMP: every role, every destination, every spelling, every transport. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODES } from "./expected.ts";
import { ROLES, ROWS, SPELLED } from "./cells.ts";
import { DEEDS } from "./deeds.ts";
import { LANES, runLane } from "./matrix.ts";
import { Stage } from "./stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.server.remove();
});

describe("the expected table", () => {
  it("has a letter for every role in every row, and no row twice", () => {
    const letters = new Set(["Y", ...Object.keys(CODES)]);
    const gaps = ROWS.filter(({ expected }) => ROLES.some((role) => !letters.has(expected.get(role) ?? "")));
    expect(gaps.map(({ name }) => name)).toEqual([]);
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
    expect(SPELLED.filter(({ letter, destination }) => !letters.has(letter) || destination === "")).toEqual(
      [],
    );
    expect(new Set(SPELLED.map(({ destination }) => destination)).size).toBe(SPELLED.length);
  });

  it("says of everything that can be sent who may", () => {
    const sent = ROWS.map(({ name }) => name).filter((name) => name.startsWith("SEND "));
    expect(sent.map((name) => name.slice("SEND ".length)).sort()).toEqual(Object.keys(DEEDS).sort());
  });
});

describe.each(LANES)("over $name", (lane) => {
  it("nothing is allowed or denied that is not expected", async () => {
    const { cells, allows, denials } = await runLane(stage, lane);
    const counts = `${allows.length} unexpected allows, ${denials.length} unexpected denials`;
    console.log(`authorisation over ${lane.name}: ${cells} cells, ${counts}`);
    const asked = lane.entry === "frame" ? ROWS.length + 2 * SPELLED.length : Object.keys(DEEDS).length - 4;
    expect(cells).toBe(asked * ROLES.length);
    expect({ allows, denials }).toEqual({ allows: [], denials: [] });
  });
});
