/** SEND, SUBSCRIBE and UNSUBSCRIBE: whose destination it is, who may use it, and what becomes of a refused one. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Disconnect, refusal } from "../../../src/broker/errors.ts";
import { connectTo, createBroker } from "../../helpers/lone-broker.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { ApplicationDestination, Reply } from "../../../src/broker/application-destination.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { Subscription } from "../../../src/broker/subscription.ts";
import type { MemoryConnection } from "../../helpers/memory-connection.ts";

let broker: Broker;
let connection: MemoryConnection;
let session: Session;
let sent: string[];
let closed: string[];
let asked: unknown[][];
let forbidden: Set<string>;
/** Ends the opening of `/later`. */
let open: (outcome: Promise<Reply>) => void;

const destinations = new Map<string, ApplicationDestination>([
  [
    "/both",
    {
      handleSend: (_, { body }) => {
        sent.push(new TextDecoder().decode(body));
        return {};
      },
      openSubscription: (subscription) => {
        listen(subscription);
        return { receiptHeaders: [["position", "1"]] };
      },
    },
  ],
  ["/read-only", { openSubscription: () => ({}) }],
  ["/write-only", { handleSend: () => ({}) }],
  ["/user/queue/read-only", { openSubscription: () => ({}) }],
  ["/user/queue/write-only", { handleSend: () => ({}) }],
  [
    "/later",
    {
      openSubscription: (subscription) => {
        listen(subscription);
        return new Promise((resolve) => {
          open = resolve;
        });
      },
    },
  ],
  [
    "/refusing",
    {
      openSubscription: (subscription) => {
        listen(subscription);
        throw refusal("RETRY_LATER");
      },
    },
  ],
]);

function listen(subscription: Subscription): void {
  subscription.source = { close: () => closed.push(subscription.id ?? subscription.destination) };
}

async function begin(version: string, listens = true): Promise<void> {
  [sent, closed, asked, forbidden] = [[], [], [], new Set()];
  broker = createBroker({
    destinations,
    access: {
      refusalOf: ({ id }, verb, destination) => {
        asked.push([id, verb, destination]);
        return forbidden.has(destination) ? refusal("FORBIDDEN_DESTINATION") : undefined;
      },
    },
  });
  ({ connection, session } = await connectTo(broker, { version }));
  if (listens) connection.send("SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\n\n^@");
  asked.length = 0;
}

beforeEach(async () => {
  await begin("1.2");
});
afterEach(() => {
  broker.close();
});

async function send(...frames: readonly string[]): Promise<void> {
  for (const frame of frames) connection.send(`${frame}\n\n^@`);
  await settled();
}

const refusals = (): (string | undefined)[] =>
  connection.of("MESSAGE").map(({ headers }) => headers.get("code"));
const code = (): unknown => connection.of("ERROR")[0]?.headers.get("code");
const receipts = (): unknown[] => connection.of("RECEIPT").map(({ headers }) => headers.get("receipt-id"));
const bodyOfRefusal = (): unknown =>
  JSON.parse(new TextDecoder().decode(connection.of("MESSAGE").at(-1)?.body));

describe("SEND and SUBSCRIBE", () => {
  it.each([
    ["SEND", "/nowhere", "UNKNOWN_DESTINATION", false],
    ["SEND", "/read-only", "UNKNOWN_DESTINATION", false],
    ["SEND", "/user/queue/nowhere", "FORBIDDEN_DESTINATION", true],
    ["SEND", "/user/queue/read-only", "FORBIDDEN_DESTINATION", true],
    ["SEND", "/chat/topic/nowhere", "FORBIDDEN_DESTINATION", true],
    ["SEND", "/user/queue/errors", "FORBIDDEN_DESTINATION", true],
    ["SEND", "/a//b", "BAD_DESTINATION", false],
    ["SUBSCRIBE", "/nowhere", "UNKNOWN_DESTINATION", false],
    ["SUBSCRIBE", "/write-only", "UNKNOWN_DESTINATION", false],
    ["SUBSCRIBE", "/user/queue/nowhere", "FORBIDDEN_DESTINATION", true],
    ["SUBSCRIBE", "/user/queue/write-only", "FORBIDDEN_DESTINATION", true],
    ["SUBSCRIBE", "/a//b", "BAD_DESTINATION", false],
  ])("%s %s is refused %s", async (verb, destination, expected, isAsked) => {
    await send(`${verb}\nid:1\ndestination:${destination}\nreceipt:r`);
    expect([refusals(), receipts(), code()]).toEqual([[expected], [], undefined]);
    expect(asked).toEqual(isAsked ? [["guest", verb, destination]] : []);
    expect(session.subscriptions.size).toBe(1);
  });

  it.each(["SEND", "SUBSCRIBE"])("%s to what the policy forbids has no effect", async (verb) => {
    forbidden.add("/both");
    await send(`${verb}\nid:1\ndestination:/both`);
    expect([refusals(), sent, session.subscriptions.size]).toEqual([["FORBIDDEN_DESTINATION"], [], 1]);
  });

  it.each(["SEND", "SUBSCRIBE"])("%s to what is open is answered by its owner", async (verb) => {
    await send(`${verb}\nid:1\ndestination:/both\nreceipt:r`);
    expect([refusals(), receipts(), asked]).toEqual([[], ["r"], [["guest", verb, "/both"]]]);
    expect(connection.of("RECEIPT")[0]?.headers.get("position")).toBe(verb === "SEND" ? undefined : "1");
    expect([sent.length, session.subscriptions.size]).toEqual(verb === "SEND" ? [1, 1] : [0, 2]);
  });

  it("a SEND of a transaction needs a destination that takes part, and says so at once", async () => {
    await send("BEGIN\ntransaction:t", "SEND\ndestination:/both\ntransaction:t");
    expect(refusals()).toEqual(["UNSUPPORTED"]);
    expect(bodyOfRefusal()).toMatchObject({ hint: "this destination takes no part in transactions" });
    expect(sent).toEqual([]);
  });
});

describe("a refused SUBSCRIBE", () => {
  it.each([
    ["/both\nselector:a=1", "UNSUPPORTED_HEADER", { field: "selector" }],
    ["/both\nselector:", "UNSUPPORTED_HEADER", { field: "selector" }],
    [
      "/user/queue/errors\nack:client",
      "UNSUPPORTED",
      { field: "ack", hint: "this destination is auto only" },
    ],
    ["/user/queue/errors\nack:client-individual", "UNSUPPORTED", { field: "ack" }],
    ["/refusing", "RETRY_LATER", {}],
  ])("to %j says %s, and its UNSUBSCRIBE succeeds once", async (rest, expected, body) => {
    await send(`SUBSCRIBE\nid:1\ndestination:${rest}`, "UNSUBSCRIBE\nid:1\nreceipt:r");
    expect([refusals(), receipts()]).toEqual([[expected], ["r"]]);
    expect(bodyOfRefusal()).toMatchObject(body);
    expect(session.subscriptions.size).toBe(1);
    await send("UNSUBSCRIBE\nid:1");
    expect(code()).toBe("UNKNOWN_SUBSCRIPTION");
  });

  it("closes what its owner had begun, and frees the id", async () => {
    await send("SUBSCRIBE\nid:1\ndestination:/refusing", "SUBSCRIBE\nid:1\ndestination:/both\nreceipt:r");
    expect([closed, receipts()]).toEqual([["1"], ["r"]]);
  });

  it("ends a session that does not listen to refusals, whether or not this would have been its listening", async () => {
    await begin("1.2", false);
    await send("SUBSCRIBE\nid:1\ndestination:/user/queue/errors\nack:client");
    expect([code(), connection.closedWith?.code]).toEqual(["UNSUPPORTED", 1008]);
  });
});

describe("a subscription that is not open yet", () => {
  it("gets its RECEIPT when its owner says so", async () => {
    await send("SUBSCRIBE\nid:1\ndestination:/later\nreceipt:r");
    expect(receipts()).toEqual([]);
    open(Promise.resolve({}));
    await settled();
    expect([receipts(), session.subscriptions.size]).toEqual([["r"], 2]);
  });

  it("is gone when its opening fails, and its UNSUBSCRIBE succeeds", async () => {
    await send("SUBSCRIBE\nid:1\ndestination:/later\nreceipt:r");
    open(Promise.reject(refusal("RETRY_LATER")));
    await settled();
    expect([refusals(), closed, session.subscriptions.size]).toEqual([["RETRY_LATER"], ["1"], 1]);
    await send("UNSUBSCRIBE\nid:1\nreceipt:u");
    expect([receipts(), code()]).toEqual([["u"], undefined]);
  });

  it("may be ended meanwhile: then its failing takes nobody else's id", async () => {
    await send("SUBSCRIBE\nid:1\ndestination:/later");
    const fail = open;
    await send("UNSUBSCRIBE\nid:1", "SUBSCRIBE\nid:1\ndestination:/both");
    fail(Promise.reject(refusal("RETRY_LATER")));
    await settled();
    expect([refusals(), closed]).toEqual([["RETRY_LATER"], ["1"]]);
    expect(session.subscriptions.of("/both")).toHaveLength(1);
  });

  it("ends with its session when the opening fails for good", async () => {
    await send("SUBSCRIBE\nid:1\ndestination:/later");
    open(Promise.reject(Disconnect.of("SESSION_EXPIRED")));
    await settled();
    expect([code(), closed]).toEqual(["SESSION_EXPIRED", ["1"]]);
  });
});

describe("ids of subscriptions", () => {
  it.each([
    ["x".repeat(64), undefined],
    ["x".repeat(65), "BAD_ID"],
    [`${"x".repeat(61)}€`, undefined],
    [`${"x".repeat(62)}€`, "BAD_ID"],
    ["a b", undefined],
    ["a\\cb", undefined],
    ["", "BAD_ID"],
    ["a\\nb", "BAD_ID"],
    ["a\u0001", "BAD_ID"],
    ["\u007f", "BAD_ID"],
  ])("%j: %s", async (id, expected) => {
    await send(`SUBSCRIBE\nid:${id}\ndestination:/both`);
    expect(code()).toBe(expected);
    if (expected === undefined) return;
    const [error] = connection.of("ERROR");
    expect(new TextDecoder().decode(error?.body)).toContain("1 to 64 octets without control characters");
  });

  it.each([
    ["1.0", "SUBSCRIBE\ndestination:/both", undefined],
    ["1.1", "SUBSCRIBE\ndestination:/both", "MISSING_ID"],
    ["1.2", "SUBSCRIBE\ndestination:/both", "MISSING_ID"],
    ["1.0", "SUBSCRIBE\ndestination:/both\nid:", "BAD_ID"],
    ["1.0", "UNSUBSCRIBE\ndestination:/both", "UNKNOWN_SUBSCRIPTION"],
    ["1.0", "UNSUBSCRIBE", "MISSING_ID"],
    ["1.1", "UNSUBSCRIBE\ndestination:/both", "MISSING_ID"],
    ["1.2", "UNSUBSCRIBE\ndestination:/both", "MISSING_ID"],
    ["1.2", "UNSUBSCRIBE\nid:none", "UNKNOWN_SUBSCRIPTION"],
    ["1.0", "SUBSCRIBE\nid:1\ndestination:/both\nack:client", undefined],
    ["1.0", "SUBSCRIBE\nid:1\ndestination:/both\nack:client-individual", "BAD_ACK_MODE"],
    ["1.1", "SUBSCRIBE\nid:1\ndestination:/both\nack:client-individual", undefined],
    ["1.2", "SUBSCRIBE\nid:1\ndestination:/both\nack:AUTO", "BAD_ACK_MODE"],
    ["1.2", "SUBSCRIBE\nid:1\ndestination:/both\nack:", "BAD_ACK_MODE"],
  ])("in %s, %j: %s", async (version, frame, expected) => {
    await begin(version);
    await send(frame);
    expect(code()).toBe(expected);
  });

  it("in use are fatal, by destination too where there is none (1.0)", async () => {
    await begin("1.0");
    await send("SUBSCRIBE\ndestination:/both", "SUBSCRIBE\nid:1\ndestination:/both");
    expect(code()).toBeUndefined();
    await send("SUBSCRIBE\ndestination:/both");
    expect([code(), closed]).toEqual(["DUPLICATE_SUBSCRIPTION_ID", ["/both", "1"]]);
  });
});
