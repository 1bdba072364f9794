/** Rates of the chat: who writes or reads too fast is told which limit and when to go on, and who insists is disconnected. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

let chat: TestChat;
let guest: TestClient;

beforeEach(async () => {
  chat = new TestChat({ hasRates: true });
  guest = await chat.connect(chat.guest());
});
afterEach(() => {
  chat.close();
});

/** Says `count` messages; how many got a RECEIPT. */
async function say(client: TestClient, count: number, to = "support"): Promise<number> {
  let stored = 0;
  for (let one = 0; one < count; one += 1) if ((await client.say(to, `m${one}`)) !== undefined) stored += 1;
  return stored;
}

/** Of the last message that the guest got a RECEIPT for: none before it was stored without one. */
function lastSeq(): string | undefined {
  const receipts = guest.connection.of("RECEIPT").map(({ headers }) => headers.get("seq"));
  return receipts.findLast((seq) => seq !== undefined);
}

describe("messages", () => {
  it("of a guest: five at once, then one a second", async () => {
    expect(await say(guest, 7)).toBe(5);
    const [refusal] = guest.messagesOn("errors");
    expect(refusal?.headers.get("retry-after-ms")).toBe("1000");
    expect(JSON.parse(bodyOf(refusal!))).toMatchObject({
      code: "RATE_LIMITED",
      hint: "messages of a guest: 5 at once, then one a second",
    });
    chat.monotonic += 1000;
    expect(await say(guest, 2)).toBe(1);
    expect(lastSeq()).toBe("6");
  });

  it("of an agent: thirty at once, and a service has no rate", async () => {
    await guest.say("support", "hello");
    const agent = await chat.connect(await chat.agent());
    expect(await say(agent, 32, guest.id)).toBe(30);
    const bot = await chat.connect(chat.service("chat"));
    for (let one = 0; one < 40; one += 1) await bot.send("/chat/history", { conversation: "x".repeat(22) });
    expect(bot.refusals()).not.toContain("RATE_LIMITED");
  });

  it("are counted by user: another session of it has no rate of its own", async () => {
    const other = await chat.connect(guest.principal);
    expect(await say(guest, 3)).toBe(3);
    expect(await say(other, 3)).toBe(2);
    expect(await say(await chat.connect(chat.guest()), 1)).toBe(1);
  });

  it("that repeat one before cost nothing, and are answered when the rate is used up", async () => {
    for (let time = 0; time < 8; time += 1)
      expect(await guest.say("support", "once", { clientId: "k" })).toBeDefined();
    expect(await say(guest, 6)).toBe(4);
    expect(await guest.say("support", "once", { clientId: "k" })).toBeDefined();
    expect(await say(guest, 1)).toBe(0);
  });

  it("of a transaction count together: a COMMIT of too many does nothing, and may wait", async () => {
    await guest.say("support", "first");
    const frames = "SEND\ndestination:/chat/message\ntransaction:t\n\n";
    const body = JSON.stringify({ userFrom: guest.id, userTo: "support", message: "x" });
    const commit = async (): Promise<boolean> => {
      guest.connection.send(`BEGIN\ntransaction:t\n\n^@${`${frames}${body}^@`.repeat(6)}`);
      return (await guest.request("COMMIT\ntransaction:t\n", "")) !== undefined;
    };
    expect(await commit()).toBe(false);
    expect(guest.refusals()).toEqual(["RATE_LIMITED"]);
    expect(await say(guest, 1)).toBe(1);
    expect(lastSeq()).toBe("2");
    chat.monotonic += 2000;
    expect(await commit()).toBe(true);
    chat.monotonic += 2000;
    expect(await say(guest, 1)).toBe(1);
    expect(lastSeq()).toBe("9");
  });

  it("of a transaction that repeats what was stored cost nothing, and are answered when the rate is used up", async () => {
    await guest.say("support", "once", { clientId: "k" });
    const body = JSON.stringify({ userFrom: guest.id, userTo: "support", message: "once", clientId: "k" });
    const repeat = async (): Promise<boolean> => {
      // At the pace of a guest's frames, which is none of messages.
      chat.monotonic += 150;
      const send = `SEND\ndestination:/chat/message\ntransaction:t\n\n${body}^@`;
      guest.connection.send(`BEGIN\ntransaction:t\n\n^@${send}`);
      return (await guest.request("COMMIT\ntransaction:t\n", "")) !== undefined;
    };
    for (let time = 0; time < 4; time += 1) expect(await repeat()).toBe(true);
    expect(await say(guest, 5)).toBe(4);
    expect(await repeat()).toBe(true);
  });
});

it("guests who write for the first time in a transaction count for their address as all do", async () => {
  let first = 0;
  for (let one = 0; one < 11; one += 1) {
    const newcomer = await chat.connect(chat.guest());
    const body = JSON.stringify({ userFrom: newcomer.id, userTo: "support", message: "hello" });
    newcomer.connection.send(
      `BEGIN\ntransaction:t\n\n^@SEND\ndestination:/chat/message\ntransaction:t\n\n${body}^@`,
    );
    if ((await newcomer.request("COMMIT\ntransaction:t\n", "")) !== undefined) first += 1;
  }
  expect(first).toBe(10);
});

it("pages of history: twenty at once", async () => {
  const conversation = (await guest.say("support", "x"))?.headers.get("conversation");
  const agent = await chat.connect(await chat.agent());
  for (let page = 0; page < 21; page += 1) await agent.send("/chat/history", { conversation });
  expect(agent.events("history")).toHaveLength(20);
  expect(agent.refusals()).toEqual(["RATE_LIMITED"]);
});
