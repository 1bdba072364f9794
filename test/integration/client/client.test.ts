/** The client library against the real server: everything it shows. */
import { describe, expect, it } from "vitest";
import { memoryTokens, only, texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatRefusal } from "../../../src/web/client/index.ts";

const at = useClients();

describe("a conversation", () => {
  it("is shown to both sides, with marks, typing and lines", async () => {
    const { customer, anna, conversation } = await at().chat();
    const signs: boolean[] = [];
    anna.on("typing", ({ typing }) => signs.push(typing));
    customer.setTyping(conversation, true);
    await until("typing", () => signs.length === 1);
    customer.send({ userTo: "support", text: "are you there?", conversation });
    await until("it arrives", () => texts(anna, conversation).length === 2);
    expect(signs).toEqual([true, false]);
    expect(anna.conversations.get(conversation)?.unread).toBe(2);
    anna.markRead(conversation, 2);
    await until("read", () => customer.conversations.get(conversation)?.readSeq === 2);
    expect(anna.conversations.get(conversation)?.unread).toBe(0);
    anna.send({ userTo: customer.user?.id ?? "", text: "yes", conversation });
    await until("the answer", () => texts(customer).length === 3);
    await until("delivered", () => anna.conversations.get(conversation)?.deliveredSeq === 3);
    await anna.close(conversation);
    await until("closed", () => customer.conversations.get(conversation)?.state === "closed");
    expect(texts(customer)).toEqual(["hello", "are you there?", "yes"]);
    expect(customer.transcript(conversation)?.lines.map(({ type, afterSeq }) => [type, afterSeq])).toEqual([
      ["conversation.opened", 0],
      ["conversation.assigned", 1],
      ["conversation.closed", 3],
    ]);
    expect(customer.outgoing).toEqual([]);
  });

  it("is there after a reload, in pages", async () => {
    const tokens = memoryTokens();
    const first = await at().guest({ tokens });
    for (let index = 1; index <= 25; index += 1) first.send({ userTo: "support", text: `${index}` });
    await until("all stored", () => first.outgoing.length === 0);
    await first.stop();
    const again = await at().guest({ tokens });
    expect(again.user?.id).toBe(first.user?.id);
    const conversation = only(again);
    expect((await again.loadHistory(conversation, 10)).messages.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 16),
    );
    await again.loadHistory(conversation, 10);
    expect((await again.loadHistory(conversation, 10)).isComplete).toBe(true);
    expect(texts(again)).toEqual(Array.from({ length: 25 }, (_, index) => `${index + 1}`));
    again.send({ userTo: "support", text: "26", conversation });
    await until("stored", () => texts(again).length === 26);
  });

  it("is the same in two tabs", async () => {
    const tokens = memoryTokens();
    const [one, other] = [await at().guest({ tokens }), await at().guest({ tokens })];
    expect(one.user?.id).toBe(other.user?.id);
    one.send({ userTo: "support", text: "from one" });
    await until("in the other", () => texts(other).length === 1);
    other.send({ userTo: "support", text: "from the other" });
    await until("in the one", () => texts(one).length === 2);
    expect(texts(one)).toEqual(texts(other));
    expect(one.transcript(only(one))?.messages.every(({ own }) => own)).toBe(true);
  });

  it("can be begun by an agent with somebody who only looks", async () => {
    const [customer, anna] = [await at().guest(), await at().agent()];
    await until("seen", () => anna.desk.online.size === 1);
    const invited: string[] = [];
    customer.on("message", ({ message }) => invited.push(message.message));
    const conversation = await anna.invite(customer.user?.id ?? "", "May I help?");
    await until("invited", () => invited.length === 1);
    await until("it counts", () => anna.conversations.get(conversation)?.lastSeq === 1);
    expect(texts(anna, conversation)).toEqual(["May I help?"]);
    expect(customer.conversations.get(conversation)?.assignee?.id).toBe(anna.user?.id);
  });

  it("has the server's times where a machine's clock is wrong by a day, and set meanwhile", async () => {
    const DAY = 24 * 3600_000;
    let off = DAY;
    const [customer, anna] = [
      await at().guest({ platform: { now: () => Date.now() + off } }),
      await at().agent("anna", { platform: { now: () => Date.now() - off } }),
    ];
    off = 2 * DAY;
    customer.send({ userTo: "support", text: "hello" });
    await until("stored", () => texts(customer).length === 1);
    const sentAt = customer.transcript(only(customer))?.messages[0]?.sentAt ?? "";
    for (const time of [Date.parse(sentAt), customer.serverNow, anna.serverNow])
      expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
  });

  it("has one winner, and the loser is told who", async () => {
    const { anna, conversation } = await at().chat();
    const bert = await at().agent("bert");
    const refusal = await bert.claim(conversation).catch((error: unknown) => error as ChatRefusal);
    expect(refusal).toMatchObject({ code: "CONFLICT", body: { assignee: { id: anna.user?.id } } });
  });

  it("can be watched by an agent while it waits", async () => {
    const [customer, anna] = [await at().guest(), await at().agent()];
    customer.send({ userTo: "support", text: "one" });
    await until("waiting", () => anna.desk.waiting.size === 1);
    const conversation = [...anna.desk.waiting.keys()][0] ?? "";
    await anna.loadHistory(conversation);
    customer.send({ userTo: "support", text: "two" });
    await until("both", () => texts(anna, conversation).length === 2);
    expect(anna.desk.waiting.get(conversation)?.preview).toBe("two");
    await anna.claim(conversation);
    await until("counts", () => anna.desk.counts.active === 1);
    expect(anna.desk.counts.waiting).toBe(0);
  });
});

describe("a refusal", () => {
  it("stays with its message, which may be tried again or given up", async () => {
    const { anna, conversation } = await at().chat();
    const stranger = "x".repeat(22);
    anna.send({ userTo: stranger, text: "who?", conversation });
    await until("failed", () => anna.outgoing[0]?.status === "failed");
    expect(anna.outgoing[0]?.refusal?.code).toBe("UNKNOWN_USER");
    const { clientId } = anna.outgoing[0]!;
    anna.retry(clientId);
    await until("failed again", () => anna.outgoing[0]?.status === "failed");
    expect(anna.outgoing[0]?.clientId).toBe(clientId);
    anna.discard(clientId);
    expect(anna.outgoing).toEqual([]);
  });

  it("of an empty or endless text comes at once", async () => {
    const client = await at().guest();
    expect(() => client.send({ userTo: "support", text: "  " })).toThrow(TypeError);
    expect(() => client.send({ userTo: "support", text: "x".repeat(4001) })).toThrow(TypeError);
  });

  it("of what is no member of it comes at once", async () => {
    const client = await at().guest();
    const slip = { userTo: "support", text: "x", clientID: "a" };
    expect(() => client.send(slip)).toThrow(new TypeError("there is no clientID"));
    expect(client.outgoing).toEqual([]);
    await expect(client.block("x", { adress: true } as never)).rejects.toThrow("there is no adress");
    await expect(client.listConversations({ user: "x" } as never)).rejects.toThrow("there is no user");
    await expect(client.search("x", { after: "x", page: 1 } as never)).rejects.toThrow("no after, no page");
    expect(() => at().open({ token: "x" } as never)).toThrow("there is no option token");
  });

  it("of wrong credentials ends the attempts", async () => {
    const client = at().open({ credentials: { login: "anna", passcode: "not the passcode" } });
    await until("refused", () => client.state.status === "refused");
    expect(client.state).toMatchObject({ code: "AUTH_FAILED" });
  });

  it("of a guest's dead token makes a new guest", async () => {
    const tokens = memoryTokens();
    tokens.token = "cc_g.dead";
    const client = await at().guest({ tokens });
    expect(client.user?.kind).toBe("guest");
    expect(tokens.token).not.toBe("cc_g.dead");
  });
});
