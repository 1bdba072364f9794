/** CONNECT: which credentials are judged, what CONNECTED says, and sessions that end while they are judged. */
import { afterEach, describe, expect, it } from "vitest";
import { Disconnect } from "../../../src/broker/errors.ts";
import { connectTo, createBroker } from "../../helpers/lone-broker.ts";
import { MemoryConnection } from "../../helpers/memory-connection.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { Authentication } from "../../../src/broker/authenticator.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { LoneBrokerParts } from "../../helpers/lone-broker.ts";

const guest: Authentication = { principal: { id: "someone", kind: "guest" } };

let broker: Broker;
afterEach(() => {
  broker.close();
});

function open(parts: LoneBrokerParts, input: string): { connection: MemoryConnection; session: Session } {
  broker = createBroker(parts);
  const connection = new MemoryConnection(broker);
  const [session] = broker.sessions;
  connection.send(input);
  if (session === undefined) throw new Error("no session");
  return { connection, session };
}

describe("credentials", () => {
  it.each([
    ["login:me\npasscode:secret\n", { login: "me", passcode: "secret" }],
    ["login:me\n", { login: "me" }],
    ["passcode:secret\n", { passcode: "secret" }],
    ["authorization:Bearer x\n", { authorization: "Bearer x" }],
    ["host:h\nAuthorization:Bearer x\n", { authorization: "Bearer x" }],
    ["AUTHORIZATION:Bearer x\nlogin:me\n", { authorization: "Bearer x", login: "me" }],
    ["Authorization:first\nauthorization:second\n", { authorization: "first" }],
    ["login:first\nlogin:second\n", { login: "first" }],
    ["Login:me\nPasscode:secret\nx-authorization:Bearer x\n", {}],
    ["login:\npasscode:\nauthorization:\n", {}],
    ["", {}],
  ])("of %j are judged as %j, with the peer's address", async (headers, credentials) => {
    const judged: unknown[] = [];
    const authenticate = (...asked: unknown[]): Promise<Authentication> => {
      judged.push(asked);
      return Promise.resolve(guest);
    };
    open({ authenticator: { authenticate } }, `CONNECT\naccept-version:1.2\n${headers}\n^@`);
    await settled();
    expect(judged).toEqual([[credentials, "127.0.0.1"]]);
  });
});

describe("CONNECTED", () => {
  it.each([
    [{}, []],
    [{ token: "fresh" }, [["token", "fresh"]]],
  ])("of %j has exactly what the specification and the contract name", async (authentication, more) => {
    const parts = { authenticator: { authenticate: () => Promise.resolve({ ...guest, ...authentication }) } };
    const { connection, session } = open(parts, "STOMP\naccept-version:1.1,1.2\n\n^@");
    await settled();
    expect([...(connection.frames[0]?.headers.entries() ?? [])]).toEqual([
      ["version", "1.2"],
      ["session", session.id],
      ["server", "customer-chat/test"],
      ["heart-beat", "10000,10000"],
      ["user-name", "someone"],
      ...more,
    ]);
    expect([session.state, session.version]).toEqual(["open", "1.2"]);
  });

  it.each([
    ["", 0, 0],
    ["heart-beat:20000,5000\n", 10_000, 20_000],
    ["heart-beat:5000,20000\n", 20_000, 10_000],
    ["heart-beat:0,1\n", 10_000, 0],
    ["heart-beat:1,0\n", 0, 10_000],
  ])("agrees with %j on sending every %i ms and hearing every %i ms", async (header, send, receive) => {
    const { session } = open({}, `CONNECT\naccept-version:1.2\n${header}\n^@`);
    await settled();
    expect(session.heartbeat).toEqual({ send, receive });
    expect(session.sendsHeartbeats).toBe(send > 0);
  });
});

describe("a session", () => {
  it("speaks for nobody before CONNECTED", async () => {
    const { session } = open({}, "");
    expect([session.state, session.authentication]).toEqual(["opening", undefined]);
    expect(() => session.principal).toThrow("before CONNECTED");
    const other = await connectTo(broker);
    expect(other.session.principal).toEqual({ id: "guest", kind: "guest" });
  });

  it.each([
    ["accepted", () => Promise.resolve(guest)],
    ["refused", () => Promise.reject(Disconnect.of("AUTH_FAILED"))],
  ])("whose peer is gone when its CONNECT is %s stays closed", async (_, judge) => {
    let answer = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { connection, session } = open(
      { authenticator: { authenticate: () => waiting.then(judge) } },
      "CONNECT\naccept-version:1.2\n\n^@",
    );
    const events: string[] = [];
    broker.events.on("connected", () => events.push("connected"));
    broker.events.on("disconnected", () => events.push("disconnected"));
    connection.vanish();
    answer();
    await settled();
    expect([session.state, connection.frames, events]).toEqual(["closed", [], []]);
  });

  it("that is drained while its CONNECT is judged is told so instead of CONNECTED, once", async () => {
    let answer = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { connection, session } = open(
      { authenticator: { authenticate: () => waiting.then(() => guest) } },
      "CONNECT\naccept-version:1.2\n\n^@",
    );
    session.drain();
    session.drain();
    expect(connection.frames).toEqual([]);
    answer();
    await settled();
    expect(connection.frames.map(({ command, headers }) => [command, headers.get("code")])).toEqual([
      ["ERROR", "SHUTTING_DOWN"],
    ]);
    expect(broker.stats.disconnects).toEqual(new Map([["SHUTTING_DOWN", 1]]));
    expect(connection.closedWith).toEqual({ code: 1012, reason: "SHUTTING_DOWN" });
  });

  it("that fails at CONNECT takes no other", async () => {
    const { connection } = open({}, "CONNECT\nheart-beat:x\n\n^@CONNECT\naccept-version:1.2\n\n^@");
    await settled();
    expect(connection.frames.map(({ headers }) => headers.get("code"))).toEqual(["BAD_HEARTBEAT"]);
  });
});
