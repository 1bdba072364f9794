/** What every ChatStore does; each implementation runs it. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Principal, Scope } from "../../src/broker/principal.ts";
import type { Fact } from "../../src/chat/facts.ts";
import type { PostInput, PostResult } from "../../src/chat/operations/post.ts";
import type { ChatStore } from "../../src/chat/store.ts";

export type OpenStore = (retention?: { maxMessages: number; maxDays: number }) => Promise<ChatStore>;

export const newId = (): string => randomBytes(16).toString("base64url");
const HOUR = 3_600_000;

/** A store with people in it, and everything it told. */
export class Desk {
  readonly store: ChatStore;
  readonly facts: { fact: Fact; origin: string | undefined }[] = [];
  now = Date.UTC(2026, 10, 24);

  constructor(store: ChatStore) {
    this.store = store;
    store.onFact((fact, origin) => this.facts.push({ fact, origin }));
  }

  guest(): Principal {
    return { id: newId(), kind: "guest" };
  }

  async agent(role: "agent" | "supervisor" = "agent"): Promise<Principal> {
    const id = newId();
    await this.store.execute("addAgent", { id, login: id, role, passcodeHash: "-", now: this.now });
    return { id, kind: "agent", role };
  }

  post(sender: Principal, to: string, text: string, more: Partial<PostInput> = {}): Promise<PostResult> {
    const ids = { messageId: newId(), conversationId: newId() };
    return this.store.execute(
      "post",
      { sender, to, text, ...ids, now: this.now, ...more },
      `session of ${sender.id}`,
    );
  }

  claim(principal: Principal, conversation: string): Promise<{ conversation: string }> {
    return this.store.execute("claim", { principal, conversation, now: this.now });
  }

  async texts(user: Principal, after = 0, limit = 1000): Promise<string[]> {
    const items = await this.store.execute("mailboxPage", { user: user.id, after, limit });
    return items.map(({ body }) => body.message);
  }

  /** The state of a conversation as its customer reads it. */
  async standing(
    principal: Principal,
    id: string,
  ): Promise<{
    state: string;
    assignee: unknown;
    unread: number;
    readSeq: number;
    deliveredSeq: number;
    lastSeq: number;
  }> {
    const { conversation } = await this.store.execute("conversation", { principal, id });
    const { state, assignee, unread, readSeq, deliveredSeq, lastSeq } = conversation;
    return { state, assignee: assignee?.id, unread, readSeq, deliveredSeq, lastSeq };
  }

  types(): string[] {
    return this.facts.map(({ fact }) => (fact.type === "conversation.changed" ? fact.event : fact.type));
  }
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

export function storeContract(name: string, open: OpenStore): void {
  describe(name, () => {
    let store: ChatStore;
    let desk: Desk;

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
    });
    afterEach(async () => {
      await store.close();
    });

    describe("a post", () => {
      it("gets the next seq and position, without gap, whoever writes", async () => {
        const [guest, agent] = [desk.guest(), await desk.agent()];
        const results = [await desk.post(guest, "support", "1"), await desk.post(guest, "support", "2")];
        results.push(await desk.post(agent, guest.id, "3"), await desk.post(guest, agent.id, "4"));
        expect(results.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
        expect(new Set(results.map(({ conversation }) => conversation)).size).toBe(1);
        expect(await desk.texts(guest)).toEqual(["1", "2", "3", "4"]);
        expect(await desk.texts(agent)).toEqual(["1", "2", "3", "4"]);
      });

      it("asked at once takes effect in the order in which it was asked", async () => {
        const guest = desk.guest();
        const asked = Array.from({ length: 100 }, (_, index) => desk.post(guest, "support", String(index)));
        expect((await Promise.all(asked)).map(({ seq }) => seq)).toEqual(
          Array.from({ length: 100 }, (_, index) => index + 1),
        );
        expect(await desk.texts(guest)).toEqual(Array.from({ length: 100 }, (_, index) => String(index)));
      });

      it("with a known clientId gives the first result and stores nothing; other text is a conflict", async () => {
        const guest = desk.guest();
        const first = await desk.post(guest, "support", "once", { clientId: "c-1" });
        const told = desk.facts.length;
        expect(await desk.post(guest, "support", "once", { clientId: "c-1" })).toEqual({
          ...first,
          repeated: true,
          newcomer: undefined,
        });
        expect(await codeOf(desk.post(guest, "support", "other", { clientId: "c-1" }))).toBe(
          "DUPLICATE_ID_CONFLICT",
        );
        expect(desk.facts).toHaveLength(told);
        expect(await desk.texts(guest)).toEqual(["once"]);
        const other = desk.guest();
        expect((await desk.post(other, "support", "mine", { clientId: "c-1" })).repeated).toBe(false);
      });

      it("that is refused leaves nothing behind: no row, no hole, no fact", async () => {
        const guest = desk.guest();
        expect(await codeOf(desk.post(guest, newId(), "to a stranger"))).toBe("FORBIDDEN_RECEIVER");
        expect([desk.facts, await store.execute("userById", { id: guest.id })]).toEqual([[], undefined]);
        expect((await desk.post(guest, "support", "first")).seq).toBe(1);
      });

      it("that is refused does not harm those asked beside it", async () => {
        const guest = desk.guest();
        const asked = [
          desk.post(guest, "support", "1"),
          desk.post(guest, newId(), "no"),
          desk.post(guest, "support", "2"),
        ];
        expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual([
          "fulfilled",
          "rejected",
          "fulfilled",
        ]);
        expect(await desk.texts(guest)).toEqual(["1", "2"]);
      });

      it("is told once, with its origin, before its promise resolves", async () => {
        const guest = desk.guest();
        let told = 0;
        await desk.post(guest, "support", "x").then(() => (told = desk.facts.length));
        expect(told).toBe(desk.facts.length);
        expect(desk.types()).toEqual(["conversation.opened", "message.posted"]);
        expect(desk.facts.every(({ origin }) => origin === `session of ${guest.id}`)).toBe(true);
      });

      it("keeps text as it is", async () => {
        const guest = desk.guest();
        const text = "<b>\n\t'\"; DROP TABLE x; -- é€😀\u202e\u0301";
        await desk.post(guest, "support", text);
        expect(await desk.texts(guest)).toEqual([text]);
      });
    });

    describe("a conversation", () => {
      it("is claimed once; the loser is told who has it", async () => {
        const [guest, anna, bert] = [desk.guest(), await desk.agent(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "x");
        const [won, lost] = await Promise.allSettled([
          desk.claim(anna, conversation),
          desk.claim(bert, conversation),
        ]);
        expect([won.status, lost.status]).toEqual(["fulfilled", "rejected"]);
        const { reason } = lost as PromiseRejectedResult;
        expect(reason).toMatchObject({
          code: "CONFLICT",
          detail: { more: { state: "active", assignee: { id: anna.id } } },
        });
      });

      it("is not claimed once it is closed, nor by who had it", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "x");
        await desk.claim(anna, conversation);
        await store.execute("close", { principal: anna, conversation, now: desk.now });
        expect(await codeOf(desk.claim(anna, conversation))).toBe("CONFLICT");
        expect((await desk.standing(guest, conversation)).state).toBe("closed");
      });

      it("is copied to a new assignee's mailbox, at most the last 200, in order, and once", async () => {
        const [guest, anna, bert] = [desk.guest(), await desk.agent(), await desk.agent()];
        const posts = Array.from({ length: 230 }, (_, index) =>
          desk.post(guest, "support", String(index + 1)),
        );
        const { conversation } = (await Promise.all(posts))[0]!;
        await desk.claim(anna, conversation);
        expect(await desk.texts(anna)).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 31)));
        await store.execute("release", { principal: anna, conversation, now: desk.now });
        await desk.claim(bert, conversation);
        await store.execute("release", { principal: bert, conversation, now: desk.now });
        await desk.claim(anna, conversation);
        await desk.post(guest, "support", "231");
        expect((await desk.texts(anna)).slice(-2)).toEqual(["230", "231"]);
        expect(await desk.texts(anna)).toHaveLength(201);
      });

      it("reopens within a day as waiting for a customer, as active for an agent; later a new one begins", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        const close = async (): Promise<void> => {
          await store.execute("close", { principal: guest, conversation, now: desk.now });
        };
        await close();
        desk.now += 23 * HOUR;
        expect(await desk.post(guest, "support", "2")).toMatchObject({ conversation, seq: 2 });
        expect(await desk.standing(guest, conversation)).toMatchObject({
          state: "waiting",
          assignee: undefined,
        });
        await close();
        expect(await desk.post(anna, guest.id, "3")).toMatchObject({ conversation, seq: 3 });
        expect(await desk.standing(guest, conversation)).toMatchObject({
          state: "active",
          assignee: anna.id,
        });
        await close();
        desk.now += 25 * HOUR;
        const later = await desk.post(guest, "support", "4");
        expect(later.conversation).not.toBe(conversation);
        expect(later.seq).toBe(1);
      });

      it("is gone over by release, transfer and close, each told in its order", async () => {
        const [guest, anna, bert] = [desk.guest(), await desk.agent(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        const by = { conversation, now: desk.now };
        await desk.claim(anna, conversation);
        await store.execute("transfer", { principal: anna, ...by, to: bert.id, online: true });
        await store.execute("release", { principal: bert, ...by });
        await desk.claim(bert, conversation);
        await store.execute("close", { principal: bert, ...by });
        expect(desk.types().filter((type) => type.startsWith("conversation."))).toEqual([
          "conversation.opened",
          "conversation.assigned",
          "conversation.assigned",
          "conversation.requeued",
          "conversation.assigned",
          "conversation.closed",
        ]);
        const { events } = await store.execute("history", { principal: guest, conversation, limit: 50 });
        expect(events).toHaveLength(6);
        expect(events.every(({ afterSeq }) => afterSeq <= 1)).toBe(true);
      });

      it("belongs to its customer", async () => {
        const [guest, other] = [desk.guest(), desk.guest()];
        const { conversation } = await desk.post(guest, "support", "1");
        await desk.post(other, "support", "2");
        const history = { conversation, limit: 50 };
        expect(await codeOf(store.execute("history", { principal: other, ...history }))).toBe("NOT_FOUND");
        expect(await codeOf(store.execute("close", { principal: other, conversation, now: desk.now }))).toBe(
          "NOT_FOUND",
        );
        const list = await store.execute("conversations", { principal: other, limit: 50 });
        expect(list.items.map(({ id }) => id)).not.toContain(conversation);
      });

      it("is read by services only with a scope for it", async () => {
        const { conversation } = await desk.post(desk.guest(), "support", "1");
        const readAll = async (...scopes: readonly Scope[]): Promise<unknown[]> => {
          const principal: Principal = { id: newId(), kind: "service", scopes };
          return [
            await codeOf(store.execute("conversations", { principal, limit: 50 })),
            await codeOf(store.execute("conversation", { principal, id: conversation })),
            await codeOf(store.execute("history", { principal, conversation, limit: 50 })),
            await codeOf(store.execute("history", { principal, conversation: newId(), limit: 50 })),
          ];
        };
        const none = ["FORBIDDEN", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"];
        expect([await readAll(), await readAll("topics", "queues")]).toEqual([none, none]);
        const all = [undefined, undefined, undefined, "NOT_FOUND"];
        expect([await readAll("api"), await readAll("chat")]).toEqual([all, all]);
      });

      it("is invited into, before the customer ever wrote", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const input = { sender: anna, to: guest.id, conversationId: newId(), now: desk.now };
        expect(await codeOf(store.execute("invite", input))).toBe("UNKNOWN_USER");
        const { conversation } = await store.execute("invite", { ...input, connected: { principal: guest } });
        expect(await desk.standing(guest, conversation)).toMatchObject({
          state: "active",
          assignee: anna.id,
        });
        expect((await desk.post(guest, anna.id, "hello")).conversation).toBe(conversation);
      });
    });

    describe("marks", () => {
      it("only grow, and are counted for each side", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        await desk.claim(anna, conversation);
        await desk.post(guest, "support", "2");
        const read = (principal: Principal, seq: number): Promise<{ readSeq: number }> =>
          store.execute("read", { principal, conversation, seq, now: desk.now });
        expect((await desk.standing(anna, conversation)).unread).toBe(2);
        expect(await read(anna, 2)).toEqual({ readSeq: 2 });
        expect(await read(anna, 1)).toEqual({ readSeq: 2 });
        expect(await codeOf(read(anna, 3))).toBe("BAD_VALUE");
        expect(await desk.standing(guest, conversation)).toMatchObject({
          readSeq: 2,
          deliveredSeq: 2,
          unread: 0,
        });
        await desk.post(anna, guest.id, "3");
        expect((await desk.standing(guest, conversation)).unread).toBe(1);
        const delivered = { user: guest.id, seqs: [[conversation, 3] as const] };
        await store.execute("delivered", { ...delivered, offset: 3 });
        await store.execute("delivered", { ...delivered, offset: 1 });
        expect(await store.execute("mailboxState", { user: guest.id })).toMatchObject({
          delivered: 3,
          head: 3,
        });
        expect((await desk.standing(anna, conversation)).deliveredSeq).toBe(3);
        expect(desk.types().filter((type) => type === "message.delivered")).toHaveLength(1);
      });
    });

    describe("a mailbox", () => {
      it("is read in pages from any position, without gap or duplicate", async () => {
        const guest = desk.guest();
        await Promise.all(
          Array.from({ length: 25 }, (_, index) => desk.post(guest, "support", String(index))),
        );
        const seen: string[] = [];
        for (let after = 0; ; after += 10) {
          const page = await desk.texts(guest, after, 10);
          seen.push(...page);
          if (page.length < 10) break;
        }
        expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
      });

      it("gives no more at once than a reader has room for, and goes on behind it", async () => {
        const guest = desk.guest();
        for (const letter of "abcdefghijklmnopqrst") await desk.post(guest, "support", letter.repeat(4000));
        const page = await desk.texts(guest);
        expect(page.map((text) => text[0]).join("")).toBe("abcdefghijklm");
        const next = await desk.texts(guest, page.length);
        expect(next.map((text) => text[0]).join("")).toBe("nopqrst");
      });

      it("that is older than its retention says from where on it is whole", async () => {
        await store.close();
        store = await open({ maxMessages: 10, maxDays: 30 });
        desk = new Desk(store);
        desk.now = Date.now();
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "0");
        await desk.claim(anna, conversation);
        await Promise.all(
          Array.from({ length: 24 }, (_, index) => desk.post(guest, "support", String(index + 1))),
        );
        const prune = { maxMessages: 10, sentBefore: 0, limit: 1000 };
        expect(await store.execute("prune", prune)).toBe(15);
        expect(await store.execute("prune", prune)).toBe(0);
        expect(await store.execute("mailboxState", { user: anna.id })).toMatchObject({ head: 25, floor: 15 });
        expect(await store.execute("mailboxState", { user: guest.id })).toMatchObject({
          head: 25,
          floor: 15,
        });
        expect(await desk.texts(anna, 15)).toHaveLength(10);
        const { items } = await store.execute("history", { principal: guest, conversation, limit: 200 });
        expect(items).toHaveLength(25);
      });
    });

    describe("a history", () => {
      it("gives the newest page, those before it and those behind it", async () => {
        const guest = desk.guest();
        const posts = Array.from({ length: 12 }, (_, index) =>
          desk.post(guest, "support", String(index + 1)),
        );
        const { conversation } = (await Promise.all(posts))[0]!;
        const seqs = async (more: object): Promise<number[]> => {
          const page = await store.execute("history", { principal: guest, conversation, limit: 5, ...more });
          return page.items.map(({ seq }) => seq);
        };
        expect(await seqs({})).toEqual([8, 9, 10, 11, 12]);
        expect(await seqs({ before: 8 })).toEqual([3, 4, 5, 6, 7]);
        expect(await seqs({ before: 3 })).toEqual([1, 2]);
        expect(await seqs({ after: 9 })).toEqual([10, 11, 12]);
        expect(await seqs({ after: 0 })).toEqual([1, 2, 3, 4, 5]);
        expect(await seqs({ after: 12 })).toEqual([]);
        const behind = { principal: guest, conversation, limit: 5, after: 12 };
        expect((await store.execute("history", behind)).events).toEqual([]);
      });
    });

    describe("an account", () => {
      it("of an agent whom somebody else authenticates is made once, and is as it was said last", async () => {
        const boris = { id: newId(), login: "boris", now: desk.now };
        const made = { id: boris.id, kind: "agent", role: "agent", name: "boris", login: "boris" };
        expect(await store.execute("admitAgent", boris)).toMatchObject(made);
        const promoted = { ...boris, id: newId(), role: "admin" as const, name: "Boris" };
        expect(await store.execute("admitAgent", promoted)).toMatchObject({ id: boris.id, role: "admin" });
        const again = await store.execute("admitAgent", { ...boris, id: newId() });
        expect(again).toMatchObject({ ...made, role: "admin", name: "Boris" });
        expect(await store.execute("userById", { id: boris.id })).toEqual(again);
        const service = {
          id: newId(),
          login: "bot",
          scopes: ["chat" as const],
          tokenHash: "-",
          now: desk.now,
        };
        await store.execute("addService", service);
        expect(await codeOf(store.execute("admitAgent", { ...boris, login: "bot" }))).toBe("CONFLICT");
      });

      it("is found by login and by token, and its name is taken once", async () => {
        const agent = {
          id: newId(),
          login: "anna",
          role: "agent" as const,
          passcodeHash: "hash",
          now: desk.now,
        };
        await store.execute("addAgent", agent);
        expect(await store.execute("userByLogin", { login: "anna" })).toMatchObject({
          id: agent.id,
          passcodeHash: "hash",
        });
        expect(await codeOf(store.execute("addAgent", { ...agent, id: newId() }))).toBe("CONFLICT");
        const service = {
          id: newId(),
          login: "bot",
          scopes: ["chat" as const],
          tokenHash: "t",
          now: desk.now,
        };
        await store.execute("addService", service);
        expect(await store.execute("userByTokenHash", { hash: "t" })).toMatchObject({
          id: service.id,
          scopes: ["chat"],
        });
        expect((await store.execute("accounts", null)).map(({ login }) => login)).toEqual(["anna", "bot"]);
      });

      it("keeps a login session for 30 idle minutes and 12 hours in all", async () => {
        const anna = await desk.agent();
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        const isLive = async (after: number): Promise<boolean> => {
          const use = { hash: "s", now: desk.now + after };
          await store.execute("useLoginSession", use);
          return (await store.execute("liveLoginSession", use)) !== undefined;
        };
        for (let minutes = 29; minutes < 720; minutes += 29)
          expect(await isLive(minutes * 60_000)).toBe(true);
        expect(await isLive(12 * HOUR)).toBe(false);
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        expect(await isLive(30 * 60_000)).toBe(false);
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        expect(await store.execute("endLoginSession", { hash: "s", now: desk.now })).toBe(true);
        expect(await isLive(0)).toBe(false);
        expect(desk.facts.at(-1)?.fact).toEqual({
          type: "credentials.revoked",
          user: anna.id,
          credentialId: "s",
        });
      });

      it("of a guest ends a token's generation a minute after the next one was used", async () => {
        const guest = desk.guest();
        const use = async (generation: number, after = 0): Promise<boolean> => {
          const input = { id: guest.id, generation, now: desk.now + after };
          const state = await store.execute("guestTokenState", input);
          const isValid = await store.execute("useGuestToken", input);
          expect(isValid).toBe(state !== "dead");
          return isValid;
        };
        expect([await use(0), await use(7), await use(0)]).toEqual([true, true, true]);
        await desk.post(guest, "support", "now there is a row", { generation: 1 });
        expect([await use(1), await use(2)]).toEqual([true, true]);
        expect([await use(1, 59_000), await use(1, 60_000), await use(2, 60_000), await use(0)]).toEqual([
          true,
          false,
          true,
          false,
        ]);
      });

      it("takes a guest over with the open conversation, whole", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1", { clientId: "c" });
        await desk.claim(anna, conversation);
        const input = {
          id: newId(),
          subject: "carla",
          name: "Carla",
          guest: { id: guest.id, generation: 0 },
          now: desk.now,
        };
        const id = (await store.execute("identify", input))?.id ?? "";
        const customer: Principal = { id, kind: "customer" };
        expect(await desk.texts(customer)).toEqual(["1"]);
        expect(await desk.post(customer, anna.id, "2")).toMatchObject({ conversation, seq: 2 });
        expect((await desk.post(customer, "support", "1", { clientId: "c" })).repeated).toBe(true);
        expect(await store.execute("useGuestToken", { id: guest.id, generation: 0, now: desk.now })).toBe(
          false,
        );
        expect(desk.types()).toContain("customer.identified");
        expect(await store.execute("identify", { ...input, id: newId() })).toMatchObject({ id });
        expect(
          await store.execute("identify", { ...input, id: newId(), subject: "mallory" }),
        ).toBeUndefined();
        expect(await desk.texts(customer)).toEqual(["1", "2"]);
      });

      it("closes the guest's conversation as merged where the customer has one", async () => {
        const guest = desk.guest();
        const carla = { id: newId(), subject: "carla", now: desk.now };
        const id = (await store.execute("identify", carla))?.id ?? "";
        const customer: Principal = { id, kind: "customer" };
        await desk.post(customer, "support", "mine");
        const { conversation } = await desk.post(guest, "support", "the guest's");
        await store.execute("identify", { ...carla, guest: { id: guest.id, generation: 0 } });
        expect(await desk.standing(customer, conversation)).toMatchObject({ state: "closed" });
        const closed = desk.facts
          .map(({ fact }) => fact)
          .find((fact) => fact.type === "conversation.changed" && fact.event === "conversation.closed");
        expect(closed).toMatchObject({ reason: "merged" });
      });
    });

    describe("a transaction", () => {
      const input = (sender: Principal, to: string, text: string): PostInput => ({
        sender,
        to,
        text,
        messageId: newId(),
        conversationId: newId(),
        now: desk.now,
      });

      it("does all its steps, each seeing what the ones before wrote, and tells of them in order", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        await store.execute("transaction", {
          steps: [
            { name: "claim", input: { principal: anna, conversation, now: desk.now } },
            { name: "post", input: input(anna, guest.id, "2") },
            { name: "close", input: { principal: anna, conversation, now: desk.now } },
          ],
        });
        expect(await desk.texts(guest)).toEqual(["1", "2"]);
        expect(await desk.standing(guest, conversation)).toMatchObject({ state: "closed", lastSeq: 2 });
        expect(desk.types().slice(-5)).toEqual([
          "conversation.assigned",
          "mailbox.grown",
          "message.posted",
          "message.read",
          "conversation.closed",
        ]);
      });

      it("of which one step is refused does nothing, tells nothing and leaves no trace to later ones", async () => {
        const [guest, newcomer, anna] = [desk.guest(), desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        const before = desk.types().length;
        const refused = store.execute("transaction", {
          steps: [
            { name: "post", input: input(newcomer, "support", "never") },
            { name: "claim", input: { principal: anna, conversation, now: desk.now } },
            { name: "post", input: input(anna, guest.id, "never") },
            { name: "post", input: input(guest, anna.id, "never") },
            { name: "release", input: { principal: newcomer, conversation, now: desk.now } },
          ],
        });
        expect(await codeOf(refused)).toBe("FORBIDDEN");
        expect(desk.types()).toHaveLength(before);
        expect(await desk.texts(guest)).toEqual(["1"]);
        expect(await desk.texts(newcomer)).toEqual([]);
        expect(await desk.standing(guest, conversation)).toMatchObject({ state: "waiting", lastSeq: 1 });
        expect((await desk.post(guest, "support", "2")).seq).toBe(2);
        expect((await desk.post(newcomer, "support", "now")).seq).toBe(1);
        expect(await desk.texts(anna)).toEqual([]);
      });
    });

    it("calls `inOrder` between the facts of the operations before and after it", async () => {
      const guest = desk.guest();
      const order: string[] = [];
      store.onFact((fact) => {
        if (fact.type === "message.posted") order.push(fact.message.message);
      });
      const before = desk.post(guest, "support", "before");
      const snapshot = store.execute("deskSnapshot", null, undefined, ({ counts }) =>
        order.push(`snapshot ${counts.waiting}`),
      );
      const after = desk.post(guest, "support", "after");
      await Promise.all([before, snapshot, after]);
      expect(order).toEqual(["before", "snapshot 1", "after"]);
    });

    it("refuses after its close, having answered what came before", async () => {
      const guest = desk.guest();
      const last = desk.post(guest, "support", "last");
      const closed = store.close();
      expect((await last).seq).toBe(1);
      await closed;
      expect(await codeOf(desk.post(guest, "support", "late"))).toBe("RETRY_LATER");
    });
  });
}
