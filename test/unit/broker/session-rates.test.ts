/** Rates of a session's frames, and what becomes of whoever insists on what is refused. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

let chat: TestChat;
let guest: TestClient;

beforeEach(async () => {
  chat = new TestChat({ hasRates: true, limits: { maxSubscriptions: 100 } });
  guest = await chat.connect(chat.guest());
});
afterEach(() => {
  chat.close();
});

it("SUBSCRIBE frames: forty at once", async () => {
  const agent = await chat.connect(await chat.agent());
  for (let one = 0; one < 38; one += 1) await agent.subscribe(`s${one}`, "/user/queue/events");
  expect(agent.refusals()).toEqual(["RATE_LIMITED"]);
});

describe("who insists", () => {
  const send = (to: string): Promise<unknown> => guest.say(to, "x");

  it("on what is forbidden is disconnected with the eleventh in a minute, and told when to come back", async () => {
    for (let time = 0; time < 10; time += 1) await guest.send("/topic/x", "{}");
    expect(guest.refusals()).toEqual(Array(10).fill("FORBIDDEN_DESTINATION"));
    await guest.send("/topic/x", "{}");
    expect(guest.error()?.headers.get("code")).toBe("FORBIDDEN_DESTINATION");
    expect(Number(guest.error()?.headers.get("retry-after-ms"))).toBeGreaterThan(0);
    expect(guest.connection.closedWith?.code).toBe(1008);
  });

  it("and does not wait as long as it was told is disconnected too", async () => {
    for (let time = 0; time < 5 + 1 + 10; time += 1) await send("support");
    expect(guest.refusals()).toEqual(Array(11).fill("RATE_LIMITED"));
    await send("support");
    expect(guest.error()?.headers.get("code")).toBe("RATE_LIMITED");
    expect(guest.connection.closedWith?.code).toBe(1008);
  });

  it("but waits is not, however much there is to say", async () => {
    let stored = 0;
    for (let time = 0; time < 100; time += 1) {
      if ((await send("support")) !== undefined) stored += 1;
      else chat.monotonic += Number(guest.messagesOn("errors").at(-1)?.headers.get("retry-after-ms"));
    }
    expect(stored).toBeGreaterThan(50);
    expect(guest.error()).toBeUndefined();
  });

  it("on what is only wrong is not", async () => {
    for (let time = 0; time < 15; time += 1) await guest.send("/chat/message", "no JSON");
    expect(guest.refusals()).toHaveLength(15);
    expect(guest.error()).toBeUndefined();
  });
});

describe("frames of a session", () => {
  const RECEIPTS = Array.from({ length: 100 }, (_, one) => `r${one}`);
  const frames = RECEIPTS.map(
    (receipt) => `SEND\ndestination:/chat/page\nreceipt:${receipt}\n\n{"url":"https://a.example/"}^@`,
  );
  const answered = ({ connection }: TestClient): unknown[] =>
    connection.of("RECEIPT").flatMap(({ headers }) => {
      const id = headers.get("receipt-id") ?? "";
      return !id.startsWith("q") ? [id] : [];
    });
  const pass = async (ms: number): Promise<void> => {
    chat.monotonic += ms;
    chat.broker.sweep();
    await settled();
  };

  const connect = async (who: "a guest" | "an agent"): Promise<TestClient> => {
    const principal = who === "a guest" ? chat.guest() : await chat.agent();
    const client = await chat.connect(principal, { queues: false });
    await pass(60_000);
    return client;
  };

  it.each([
    ["a guest", "twenty", "ten", 20, 10],
    ["an agent", "sixty", "thirty", 60, 30],
  ] as const)(
    "of %s: beyond %s wait, %s a second, and none is lost or refused",
    async (who, _many, _more, burst, more) => {
      const client = await connect(who);
      const text = frames.join("");
      client.connection.send(who === "a guest" ? text : text.replaceAll("/chat/page", "/topic/a"));
      await settled();
      expect(answered(client)).toEqual(RECEIPTS.slice(0, burst));
      expect(client.connection.isPaused).toBe(true);
      await pass(1000);
      expect(answered(client)).toEqual(RECEIPTS.slice(0, burst + more));
      for (let second = 0; second < 8; second += 1) await pass(1000);
      expect(answered(client)).toEqual(RECEIPTS);
      expect(client.connection.isPaused).toBe(false);
      expect(client.error()).toBeUndefined();
    },
  );

  it.each([
    ["a guest", 65_536, 16_384],
    ["an agent", 4 * 65_536, 65_536],
  ] as const)("of %s: more than %i octets at once wait, line ends count too", async (who, burst, more) => {
    const client = await connect(who);
    client.connection.send("\n".repeat(burst));
    expect(client.connection.isPaused).toBe(true);
    await pass(1000);
    expect(client.connection.isPaused).toBe(false);
    client.connection.send("\n".repeat(more));
    expect(client.connection.isPaused).toBe(true);
  });

  it("whose peer has ended are all carried out, and a service has no pace", async () => {
    const [guestsClient, bot] = [
      await chat.connect(chat.guest(), { queues: false }),
      await chat.connect(chat.service("topics"), { queues: false }),
    ];
    bot.connection.send(frames.join("").replaceAll("/chat/page", "/topic/a"));
    await settled();
    expect(answered(bot)).toEqual(RECEIPTS);
    guestsClient.connection.send(frames.join(""));
    guestsClient.connection.end();
    await settled();
    expect(answered(guestsClient)).toEqual(RECEIPTS);
  });
});
