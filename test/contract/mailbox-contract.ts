/** What every ChatStore keeps for readers: marks, mailboxes, histories. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

export function mailboxContract(name: string, open: OpenStore): void {
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
  });
}
