/** Admission: connections in all and of one address, how fast they come, and addresses that wait. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressKey, Admission } from "../../../src/broker/admission.ts";
import { Disconnect } from "../../../src/broker/errors.ts";
import { DEFAULT_LIMITS } from "../../../src/broker/limits.ts";
import { Rates } from "../../../src/broker/rates.ts";
import { createBroker } from "../../helpers/lone-broker.ts";
import { MemoryConnection } from "../../helpers/memory-connection.ts";
import { settled, TestChat } from "../../helpers/test-chat.ts";

const HERE = "203.0.113.7";
const THERE = "203.0.113.8";

let now: number;
let admission: Admission;

beforeEach(() => {
  now = 0;
  admission = create();
});

function create(hasRates = true): Admission {
  const limits = { ...DEFAULT_LIMITS, maxConnections: 60, maxAddressConnections: 50 };
  return new Admission(limits, hasRates ? new Rates(() => now) : undefined);
}

/** Opens as many as it may at once; how many. */
function open(count: number, address = HERE): number {
  let opened = 0;
  for (let one = 0; one < count; one += 1) {
    if (admission.refusalOf(address) !== undefined) continue;
    admission.opened(address);
    opened += 1;
  }
  return opened;
}

describe("connections of an address", () => {
  it("come forty at once, then two a second", () => {
    expect(open(45)).toBe(40);
    expect(admission.refusalOf(HERE)).toMatchObject({
      code: "RATE_LIMITED",
      detail: { retryAfterMs: 500, hint: "new connections of an address: 40 at once, then 2 a second" },
    });
    now += 1000;
    expect(open(5)).toBe(2);
    expect(open(5, THERE)).toBe(5);
  });

  it("are bounded, and one that closes makes room", () => {
    open(40);
    now += 60_000;
    expect(open(15)).toBe(10);
    expect(admission.refusalOf(HERE)).toMatchObject({
      code: "RATE_LIMITED",
      detail: { retryAfterMs: 10_000, hint: "at most 50 connections of one address" },
    });
    admission.closed(HERE);
    expect(open(5)).toBe(1);
  });

  it("are not counted without rates, but all together are", () => {
    admission = create(false);
    expect(open(70)).toBe(60);
    expect(admission.refusalOf(THERE)).toMatchObject({
      code: "RETRY_LATER",
      detail: { retryAfterMs: 10_000, hint: "at most 60 connections in all" },
    });
    admission.closed(HERE);
    expect(open(5, THERE)).toBe(1);
  });

  it("are those of a network of IPv6, for a household has one", () => {
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:db8:1:2::9"));
    expect(addressKey("2001:db8:1:3::9")).not.toBe(addressKey("2001:db8:1:2::9"));
    expect(addressKey(HERE)).not.toBe(addressKey(THERE));
  });
});

it("requests for sessions that are none: twenty at once, each address for itself", () => {
  for (let one = 0; one < 20; one += 1) expect(admission.unknownSession(HERE)).toBeUndefined();
  expect(admission.unknownSession(HERE)).toMatchObject({
    code: "RATE_LIMITED",
    detail: { retryAfterMs: 3000 },
  });
  expect(admission.unknownSession(THERE)).toBeUndefined();
});

it("an address whose sessions were ended for insisting three times in ten minutes waits a quarter of an hour", () => {
  admission.insisted(HERE);
  now += 300_000;
  admission.insisted(HERE);
  now += 299_000;
  expect(admission.refusalOf(HERE)).toBeUndefined();
  admission.insisted(HERE);
  expect(admission.refusalOf(HERE)).toMatchObject({
    code: "RATE_LIMITED",
    detail: { retryAfterMs: 900_000 },
  });
  expect(admission.refusalOf(THERE)).toBeUndefined();
  now += 900_000;
  expect(admission.refusalOf(HERE)).toBeUndefined();
});

it("an address that many share is counted as any other, but not closed out", () => {
  const limits = { ...DEFAULT_LIMITS, maxAddressConnections: 2 };
  admission = new Admission(limits, new Rates(() => now), (address) => address === HERE);
  for (const address of [HERE, THERE]) for (let time = 0; time < 3; time += 1) admission.insisted(address);
  expect(admission.refusalOf(THERE)).toMatchObject({ detail: { retryAfterMs: 900_000 } });
  expect(admission.refusalOf(HERE)).toBeUndefined();
  admission.opened(HERE);
  admission.opened(HERE);
  expect(admission.refusalOf(HERE)).toMatchObject({
    detail: { hint: "at most 2 connections of one address" },
  });
});

describe("on a broker", () => {
  let chat: TestChat;

  beforeEach(() => {
    chat = new TestChat({ hasRates: true, limits: { maxConnections: 2 } });
  });
  afterEach(() => {
    chat.close();
  });

  const connect = async (headers: string): Promise<MemoryConnection> => {
    const connection = new MemoryConnection(chat.broker);
    connection.send(`CONNECT\naccept-version:1.2\n${headers}\n^@`);
    await settled();
    return connection;
  };

  it("a connection counts until it is over, however it ends", async () => {
    const first = await connect("");
    await connect("");
    expect(chat.broker.admission.refusalOf(HERE)?.code).toBe("RETRY_LATER");
    first.send("FOO\n\n^@");
    await settled();
    expect(chat.broker.admission.refusalOf(HERE)).toBeUndefined();
    await connect("login:nobody\n");
    expect(chat.broker.admission.refusalOf(HERE)).toBeUndefined();
  });

  it("the eleventh CONNECT of an address that fails in a minute is told to wait; one that is right is not", async () => {
    const codes: unknown[] = [];
    for (let time = 0; time < 11; time += 1)
      codes.push((await connect("login:nobody\n")).of("ERROR")[0]?.headers.get("code"));
    expect(codes).toEqual([...Array<string>(10).fill("AUTH_FAILED"), "LOGIN_THROTTLED"]);
    const [error] = (await connect("login:nobody\n")).of("ERROR");
    expect(error?.headers.get("retry-after-ms")).toBe("6000");
    expect((await connect("")).of("CONNECTED")).toHaveLength(1);
  });

  it("a CONNECT that fails otherwise is told as it is, and not counted", async () => {
    const broker = createBroker({
      rates: new Rates(() => 0),
      authenticator: { authenticate: () => Promise.reject(Disconnect.of("AUTH_REQUIRED")) },
    });
    const codes = new Set<string | undefined>();
    for (let time = 0; time < 12; time += 1) {
      const connection = new MemoryConnection(broker);
      connection.send("CONNECT\naccept-version:1.2\n\n^@");
      await settled();
      codes.add(connection.of("ERROR")[0]?.headers.get("code"));
    }
    expect([...codes]).toEqual(["AUTH_REQUIRED"]);
    broker.close();
  });

  it("a session that is ended for insisting counts for its address", async () => {
    for (let time = 0; time < 3; time += 1) {
      const guest = await chat.connect(chat.guest());
      for (let send = 0; send < 11; send += 1) await guest.send("/topic/x", "{}");
      expect(guest.connection.closedWith?.code).toBe(1008);
    }
    expect(chat.broker.admission.refusalOf("127.0.0.1")?.code).toBe("RATE_LIMITED");
  });
});
