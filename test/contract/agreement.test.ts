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

const GUESTS = 3;
const AGENTS = 2;
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
  | { readonly do: "wait"; readonly hours: number };

const person = fc.integer({ min: 0, max: GUESTS + AGENTS - 1 });
const customer = fc.integer({ min: 0, max: GUESTS - 1 });
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
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 30 }) }),
  },
);

/** Everything a run shows, with the same made-up ids in every run. */
async function play(store: ChatStore, steps: readonly Step[]): Promise<unknown> {
  const desk = new Desk(store);
  const people: Principal[] = [];
  for (let index = 0; index < GUESTS; index += 1)
    people.push({ id: `guest-${index}`.padEnd(22, "_"), kind: "guest" });
  for (let index = 0; index < AGENTS; index += 1) {
    const id = `agent-${index}`.padEnd(22, "_");
    await store.execute("addAgent", {
      id,
      login: id,
      role: index === 0 ? "agent" : "supervisor",
      passcodeHash: "-",
      now: desk.now,
    });
    people.push({ id, kind: "agent", role: index === 0 ? "agent" : "supervisor" });
  }
  const conversations = new Map<number, string>();
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
      const result = await desk.post(from, from.kind === "guest" ? "support" : to.id, text, more);
      conversations.set(from.kind === "guest" ? one.from : one.to, result.conversation);
      return result;
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
      return result;
    }
    const conversation = conversations.get(one.of) ?? "none";
    if (one.do === "read")
      return store.execute("read", { principal, conversation, seq: one.seq, now: desk.now });
    return store.execute(one.do, { principal, conversation, now: desk.now });
  };
  for (const one of steps) {
    answers.push(
      await act(one).catch((error: unknown) => (error as { code?: string }).code ?? String(error)),
    );
  }
  const seen: unknown[] = [];
  for (const principal of people) {
    seen.push(await store.execute("mailboxPage", { user: principal.id, after: 0, limit: 1000 }));
    seen.push(await store.execute("mailboxState", { user: principal.id }));
    seen.push(await store.execute("openConversations", { user: principal.id }));
    seen.push(await store.execute("conversations", { principal, limit: 200 }));
    for (const conversation of new Set(conversations.values())) {
      seen.push(
        await store
          .execute("history", { principal, conversation, limit: 200 })
          .catch((error: unknown) => (error as { code?: string }).code),
      );
    }
  }
  seen.push(await store.execute("deskSnapshot", null));
  await store.close();
  return { answers, facts: desk.facts.map(({ fact }) => fact), seen };
}

it("whatever is done, in whatever order", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      run += 1;
      const durable = await createSqliteStore({ file: join(folder, `${run}.db`) });
      expect(await play(durable, steps)).toEqual(await play(createMemoryStore(), steps));
    }),
    { numRuns: RUNS },
  );
}, 60_000);
