/** What every ChatStore keeps for readers: marks, mailboxes, histories. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
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

      it("of a guest who became a customer end there: the customer's positions are others", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const customer = await store.execute("identify", { id: newId(), subject: "s-1", now: desk.now });
        const { id = "" } = customer ?? {};
        const { conversation } = await desk.post(anna, id, "unseen by the customer");
        await store.execute("close", { principal: anna, conversation, now: desk.now });
        for (const text of ["1", "2", "3"]) await desk.post(guest, "support", text);
        const merged = { id, subject: "s-1", guest: { id: guest.id, generation: 0 }, now: desk.now };
        await store.execute("identify", merged);
        // A sign of life of the guest's session, as it was on its way while the store merged them.
        await store.execute("delivered", { user: guest.id, offset: 3 });
        expect(await store.execute("mailboxState", { user: id })).toMatchObject({ delivered: 0, head: 4 });
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

      it("goes by age from its oldest entry on: nothing newer is cut off by an old message that came late", async () => {
        const anna = await desk.agent();
        const [early, late] = [desk.guest(), desk.guest()];
        const old = await desk.post(early, "support", "old");
        desk.now += 40 * 86_400_000;
        const fresh = await desk.post(late, "support", "fresh");
        await desk.claim(anna, fresh.conversation);
        await desk.claim(anna, old.conversation);
        await desk.post(late, "support", "fresh too");
        const prune = (sentBefore: number): Promise<number> =>
          store.execute("prune", { maxMessages: 1000, sentBefore, limit: 1000 });
        expect(await prune(desk.now - 30 * 86_400_000)).toBe(0);
        expect(await desk.texts(anna)).toEqual(["fresh", "old", "fresh too"]);
        expect(await store.execute("mailboxState", { user: anna.id })).toMatchObject({ head: 3, floor: 0 });
        expect(await prune(desk.now + 1)).toBe(3);
        expect(await store.execute("mailboxState", { user: anna.id })).toMatchObject({ head: 3, floor: 3 });
        await desk.post(late, "support", "the next");
        expect(await store.execute("mailboxPage", { user: anna.id, after: 3, limit: 10 })).toMatchObject([
          { offset: 4 },
        ]);
      });

      it("is cut in bites, one mailbox after the other", async () => {
        const agents = await Promise.all([desk.agent(), desk.agent(), desk.agent()]);
        for (const agent of agents) {
          const guest = desk.guest();
          const { conversation } = await desk.post(guest, "support", "1");
          await desk.claim(agent, conversation);
          for (const text of ["2", "3", "4"]) await desk.post(guest, "support", text);
        }
        const bites: number[] = [];
        do bites.push(await store.execute("prune", { maxMessages: 1, sentBefore: 0, limit: 5 }));
        while (bites.at(-1) === 5);
        expect(bites).toEqual([5, 4]);
        for (const agent of agents) expect(await desk.texts(agent)).toEqual(["4"]);
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
