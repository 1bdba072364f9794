/** The login throttle: 5 failures in 15 minutes per login and address, 50 an hour per address. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createLoginThrottle,
  MAX_LOGINS_IN_TURN,
  NO_THROTTLE,
} from "../../../src/adapters/auth/login-throttle.ts";
import type { LoginThrottle } from "../../../src/adapters/auth/login-throttle.ts";

const MINUTE = 60_000;
const HERE = "203.0.113.9";
const THERE = "2001:db8::9";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 24) });
});
afterEach(() => {
  vi.useRealTimers();
});

async function fail(throttle: LoginThrottle, times: number, login = "anna", address = HERE): Promise<void> {
  for (let count = 0; count < times; count += 1) await throttle.failed(login, address);
}

describe("failed logins", () => {
  it("block the login at this address from the fifth on, for a quarter of an hour", async () => {
    const throttle = createLoginThrottle();
    await fail(throttle, 4);
    expect(await throttle.blockedFor("anna", HERE)).toBe(0);
    await fail(throttle, 1);
    expect(await throttle.blockedFor("anna", HERE)).toBe(15 * MINUTE);
    vi.advanceTimersByTime(5 * MINUTE);
    expect(await throttle.blockedFor("anna", HERE)).toBe(10 * MINUTE);
    vi.advanceTimersByTime(10 * MINUTE - 1);
    expect(await throttle.blockedFor("anna", HERE)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await throttle.blockedFor("anna", HERE)).toBe(0);
  });

  it("block neither another login here nor this login elsewhere: nobody locks a colleague out", async () => {
    const throttle = createLoginThrottle();
    await fail(throttle, 5);
    expect(await throttle.blockedFor("bert", HERE)).toBe(0);
    expect(await throttle.blockedFor("anna", THERE)).toBe(0);
  });

  it("are forgotten by a success, for this login at this address", async () => {
    const throttle = createLoginThrottle();
    await fail(throttle, 4);
    await throttle.succeeded("anna", HERE);
    await fail(throttle, 4);
    expect(await throttle.blockedFor("anna", HERE)).toBe(0);
    await fail(throttle, 1);
    expect(await throttle.blockedFor("anna", HERE)).toBeGreaterThan(0);
  });

  it("of many logins block the address from the fiftieth on, for an hour, a success notwithstanding", async () => {
    const throttle = createLoginThrottle();
    for (let login = 0; login < 49; login += 1) await fail(throttle, 1, `user-${login}`);
    await throttle.succeeded("user-1", HERE);
    expect(await throttle.blockedFor("anna", HERE)).toBe(0);
    await fail(throttle, 1, "user-49");
    expect(await throttle.blockedFor("anna", HERE)).toBe(60 * MINUTE);
    expect(await throttle.blockedFor("anna", THERE)).toBe(0);
    vi.advanceTimersByTime(60 * MINUTE);
    expect(await throttle.blockedFor("anna", HERE)).toBe(0);
  });

  it("of logins that differ beyond 64 characters count as one", async () => {
    const throttle = createLoginThrottle();
    const long = "x".repeat(64);
    for (let end = 0; end < 5; end += 1) await fail(throttle, 1, `${long}${end}`);
    expect(await throttle.blockedFor(`${long}other`, HERE)).toBeGreaterThan(0);
  });

  it("are of no account with RATE_LIMITS=off", async () => {
    await fail(NO_THROTTLE, 100);
    expect(await NO_THROTTLE.blockedFor("anna", HERE)).toBe(0);
  });

  it("of one server are not those of another", async () => {
    await fail(createLoginThrottle(), 50);
    expect(await createLoginThrottle().blockedFor("anna", HERE)).toBe(0);
  });
});

describe("logins of one address", () => {
  it("run one after the other, and none more while a hundred are not done", async () => {
    const throttle = createLoginThrottle();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let running = 0;
    const login = async (): Promise<number> => {
      const atOnce = (running += 1);
      await gate;
      running -= 1;
      return atOnce;
    };
    const logins = Array.from({ length: MAX_LOGINS_IN_TURN }, () => throttle.inTurn(HERE, login));
    expect(await throttle.inTurn(HERE, login)).toBeUndefined();
    expect(await throttle.inTurn(THERE, () => Promise.resolve("done"))).toBe("done");
    open();
    expect(await Promise.all(logins)).toEqual(logins.map(() => 1));
    expect(await throttle.inTurn(HERE, login)).toBe(1);
  });

  it("that fail make room as well", async () => {
    const throttle = createLoginThrottle();
    const fails = Array.from({ length: MAX_LOGINS_IN_TURN }, () =>
      throttle.inTurn(HERE, () => Promise.reject(new Error("no store"))),
    );
    expect((await Promise.allSettled(fails)).every(({ status }) => status === "rejected")).toBe(true);
    expect(await throttle.inTurn(HERE, () => Promise.resolve("done"))).toBe("done");
  });
});
