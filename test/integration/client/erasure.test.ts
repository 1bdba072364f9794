/** A customer who is erased, as clients see it: pages drop what they have, also those that were away. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { eraseCustomer } from "../../../src/chat/erase-customer.ts";
import { FaultProxy } from "../../helpers/fault-proxy.ts";
import { connectClient } from "../../helpers/people.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import type { ChatClient } from "../../../src/web/client/index.ts";

let server: RunningServer;
/** The way of bert alone. */
let proxy: FaultProxy;
let customer: ChatClient;
let anna: ChatClient;
let bert: ChatClient;
/** The customer's chat, which anna has. */
let conversation: string;
let customerId: string;

beforeEach(async () => {
  server = await RunningServer.start();
  for (const login of ["anna", "bert"]) await server.addAgent(login);
  proxy = new FaultProxy(() => server.port);
  await proxy.listen();
  const agent = (login: string, url: string): Promise<ChatClient> =>
    connectClient(url, { credentials: { login, passcode: AGENT_PASSCODE }, desk: true });
  [customer, anna, bert] = await Promise.all([
    connectClient(server.url),
    agent("anna", server.url),
    agent("bert", proxy.url),
  ]);
  customer.send({ userTo: "support", text: "my secret" });
  await until("the desk sees it", () => anna.desk.waiting.size === 1);
  conversation = [...anna.desk.waiting.keys()][0] ?? "";
  customerId = customer.user?.id ?? "";
  await anna.claim(conversation);
  anna.send({ userTo: customerId, text: "your secret", conversation });
  anna.writeNote(conversation, "our secret");
  await until("answered", () => customer.transcript(conversation)?.messages.length === 2);
  for (const client of [anna, bert]) {
    await client.loadHistory(conversation);
    await client.loadNotes(conversation);
    await until("noted", () => client.notes(conversation)?.length === 1);
  }
});
afterEach(async () => {
  await Promise.all([customer, anna, bert].map((client) => client.stop()));
  proxy.close();
  await server.remove();
});

const erase = (): Promise<unknown> =>
  eraseCustomer(server.server.store, customerId, { now: Date.now(), emptyLog: () => Promise.resolve() });

/** Everything a client holds of the chat. */
const heldBy = (client: ChatClient): string =>
  JSON.stringify([
    client.transcript(conversation),
    client.user?.kind === "agent" ? client.notes(conversation) : undefined,
    [...client.conversations.values()],
    [...client.desk.online.values()],
    client.outgoing,
  ]);

it("is dropped by who looks at it, and the customer is somebody new", async () => {
  expect([anna, bert, customer].map((client) => heldBy(client).includes("secret"))).toEqual([
    true,
    true,
    true,
  ]);
  await erase();
  await until("nothing is held", () =>
    [anna, bert, customer].every((client) => !heldBy(client).includes("secret")),
  );
  for (const client of [anna, bert]) {
    const messages = client.transcript(conversation)?.messages ?? [];
    expect(messages.map(({ seq, message, erased }) => [seq, message, erased])).toEqual([
      [1, "", true],
      [2, "", true],
    ]);
    expect(client.notes(conversation)).toEqual([expect.objectContaining({ note: "", erased: true })]);
    await until("gone from the list of visitors", () => !client.desk.online.has(customerId));
  }
  const standing = anna.conversations.get(conversation);
  expect(standing).toMatchObject({ state: "closed", customer: { id: customerId, erased: true } });

  await until("somebody new", () => customer.state.status === "online" && customer.user?.id !== customerId);
  expect(customer.conversations.size).toBe(0);
  customer.send({ userTo: "support", text: "hello again" });
  await until("it waits", () => anna.desk.waiting.size === 1);
  const [waiting] = anna.desk.waiting.values();
  expect(waiting?.conversation.customer).toEqual({ id: customer.user?.id, kind: "guest" });
  expect(waiting?.conversation.id).not.toBe(conversation);
});

it("is dropped by who was away, with what waited to be sent", async () => {
  proxy.refuse(true);
  proxy.reset();
  await until("noticed", () => bert.state.status === "reconnecting");
  bert.send({ userTo: customerId, text: "a late secret", conversation });
  bert.writeNote(conversation, "a late secret");
  await erase();
  expect(heldBy(bert)).toContain("your secret");
  proxy.refuse(false);
  bert.reconnectNow();
  await until("online", () => bert.state.status === "online");
  await bert.listConversations({ limit: 100 });
  expect(heldBy(bert)).not.toContain("secret");
  expect(bert.outgoingNotes).toEqual([]);
});
