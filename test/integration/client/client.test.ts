/** The client library against the real server: everything it shows. */
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { memoryTokens, online, only, texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatClient, ChatRefusal, TokenStore } from "../../../src/web/client/index.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

const at = useClients({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });

/** An answer that has come and is not given yet. */
type Held = {
  readonly came: PromiseWithResolvers<void>;
  readonly release: PromiseWithResolvers<void>;
};

/** What the host site signs for a customer. */
function siteToken(subject: string): Promise<string> {
  return new SignJWT({ name: subject })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

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

describe("an identity", () => {
  it("takes the guest's conversation along", async () => {
    const client = await at().guest();
    client.send({ userTo: "support", text: "as a guest" });
    await until("stored", () => texts(client).length === 1);
    const guestId = client.user?.id;
    await client.identify(await siteToken("carla"));
    await online(client);
    expect(client.user?.kind).toBe("customer");
    expect(client.user?.id).not.toBe(guestId);
    await client.loadHistory(only(client));
    expect(texts(client)).toEqual(["as a guest"]);
  });

  it("that is told again changes nothing: no reconnect, and what is shown stays", async () => {
    const client = await at().guest();
    const { id } = await client.identify(await siteToken("carla"));
    await online(client);
    client.send({ userTo: "support", text: "mine" });
    await until("stored", () => texts(client).length === 1);
    const states: string[] = [];
    client.on("state", ({ status }) => states.push(status));
    expect((await client.identify(await siteToken("carla"))).id).toBe(id);
    expect([states, texts(client), client.user?.id]).toEqual([[], ["mine"], id]);
  });

  it("of somebody else takes nothing along, not even what was not sent yet", async () => {
    const client = await at().guest();
    await client.identify(await siteToken("carla"));
    await online(client);
    client.send({ userTo: "support", text: "carla's" });
    await until("stored", () => texts(client).length === 1);
    at().proxy.freezeWebSockets();
    client.send({ userTo: "support", text: "carla's, unsent" });
    await client.identify(await siteToken("dora"));
    await online(client);
    expect([client.outgoing, client.conversations.size]).toEqual([[], 0]);
    client.send({ userTo: "support", text: "dora's" });
    await until("stored", () => client.outgoing.length === 0 && client.conversations.size === 1);
    await client.loadHistory(only(client));
    expect(texts(client)).toEqual(["dora's"]);
  });

  /** A guest's client whose next answer of this path waits for `release`. */
  async function slow(path: string): Promise<{ client: ChatClient; tokens: TokenStore; hold: () => Held }> {
    let held: Held | undefined;
    const late = async (...request: Parameters<typeof fetch>): Promise<Response> => {
      const answer = await fetch(...request);
      const isHeld = typeof request[0] === "string" && request[0].includes(path);
      const now = isHeld ? held : undefined;
      if (isHeld) held = undefined;
      now?.came.resolve();
      await now?.release.promise;
      return answer;
    };
    const tokens = memoryTokens();
    const client = await at().guest({ tokens, platform: { fetch: late } });
    const hold = (): Held => (held = { came: Promise.withResolvers(), release: Promise.withResolvers() });
    return { client, tokens, hold };
  }

  it("is what the last word says, whichever answer is faster", async () => {
    const { client, tokens, hold } = await slow("/api/identify");
    const first = hold();
    const carla = client.identify(await siteToken("carla"));
    await first.came.promise;
    const { id } = await client.identify(await siteToken("dora"));
    first.release.resolve();
    await expect(carla).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await online(client);
    expect(client.user?.id).toBe(id);

    const second = hold();
    const again = client.identify(await siteToken("carla"));
    await second.came.promise;
    await client.reset();
    second.release.resolve();
    await expect(again).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(tokens.load()).toBeUndefined();
    client.start();
    expect((await online(client)).user?.kind).toBe("guest");
  });

  it("that the server has and has not told yet is waited for: nobody new sends what the guest wrote", async () => {
    const { client, tokens, hold } = await slow("/api/identify");
    client.send({ userTo: "support", text: "before" });
    await until("stored", () => client.outgoing.length === 0);
    const token = tokens.load();
    let refusals = 0;
    client.on("state", ({ status }) => (refusals += Number(status === "reconnecting")));
    const late = hold();
    const carla = client.identify(await siteToken("carla"));
    await late.came.promise;
    client.send({ userTo: "support", text: "meanwhile" });
    for (const refused of [1, 2]) {
      await until("the guest is refused", () => refusals === refused);
      client.reconnectNow();
    }
    // Whoever comes after it and is online has taken longer than it takes to forget a token.
    await at().guest();
    expect(tokens.load()).toBe(token);
    late.release.resolve();
    await carla;
    await online(client);
    await until("stored", () => client.outgoing.length === 0);
    expect([client.user?.kind, client.conversations.size]).toEqual(["customer", 1]);
    await client.loadHistory(only(client));
    expect(texts(client)).toEqual(["before", "meanwhile"]);
  });

  it("that was left is shown nothing of, not by an answer that comes late", async () => {
    const { client, hold } = await slow("/messages");
    client.send({ userTo: "support", text: "mine" });
    await until("stored", () => texts(client).length === 1);
    const conversation = only(client);
    await client.identify(await siteToken("carla"));
    await online(client);
    const history = hold();
    const loading = client.loadHistory(conversation);
    await history.came.promise;
    await client.reset();
    client.start();
    history.release.resolve();
    await expect(loading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await online(client);
    expect([client.transcript(conversation), client.conversations.size]).toEqual([undefined, 0]);
  });

  it("is forgotten at once, behind a network that stalls too", async () => {
    const { customer, conversation } = await at().chat();
    const anna = await at().agent("anna", { url: at().server.url });
    at().proxy.stall();
    anna.send({ userTo: customer.user?.id ?? "", text: "too late", conversation });
    await until("stored", () => anna.outgoing.length === 0);
    const farewell = customer.reset();
    const nothing = [0, undefined];
    expect([customer.conversations.size, customer.transcript(conversation)]).toEqual(nothing);
    at().proxy.resume();
    await farewell;
    expect([customer.conversations.size, customer.transcript(conversation)]).toEqual(nothing);
  });

  it("is forgotten by reset", async () => {
    const tokens = memoryTokens();
    const client = await at().guest({ tokens });
    client.send({ userTo: "support", text: "mine" });
    await until("stored", () => texts(client).length === 1);
    const before = client.user?.id;
    await client.reset();
    expect([tokens.token, client.conversations.size, client.user]).toEqual([undefined, 0, undefined]);
    client.start();
    await online(client);
    expect(client.user?.id).not.toBe(before);
    expect(client.conversations.size).toBe(0);
  });
});
