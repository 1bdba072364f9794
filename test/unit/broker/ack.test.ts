/** ACK and NACK: what names a delivery in each version, what it settles in each mode, and what is refused. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composeBody, Message } from "../../../src/broker/message.ts";
import { connectTo, createBroker } from "../../helpers/lone-broker.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { SubscriptionSource } from "../../../src/broker/application-destination.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Subscription } from "../../../src/broker/subscription.ts";
import type { MemoryConnection } from "../../helpers/memory-connection.ts";

/** A source that only listens; `/d` takes NACK, `/mailbox` does not. */
type Told = unknown[][];

let broker: Broker;
let connection: MemoryConnection;
let subscriptions: Subscription[];
let told: Told;

function listener(takesNack: boolean): SubscriptionSource {
  return {
    resume: () => told.push(["resume"]),
    takesNack,
    settle: (positions, settlement) => ({
      apply: () => told.push([settlement, ...positions]),
      cancel: () => told.push(["cancelled", ...positions]),
    }),
    close: () => told.push(["close"]),
  };
}

async function begin(version: string, parts: Parameters<typeof createBroker>[0] = {}): Promise<void> {
  [subscriptions, told] = [[], []];
  const destination = (takesNack: boolean): { openSubscription: (subscription: Subscription) => object } => ({
    openSubscription: (subscription) => {
      subscription.source = listener(takesNack);
      subscriptions.push(subscription);
      return {};
    },
  });
  broker = createBroker({
    destinations: new Map([
      ["/d", destination(true)],
      ["/mailbox", destination(false)],
    ]),
    ...parts,
  });
  ({ connection } = await connectTo(broker, { version }));
}

beforeEach(async () => {
  await begin("1.2");
});
afterEach(() => {
  broker.close();
});

function subscribe(id: string, mode: string, destination = "/d"): void {
  connection.send(`SUBSCRIBE\nid:${id}\ndestination:${destination}\nack:${mode}\n\n^@`);
}

/** Delivers m1 to m<count>, at positions 1 to <count>. */
async function deliver(index: number, count: number): Promise<void> {
  for (let position = 1; position <= count; position += 1) {
    subscriptions[index]?.deliver(new Message(`m${position}`, [], composeBody({})), position);
  }
  await settled();
}

/** The `ack` of the nth MESSAGE. */
const ackOf = (index: number): string => connection.of("MESSAGE")[index]?.headers.get("ack") ?? "none";
const isUnacked = (name: string, index = 0): boolean => subscriptions[index]?.unackedOf(name) !== undefined;
const code = (): unknown => connection.of("ERROR")[0]?.headers.get("code");
const settledPositions = (): Told => told.filter(([what]) => what !== "resume" && what !== "close");

describe("an ACK of 1.2", () => {
  it("names a delivery by the MESSAGE's ack, which is unique in the session", async () => {
    subscribe("a", "client-individual");
    subscribe("b", "client-individual");
    await deliver(0, 2);
    await deliver(1, 2);
    const acks = [0, 1, 2, 3].map(ackOf);
    expect(new Set(acks).size).toBe(4);
    connection.send(`ACK\nid:${acks[3]}\n\n^@`);
    expect(told).toEqual([["acknowledged", 2], ["resume"]]);
    expect([isUnacked(ackOf(1), 0), isUnacked(ackOf(3), 1)]).toEqual([true, false]);
  });

  it.each([
    ["nothing", () => ""],
    ["the message-id", () => "m1"],
    ["more than the ack", (ack: string) => `${ack}0`],
    ["less than the ack", (ack: string) => ack.slice(0, -1)],
    ["the next ack", (ack: string) => ack.replace(/1$/, "2")],
    ["another session's ack", (ack: string) => ack.replace(/^./, (first) => (first === "A" ? "B" : "A"))],
  ])("of %s is unknown", async (_, id) => {
    subscribe("a", "client");
    await deliver(0, 1);
    expect(id(ackOf(0))).not.toBe(ackOf(0));
    connection.send(`ACK\nid:${id(ackOf(0))}\n\n^@`);
    await settled();
    expect([code(), settledPositions()]).toEqual(["UNKNOWN_ACK", []]);
  });

  it("without id is fatal although it has the headers of 1.1", async () => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send("ACK\nmessage-id:m1\nsubscription:a\n\n^@");
    await settled();
    expect(code()).toBe("MISSING_ID");
  });

  it("settles a delivery once", async () => {
    subscribe("a", "client-individual");
    await deliver(0, 1);
    connection.send(`ACK\nid:${ackOf(0)}\n\n^@`.repeat(2));
    await settled();
    expect([code(), settledPositions()]).toEqual(["UNKNOWN_ACK", [["acknowledged", 1]]]);
  });

  it.each(["1.0", "1.1", "1.2"])(
    "of a delivery in mode auto of %s is unknown: none waits",
    async (version) => {
      await begin(version);
      subscribe("a", "client");
      subscribe("b", "auto");
      await deliver(0, 1);
      await deliver(1, 2);
      expect(connection.of("MESSAGE").map(({ headers }) => headers.has("ack"))).toEqual([true, false, false]);
      connection.send(`ACK\nid:${ackOf(0).replace(/1$/, "2")}\nmessage-id:m2\nsubscription:b\n\n^@`);
      await settled();
      expect([code(), settledPositions()]).toEqual(["UNKNOWN_ACK", []]);
    },
  );

  it("is unknown once its subscription ended", async () => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send(`UNSUBSCRIBE\nid:a\n\n^@ACK\nid:${ackOf(0)}\n\n^@`);
    await settled();
    expect([code(), told]).toEqual(["UNKNOWN_ACK", [["close"]]]);
  });
});

describe("what an ACK or a NACK settles", () => {
  it.each([
    ["ACK", "client", [["acknowledged", 1, 2]]],
    ["ACK", "client-individual", [["acknowledged", 2]]],
    ["NACK", "client", [["returned", 1, 2]]],
    ["NACK", "client-individual", [["returned", 2]]],
  ])("%s in mode %s: %j of three, and the window opens", async (verb, mode, expected) => {
    subscribe("a", mode);
    await deliver(0, 3);
    connection.send(`${verb}\nid:${ackOf(1)}\n\n^@`);
    expect(told).toEqual([...expected, ["resume"]]);
    const outstanding = [0, 1, 2].filter((index) => isUnacked(ackOf(index)));
    expect(outstanding).toEqual(mode === "client" ? [2] : [0, 2]);
  });

  it.each([
    ["requeue:true\n", "returned"],
    ["requeue:false\n", "rejected"],
  ])("a NACK with %j says whether the client wants it again", async (header, settlement) => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send(`NACK\nid:${ackOf(0)}\n${header}\n^@`);
    expect(settledPositions()).toEqual([[settlement, 1]]);
  });

  it("what comes back to the subscription at once is outstanding, under a name of its own", async () => {
    subscribe("a", "client-individual");
    await deliver(0, 1);
    const [subscription] = subscriptions;
    subscription!.source = {
      ...listener(true),
      settle: () => ({
        apply: () => subscription?.deliver(new Message("m1", [], composeBody({})), 2),
      }),
    };
    connection.send(`NACK\nid:${ackOf(0)}\n\n^@`);
    await settled();
    expect([isUnacked(ackOf(0)), isUnacked(ackOf(1))]).toEqual([false, true]);
  });

  it("an ACK within a transaction is absorbed when an earlier one of it settled the same", async () => {
    subscribe("a", "client");
    await deliver(0, 2);
    const inside = (verb: string, index: number): string =>
      `${verb}\nid:${ackOf(index)}\ntransaction:t\n\n^@`;
    connection.send(
      `BEGIN\ntransaction:t\n\n^@${inside("ACK", 1)}${inside("ACK", 0)}${inside("NACK", 1)}` +
        "COMMIT\ntransaction:t\nreceipt:r\n\n^@",
    );
    await settled();
    const judgedAtOnce = [
      ["cancelled", 1, 2],
      ["cancelled", 1],
      ["cancelled", 1, 2],
    ];
    expect([code(), told]).toEqual([undefined, [...judgedAtOnce, ["acknowledged", 1, 2], ["resume"]]]);
    expect(connection.of("RECEIPT")).toHaveLength(1);
  });
});

describe("a NACK", () => {
  it.each([
    ["requeue:maybe\n", "/d", "UNSUPPORTED_HEADER", "requeue"],
    ["requeue:\n", "/d", "UNSUPPORTED_HEADER", "requeue"],
    ["", "/mailbox", "UNSUPPORTED", undefined],
  ])(
    "with %j of a delivery of %s is refused %s, and the delivery stays",
    async (header, destination, refused, field) => {
      subscribe("a", "client", destination);
      connection.send("SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\n\n^@");
      await deliver(0, 1);
      connection.send(`NACK\nid:${ackOf(0)}\n${header}\n^@`);
      await settled();
      const refusal = connection.of("MESSAGE").at(-1);
      expect(refusal?.headers.get("code")).toBe(refused);
      const body = JSON.parse(new TextDecoder().decode(refusal?.body)) as { field?: string; hint?: string };
      expect(body.field).toBe(field);
      expect(body.hint).toMatch(/NACK|true or false/);
      expect([code(), isUnacked(ackOf(0))]).toEqual([undefined, true]);
    },
  );

  it("is no command of 1.0", async () => {
    await begin("1.0");
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send("NACK\nmessage-id:m1\nsubscription:a\n\n^@");
    await settled();
    expect([code(), settledPositions()]).toEqual(["UNKNOWN_COMMAND", []]);
  });
});

describe.each(["1.0", "1.1"])("an ACK of %s", (version) => {
  beforeEach(async () => {
    await begin(version);
    subscribe("a", "client");
    subscribe("b", "client");
    await deliver(0, 1);
    await deliver(1, 2);
  });

  it("names a delivery by message-id and subscription", async () => {
    connection.send("ACK\nmessage-id:m1\nsubscription:b\n\n^@");
    await settled();
    expect([code(), settledPositions()]).toEqual([undefined, [["acknowledged", 1]]]);
    expect([isUnacked("m1", 0), isUnacked("m1", 1)]).toEqual([true, false]);
  });

  it.each([
    ["message-id:m1\nsubscription:c\n", "UNKNOWN_ACK"],
    ["message-id:m2\nsubscription:a\n", "UNKNOWN_ACK"],
    ["message-id:m3\nsubscription:b\n", "UNKNOWN_ACK"],
    ["subscription:a\n", "MISSING_ID"],
    ["id:m1\n", "MISSING_ID"],
    ["", "MISSING_ID"],
  ])("with %j is fatal: %s", async (headers, expected) => {
    connection.send(`ACK\n${headers}\n^@`);
    await settled();
    expect([code(), settledPositions()]).toEqual([expected, []]);
  });

  it("may go without subscription in 1.0 only: then the first that has it is meant", async () => {
    connection.send("ACK\nmessage-id:m2\n\n^@");
    await settled();
    expect([code(), settledPositions()]).toEqual(
      version === "1.0" ? [undefined, [["acknowledged", 1, 2]]] : ["MISSING_ID", []],
    );
  });
});
