/** What the team does beside the conversation: notes, statuses, availability and canned responses. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import { ABSENCE_MS } from "../../../src/chat/wire.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

type Told = { readonly type: string; readonly data: Record<string, unknown> };

let chat: TestChat;
let guest: TestClient;
let anna: TestClient;
let berta: TestClient;
let conversation: string;

beforeEach(async () => {
  chat = new TestChat();
  guest = await chat.connect(chat.guest(), { userAgent: "Browser/1" });
  anna = await chat.connect(await chat.agent());
  berta = await chat.connect(await chat.agent());
  for (const agent of [anna, berta]) {
    await agent.subscribe("support", "/chat/topic/support");
    await agent.subscribe("notes", "/chat/topic/notes");
  }
  conversation = (await guest.say("support", "hello"))?.headers.get("conversation") ?? "";
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

const told = (client: TestClient, subscription: string, type: string): Told[] =>
  (client.bodiesOn(subscription) as Told[]).filter((event) => event.type === type);

describe("a note", () => {
  it("is receipted with its number and reaches every agent who listens, its author too", async () => {
    const receipt = await anna.send("/chat/note", { conversation, note: "VIP", clientId: "n1" });
    expect(receipt?.headers.get("number")).toBe("1");
    expect(receipt?.headers.get("conversation")).toBe(conversation);
    for (const agent of [anna, berta]) {
      expect(told(agent, "notes", "note.written")[0]?.data).toEqual({
        id: receipt?.headers.get("note-id"),
        conversation,
        number: 1,
        author: { id: anna.id, kind: "agent", role: "agent", name: anna.principal.name },
        note: "VIP",
        writtenAt: new Date(chat.now).toISOString(),
        afterSeq: 1,
        ...(agent === anna ? { clientId: "n1" } : {}),
      });
    }
    const again = await anna.send("/chat/note", { conversation, note: "VIP", clientId: "n1" });
    expect(again?.headers.get("note-id")).toBe(receipt?.headers.get("note-id"));
    expect(told(berta, "notes", "note.written")).toHaveLength(1);
  });

  it("topic begins with what was noted last", async () => {
    await anna.send("/chat/note", { conversation, note: "one" });
    await anna.send("/chat/note", { conversation, note: "two" });
    const carla = await chat.connect(await chat.agent());
    await carla.subscribe("notes", "/chat/topic/notes");
    expect(carla.bodiesOn("notes")).toMatchObject([
      { type: "snapshot", data: { latest: [{ conversation, number: 2 }] } },
    ]);
  });

  it.each([
    ["no text", { note: " " }, "EMPTY_MESSAGE"],
    ["a long text", { note: "x".repeat(4001) }, "MESSAGE_TOO_LONG"],
    ["a control character", { note: "a\u0000b" }, "BAD_CHARACTER"],
    ["no conversation", { conversation: undefined }, "MISSING_FIELD"],
    ["a number", { note: 7 }, "BAD_TYPE"],
    ["another member", { private: true }, "UNKNOWN_FIELD"],
    ["a bad clientId", { clientId: "ä" }, "BAD_CLIENT_ID"],
    ["an unknown conversation", { conversation: "x".repeat(22) }, "NOT_FOUND"],
  ])("with %s is refused", async (_what, more, code) => {
    expect(await anna.send("/chat/note", { conversation, note: "text", ...more })).toBeUndefined();
    expect(anna.refusals()).toEqual([code]);
    expect(told(berta, "notes", "note.written")).toEqual([]);
  });

  it("is nothing for customers: neither SEND nor SUBSCRIBE", async () => {
    await guest.send("/chat/note", { conversation, note: "mine" });
    await guest.subscribe("notes", "/chat/topic/notes");
    expect(guest.refusals()).toEqual(["FORBIDDEN", "FORBIDDEN_DESTINATION"]);
  });

  it("goes with a transfer", async () => {
    await anna.send("/chat/claim", { conversation });
    await anna.send("/chat/transfer", { conversation, to: berta.id, note: "yours" });
    expect(told(berta, "notes", "note.written")[0]?.data["note"]).toBe("yours");
    await berta.send("/chat/transfer", { conversation, to: anna.id, note: "" });
    expect(berta.bodiesOn("errors")).toMatchObject([{ code: "EMPTY_MESSAGE", field: "note" }]);
  });

  it("of a transaction is written at COMMIT", async () => {
    anna.connection.send("BEGIN\ntransaction:t\n\n^@");
    await anna.request(
      "SEND\ndestination:/chat/note\ntransaction:t\n",
      JSON.stringify({ conversation, note: "later" }),
    );
    expect(told(berta, "notes", "note.written")).toEqual([]);
    await anna.request("COMMIT\ntransaction:t\n", "");
    expect(told(berta, "notes", "note.written")).toHaveLength(1);
  });

  it("is in nothing a customer receives or may read, whatever happens around it", async () => {
    const secret = "NOTE-7f3a";
    await anna.send("/chat/note", { conversation, note: `${secret} waiting` });
    await anna.send("/chat/claim", { conversation });
    await anna.say(guest.id, "welcome");
    await anna.send("/chat/note", { conversation, note: `${secret} active` });
    await anna.send("/chat/transfer", { conversation, to: berta.id, note: `${secret} transfer` });
    await berta.send("/chat/release", { conversation });
    await guest.send("/chat/history", { conversation });
    await guest.send("/chat/note", { conversation, note: `${secret} mine`, clientId: "c" });
    await berta.send("/chat/claim", { conversation });
    await berta.send("/chat/close", { conversation });
    await berta.send("/chat/note", { conversation, note: `${secret} closed` });
    await guest.say("support", "again");
    const second = await chat.connect(guest.principal);
    await second.send("/chat/history", { conversation });
    const { principal } = guest;
    const read = [
      await chat.store.execute("history", { principal, conversation, limit: 200 }),
      await chat.store.execute("conversations", { principal, limit: 200 }),
      await chat.store.execute("conversation", { principal, id: conversation }),
      await chat.store.execute("openConversations", { user: guest.id }),
      await chat.store.execute("mailboxPage", { user: guest.id, after: 0, limit: 200 }),
    ];
    const received = [guest, second].flatMap(({ connection }) =>
      connection.frames.map(
        ({ body, headers }) => `${Buffer.from(body).toString()}${JSON.stringify([...headers.entries()])}`,
      ),
    );
    expect(JSON.stringify([received, read])).not.toContain(secret);
    // The support topic shows previews of messages, never of notes.
    expect(JSON.stringify(anna.bodiesOn("support"))).not.toContain(secret);
    expect(told(anna, "notes", "note.written")).toHaveLength(4);
  });
});

describe("a status", () => {
  it("is told to the desk, shown in its snapshot, and kept", async () => {
    await anna.send("/chat/status", { status: "away" });
    expect(told(berta, "support", "agent.status").map(({ data }) => data)).toMatchObject([
      { user: { id: anna.id }, status: "away" },
    ]);
    const carla = await chat.connect(await chat.agent());
    await carla.subscribe("support", "/chat/topic/support");
    const [snapshot] = carla.bodiesOn("support") as Told[];
    expect(snapshot?.data["agents"]).toMatchObject([
      { user: { id: anna.id }, sessions: 1, status: "away" },
      { user: { id: berta.id }, sessions: 1, status: "online" },
      { user: { id: carla.id }, sessions: 1, status: "online" },
    ]);
  });

  it("is known to the next process", async () => {
    await anna.send("/chat/status", { status: "away" });
    const next = new TestChat({ store: chat.store });
    await settled();
    expect(next.chat.presence.statusOf(anna.id)).toBe("away");
    next.close();
  });

  it("invisible is no target of a transfer", async () => {
    await anna.send("/chat/claim", { conversation });
    await berta.send("/chat/status", { status: "invisible" });
    await anna.send("/chat/transfer", { conversation, to: berta.id });
    expect(anna.bodiesOn("errors")).toMatchObject([{ code: "CONFLICT", field: "to" }]);
    await berta.send("/chat/status", { status: "away" });
    expect(await anna.send("/chat/transfer", { conversation, to: berta.id })).toBeDefined();
  });

  it("is an agent's, and one of three", async () => {
    await guest.send("/chat/status", { status: "away" });
    await anna.send("/chat/status", { status: "busy" });
    await anna.send("/chat/status", {});
    expect(guest.refusals()).toEqual(["FORBIDDEN"]);
    expect(anna.refusals()).toEqual(["BAD_VALUE", "MISSING_FIELD"]);
  });
});

describe("availability", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const available = (client: TestClient): unknown[] =>
    client.events("support.availability").map(({ data }) => data["available"]);

  it("is in a customer's snapshot, and not in an agent's", async () => {
    const late = await chat.connect(chat.guest());
    expect(late.events("snapshot")[0]?.data["available"]).toBe(true);
    expect(guest.events("snapshot")[0]?.data["available"]).toBe(false);
    expect(anna.events("snapshot")[0]?.data).not.toHaveProperty("available");
  });

  it("ends a while after the last agent who is online, and begins at once", async () => {
    expect(available(guest)).toEqual([true]);
    await anna.send("/chat/status", { status: "away" });
    berta.connection.vanish();
    await settled();
    vi.advanceTimersByTime(ABSENCE_MS - 1);
    await settled();
    expect(available(guest)).toEqual([true]);
    vi.advanceTimersByTime(1);
    await settled();
    expect(available(guest)).toEqual([true, false]);
    await anna.send("/chat/status", { status: "online" });
    expect(available(guest)).toEqual([true, false, true]);
    expect(available(anna)).toEqual([]);
  });

  it("does not end for a console that is reloaded", async () => {
    anna.connection.vanish();
    berta.connection.vanish();
    await settled();
    vi.advanceTimersByTime(ABSENCE_MS - 1);
    await chat.connect(berta.principal);
    vi.advanceTimersByTime(ABSENCE_MS);
    await settled();
    expect(available(guest)).toEqual([true]);
  });
});

describe("a canned response", () => {
  it("is told to the desk when it is saved and deleted", async () => {
    await anna.send("/chat/save-canned-response", { shortcut: "hi", text: "Hello!" });
    await anna.send("/chat/delete-canned-response", { shortcut: "hi" });
    expect(told(berta, "support", "canned-response.saved")[0]?.data).toMatchObject({
      shortcut: "hi",
      text: "Hello!",
      by: { id: anna.id },
    });
    expect(told(berta, "support", "canned-response.deleted")[0]?.data).toMatchObject({ shortcut: "hi" });
  });

  it.each([
    ["an upper-case shortcut", { shortcut: "Hi", text: "x" }, "BAD_VALUE"],
    ["a long shortcut", { shortcut: "x".repeat(33), text: "x" }, "BAD_VALUE"],
    ["no text", { shortcut: "hi", text: "\n" }, "EMPTY_MESSAGE"],
    ["a long text", { shortcut: "hi", text: "x".repeat(4001) }, "MESSAGE_TOO_LONG"],
  ])("with %s is refused", async (_what, body, code) => {
    await anna.send("/chat/save-canned-response", body);
    expect(anna.refusals()).toEqual([code]);
  });
});
