/** Version and heart-beat negotiation (STOMP 1.2, Protocol Negotiation and Heart-beating). */
import { describe, expect, it } from "vitest";
import { agreeHeartbeat, negotiateVersion, parseHeartbeat } from "../../../src/stomp/negotiate.ts";

describe("negotiateVersion", () => {
  it.each([
    [undefined, "1.0"],
    ["1.0,1.1,1.2", "1.2"],
    ["1.2,1.1,1.0", "1.2"],
    ["1.1, 1.0", "1.1"],
    [" 1.2 ", "1.2"],
    ["1.1,9.9", "1.1"],
    ["1.0", "1.0"],
    ["9.9", undefined],
    ["", undefined],
    ["1.20", undefined],
    ["11", undefined],
  ])("chooses for %j the highest in common: %j", (acceptVersion, expected) => {
    expect(negotiateVersion(acceptVersion)).toBe(expected);
  });
});

describe("parseHeartbeat", () => {
  it.each([
    [undefined, { sends: 0, wants: 0 }],
    ["0,0", { sends: 0, wants: 0 }],
    ["10000,5000", { sends: 10_000, wants: 5000 }],
    ["3600000,3600000", { sends: 3_600_000, wants: 3_600_000 }],
  ])("reads %j", (value, expected) => {
    expect(parseHeartbeat(value)).toEqual(expected);
  });

  it.each([
    "abc",
    "-1,0",
    "1",
    "1,2,3",
    "99999999999,0",
    "3600001,0",
    "0,3600001",
    "",
    ",",
    "1,",
    "1.5,0",
    "1e3,0",
    " 1,1",
    "1, 1",
    "1,1\n",
  ])("refuses %j", (value) => {
    expect(parseHeartbeat(value)).toBeUndefined();
  });
});

describe("agreeHeartbeat", () => {
  it.each([
    [
      { sends: 10, wants: 20 },
      { sends: 30, wants: 40 },
      { send: 40, receive: 30 },
    ],
    [
      { sends: 50, wants: 50 },
      { sends: 1, wants: 1 },
      { send: 50, receive: 50 },
    ],
    [
      { sends: 0, wants: 20 },
      { sends: 30, wants: 40 },
      { send: 0, receive: 30 },
    ],
    [
      { sends: 10, wants: 20 },
      { sends: 30, wants: 0 },
      { send: 0, receive: 30 },
    ],
    [
      { sends: 10, wants: 0 },
      { sends: 30, wants: 40 },
      { send: 40, receive: 0 },
    ],
    [
      { sends: 10, wants: 20 },
      { sends: 0, wants: 40 },
      { send: 40, receive: 0 },
    ],
  ])("of ours %j and theirs %j makes %j", (ours, theirs, expected) => {
    expect(agreeHeartbeat(ours, theirs)).toEqual(expected);
  });
});
