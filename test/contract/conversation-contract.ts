/** What every ChatStore does with conversations: who may do what in which state, and what it tells. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
import type { Principal, Scope } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

const HOUR = 3_600_000;

export function conversationContract(name: string, open: OpenStore): void {
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
  });
}
