/** What every ChatStore does with messages: places, repeats, refusals, and several in one transaction. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { PostInput } from "../../src/chat/operations/post.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

export function postContract(name: string, open: OpenStore): void {
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
