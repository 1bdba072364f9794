/** The mailbox: replay, live delivery, delivered marks, back-pressure. */
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

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`);

async function activeChat(): Promise<{ guest: TestClient; agent: TestClient; conversation: string }> {
  const guest = await chat.connect(chat.guest());
  const agent = await chat.connect(await chat.agent());
  const receipt = await guest.say("support", "m1");
  await agent.say(guest.id, "welcome");
  return { guest, agent, conversation: receipt?.headers.get("conversation") ?? "" };
}

async function sayAll(from: TestClient, to: string, texts: readonly string[]): Promise<void> {
  for (const message of texts) {
    from.pipeline(
      "SEND\ndestination:/chat/message\n",
      JSON.stringify({ userFrom: from.id, userTo: to, message }),
    );
  }
  await settled();
}

describe("replay", () => {
  it("with since shows exactly what was missed, then goes live", async () => {
    const { guest, agent } = await activeChat();
    await sayAll(guest, "support", range(2, 5));
    const seen = agent.messagesOn("messages").at(-1)?.headers.get("position") ?? "";
    agent.connection.vanish();
    await settled();
    await sayAll(guest, "support", range(6, 300));
    const back = await chat.connect(agent.principal, { queues: false });
    const receipt = await back.subscribe("messages", "/user/queue/messages", `since:${seen}\n`);
    await settled(60);
    await sayAll(guest, "support", range(301, 303));
    expect(receipt?.headers.get("recovered")).toBe("true");
    expect(receipt?.headers.get("position")).toBe(seen);
    expect(back.texts()).toEqual(range(6, 303));
  });

  it("without since starts at the delivered mark", async () => {
    const { guest, agent } = await activeChat();
    agent.connection.pong();
    await settled();
    agent.connection.vanish();
    await sayAll(guest, "support", ["m2", "m3"]);
    const back = await chat.connect(agent.principal);
    expect(back.texts()).toEqual(["m2", "m3"]);
  });

  it("without a sign of life delivers again: a write is no delivery", async () => {
    const { guest, agent } = await activeChat();
    await sayAll(guest, "support", ["m2"]);
    expect(agent.texts()).toEqual(["m1", "m2"]);
    expect(guest.events("message.delivered")).toEqual([]);
    agent.connection.vanish();
    const back = await chat.connect(agent.principal);
    expect(back.texts()).toEqual(["m1", "welcome", "m2"]);
  });

  it("of a position beyond the head or of another epoch is not recovered, and live from the head", async () => {
    const { guest, agent } = await activeChat();
    const back = await chat.connect(agent.principal, { queues: false });
    await back.subscribe("errors", "/user/queue/errors");
    const beyond = await back.subscribe("a", "/user/queue/messages", `since:${chat.store.epoch}-99\n`);
    const foreign = await back.subscribe("b", "/user/queue/messages", "since:cafe-0\n");
    await back.subscribe("c", "/user/queue/messages", "since:garbage\n");
    await sayAll(guest, "support", ["m2"]);
    expect(beyond?.headers.get("recovered")).toBe("false");
    expect(foreign?.headers.get("recovered")).toBe("false");
    expect(foreign?.headers.get("position")).toBe(foreign?.headers.get("head"));
    expect(back.refusals()).toEqual(["BAD_POSITION"]);
    expect(back.texts("a")).toEqual(["m2"]);
    expect(back.texts("b")).toEqual(["m2"]);
    await back.request("UNSUBSCRIBE\nid:c\n", "");
    expect(back.connection.closedWith).toBeUndefined();
  });

  it("up to the head brings own messages too, and says so in an event without a receipt", async () => {
    const { guest } = await activeChat();
    const back = await chat.connect(guest.principal);
    back.connection.send(
      `SUBSCRIBE\nid:all\ndestination:/user/queue/messages\nsince:${chat.store.epoch}-0\n\n^@`,
    );
    await settled();
    expect(back.texts("all")).toEqual(["m1", "welcome"]);
    expect(back.messagesOn("all").map((frame) => frame.headers.get("own"))).toEqual(["true", undefined]);
    expect(back.events("mailbox.subscribed")[0]?.data).toMatchObject({
      subscription: "all",
      recovered: true,
      position: `${chat.store.epoch}-0`,
      head: `${chat.store.epoch}-2`,
    });
  });

  it("a pipelined SUBSCRIBE, SEND shows the SEND to others only", async () => {
    const { guest, agent } = await activeChat();
    const both = await chat.connect(agent.principal, { queues: false });
    both.pipeline("SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\n", "");
    both.pipeline(
      "SEND\ndestination:/chat/message\n",
      JSON.stringify({ userFrom: agent.id, userTo: guest.id, message: "x" }),
    );
    await settled();
    expect(both.texts()).toEqual(["m1", "welcome"]);
    expect(agent.texts()).toEqual(["m1", "x"]);
  });
});

describe("proof of delivery", () => {
  it("by pong moves the mark and tells the sender once", async () => {
    const { guest, agent, conversation } = await activeChat();
    expect(agent.connection.pings).toBe(1);
    agent.connection.pong();
    await settled();
    expect(guest.events("message.delivered").map((event) => event.data)).toEqual([
      { conversation, user: expect.objectContaining({ id: agent.id }) as unknown, seq: 1 },
    ]);
  });

  it("pings at most once a second, by the sweep for what came meanwhile", async () => {
    const { guest, agent } = await activeChat();
    agent.connection.pong();
    await sayAll(guest, "support", ["m2", "m3"]);
    expect(agent.connection.pings).toBe(1);
    chat.monotonic += 1000;
    chat.broker.sweep();
    expect(agent.connection.pings).toBe(2);
    agent.connection.pong();
    await settled();
    expect(guest.events("message.delivered").map((event) => event.data["seq"])).toEqual([1, 4]);
  });

  it("without pings comes with the next octets after the output drained", async () => {
    const guest = await chat.connect(chat.guest());
    const agent = await chat.connect(await chat.agent(), { hasPing: false });
    await guest.say("support", "m1");
    await agent.say(guest.id, "welcome");
    expect(guest.events("message.delivered")).toHaveLength(0);
    agent.connection.send("\n");
    await settled();
    expect(guest.events("message.delivered").map((event) => event.data["seq"])).toEqual([1]);
  });

  it("in client mode is the cumulative ACK, in client-individual the hole must close", async () => {
    const { guest, agent } = await activeChat();
    agent.connection.vanish();
    await settled();
    const individual = await chat.connect(agent.principal, { queues: false });
    await individual.subscribe("messages", "/user/queue/messages", "ack:client-individual\n");
    await sayAll(guest, "support", ["m2", "m3"]);
    const acks = individual.messagesOn("messages").map((frame) => frame.headers.get("ack"));
    expect(acks).toHaveLength(4);
    const seqs = (): unknown[] => guest.events("message.delivered").map((event) => event.data["seq"]);
    await individual.request(`ACK\nid:${acks[3] ?? ""}\n`, "");
    expect(seqs()).toEqual([]);
    await individual.request(`ACK\nid:${acks[0] ?? ""}\n`, "");
    expect(seqs()).toEqual([1]);
    await individual.request(`ACK\nid:${acks[2] ?? ""}\n`, "");
    expect(seqs()).toEqual([1, 4]);
    await individual.request(`ACK\nid:${acks[2] ?? ""}\n`, "");
    expect(individual.error()?.headers.get("code")).toBe("UNKNOWN_ACK");

    const cumulative = await chat.connect(agent.principal, { queues: false, version: "1.1" });
    await cumulative.subscribe(
      "messages",
      "/user/queue/messages",
      `ack:client\nsince:${chat.store.epoch}-0\n`,
    );
    await sayAll(guest, "support", ["m4", "m5"]);
    const last = cumulative.messagesOn("messages").at(-1)?.headers.get("message-id") ?? "";
    await cumulative.request(`ACK\nmessage-id:${last}\nsubscription:messages\n`, "");
    expect(seqs()).toEqual([1, 4, 6]);
  });

  it("is not un-ACKed at the session's end", async () => {
    const { guest, agent } = await activeChat();
    agent.connection.vanish();
    const first = await chat.connect(agent.principal, { queues: false });
    await first.subscribe("messages", "/user/queue/messages", "ack:client\n");
    first.connection.vanish();
    await settled();
    const second = await chat.connect(agent.principal, { queues: false });
    await second.subscribe("messages", "/user/queue/messages", "ack:client\n");
    expect(second.texts()).toEqual(["m1", "welcome"]);
    expect(guest.events("message.delivered")).toEqual([]);
  });

  it.each([
    ["a position beyond the mark", 3],
    ["a foreign position, where the mark waits", 0],
  ])("goes on behind a SUBSCRIBE since %s", async (what, mark) => {
    const guest = await chat.connect(chat.guest(), { queues: false });
    const agent = await chat.connect(await chat.agent());
    await guest.say("support", "m1");
    const second = await guest.say("support", "m2");
    const position = second?.headers.get("position") ?? "";
    await guest.subscribe(
      "messages",
      "/user/queue/messages",
      `since:${what.includes("foreign") ? "dead-1" : position}\n`,
    );
    const answer = await agent.say(guest.id, "answer");
    guest.connection.pong();
    chat.monotonic += 1000;
    chat.broker.sweep();
    guest.connection.pong();
    await settled();
    const delivered = agent.events("message.delivered").map(({ data }) => data["seq"]);
    expect(delivered).toEqual([Number(answer?.headers.get("seq"))]);
    expect(await chat.store.execute("mailboxState", { user: guest.id })).toMatchObject({
      delivered: mark,
      head: 3,
    });
  });

  it("NACK is refused UNSUPPORTED", async () => {
    const { agent } = await activeChat();
    const client = await chat.connect(agent.principal, { queues: false });
    await client.subscribe("errors", "/user/queue/errors");
    await client.subscribe("messages", "/user/queue/messages", "ack:client\n");
    const ack = client.messagesOn("messages")[0]?.headers.get("ack") ?? "";
    await client.request(`NACK\nid:${ack}\n`, "");
    expect(client.refusals()).toEqual(["UNSUPPORTED"]);
  });
});

describe("a SUBSCRIBE with since", () => {
  it("that is not known here leaves the delivered mark where it was: nothing is lost by a wrong position", async () => {
    const { guest, agent } = await activeChat();
    guest.connection.vanish();
    await agent.say(guest.id, "important");
    const wrong = await chat.connect(guest.principal, { queues: false });
    const receipt = await wrong.subscribe("messages", "/user/queue/messages", "ack:client\nsince:zzzzzz-5\n");
    expect(receipt?.headers.get("recovered")).toBe("false");
    wrong.connection.vanish();
    const back = await chat.connect(guest.principal);
    expect(back.texts()).toContain("important");
  });

  it("at the position of a history tells the other side that all up to there was delivered", async () => {
    const { guest, agent, conversation } = await activeChat();
    guest.connection.vanish();
    await sayAll(agent, guest.id, range(2, 5));
    const before = agent.events("message.delivered").length;
    const { position } = await chat.store.execute("history", {
      principal: guest.principal,
      conversation,
      limit: 50,
    });
    const back = await chat.connect(guest.principal, { queues: false });
    await back.subscribe("messages", "/user/queue/messages", `since:${chat.store.epoch}-${position}\n`);
    await settled();
    const told = agent.events("message.delivered").slice(before);
    expect(told.map(({ data }) => [data["conversation"], data["seq"]])).toEqual([[conversation, 6]]);
    const standing = await chat.store.execute("conversation", {
      principal: agent.principal,
      id: conversation,
    });
    expect(standing.conversation).toMatchObject({ lastSeq: 6, deliveredSeq: 6 });
  });
});

it("sending implies read, and the other side is told where that is news", async () => {
  const { guest, agent, conversation } = await activeChat();
  await agent.say(guest.id, "a question");
  await guest.say("support", "an answer");
  await guest.say("support", "and more");
  const read = agent.events("message.read").map(({ data }) => [data["user"], data["seq"]]);
  expect(read).toEqual([
    [expect.objectContaining({ id: agent.id }), 2],
    [expect.objectContaining({ id: guest.id }), 4],
  ]);
  const standing = await chat.store.execute("conversation", { principal: agent.principal, id: conversation });
  expect(standing.conversation.readSeq).toBe(5);
});

describe("back-pressure", () => {
  it("pauses at the window of un-ACKed messages and goes on with each ACK", async () => {
    chat.close();
    chat = new TestChat({ limits: { maxUnacked: 5 } });
    const { guest, agent } = await activeChat();
    const client = await chat.connect(agent.principal, { queues: false });
    await client.subscribe("messages", "/user/queue/messages", "ack:client\n");
    await sayAll(guest, "support", range(2, 20));
    expect(client.messagesOn("messages")).toHaveLength(5);
    for (let round = 0; round < 10; round += 1) {
      const last = client.messagesOn("messages").at(-1)?.headers.get("ack") ?? "";
      if (client.messagesOn("messages").length === 21) break;
      await client.request(`ACK\nid:${last}\n`, "");
    }
    expect(client.texts()).toEqual(["m1", "welcome", ...range(2, 20)]);
  });

  it("a stalled reader is not written to without end, and catches up from the store in order", async () => {
    const { guest, agent } = await activeChat();
    agent.connection.isStalled = true;
    const long = "x".repeat(3900);
    await sayAll(
      guest,
      "support",
      range(2, 60).map((text) => `${text} ${long}`),
    );
    expect(agent.connection.bufferedBytes).toBeLessThan(300_000);
    const before = agent.texts().length;
    expect(before).toBeLessThan(60);
    for (let round = 0; round < 20; round += 1) {
      agent.connection.release();
      await settled(30);
    }
    const texts = agent.texts().map((text) => String(text).split(" ")[0]);
    expect(texts).toEqual(range(1, 60));
  });
});

describe("retention behind a reader's back", () => {
  /** An agent who was sent ten of fifty, and takes no more before they are ACKed. */
  async function slowReader(): Promise<{ agent: TestClient; position: string }> {
    chat = new TestChat({ limits: { maxUnacked: 10 } });
    const { guest, agent } = await activeChat();
    agent.connection.vanish();
    await sayAll(guest, "support", range(2, 50));
    const reader = await chat.connect(agent.principal, { queues: false });
    const from = `since:${chat.store.epoch}-0\nack:client\n`;
    const receipt = await reader.subscribe("messages", "/user/queue/messages", from);
    await settled(60);
    expect(receipt?.headers.get("recovered")).toBe("true");
    expect(reader.texts()).toHaveLength(10);
    return { agent: reader, position: reader.messagesOn("messages").at(-1)?.headers.get("position") ?? "" };
  }

  it.each([
    ["a part of what comes next", 5],
    ["all of what comes next", 0],
  ])("that takes %s ends the session, and says what is missing when it comes back", async (_, kept) => {
    const { agent, position } = await slowReader();
    await chat.store.execute("prune", { maxMessages: kept, sentBefore: 0, limit: 1000 });
    const last = agent.messagesOn("messages").at(-1)?.headers.get("ack") ?? "";
    agent.connection.send(`ACK\nid:${last}\n\n^@`);
    await settled(60);
    expect(agent.texts()).toHaveLength(10);
    expect(agent.error()?.headers.get("code")).toBe("SLOW_CONSUMER");
    const back = await chat.connect(agent.principal, { queues: false });
    const receipt = await back.subscribe("messages", "/user/queue/messages", `since:${position}\n`);
    expect(receipt?.headers.get("recovered")).toBe("false");
    const unnamed = await back.subscribe("again", "/user/queue/messages");
    expect(unnamed?.headers.get("recovered")).toBe("false");
  });

  it("leaves who is past it alone", async () => {
    const { agent } = await slowReader();
    await chat.store.execute("prune", { maxMessages: 51 - 10, sentBefore: 0, limit: 1000 });
    for (let count = 10; count < 51; count += 10) {
      const last = agent.messagesOn("messages").at(-1)?.headers.get("ack") ?? "";
      agent.connection.send(`ACK\nid:${last}\n\n^@`);
      await settled(60);
    }
    expect(agent.texts()).toEqual(["m1", "welcome", ...range(2, 50)]);
  });
});
