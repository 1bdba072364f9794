/** What agents share, through the client library and against the real server: notes, canned responses, a note with a transfer. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "../../helpers/fault-proxy.ts";
import { connectClient } from "../../helpers/people.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import type { ChatClient, ChatRefusal } from "../../../src/web/client/index.ts";

let server: RunningServer;
/** The way of anna alone. */
let proxy: FaultProxy;
let customer: ChatClient;
let anna: ChatClient;
let bert: ChatClient;
/** The customer's chat, which anna has claimed. */
let conversation: string;

const agent = (login: string, url: string): Promise<ChatClient> =>
  connectClient(url, { credentials: { login, passcode: AGENT_PASSCODE }, desk: true });

beforeEach(async () => {
  server = await RunningServer.start();
  for (const login of ["anna", "bert"]) await server.addAgent(login);
  proxy = new FaultProxy(() => server.port);
  await proxy.listen();
  [customer, anna, bert] = await Promise.all([
    connectClient(server.url),
    agent("anna", proxy.url),
    agent("bert", server.url),
  ]);
  customer.send({ userTo: "support", text: "hello" });
  await until("the desk sees it", () => anna.desk.waiting.size === 1);
  conversation = [...anna.desk.waiting.keys()][0] ?? "";
  await anna.claim(conversation);
  await until("hello", () => anna.transcript(conversation)?.messages.length === 1);
});
afterEach(async () => {
  await Promise.all([customer, anna, bert].map((client) => client.stop()));
  proxy.close();
  await server.remove();
});

const notesOf = (client: ChatClient): string[] =>
  (client.notes(conversation) ?? []).map(({ number, note }) => `${number} ${note}`);

async function offline(client: ChatClient): Promise<void> {
  proxy.refuse(true);
  proxy.reset();
  await until("noticed", () => client.state.status === "reconnecting");
}

async function back(client: ChatClient): Promise<void> {
  proxy.refuse(false);
  client.reconnectNow();
  await until("online", () => client.state.status === "online");
}

describe("a private note", () => {
  it("is seen live by colleagues who look at the chat, in its place and with its author", async () => {
    for (const client of [anna, bert]) expect(await client.loadNotes(conversation)).toEqual([]);
    bert.writeNote(conversation, "She called twice.");
    anna.writeNote(conversation, "Thank you.\nI know.");
    await until("both have both", () => [anna, bert].every((client) => notesOf(client).length === 2));
    expect(notesOf(anna)).toEqual(notesOf(bert));
    const first = anna.notes(conversation)?.find(({ note }) => note === "She called twice.");
    expect(first).toMatchObject({ conversation, afterSeq: 1, author: { id: bert.user?.id, kind: "agent" } });
    expect([anna.outgoingNotes, bert.outgoingNotes]).toEqual([[], []]);
  });

  it("is there for whoever looks later, also in a closed chat", async () => {
    anna.writeNote(conversation, "one");
    await until("stored", () => anna.outgoingNotes.length === 0);
    await anna.close(conversation);
    bert.writeNote(conversation, "afterwards");
    await until("stored", () => bert.outgoingNotes.length === 0);
    expect(bert.notes(conversation)).toBeUndefined();
    await bert.loadNotes(conversation);
    expect(notesOf(bert)).toEqual(["1 one", "2 afterwards"]);
  });

  it("written without a connection is kept, and stored once and in order", async () => {
    await Promise.all([anna.loadNotes(conversation), bert.loadNotes(conversation)]);
    await offline(anna);
    anna.writeNote(conversation, "one");
    anna.writeNote(conversation, "two");
    expect(anna.outgoingNotes.map(({ status }) => status)).toEqual(["sending", "sending"]);
    await back(anna);
    await until("both have both", () => [anna, bert].every((client) => notesOf(client).length === 2));
    expect(notesOf(bert)).toEqual(["1 one", "2 two"]);
  });

  it("whose answer was lost is repeated and not doubled", async () => {
    await anna.loadNotes(conversation);
    await bert.loadNotes(conversation);
    proxy.stallAnswers();
    anna.writeNote(conversation, "only once");
    await until("stored", () => notesOf(bert).length === 1);
    expect(anna.outgoingNotes).toHaveLength(1);
    await offline(anna);
    await back(anna);
    await until("answered", () => anna.outgoingNotes.length === 0);
    bert.writeNote(conversation, "and another");
    await until("both", () => notesOf(anna).length === 2);
    expect(notesOf(anna)).toEqual(["1 only once", "2 and another"]);
  });

  it("that came while an agent was away is there when the agent is back", async () => {
    await anna.loadNotes(conversation);
    await offline(anna);
    for (const text of ["one", "two", "three"]) bert.writeNote(conversation, text);
    await until("stored", () => bert.outgoingNotes.length === 0);
    await back(anna);
    expect(notesOf(anna)).toEqual(["1 one", "2 two", "3 three"]);
  });

  it("that is refused stays, and may be tried again or given up", async () => {
    anna.writeNote("x".repeat(22), "about nothing");
    await until("refused", () => anna.outgoingNotes[0]?.status === "failed");
    expect(anna.outgoingNotes[0]?.refusal?.code).toBe("NOT_FOUND");
    const { clientId } = anna.outgoingNotes[0]!;
    anna.retry(clientId);
    expect(anna.outgoingNotes[0]?.status).toBe("sending");
    await until("refused again", () => anna.outgoingNotes[0]?.status === "failed");
    anna.discard(clientId);
    expect(anna.outgoingNotes).toEqual([]);
  });

  it("is not for customers, neither to write nor to read", async () => {
    customer.writeNote(conversation, "let me in");
    await until("refused", () => customer.outgoingNotes[0]?.status === "failed");
    expect(customer.outgoingNotes[0]?.refusal?.code).toMatch(/^FORBIDDEN/);
    await expect(customer.loadNotes(conversation)).rejects.toMatchObject({
      code: expect.stringMatching(/^FORBIDDEN|NOT_FOUND/) as string,
    });
  });
});

describe("a transfer", () => {
  it("takes its note along, in the same step", async () => {
    await bert.loadNotes(conversation);
    await anna.transfer(conversation, bert.user?.id ?? "", "She wants it gift-wrapped.");
    await until("the note", () => notesOf(bert).length === 1);
    expect(bert.notes(conversation)).toMatchObject([
      { note: "She wants it gift-wrapped.", author: { id: anna.user?.id }, afterSeq: 1 },
    ]);
    await until("it is mine", () => bert.conversations.get(conversation)?.assignee?.id === bert.user?.id);
  });

  it("that is refused leaves no note", async () => {
    await bert.stop();
    await until("away", () => !anna.desk.agents.has(bert.user?.id ?? ""));
    const refusal = await anna
      .transfer(conversation, bert.user?.id ?? "", "for nobody")
      .catch((error: unknown) => error as ChatRefusal);
    expect(refusal).toMatchObject({ code: "CONFLICT", body: { field: "to" } });
    expect(await anna.loadNotes(conversation)).toEqual([]);
  });
});

describe("canned responses", () => {
  const all = (client: ChatClient): string[] =>
    client.cannedResponses.map(({ shortcut, text }) => `${shortcut}=${text}`);

  it("are the whole team's, the moment they are saved, changed and deleted", async () => {
    await anna.saveCannedResponse("hello", "Hello {{customer}}!");
    await anna.saveCannedResponse("bye", "Goodbye.");
    await until("bert has them", () => bert.cannedResponses.length === 2);
    expect(all(bert)).toEqual(["bye=Goodbye.", "hello=Hello {{customer}}!"]);
    await bert.saveCannedResponse("bye", "See you.");
    await bert.deleteCannedResponse("hello");
    await until("anna too", () => all(anna).join() === "bye=See you.");
  });

  it("are there for who comes later, and after a reconnect", async () => {
    await bert.saveCannedResponse("hello", "Hello!");
    await until("told", () => anna.cannedResponses.length === 1);
    await offline(anna);
    await bert.saveCannedResponse("bye", "Goodbye.");
    await back(anna);
    await until("read anew", () => all(anna).join() === "bye=Goodbye.,hello=Hello!");
  });

  it("are refused with a reason", async () => {
    const reasonOf = (work: Promise<void>): Promise<string> =>
      work.then(
        () => "done",
        (error: unknown) => (error as ChatRefusal).code,
      );
    expect(await reasonOf(anna.saveCannedResponse("Not Good", "text"))).toBe("BAD_VALUE");
    expect(await reasonOf(anna.saveCannedResponse("hello", " "))).toBe("EMPTY_MESSAGE");
    expect(await reasonOf(anna.deleteCannedResponse("unknown"))).toBe("NOT_FOUND");
    expect(anna.cannedResponses).toEqual([]);
  });
});
