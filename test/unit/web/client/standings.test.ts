/** Unread counts and marks: what pages show as badge, title and ticks. */
import { expect, it } from "vitest";
import { Standings } from "../../../../src/web/client/standings.ts";
import type { ConversationStanding } from "../../../../src/chat/wire.ts";

function standing(changes: Partial<ConversationStanding> = {}): ConversationStanding {
  return {
    id: "c1",
    state: "active",
    customer: { id: "g", kind: "guest" },
    assignee: null,
    lastSeq: 3,
    version: 2,
    deliveredSeq: 0,
    readSeq: 0,
    unread: 0,
    ...changes,
  };
}

function holding(changes: Partial<ConversationStanding> = {}): Standings {
  const standings = new Standings();
  standings.replace([standing(changes)]);
  return standings;
}

it("what was written last stays through events, and has no words when the customer was erased", () => {
  const newest = { userFrom: "g", preview: "hello", sentAt: "2026-05-01T10:00:00.000Z" };
  const standings = holding({ newest });
  const { id, state, customer, assignee, lastSeq } = standing();
  standings.update({ id, state, customer, assignee, lastSeq, version: 3 });
  expect(standings.get("c1")?.newest).toEqual(newest);
  standings.erase({ id: "g", kind: "guest", erased: true });
  expect(standings.get("c1")?.newest).toEqual({ ...newest, preview: "" });
});

it("a message of the other side is one more unread, once", () => {
  const standings = holding();
  standings.posted("c1", 4, false);
  standings.posted("c1", 4, false);
  standings.posted("c1", 5, false);
  expect(standings.get("c1")).toMatchObject({ unread: 2, lastSeq: 5 });
});

it("a message that the snapshot has counted is not counted again", () => {
  const standings = holding({ unread: 1 });
  standings.posted("c1", 3, false);
  expect(standings.get("c1")?.unread).toBe(1);
});

it("who writes has read", () => {
  const standings = holding({ unread: 2 });
  standings.posted("c1", 4, true);
  expect(standings.get("c1")?.unread).toBe(0);
});

it("marks only grow, and what was read was delivered", () => {
  const standings = holding();
  standings.readByOther("c1", 3);
  standings.delivered("c1", 2);
  standings.readByOther("c1", 1);
  expect(standings.get("c1")).toMatchObject({ deliveredSeq: 3, readSeq: 3 });
});

it("an event that is older than what is known changes nothing", () => {
  const standings = holding();
  standings.update({ ...standing({ state: "waiting", version: 1 }) });
  expect(standings.get("c1")?.state).toBe("active");
  standings.update({ ...standing({ state: "closed", version: 3, lastSeq: 1 }) });
  expect(standings.get("c1")).toMatchObject({ state: "closed", lastSeq: 3 });
});

it("an answer of a query that is older than what is known changes nothing", () => {
  const standings = holding({ unread: 1, version: 5 });
  standings.set(standing({ unread: 0, version: 4 }));
  standings.set(standing({ unread: 0, version: 5, lastSeq: 2 }));
  expect(standings.get("c1")?.unread).toBe(1);
});

it("a snapshot tells which open conversations are gone", () => {
  const standings = holding();
  standings.set(standing({ id: "c2", state: "closed" }));
  expect(standings.replace([standing({ id: "c3" })])).toEqual(["c1"]);
  expect([...standings.all.keys()]).toEqual(["c1", "c2", "c3"]);
});

it("marks of what is unknown are dropped", () => {
  const standings = new Standings();
  standings.readByOther("c9", 1);
  standings.readByMe("c9", 0);
  standings.posted("c9", 1, false);
  expect(standings.all.size).toBe(0);
});
