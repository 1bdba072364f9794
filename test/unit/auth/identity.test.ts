/** Tokens and logins against a store, on a clock of the test: generations, login sessions, the throttle. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addAgent, addService } from "../../../src/adapters/auth/accounts.ts";
import { Identity } from "../../../src/adapters/auth/identity.ts";
import { keepLoginSessions } from "../../../src/adapters/auth/login-keeper.ts";
import { createLoginThrottle } from "../../../src/adapters/auth/login-throttle.ts";
import { Passcodes } from "../../../src/adapters/auth/passcodes.ts";
import { createSiteJwtReader } from "../../../src/adapters/auth/site-jwt.ts";
import { randomId, Tokens } from "../../../src/adapters/auth/tokens.ts";
import { createMemoryStore } from "../../../src/adapters/stores/memory-store.ts";
import { AuditTrail } from "../../../src/chat/audit-trail.ts";
import { hs256 } from "./jws.ts";
import type { Authentication } from "../../../src/broker/authenticator.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { ChatStore } from "../../../src/chat/store.ts";

const SECRET = "4f1c9a0be27d5836a1b2c3d4e5f60718";
const PASSCODE = "an agent's passcode";
const HERE = "203.0.113.9";
const START = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let now = START;
let store: ChatStore;
let identity: Identity;
const passcodes = new Passcodes();

function createIdentity({ guests = true } = {}): Identity {
  return new Identity({
    store,
    passcodes,
    tokens: new Tokens(Buffer.alloc(32, 7), () => now),
    throttle: createLoginThrottle(),
    guests,
    now: () => now,
    audit: new AuditTrail(store, () => now),
    readSiteJwt: createSiteJwtReader([{ kind: "secret", value: SECRET }], "shop", () => now),
  });
}

beforeEach(() => {
  now = START;
  store = createMemoryStore();
  identity = createIdentity();
});

const siteJwt = (sub: string): string =>
  hs256({ alg: "HS256" }, { sub, aud: "shop", iat: now / 1000, exp: now / 1000 + 60 }, SECRET);

/** What CONNECT with this token gives; undefined when it is refused. */
const use = (token: string | undefined): Promise<Authentication | undefined> =>
  identity.authenticationOf(token ?? "");

/** The guest's first message, in a session of this authentication: from here on there is a row. */
async function write({ principal, generation }: Authentication): Promise<void> {
  await store.execute("post", {
    sender: principal,
    to: "support",
    text: "hello",
    messageId: randomId(),
    conversationId: randomId(),
    now,
    ...(generation === undefined ? {} : { generation }),
  });
}

describe("a guest's token", () => {
  it("of generation n gives the same n + 1 each time, and the same guest", async () => {
    const guest = await identity.createGuest();
    const once = await use(guest.token);
    const twice = await use(guest.token);
    expect(once?.principal).toEqual(guest.principal);
    expect(once?.generation).toBe(1);
    expect(twice).toEqual(once);
    expect((await use(once?.token))?.generation).toBe(2);
  });

  it("of every generation lives to its expiry while the guest has no row, and nothing is stored", async () => {
    const { token: first, principal } = await identity.createGuest();
    const second = (await use(first))?.token;
    const third = (await use(second))?.token;
    now += 29 * 24 * HOUR;
    for (const token of [first, second, third]) expect(await use(token)).toBeDefined();
    expect(await store.execute("userById", { id: principal.id })).toBeUndefined();
    now += 24 * HOUR;
    for (const token of [first, second, third]) expect(await use(token)).toBeUndefined();
  });

  it("ends 60 s after the first use of the next one by a guest with a row, not later, not sooner", async () => {
    const guest = await identity.createGuest();
    await write(guest);
    const second = (await use(guest.token))?.token;
    now += HOUR;
    expect(await use(guest.token)).toBeDefined();
    expect((await use(second))?.generation).toBe(2);
    now += MINUTE - 1;
    expect((await use(guest.token))?.generation).toBe(1);
    // A later use of the next one does not lengthen the time.
    expect(await use(second)).toBeDefined();
    now += 1;
    expect(await use(guest.token)).toBeUndefined();
    expect(await use(second)).toBeDefined();
  });

  it("has its 60 s, too, when the next one was used before there was a row", async () => {
    const guest = await identity.createGuest();
    const next = await use(guest.token);
    const session = await use(next?.token);
    await write(session as Authentication);
    now += MINUTE - 1;
    expect(await use(guest.token)).toBeDefined();
    now += 1;
    expect(await use(guest.token)).toBeUndefined();
    expect(await use(next?.token)).toBeDefined();
  });

  it("two generations back is over at once", async () => {
    const guest = await identity.createGuest();
    await write(guest);
    const second = (await use(guest.token))?.token;
    const third = (await use(second))?.token;
    expect(await use(third)).toBeDefined();
    expect(await use(guest.token)).toBeUndefined();
    expect(await use(second)).toBeDefined();
  });

  it("dies when the guest turns out to be a customer, in every generation", async () => {
    const guest = await identity.createGuest();
    await write(guest);
    const second = (await use(guest.token))?.token;
    const identified = await identity.identify(siteJwt("c-1"), guest.token);
    expect(await use(guest.token)).toBeUndefined();
    expect(await use(second)).toBeUndefined();
    expect((await use(identified?.token))?.principal).toMatchObject({ kind: "customer", verified: true });
  });

  it("is refused, and no guest made, where guests are off", async () => {
    const { token } = await identity.createGuest();
    identity = createIdentity({ guests: false });
    expect(await use(token)).toBeUndefined();
    await expect(identity.authenticate({}, HERE)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
  });
});

describe("a customer's token", () => {
  it("lives 24 hours; identifying again renews it for the same customer", async () => {
    const first = await identity.identify(siteJwt("c-1"), undefined);
    now += 24 * HOUR - 1000;
    const again = await identity.identify(siteJwt("c-1"), undefined);
    expect(await use(first?.token)).toMatchObject({ expiresAt: START + 24 * HOUR });
    now += 1000;
    expect(await use(first?.token)).toBeUndefined();
    expect((await use(again?.token))?.principal.id).toBe(first?.user.id);
  });

  it("is given again when the answer to the exchange of a guest was lost, whatever generation is at hand", async () => {
    const guest = await identity.createGuest();
    await write(guest);
    const second = (await use(guest.token))?.token;
    const first = await identity.identify(siteJwt("c-1"), guest.token);
    for (const token of [guest.token, second]) {
      const again = await identity.identify(siteJwt("c-1"), token);
      expect(again?.user.id).toBe(first?.user.id);
      expect((await use(again?.token))?.principal.id).toBe(first?.user.id);
    }
    expect(await identity.identify(siteJwt("c-2"), guest.token)).toBeUndefined();
  });

  it("is given to a visitor who was a guest before guests were turned off", async () => {
    const guest = await identity.createGuest();
    await write(guest);
    identity = createIdentity({ guests: false });
    expect(await identity.identify(siteJwt("c-1"), guest.token)).toBeDefined();
  });

  it("is not given for a token of ours in either place, nor is another customer merged as a guest", async () => {
    const guest = await identity.createGuest();
    const customer = await identity.identify(siteJwt("c-1"), undefined);
    expect(await identity.identify(guest.token, undefined)).toBeUndefined();
    expect(await identity.identify(siteJwt("c-2"), "cc_g.broken")).toBeUndefined();
    expect(await identity.identify(siteJwt("c-2"), customer?.token)).toBeUndefined();
  });

  it("is not what the site's own token is: that one is refused at CONNECT with a hint", async () => {
    await expect(
      identity.authenticate({ authorization: `Bearer ${siteJwt("c-1")}` }, HERE),
    ).rejects.toMatchObject({
      code: "AUTH_FAILED",
      detail: { hint: expect.stringContaining("/api/identify") },
    });
  });
});

describe("an agent's login session", () => {
  it("does not idle out while a socket that came with it lives, and does afterwards", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const token = await login();
      const authentication = await use(token);
      const sessions = new Set([{ authentication } as Session]);
      const stop = keepLoginSessions(
        store,
        () => sessions,
        () => now,
      );
      const pass = async (minutes: number): Promise<void> => {
        for (let minute = 0; minute < minutes; minute += 5) {
          now += 5 * MINUTE;
          await vi.advanceTimersByTimeAsync(5 * MINUTE);
        }
      };
      await pass(120);
      sessions.clear();
      await pass(25);
      expect(await use(token)).toBeDefined();
      await pass(30);
      expect(await use(token)).toBeUndefined();
      stop();
    } finally {
      vi.useRealTimers();
    }
  });

  const login = async (): Promise<string> => {
    const { user } = await addAgent(store, passcodes, { login: "anna", role: "agent", passcode: PASSCODE });
    return identity.startSession(user, HERE);
  };

  it("ends after 30 minutes without use", async () => {
    const token = await login();
    now += 30 * MINUTE - 1;
    expect((await use(token))?.principal.kind).toBe("agent");
    now += 30 * MINUTE - 1;
    expect(await use(token)).toBeDefined();
    now += 30 * MINUTE;
    expect(await use(token)).toBeUndefined();
  });

  it("ends after 12 hours however much it is used, and says so from the start", async () => {
    const token = await login();
    expect((await use(token))?.expiresAt).toBe(START + 12 * HOUR);
    for (let quarter = 1; quarter < 48; quarter += 1) {
      now = START + quarter * 15 * MINUTE;
      expect(await use(token), `${quarter} quarters`).toBeDefined();
    }
    now = START + 12 * HOUR - 1;
    expect(await use(token)).toBeDefined();
    now += 1;
    expect(await use(token)).toBeUndefined();
  });

  it("ends when it is ended, and no other one with it", async () => {
    const token = await login();
    const user = await store.execute("userByLogin", { login: "anna" });
    const other = await identity.startSession(user!, HERE);
    await store.execute("endLoginSession", { hash: (await use(token))?.credentialId ?? "", now });
    expect(await use(token)).toBeUndefined();
    expect(await use(other)).toBeDefined();
  });
});

describe("a login", () => {
  beforeEach(async () => {
    await addAgent(store, passcodes, { login: "anna", role: "agent", passcode: PASSCODE });
  });

  it("of a wrong passcode, an unknown login and a service's name fails alike, and each is counted", async () => {
    await addService(store, { name: "bot", scopes: ["chat"] });
    for (const name of ["anna", "nobody", "bot"]) {
      for (let count = 0; count < 5; count += 1) {
        expect(await identity.login(name, "a wrong passcode", HERE), name).toMatchObject({
          ok: false,
          retryAfterMs: 0,
        });
      }
      const blocked = await identity.login(name, "a wrong passcode", HERE);
      expect(blocked.ok ? 0 : blocked.retryAfterMs, name).toBeGreaterThan(14 * MINUTE);
    }
  });

  it("that is blocked is refused even with the right passcode, as LOGIN_THROTTLED at CONNECT", async () => {
    for (let count = 0; count < 5; count += 1) await identity.login("anna", "a wrong passcode", HERE);
    expect(await identity.login("anna", PASSCODE, HERE)).toMatchObject({ ok: false });
    await expect(identity.authenticate({ login: "anna", passcode: PASSCODE }, HERE)).rejects.toMatchObject({
      code: "LOGIN_THROTTLED",
    });
    expect(await identity.login("anna", PASSCODE, "203.0.113.10")).toMatchObject({ ok: true });
  });

  it("tried ten times at once gets five answers all the same", async () => {
    const tries = Array.from({ length: 10 }, () => identity.login("anna", "a wrong passcode", HERE));
    const compared = (await Promise.all(tries)).filter((result) => !result.ok && result.retryAfterMs === 0);
    expect(compared).toHaveLength(5);
  });

  it("tried more than a hundred times at once is told when to come back, over HTTP and STOMP", async () => {
    const tries = Array.from({ length: 100 }, () => identity.login("anna", "a wrong passcode", HERE));
    expect(await identity.login("anna", PASSCODE, HERE)).toEqual({
      ok: false,
      retryAfterMs: 1000,
      hint: "logins that wait for their turn: 100 of one address",
    });
    await expect(identity.authenticate({ login: "anna", passcode: PASSCODE }, HERE)).rejects.toMatchObject({
      code: "LOGIN_THROTTLED",
      detail: { retryAfterMs: 1000 },
    });
    await Promise.all(tries);
  });

  it("that fails is in the audit log with its account, and with no word of what was typed", async () => {
    for (const login of ["anna", "my secret passcode"]) await identity.login(login, "a wrong passcode", HERE);
    for (let count = 0; count < 5; count += 1) await identity.login("anna", "a wrong passcode", HERE);
    await identity.authenticate({ login: "anna", passcode: PASSCODE }, "203.0.113.10");
    const { lines } = await store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 100 });
    const line = { at: now, actor: "unknown", action: "sign-in", address: HERE };
    expect(lines.filter(({ action }) => action === "sign-in")).toEqual([
      { ...line, user: "anna", outcome: "AUTH_FAILED" },
      { ...line, outcome: "AUTH_FAILED" },
      { ...line, outcome: "LOGIN_THROTTLED" },
      { ...line, actor: "anna", address: "203.0.113.10", detail: "by CONNECT", outcome: "done" },
    ]);
  });

  it("that is right is right for all who try at once", async () => {
    const tries = Array.from({ length: 8 }, () => identity.login("anna", PASSCODE, HERE));
    expect((await Promise.all(tries)).map(({ ok }) => ok)).toEqual(Array(8).fill(true));
  });
});
