/** Conversations as their participants live them, over the whole chat without ports. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

let chat: TestChat;

beforeEach(() => {
  chat = new TestChat();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function desk(): Promise<{ guest: TestClient; agent: TestClient }> {
  const guest = await chat.connect(chat.guest());
  const agent = await chat.connect(await chat.agent());
  await agent.subscribe("support", "/chat/topic/support");
  return { guest, agent };
}

describe("a customer writes to support", () => {
  it("gets a RECEIPT with message-id, conversation, seq and position", async () => {
    const { guest } = await desk();
    const receipt = await guest.say("support", "hello");
    expect(receipt?.headers.get("seq")).toBe("1");
    expect(receipt?.headers.get("conversation")).toMatch(/^[\w-]{22}$/);
    expect(receipt?.headers.get("message-id")).toMatch(/^[\w-]{22}$/);
    expect(receipt?.headers.get("position")).toBe(`${chat.store.epoch}-1`);
  });

  it("waits, and the desk sees it open and its preview", async () => {
    const { guest, agent } = await desk();
    await guest.say("support", "hello\nthere");
    const types = agent.bodiesOn("support").map((event) => event["type"]);
    expect(types).toEqual(["snapshot", "conversation.opened", "conversation.updated"]);
    expect(agent.bodiesOn("support")[2]?.["data"]).toMatchObject({
      preview: "hello there",
      conversation: {
        state: "waiting",
        assignee: null,
        lastSeq: 1,
        customer: { id: guest.id, kind: "guest" },
      },
    });
  });

  it("is not sent its own message again, its other session is", async () => {
    const { guest } = await desk();
    const other = await chat.connect(guest.principal);
    await guest.say("support", "hello", { clientId: "c1" });
    expect(guest.texts()).toEqual([]);
    expect(other.texts()).toEqual(["hello"]);
    expect(other.messagesOn("messages")[0]?.headers.get("own")).toBe("true");
    expect(other.bodiesOn("messages")[0]).toMatchObject({ clientId: "c1", seq: 1 });
  });
});

describe("an agent", () => {
  it("claims by answering, finds the earlier messages, and both read on", async () => {
    const { guest, agent } = await desk();
    await guest.say("support", "one");
    await guest.say("support", "two");
    await agent.say(guest.id, "three");
    await guest.say(agent.id, "four");
    expect(agent.texts()).toEqual(["one", "two", "four"]);
    expect(guest.texts()).toEqual(["three"]);
    expect(guest.events("conversation.assigned")).toHaveLength(1);
    const seqs = agent.messagesOn("messages").map((frame) => frame.headers.get("seq"));
    expect(seqs).toEqual(["1", "2", "4"]);
  });

  it("starts a private chat with a connected guest who never wrote", async () => {
    const { guest, agent } = await desk();
    const receipt = await agent.send("/chat/invite", { user: guest.id });
    expect(receipt?.headers.get("conversation")).toBeDefined();
    expect(guest.events("conversation.opened")[0]?.data).toMatchObject({
      conversation: { state: "active", assignee: { id: agent.id }, lastSeq: 0 },
    });
    await agent.say(guest.id, "may I help?");
    expect(guest.texts()).toEqual(["may I help?"]);
  });

  it("who claims second gets CONFLICT with the winner", async () => {
    const { guest, agent } = await desk();
    const rival = await chat.connect(await chat.agent());
    const receipt = await guest.say("support", "hello");
    const conversation = receipt?.headers.get("conversation");
    agent.pipeline("SEND\ndestination:/chat/claim\n", JSON.stringify({ conversation }));
    rival.pipeline("SEND\ndestination:/chat/claim\n", JSON.stringify({ conversation }));
    await settled();
    expect(agent.refusals()).toEqual([]);
    expect(rival.bodiesOn("errors")[0]).toMatchObject({
      code: "CONFLICT",
      assignee: { id: agent.id },
      state: "active",
    });
  });

  it("releases, closes, and a customer's message within a day reopens with seq going on", async () => {
    const { guest, agent } = await desk();
    const conversation = (await guest.say("support", "one"))?.headers.get("conversation");
    await agent.send("/chat/claim", { conversation });
    await agent.send("/chat/release", { conversation });
    await agent.send("/chat/claim", { conversation });
    await agent.send("/chat/close", { conversation });
    const told = guest.events().filter(({ type }) => type.startsWith("conversation."));
    expect(told.map(({ type }) => type)).toEqual([
      "conversation.opened",
      "conversation.assigned",
      "conversation.requeued",
      "conversation.assigned",
      "conversation.closed",
    ]);
    chat.now += 23 * 3_600_000;
    const again = await guest.say("support", "two");
    expect(again?.headers.get("conversation")).toBe(conversation);
    expect(again?.headers.get("seq")).toBe("2");
    await agent.send("/chat/claim", { conversation });
    await agent.send("/chat/close", { conversation });
    chat.now += 25 * 3_600_000;
    const later = await guest.say("support", "three");
    expect(later?.headers.get("conversation")).not.toBe(conversation);
    expect(later?.headers.get("seq")).toBe("1");
    expect(agent.texts()).toEqual(["one", "two"]);
  });

  it("may not write to colleagues, to support, or to nobody", async () => {
    const { agent } = await desk();
    const colleague = await chat.agent();
    await agent.say(colleague.id, "psst");
    await agent.say("support", "psst");
    await agent.say("a".repeat(22), "psst");
    expect(agent.refusals()).toEqual(["FORBIDDEN_RECEIVER", "FORBIDDEN_RECEIVER", "UNKNOWN_USER"]);
  });

  it("cannot write into a colleague's chat; a supervisor joins without taking it", async () => {
    const { guest, agent } = await desk();
    const rival = await chat.connect(await chat.agent());
    const boss = await chat.connect(await chat.agent("supervisor"));
    await guest.say("support", "one");
    await agent.say(guest.id, "two");
    await rival.say(guest.id, "mine!");
    expect(rival.refusals()).toEqual(["CONFLICT"]);
    await boss.say(guest.id, "three");
    await guest.say("support", "four");
    expect(agent.texts()).toEqual(["one", "three", "four"]);
    expect(boss.texts()).toEqual(["one", "two", "four"]);
    expect(guest.texts()).toEqual(["two", "three"]);
  });
});

describe("restricted communication", () => {
  it("lets no customer write to another, and tells the same for unknown ids", async () => {
    const { guest } = await desk();
    const victim = await chat.connect(chat.guest());
    await victim.say("support", "hi");
    await guest.say(victim.id, "hello");
    await guest.say("b".repeat(22), "hello");
    await guest.say(guest.id, "hello");
    expect(guest.refusals()).toEqual(["FORBIDDEN_RECEIVER", "FORBIDDEN_RECEIVER", "FORBIDDEN_RECEIVER"]);
    expect(victim.texts()).toEqual([]);
  });

  it("refuses a userFrom that is not the sender's", async () => {
    const { guest, agent } = await desk();
    await guest.send("/chat/message", { userFrom: agent.id, userTo: "support", message: "x" });
    expect(guest.refusals()).toEqual(["FORBIDDEN_SENDER"]);
  });

  it("keeps the support topic and others' queues from customers", async () => {
    const { guest, agent } = await desk();
    await guest.subscribe("s", "/chat/topic/support");
    await guest.subscribe("t", `/user/${agent.id}/queue/messages`);
    await guest.subscribe("u", "/topic/x");
    await guest.subscribe("v", "/chat/nothing");
    await guest.subscribe("w", "/user//queue/messages");
    await agent.subscribe("u", "/topic/x");
    expect(guest.refusals()).toEqual([
      "FORBIDDEN_DESTINATION",
      "FORBIDDEN_DESTINATION",
      "FORBIDDEN_DESTINATION",
      "UNKNOWN_DESTINATION",
      "BAD_DESTINATION",
    ]);
    expect(agent.refusals()).toEqual([]);
  });

  it("ends a session that does not listen to refusals with ERROR and the receipt-id", async () => {
    const guest = await chat.connect(chat.guest(), { queues: false });
    const receipt = guest.pipeline("SEND\ndestination:/chat/message\n", "{}");
    await settled();
    expect(guest.error()?.headers.get("code")).toBe("MISSING_FIELD");
    expect(guest.error()?.headers.get("receipt-id")).toBe(receipt);
    expect(guest.connection.closedWith?.code).toBe(1008);
  });
});

describe("idempotence", () => {
  it("answers a repeated clientId with the first RECEIPT and stores nothing", async () => {
    const { guest, agent } = await desk();
    const first = await guest.say("support", "once", { clientId: "k-1" });
    const second = await guest.say("support", "once", { clientId: "k-1" });
    for (const name of ["message-id", "conversation", "seq", "position"]) {
      expect(second?.headers.get(name)).toBe(first?.headers.get(name));
    }
    await guest.say("support", "other", { clientId: "k-1" });
    expect(guest.bodiesOn("errors")[0]).toMatchObject({ code: "DUPLICATE_ID_CONFLICT", clientId: "k-1" });
    await agent.say(guest.id, "answer");
    expect(agent.texts()).toEqual(["once"]);
  });
});

describe("what was written last", () => {
  it("is in an agent's lists, from messages alone, and not in a customer's", async () => {
    const { guest, agent } = await desk();
    const conversation = (await guest.say("support", "hello\nthere"))?.headers.get("conversation") ?? "";
    await agent.send("/chat/claim", { conversation });
    await agent.send("/chat/note", { conversation, note: "a secret" });
    const newest = { userFrom: guest.id, preview: "hello there", sentAt: new Date(chat.now).toISOString() };
    const lists = async (client: TestClient): Promise<unknown[]> => {
      await client.subscribe("again", "/user/queue/events");
      const snapshot = client.bodiesOn("again")[0]?.["data"] as { conversations: { newest?: unknown }[] };
      const page = await chat.store.execute("conversations", { principal: client.principal, limit: 1 });
      return [snapshot.conversations[0], page.items[0]].map((one) => one?.newest);
    };
    expect(await lists(agent)).toEqual([newest, newest]);
    expect(await lists(guest)).toEqual([undefined, undefined]);
  });
});

describe("history, read and typing", () => {
  it("answers history on the events queue before the RECEIPT", async () => {
    const { guest, agent } = await desk();
    const conversation = (await guest.say("support", "one"))?.headers.get("conversation");
    await agent.say(guest.id, "two");
    const receipt = guest.pipeline("SEND\ndestination:/chat/history\n", JSON.stringify({ conversation }));
    await settled();
    const frames = guest.connection.frames;
    const answer = frames.findIndex(
      (frame) => frame.headers.get("receipt-id") === receipt && frame.command === "MESSAGE",
    );
    const receipted = frames.findIndex(
      (frame) => frame.headers.get("receipt-id") === receipt && frame.command === "RECEIPT",
    );
    expect(answer).toBeGreaterThan(0);
    expect(receipted).toBeGreaterThan(answer);
    const history = guest.events("history")[0]?.data as {
      items: { message: string }[];
      events: { type: string; afterSeq: number }[];
    };
    expect(history.items.map((item) => item.message)).toEqual(["one", "two"]);
    expect(history.events.map(({ type, afterSeq }) => [type, afterSeq])).toEqual([
      ["conversation.opened", 0],
      ["conversation.assigned", 1],
    ]);
  });

  it("hides a stranger's conversation as if it did not exist", async () => {
    const { guest } = await desk();
    const other = await chat.connect(chat.guest());
    const conversation = (await guest.say("support", "one"))?.headers.get("conversation");
    for (const command of ["history", "close", "claim"])
      await other.send(`/chat/${command}`, { conversation });
    await other.send("/chat/read", { conversation, seq: 1 });
    await other.send("/chat/typing", { conversation, typing: true });
    expect(other.refusals()).toEqual(["NOT_FOUND", "NOT_FOUND", "FORBIDDEN", "NOT_FOUND", "NOT_FOUND"]);
  });

  it("tells reading and typing to the other side, and counts unread on the server", async () => {
    const { guest, agent } = await desk();
    const conversation = (await guest.say("support", "one"))?.headers.get("conversation");
    await agent.say(guest.id, "two");
    await agent.send("/chat/typing", { conversation, typing: true });
    await guest.send("/chat/read", { conversation, seq: 2 });
    await guest.send("/chat/read", { conversation, seq: 9 });
    expect(guest.events("typing")[0]?.data).toEqual({
      conversation,
      user: { id: agent.id, kind: "agent", role: "agent", name: agent.principal.name },
      typing: true,
    });
    expect(agent.events("message.read").at(-1)?.data).toMatchObject({
      conversation,
      user: { id: guest.id },
      seq: 2,
    });
    expect(guest.refusals()).toEqual(["BAD_VALUE"]);
    await guest.say("support", "three");
    const again = await chat.connect(agent.principal);
    const [snapshot] = again.events("snapshot");
    expect(snapshot?.data["conversations"]).toEqual([
      expect.objectContaining({ id: conversation, lastSeq: 3, unread: 1, readSeq: 3 }),
    ]);
  });
});
