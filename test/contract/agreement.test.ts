/** Both stores answer every sequence of operations in the same way: the memory store is SQLite's specification. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import { Desk } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";

const AGENTS = 2;
/** Of the random steps. */
const GUESTS = 3;
/** Of the stories, one each. */
const VISITORS = 6;
const SUBJECTS = 2;
const RUNS = 25;

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What one of the people does; conversations are named by their customer. */
type Step =
  | { readonly do: "say"; readonly from: number; readonly to: number; readonly clientId: number }
  | { readonly do: "claim" | "release" | "close" | "invite"; readonly by: number; readonly of: number }
  | { readonly do: "read"; readonly by: number; readonly of: number; readonly seq: number }
  | { readonly do: "identify"; readonly guest: number; readonly subject: number }
  | { readonly do: "wait"; readonly hours: number };

/** Agents come first. */
const person = fc.nat(AGENTS + GUESTS - 1);
const customer = fc.integer({ min: AGENTS, max: AGENTS + GUESTS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("say" as const), from: person, to: person, clientId: fc.nat(9) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("claim" as const, "release" as const, "close" as const, "invite" as const),
      by: person,
      of: customer,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("read" as const), by: person, of: customer, seq: fc.nat(6) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("identify" as const),
      guest: customer,
      subject: fc.nat(SUBJECTS - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 30 }) }),
  },
);

/** A guest who chats, becomes a customer, and goes on; the same customer as others before. */
const story = (guest: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .record({
      before: fc.array(talk(guest), { maxLength: 2 }),
      open: fc.array(fc.nat(9), { maxLength: 4 }),
      subject: fc.nat(SUBJECTS - 1),
      after: fc.array(talk(guest), { maxLength: 2 }),
    })
    .map(({ before, open, subject, after }) => [
      ...before.flat(),
      ...open.map((clientId) => said(guest, clientId)),
      { do: "identify", guest, subject },
      ...after.flat(),
    ]);

/** Some messages of both sides, and perhaps the end of the conversation, for good or to be reopened. */
const talk = (guest: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .record({
      messages: fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 4 }),
      invited: fc.boolean(),
      end: fc.constantFrom(0, 1, 30, 30),
    })
    .map(({ messages, invited, end }) => [
      ...(invited ? [{ do: "invite", by: 0, of: guest } as const] : []),
      ...messages.map(([fromAgent, clientId]) =>
        fromAgent ? ({ do: "say", from: 0, to: guest, clientId } as const) : said(guest, clientId),
      ),
      ...(end === 0
        ? []
        : ([
            { do: "close", by: 1, of: guest },
            { do: "wait", hours: end },
          ] as const)),
    ]);

const codeOf = (error: unknown): unknown => (error as { code?: string }).code ?? String(error);

const said = (from: number, clientId: number): Step => ({ do: "say", from, to: 0, clientId });

/** Everything a run shows, before the store is opened anew and after, with the same made-up ids in every run. */
async function play(
  store: ChatStore,
  guests: number,
  steps: readonly Step[],
  reopen: () => Promise<ChatStore>,
): Promise<unknown> {
  const desk = new Desk(store);
  const people: Principal[] = [];
  for (let index = 0; index < AGENTS; index += 1) {
    const id = `agent-${index}`.padEnd(22, "_");
    const role = index === 0 ? "agent" : "supervisor";
    await store.execute("addAgent", { id, login: id, role, passcodeHash: "-", now: desk.now });
    people.push({ id, kind: "agent", role });
  }
  for (let index = 0; index < guests; index += 1) people.push(guestAt(AGENTS + index));
  const conversations = new Map<number, string>();
  const known = new Set<string>();
  const answers: unknown[] = [];
  let made = 0;
  const ids = (): { messageId: string; conversationId: string } => {
    made += 1;
    return { messageId: `m-${made}`, conversationId: `c-${made}` };
  };
  const act = async (one: Step): Promise<unknown> => {
    if (one.do === "wait") return (desk.now += one.hours * 3_600_000);
    if (one.do === "say") {
      const [from, to] = [people[one.from]!, people[one.to]!];
      const text = `text ${one.clientId % 2}`;
      const more = { ...ids(), ...(one.clientId < 3 ? { clientId: `id-${one.clientId}` } : {}) };
      const result = await desk.post(from, from.kind === "agent" ? to.id : "support", text, more);
      conversations.set(from.kind === "agent" ? one.to : one.from, result.conversation);
      known.add(result.conversation);
      return result;
    }
    if (one.do === "identify") {
      const [id, subject] = [`customer-${one.subject}`.padEnd(22, "_"), `subject ${one.subject}`];
      const guest = { id: guestAt(one.guest).id, generation: 0 };
      const row = await store.execute("identify", { id, subject, guest, now: desk.now });
      if (row !== undefined) people[one.guest] = { id: row.id, kind: "customer" };
      return row;
    }
    const principal = people[one.by]!;
    const { conversationId } = ids();
    if (one.do === "invite") {
      const result = await store.execute("invite", {
        sender: principal,
        to: people[one.of]!.id,
        conversationId,
        now: desk.now,
      });
      conversations.set(one.of, result.conversation);
      known.add(result.conversation);
      return result;
    }
    const conversation = conversations.get(one.of) ?? "none";
    if (one.do === "read")
      return store.execute("read", { principal, conversation, seq: one.seq, now: desk.now });
    return store.execute(one.do, { principal, conversation, now: desk.now });
  };
  for (const one of steps) {
    answers.push(await act(one).catch(codeOf));
  }
  const warm = await lookAround(store, people, known);
  const reopened = await reopen();
  const cold = await lookAround(reopened, people, known);
  const deskAfter = new Desk(reopened);
  deskAfter.now = desk.now;
  const goesOn: unknown[] = [];
  for (const customer of people.slice(AGENTS))
    goesOn.push(await deskAfter.post(customer, "support", "goes on", ids()).catch(codeOf));
  await reopened.close();
  return { answers, facts: desk.facts.map(({ fact }) => fact), warm, cold, goesOn };
}

function guestAt(index: number): Principal {
  return { id: `guest-${index}`.padEnd(22, "_"), kind: "guest" };
}

/** What the store shows to each of the people. */
async function lookAround(
  store: ChatStore,
  people: readonly Principal[],
  known: ReadonlySet<string>,
): Promise<unknown> {
  const seen: unknown[] = [];
  for (const principal of people) {
    const user = principal.id;
    seen.push(await store.execute("mailboxPage", { user, after: 0, limit: 1000 }));
    seen.push(await store.execute("mailboxPage", { user, after: 2, limit: 3 }));
    seen.push(await store.execute("mailboxState", { user }));
    seen.push(await store.execute("openConversations", { user }));
    seen.push(await store.execute("conversations", { principal, limit: 200 }));
    for (const conversation of known) {
      for (const page of [{ limit: 200 }, { limit: 2 }, { limit: 2, after: 1 }, { limit: 2, before: 4 }]) {
        seen.push(await store.execute("history", { principal, conversation, ...page }).catch(codeOf));
      }
    }
  }
  while ((await store.execute("indexMessages", { limit: 100 })) > 0) continue;
  for (const principal of people) {
    seen.push(await store.execute("search", { principal, text: "text", limit: 100 }).catch(codeOf));
  }
  seen.push(await store.execute("deskSnapshot", null));
  return seen;
}

let run = 0;

async function agree(guests: number, steps: readonly Step[]): Promise<void> {
  run += 1;
  const file = join(folder, `${run}.db`);
  const [durable, memory] = [await createSqliteStore({ file }), createMemoryStore()];
  const reopen = async (): Promise<ChatStore> => {
    await durable.close();
    return createSqliteStore({ file });
  };
  expect(await play(durable, guests, steps, reopen)).toEqual(
    await play(memory, guests, steps, () => Promise.resolve(memory)),
  );
}

it("whatever is done, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) => agree(GUESTS, steps)),
    { numRuns: RUNS },
  );
}, 60_000);

it("guests who become customers, several the same one", async () => {
  const visitors = Array.from({ length: VISITORS }, (_, index) => story(AGENTS + index));
  await fc.assert(
    fc.asyncProperty(fc.tuple(...visitors), (stories) => agree(VISITORS, stories.flat())),
    { numRuns: RUNS },
  );
}, 60_000);
