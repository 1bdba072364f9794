/** The drain of a session: all that it sent is carried out and answered, then it is told to come back. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { answersOn, connectTo, createBroker, Later } from "../../helpers/lone-broker.ts";
import type { Broker } from "../../../src/broker/broker.ts";
import type { Session } from "../../../src/broker/session.ts";
import { MemoryConnection } from "../../helpers/memory-connection.ts";

let broker: Broker;
let connection: MemoryConnection;
let session: Session;
let slow: Later;

beforeEach(async () => {
  slow = new Later();
  broker = createBroker({ limits: { maxPendingReplies: 2 }, destinations: slow.destinations });
  ({ connection, session } = await connectTo(broker));
});
afterEach(() => {
  broker.close();
});

const answers = (): string[] => answersOn(connection);

it("carries out what waits for its turn as well, and begins nothing that came in part", async () => {
  connection.send(
    ["a", "b", "c", "d"].map((body) => Later.frame(body)).join("") + Later.frame("e").slice(0, -4),
  );
  expect(slow.sent).toEqual(["a", "b"]);
  session.drain();
  for (let count = 0; count < 3; count += 1) await slow.end();
  expect([slow.sent, answers()]).toEqual([
    ["a", "b", "c", "d"],
    ["RECEIPT a", "RECEIPT b", "RECEIPT c"],
  ]);
  await slow.end();
  expect(answers().slice(3)).toEqual(["RECEIPT d", "ERROR SHUTTING_DOWN"]);
  expect(connection.closedWith).toEqual({ code: 1012, reason: "SHUTTING_DOWN" });
});

it("ends a session that sent nothing, and one that did not connect, at once", async () => {
  const stranger = new MemoryConnection(broker);
  await broker.drain(1000);
  expect([answers(), stranger.closedWith?.code]).toEqual([["ERROR SHUTTING_DOWN"], 1012]);
});

it("leaves an end that the session asked for itself as it is", async () => {
  connection.send(`${Later.frame("a")}${Later.frame("b")}DISCONNECT\nreceipt:bye\n\n^@${Later.frame("c")}`);
  session.drain();
  for (let count = 0; count < 2; count += 1) await slow.end();
  expect([slow.sent, answers()]).toEqual([
    ["a", "b"],
    ["RECEIPT a", "RECEIPT b", "RECEIPT bye"],
  ]);
  expect(connection.closedWith).toEqual({ code: 1000, reason: "DISCONNECT" });
});
