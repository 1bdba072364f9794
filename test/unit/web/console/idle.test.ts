/** Away by itself after ten minutes without input, and back with it; what was chosen stays. */
import { beforeEach, describe, expect, it } from "vitest";
import { IDLE_MS, IdleWatch } from "../../../../src/web/console/idle.ts";
import type { AgentStatus } from "../../../../src/chat/wire.ts";
import type { IdleMemory } from "../../../../src/web/console/idle.ts";

let now: number;
let status: AgentStatus | undefined;
let memory: IdleMemory;
let tab: IdleWatch;

const openTab = (): IdleWatch =>
  new IdleWatch({
    now: () => now,
    memory,
    status: () => status,
    setStatus: (next) => (status = next),
  });

beforeEach(() => {
  now = 1_000_000;
  status = "online";
  memory = { lastInput: undefined, isAutomatic: false };
  tab = openTab();
  tab.input();
});

function pass(ms: number): void {
  now += ms;
  tab.look();
}

describe("an agent who is online", () => {
  it("is away after ten minutes without input, not before", () => {
    pass(IDLE_MS - 1);
    expect(status).toBe("online");
    pass(1);
    expect(status).toBe("away");
  });

  it("is back with the first input", () => {
    pass(IDLE_MS);
    tab.input();
    expect([status, memory.isAutomatic]).toEqual(["online", false]);
  });

  it("stays online as long as another tab of the browser is used", () => {
    const other = openTab();
    pass(IDLE_MS - 1);
    other.input();
    pass(IDLE_MS - 1);
    expect(status).toBe("online");
    pass(1);
    expect(status).toBe("away");
  });

  it("is back with an input in another tab, and in one that is opened later", () => {
    pass(IDLE_MS);
    openTab().input();
    expect(status).toBe("online");
  });

  it("counts from the first look where no input was ever noted", () => {
    memory.lastInput = undefined;
    pass(0);
    pass(IDLE_MS - 1);
    expect(status).toBe("online");
    pass(1);
    expect(status).toBe("away");
  });

  it("is left alone while the status is not known", () => {
    status = undefined;
    pass(IDLE_MS);
    tab.input();
    expect([status, memory.isAutomatic]).toEqual([undefined, false]);
  });
});

describe("a status that was chosen", () => {
  it.each(["away", "invisible"] as const)("%s is not ended by input", (chosen) => {
    status = chosen;
    tab.chosen();
    pass(2 * IDLE_MS);
    tab.input();
    expect(status).toBe(chosen);
  });

  it("counts while the agent was away by itself", () => {
    pass(IDLE_MS);
    status = "invisible";
    tab.chosen();
    tab.input();
    expect([status, memory.isAutomatic]).toEqual(["invisible", false]);
  });

  it("elsewhere, while this browser held the agent for away, stays", () => {
    pass(IDLE_MS);
    status = "invisible";
    tab.input();
    expect([status, memory.isAutomatic]).toEqual(["invisible", false]);
  });
});
