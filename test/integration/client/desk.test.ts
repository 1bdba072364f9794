/** What an agent's client knows of people and of what was said, against the real server. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectClient } from "../../helpers/people.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import { say } from "../../helpers/stage.ts";
import type { ChatClient } from "../../../src/web/client/index.ts";

let server: RunningServer;
const clients: ChatClient[] = [];

beforeEach(async () => {
  server = await RunningServer.start();
  for (const login of ["anna", "bert"]) await server.addAgent(login);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await server.remove();
});

async function open(options: Parameters<typeof connectClient>[1] = {}): Promise<ChatClient> {
  const client = await connectClient(server.url, options);
  clients.push(client);
  return client;
}

const agent = (login: string): Promise<ChatClient> =>
  open({ credentials: { login, passcode: AGENT_PASSCODE }, desk: true });
const idOf = ({ user }: ChatClient): string => user?.id ?? "";
const statusOf = (seenBy: ChatClient, whose: ChatClient): string | undefined =>
  seenBy.desk.agents.get(idOf(whose))?.status;

/** The newest message is found, as every one is soon after it was written. */
async function found(by: ChatClient, text: string): Promise<string[]> {
  let texts: string[] = [];
  await expect
    .poll(async () => (texts = (await by.search(text)).items.map(({ message }) => message.message)), {
      timeout: 8000,
    })
    .not.toEqual([]);
  return texts;
}

describe("colleagues", () => {
  it("are known from the start, with their status, and followed", async () => {
    const anna = await agent("anna");
    const bert = await agent("bert");
    expect([statusOf(bert, anna), statusOf(bert, bert)]).toEqual(["online", "online"]);
    await bert.setStatus("away");
    await until("anna sees it", () => statusOf(anna, bert) === "away");
    await bert.stop();
    await until("anna sees it", () => !anna.desk.agents.has(idOf(bert)));
    bert.start();
    await until("the status is stored", () => statusOf(anna, bert) === "away");
    expect(statusOf(bert, bert)).toBe("away");
  });

  it("who are no agents are refused a status", async () => {
    const customer = await open();
    await expect(customer.setStatus("away")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("a visitor", () => {
  const TEA = { url: "https://shop.example/tea", title: "Tea", referrer: "https://search.example/" };

  it("is shown with page and browser, live and to an agent who comes later; a chat keeps where it began", async () => {
    const anna = await agent("anna");
    const visitor = await RawClient.connect(server.webSocketUrl, {}, { headers: { "user-agent": "tests" } });
    await visitor.subscribeAll();
    await until("anna sees the visitor", () => anna.desk.online.has(visitor.id));
    await visitor.post("/chat/page", TEA);
    await until("anna sees the page", () => anna.desk.online.get(visitor.id)?.page?.url === TEA.url);
    await visitor.say("support", "hello");
    await visitor.post("/chat/page", { url: "https://shop.example/cart" });
    const bert = await agent("bert");
    const shown = { page: { url: "https://shop.example/cart" }, userAgent: "tests", sessions: 1 };
    expect(bert.desk.online.get(visitor.id)).toMatchObject(shown);
    await until("anna sees the cart", () => anna.desk.online.get(visitor.id)?.page?.title === undefined);
    expect(anna.desk.online.get(visitor.id)).toEqual(bert.desk.online.get(visitor.id));
    const [conversation = ""] = anna.desk.waiting.keys();
    const { context } = await anna.conversationDetail(conversation);
    expect(context).toEqual({ page: TEA, userAgent: "tests" });
    await visitor.close();
  });
});

describe("a search", () => {
  it("finds messages by the words of closed chats too, in pages, newest first", async () => {
    const [customer, anna] = [await open(), await agent("anna")];
    await say(customer, "support", ...Array.from({ length: 5 }, (_, index) => `Crème number ${index}`));
    const conversation = [...customer.conversations.keys()][0] ?? "";
    await anna.claim(conversation);
    await anna.close(conversation);
    expect(await found(anna, "creme 4")).toEqual(["Crème number 4"]);
    const first = await anna.search("creme", { limit: 3 });
    expect(first.items.map(({ message }) => message.seq)).toEqual([5, 4, 3]);
    expect(first.items[0]?.conversation).toMatchObject({ id: conversation, state: "closed" });
    const rest = await anna.search("creme", { limit: 3, before: first.next ?? "" });
    expect(rest.items.map(({ message }) => message.seq)).toEqual([2, 1]);
    expect(rest.next).toBeUndefined();
  });

  it("for what nobody wrote finds nothing, and customers may not search", async () => {
    const [customer, anna] = [await open(), await agent("anna")];
    expect(await anna.search("nothing of the kind")).toEqual({ items: [], customers: [] });
    await expect(customer.search("hello")).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("a customer's chats", () => {
  it("are listed alone, newest first, with their times and who had them", async () => {
    const [customer, other, anna] = [await open(), await open(), await agent("anna")];
    for (const one of [customer, other]) await say(one, "support", "hello");
    const conversation = [...customer.conversations.keys()][0] ?? "";
    const waiting = await anna.conversationDetail(conversation);
    expect(waiting).toMatchObject({ state: "waiting", waitingSince: waiting.openedAt });
    expect(anna.desk.waiting.get(conversation)?.since).toBe(Date.parse(waiting.openedAt));
    await anna.claim(conversation);
    await anna.close(conversation);
    const { items } = await anna.listConversations({ customer: idOf(customer) });
    expect(items.map(({ id, assignee }) => [id, assignee?.id])).toEqual([[conversation, idOf(anna)]]);
    expect(items[0]?.closedAt).toBeDefined();
  });

  it("keep the wait of a chat over a reconnect", async () => {
    const [customer, anna] = [await open(), await agent("anna")];
    await say(customer, "support", "hello");
    await until("it waits", () => anna.desk.waiting.size === 1);
    const since = [...anna.desk.waiting.values()][0]?.since;
    await say(customer, "support", "still there?");
    await anna.stop();
    anna.start();
    await until("online", () => anna.state.status === "online");
    expect([...anna.desk.waiting.values()].map((row) => row.since)).toEqual([since]);
  });
});
