/** The client library against the real server: everything it shows, and what bad networks cannot take from it. */
import SockJS from "sockjs-client";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChatClient } from "../../../src/web/client/index.ts";
import { FaultProxy } from "../../helpers/fault-proxy.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import type {
  ChatClient,
  ChatClientOptions,
  ChatRefusal,
  TokenStore,
} from "../../../src/web/client/index.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

let server: RunningServer;
let proxy: FaultProxy;
const clients: ChatClient[] = [];

beforeEach(async () => {
  server = await RunningServer.start({ SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });
  await server.addAgent("anna");
  await server.addAgent("bert");
  proxy = new FaultProxy(() => server.port);
  await proxy.listen();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  proxy.close();
  await server.remove();
});

function memoryTokens(): TokenStore & { token: string | undefined } {
  return {
    token: undefined,
    load() {
      return this.token;
    },
    save(token) {
      this.token = token;
    },
  };
}

function open(options: Partial<ChatClientOptions> = {}): ChatClient {
  const client = createChatClient({ url: proxy.url, tokens: memoryTokens(), ...options });
  clients.push(client);
  client.start();
  return client;
}

async function online(client: ChatClient): Promise<ChatClient> {
  await until("online", () => client.state.status === "online");
  return client;
}

const guest = (options: Partial<ChatClientOptions> = {}): Promise<ChatClient> => online(open(options));
const agent = (login = "anna", options: Partial<ChatClientOptions> = {}): Promise<ChatClient> =>
  online(open({ credentials: { login, passcode: AGENT_PASSCODE }, desk: true, ...options }));

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

const only = (client: ChatClient): string => [...client.conversations.keys()][0] ?? "";
const texts = (client: ChatClient, conversation = only(client)): string[] =>
  (client.transcript(conversation)?.messages ?? []).map(({ message }) => message);

/** A guest's chat that an agent has claimed. */
async function chat(): Promise<{ customer: ChatClient; anna: ChatClient; conversation: string }> {
  const [customer, anna] = [await guest(), await agent()];
  customer.send({ userTo: "support", text: "hello" });
  await until("the desk sees it", () => anna.desk.waiting.size === 1);
  const conversation = [...anna.desk.waiting.keys()][0] ?? "";
  await anna.claim(conversation);
  await until("hello", () => texts(anna, conversation).length === 1);
  return { customer, anna, conversation };
}

describe("a conversation", () => {
  it("is shown to both sides, with marks, typing and lines", async () => {
    const { customer, anna, conversation } = await chat();
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
    const first = await guest({ tokens });
    for (let index = 1; index <= 25; index += 1) first.send({ userTo: "support", text: `${index}` });
    await until("all stored", () => first.outgoing.length === 0);
    await first.stop();
    const again = await guest({ tokens });
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
    const [one, other] = [await guest({ tokens }), await guest({ tokens })];
    expect(one.user?.id).toBe(other.user?.id);
    one.send({ userTo: "support", text: "from one" });
    await until("in the other", () => texts(other).length === 1);
    other.send({ userTo: "support", text: "from the other" });
    await until("in the one", () => texts(one).length === 2);
    expect(texts(one)).toEqual(texts(other));
    expect(one.transcript(only(one))?.messages.every(({ own }) => own)).toBe(true);
  });

  it("can be begun by an agent with somebody who only looks", async () => {
    const [customer, anna] = [await guest(), await agent()];
    await until("seen", () => anna.desk.online.size === 1);
    const invited: string[] = [];
    customer.on("message", ({ message }) => invited.push(message.message));
    const conversation = await anna.invite(customer.user?.id ?? "", "May I help?");
    await until("invited", () => invited.length === 1);
    await until("it counts", () => anna.conversations.get(conversation)?.lastSeq === 1);
    expect(texts(anna, conversation)).toEqual(["May I help?"]);
    expect(customer.conversations.get(conversation)?.assignee?.id).toBe(anna.user?.id);
  });

  it("has one winner, and the loser is told who", async () => {
    const { anna, conversation } = await chat();
    const bert = await agent("bert");
    const refusal = await bert.claim(conversation).catch((error: unknown) => error as ChatRefusal);
    expect(refusal).toMatchObject({ code: "CONFLICT", body: { assignee: { id: anna.user?.id } } });
  });

  it("can be watched by an agent while it waits", async () => {
    const [customer, anna] = [await guest(), await agent()];
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
    const { anna, conversation } = await chat();
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
    const client = await guest();
    expect(() => client.send({ userTo: "support", text: "  " })).toThrow(TypeError);
    expect(() => client.send({ userTo: "support", text: "x".repeat(4001) })).toThrow(TypeError);
  });

  it("of wrong credentials ends the attempts", async () => {
    const client = open({ credentials: { login: "anna", passcode: "not the passcode" } });
    await until("refused", () => client.state.status === "refused");
    expect(client.state).toMatchObject({ code: "AUTH_FAILED" });
  });

  it("of a guest's dead token makes a new guest", async () => {
    const tokens = memoryTokens();
    tokens.token = "cc_g.dead";
    const client = await guest({ tokens });
    expect(client.user?.kind).toBe("guest");
    expect(tokens.token).not.toBe("cc_g.dead");
  });
});

describe("an identity", () => {
  it("takes the guest's conversation along", async () => {
    const client = await guest();
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
    const client = await guest();
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
    const client = await guest();
    await client.identify(await siteToken("carla"));
    await online(client);
    client.send({ userTo: "support", text: "carla's" });
    await until("stored", () => texts(client).length === 1);
    proxy.freezeWebSockets();
    client.send({ userTo: "support", text: "carla's, unsent" });
    await client.identify(await siteToken("dora"));
    await online(client);
    expect([client.outgoing, client.conversations.size]).toEqual([[], 0]);
    client.send({ userTo: "support", text: "dora's" });
    await until("stored", () => client.outgoing.length === 0 && client.conversations.size === 1);
    await client.loadHistory(only(client));
    expect(texts(client)).toEqual(["dora's"]);
  });

  it("is forgotten by reset", async () => {
    const tokens = memoryTokens();
    const client = await guest({ tokens });
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

describe("a bad network", () => {
  /** A guest, and the browser's word that there is a reason to look after the connection. */
  async function watched(): Promise<{ customer: ChatClient; look: () => void }> {
    let look = (): void => undefined;
    const watch = (given: () => void): (() => void) => {
      look = given;
      return () => undefined;
    };
    const customer = await guest({ platform: { watch } });
    return { customer, look };
  }

  it("keeps what was written while it was away, in order and once", async () => {
    const { customer, anna, conversation } = await chat();
    proxy.refuse(true);
    proxy.reset();
    await until("both notice", () => [customer, anna].every(({ state }) => state.status === "reconnecting"));
    customer.send({ userTo: "support", text: "written offline", conversation });
    anna.send({ userTo: customer.user?.id ?? "", text: "so was this", conversation });
    expect(customer.outgoing.map(({ status }) => status)).toEqual(["sending"]);
    proxy.refuse(false);
    for (const client of [customer, anna]) client.reconnectNow();
    await until("both have both", () =>
      [customer, anna].every((client) => texts(client, conversation).length === 3),
    );
    expect(texts(customer, conversation)).toEqual(texts(anna, conversation));
  });

  it("loses, doubles and reorders nothing over cuts, resets, stalls and a restart of the server", async () => {
    const { customer, anna, conversation } = await chat();
    const COUNT = 100;
    const faults: readonly (() => Promise<void>)[] = [
      async () => {
        proxy.cut();
        await until("noticed", () => customer.state.status !== "online");
      },
      async () => {
        proxy.reset();
        await until("noticed", () => customer.state.status !== "online");
      },
      async () => {
        proxy.stall();
        await new Promise((resolve) => setTimeout(resolve, 300));
        proxy.resume();
      },
      async () => {
        await server.stop();
        await server.start();
      },
    ];
    for (let index = 0; index < COUNT; index += 1) {
      customer.send({ userTo: "support", text: `c${index}`, conversation });
      anna.send({ userTo: customer.user?.id ?? "", text: `a${index}`, conversation });
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (index % 20 === 10) await faults[Math.floor(index / 20) % faults.length]?.();
      for (const client of [customer, anna]) client.reconnectNow();
    }
    const isDone = (): boolean =>
      [customer, anna].every(
        (client) => client.outgoing.length === 0 && texts(client, conversation).length === 2 * COUNT + 1,
      );
    await until("everything is everywhere", isDone, 25_000);
    expect(texts(customer, conversation)).toEqual(texts(anna, conversation));
    for (const side of ["a", "c"]) {
      const theirs = texts(anna, conversation).filter((text) => text.startsWith(side) && text !== "hello");
      expect(theirs).toEqual(Array.from({ length: COUNT }, (_, index) => `${side}${index}`));
    }
  });

  it("without WebSocket is crossed with SockJS after two failures", async () => {
    proxy.blocksWebSockets = true;
    let loads = 0;
    const client = open({
      loadSockJs: () => {
        loads += 1;
        const create = (url: string): WebSocket =>
          new SockJS(url, null, { transports: ["xhr-streaming", "xhr-polling"] });
        return Promise.resolve(create);
      },
    });
    const states: string[] = [];
    client.on("state", ({ status }) => states.push(status));
    await until("online", () => client.state.status === "online", 20_000);
    expect(loads).toBe(1);
    expect(states.filter((status) => status === "reconnecting")).toHaveLength(2);
    client.send({ userTo: "support", text: "over SockJS" });
    await until("stored", () => texts(client).length === 1);
  });

  it("that died unseen is noticed within 3 s of the browser's word, and what was written then arrives", async () => {
    const { customer, look } = await watched();
    const openings: number[] = [];
    customer.on("state", ({ status }) => {
      if (status === "online") openings.push(performance.now());
    });
    proxy.freezeWebSockets();
    customer.send({ userTo: "support", text: "into the void" });
    const began = performance.now();
    look();
    look();
    await until("stored", () => texts(customer).length === 1, 12_000);
    expect(openings).toHaveLength(1);
    expect(openings[0]! - began).toBeLessThan(12_000);
    expect(texts(customer)).toEqual(["into the void"]);
  });

  it("that only seemed dead is left as it is", async () => {
    const { customer, look } = await watched();
    const [states, refusals]: [string[], string[]] = [[], []];
    customer.on("state", ({ status }) => states.push(status));
    customer.on("refusal", ({ code }) => refusals.push(code));
    for (let count = 0; count < 40; count += 1) {
      look();
      customer.send({ userTo: "support", text: `${count}` });
      await until("stored", () => texts(customer).length === count + 1);
    }
    expect([states, refusals]).toEqual([[], []]);
  });

  it("does not hold up a stop for more than a second", async () => {
    const customer = await guest();
    proxy.stall();
    const began = performance.now();
    await customer.stop();
    expect(performance.now() - began).toBeLessThan(4000);
    expect(customer.state.status).toBe("stopped");
  });

  it("does not confuse a stopped client, which goes on where it was", async () => {
    const { customer, anna, conversation } = await chat();
    await customer.stop();
    customer.send({ userTo: "support", text: "while stopped", conversation });
    anna.send({ userTo: customer.user?.id ?? "", text: "meanwhile", conversation });
    await until("stored", () => anna.outgoing.length === 0);
    customer.start();
    await until("both", () => texts(customer, conversation).length === 3);
    expect(texts(customer, conversation)).toEqual(["hello", "meanwhile", "while stopped"]);
  });
});
