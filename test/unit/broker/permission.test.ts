/** A policy that reviews frames: slow decisions, in order, and sessions that end before one is made. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Disconnect, refusal } from "../../../src/broker/errors.ts";
import { connectTo, createBroker } from "../../helpers/lone-broker.ts";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Refusal } from "../../../src/broker/errors.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { MemoryConnection } from "../../helpers/memory-connection.ts";

let broker: Broker;
let connection: MemoryConnection;
let session: Session;
let effects: string[];
let asked: string[];
let reviews: ((outcome: Promise<Refusal | undefined>) => void)[];

beforeEach(async () => {
  [effects, asked, reviews] = [[], [], []];
  broker = createBroker({
    destinations: new Map([
      [
        "/d",
        {
          handleSend: (_: unknown, frame) => {
            effects.push(bodyOf(frame));
            return {};
          },
          prepareSend: (_: unknown, frame) => ({ apply: () => effects.push(bodyOf(frame)) }),
          openSubscription: ({ id = "" }) => {
            effects.push(id);
            return {};
          },
        },
      ],
    ]),
    access: {
      refusalOf: () => {
        throw new Error("asked although frames are reviewed");
      },
      review: ({ id }, verb, destination, { headers }) => {
        asked.push(`${id} ${verb} ${destination} ${headers.get("receipt")}`);
        return new Promise((resolve) => reviews.push(resolve));
      },
    },
  });
  ({ connection, session } = await connectTo(broker));
});
afterEach(() => {
  broker.close();
});

const send = (body: string, more = ""): string => `SEND\ndestination:/d\nreceipt:${body}\n${more}\n${body}^@`;
const answers = (): unknown[] =>
  connection.frames
    .slice(1)
    .map(({ command, headers }) => `${command} ${headers.get("code") ?? headers.get("receipt-id")}`);

async function decide(outcome: Promise<Refusal | undefined> = Promise.resolve(undefined)): Promise<void> {
  reviews.shift()?.(outcome);
  await settled();
}

describe("a frame under review", () => {
  it("holds up those behind it, so that all take effect in order", async () => {
    connection.send(`${send("a")}SUBSCRIBE\nid:s\ndestination:/d\nreceipt:s\n\n^@${send("b")}`);
    await settled();
    expect([asked, effects, connection.isPaused]).toEqual([["guest SEND /d a"], [], true]);
    await decide();
    expect([asked.length, effects]).toEqual([2, ["a"]]);
    await decide();
    await decide();
    expect(asked).toEqual(["guest SEND /d a", "guest SUBSCRIBE /d s", "guest SEND /d b"]);
    expect([effects, answers()]).toEqual([
      ["a", "s", "b"],
      ["RECEIPT a", "RECEIPT s", "RECEIPT b"],
    ]);
    expect(connection.isPaused).toBe(false);
  });

  it("has no effect when it is refused; the next one may", async () => {
    connection.send(send("a") + send("b"));
    session.subscriptions.add("errors", "/user/queue/errors", "auto");
    await decide(Promise.resolve(refusal("FORBIDDEN_DESTINATION")));
    await decide();
    expect([effects, answers()]).toEqual([["b"], ["MESSAGE FORBIDDEN_DESTINATION", "RECEIPT b"]]);
  });

  it.each([
    ["ends its session", Disconnect.of("REVOKED"), "ERROR REVOKED"],
    ["is INTERNAL when the review breaks", new Error("broken"), "ERROR INTERNAL"],
  ])("%s with what the review rejects with", async (_, error, answer) => {
    connection.send(`${send("a")}BEGIN\ntransaction:t\n\n^@${send("b")}`);
    await decide(Promise.reject(error));
    expect([asked.length, effects, answers()]).toEqual([1, [], [answer]]);
    expect(broker.stats.frames.get("BEGIN")).toBeUndefined();
  });

  it("comes to nothing when its session is gone before the decision", async () => {
    connection.send(`SUBSCRIBE\nid:s\ndestination:/d\n\n^@${send("a")}`);
    connection.vanish();
    await decide();
    expect([asked.length, effects, answers(), session.subscriptions.size]).toEqual([1, [], [], 0]);
  });

  it("of a transaction is judged once: COMMIT does not ask again", async () => {
    connection.send(`BEGIN\ntransaction:t\n\n^@${send("a", "transaction:t\n")}COMMIT\ntransaction:t\n\n^@`);
    expect(effects).toEqual([]);
    await decide();
    expect([asked.length, effects, answers()]).toEqual([1, ["a"], ["RECEIPT a"]]);
  });
});
