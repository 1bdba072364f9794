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

const code = (): unknown => connection.of("ERROR")[0]?.headers.get("code");
const settledPositions = (): Told => told.filter(([what]) => what !== "resume" && what !== "close");

describe("an ACK of 1.2", () => {
  it("names a delivery by the MESSAGE's ack, which is unique in the session", async () => {
    subscribe("a", "client-individual");
    subscribe("b", "client-individual");
    await deliver(0, 2);
    await deliver(1, 2);
    const acks = connection.of("MESSAGE").map(({ headers }) => headers.get("ack"));
    expect(new Set(acks).size).toBe(4);
    connection.send(`ACK\nid:${acks[3]}\n\n^@`);
    expect(told).toEqual([["acknowledged", 2], ["resume"]]);
    expect(subscriptions.map((subscription) => subscription.hasUnacked("m2"))).toEqual([true, false]);
  });

  it.each(["m1", "1.m1x", "1.m", "2.m1", "1.", "", "11.m1"])("of %j is unknown", async (id) => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send(`ACK\nid:${id}\n\n^@`);
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
    connection.send("ACK\nid:1.m1\n\n^@ACK\nid:1.m1\n\n^@");
    await settled();
    expect([code(), settledPositions()]).toEqual(["UNKNOWN_ACK", [["acknowledged", 1]]]);
  });

  it("of a delivery in mode auto is unknown: nothing is outstanding", async () => {
    subscribe("a", "auto");
    await deliver(0, 1);
    expect(connection.of("MESSAGE")[0]?.headers.has("ack")).toBe(false);
    connection.send("ACK\nid:1.m1\n\n^@");
    await settled();
    expect(code()).toBe("UNKNOWN_ACK");
  });

  it("is unknown once its subscription ended", async () => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send("UNSUBSCRIBE\nid:a\n\n^@ACK\nid:1.m1\n\n^@");
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
    connection.send(`${verb}\nid:1.m2\n\n^@`);
    expect(told).toEqual([...expected, ["resume"]]);
    const outstanding = ["m1", "m2", "m3"].filter((id) => subscriptions[0]?.hasUnacked(id));
    expect(outstanding).toEqual(mode === "client" ? ["m3"] : ["m1", "m3"]);
  });

  it.each([
    ["requeue:true\n", "returned"],
    ["requeue:false\n", "rejected"],
  ])("a NACK with %j says whether the client wants it again", async (header, settlement) => {
    subscribe("a", "client");
    await deliver(0, 1);
    connection.send(`NACK\nid:1.m1\n${header}\n^@`);
    expect(settledPositions()).toEqual([[settlement, 1]]);
  });

  it("what comes back to the subscription at once is outstanding again", async () => {
    subscribe("a", "client-individual");
    await deliver(0, 1);
    const [subscription] = subscriptions;
    subscription!.source = {
      ...listener(true),
      settle: () => ({
        apply: () => subscription?.deliver(new Message("m1", [], composeBody({})), 2),
      }),
    };
    connection.send("NACK\nid:1.m1\n\n^@");
    expect(subscription?.hasUnacked("m1")).toBe(true);
  });

  it("an ACK within a transaction is absorbed when an earlier one of it settled the same", async () => {
    subscribe("a", "client");
    await deliver(0, 2);
    connection.send(
      "BEGIN\ntransaction:t\n\n^@ACK\nid:1.m2\ntransaction:t\n\n^@ACK\nid:1.m1\ntransaction:t\n\n^@" +
        "NACK\nid:1.m2\ntransaction:t\n\n^@COMMIT\ntransaction:t\nreceipt:r\n\n^@",
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
    ["NACK\nid:1.m1\nrequeue:maybe\n\n^@", "/d", "UNSUPPORTED_HEADER", "requeue"],
    ["NACK\nid:1.m1\nrequeue:\n\n^@", "/d", "UNSUPPORTED_HEADER", "requeue"],
    ["NACK\nid:1.m1\n\n^@", "/mailbox", "UNSUPPORTED", undefined],
  ])(
    "%j of a delivery of %s is refused %s, and the delivery stays",
    async (frame, destination, refused, field) => {
      subscribe("a", "client", destination);
      connection.send("SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\n\n^@");
      await deliver(0, 1);
      connection.send(frame);
      await settled();
      const refusal = connection.of("MESSAGE").at(-1);
      expect(refusal?.headers.get("code")).toBe(refused);
      const body = JSON.parse(new TextDecoder().decode(refusal?.body)) as { field?: string; hint?: string };
      expect(body.field).toBe(field);
      expect(body.hint).toMatch(/NACK|true or false/);
      expect([code(), subscriptions[0]?.hasUnacked("m1")]).toEqual([undefined, true]);
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
    expect(subscriptions.map((subscription) => subscription.hasUnacked("m1"))).toEqual([true, false]);
  });

  it.each([
    ["message-id:m1\nsubscription:c\n", "UNKNOWN_ACK"],
    ["message-id:m2\nsubscription:a\n", "UNKNOWN_ACK"],
    ["message-id:m3\nsubscription:b\n", "UNKNOWN_ACK"],
    ["subscription:a\n", "MISSING_ID"],
    ["id:1.m1\n", "MISSING_ID"],
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
