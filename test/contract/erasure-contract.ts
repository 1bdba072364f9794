/** What every ChatStore does when a customer is erased. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eraseCustomer } from "../../src/chat/erase-customer.ts";
import { Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ErasedCustomer } from "../../src/chat/erase-customer.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

const context = { page: { url: "https://shop.example.com/secret" }, userAgent: "Browser" };

export function erasureContract(name: string, open: OpenStore): void {
  describe(`${name}, erasing a customer`, () => {
    let store: ChatStore;
    let desk: Desk;
    let guest: Principal;
    let anna: Principal;
    let conversation: string;

    const erase = (customer = guest.id): Promise<ErasedCustomer> =>
      eraseCustomer(store, customer, { now: desk.now, emptyLog: () => Promise.resolve() });
    const begin = (customer = guest.id): Promise<unknown> =>
      store.execute("beginErasure", { customer, now: desk.now });
    const note = (text: string, clientId?: string): Promise<unknown> =>
      store.execute("writeNote", {
        principal: anna,
        conversation,
        text,
        noteId: newId(),
        now: desk.now,
        ...(clientId === undefined ? {} : { clientId }),
      });
    const code = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "done",
        (error: unknown) => (error as { code?: unknown }).code,
      );
    const find = async (text: string): Promise<readonly unknown[]> => {
      while ((await store.execute("indexMessages", { limit: 100 })) === 100) continue;
      const { items, customers } = await store.execute("search", { principal: anna, text, limit: 50 });
      return [...items, ...customers];
    };
    /** Everything that agents and the customer can ask about it. */
    const everything = async (): Promise<string> => {
      const seen = [
        ...(await Promise.all(
          [guest, anna].map(({ id }) => store.execute("mailboxPage", { user: id, after: 0, limit: 1000 })),
        )),
        await store.execute("history", { principal: anna, conversation, limit: 200 }),
        await store.execute("notes", { principal: anna, conversation, limit: 200 }),
        await store.execute("conversation", { principal: anna, id: conversation }),
        await store.execute("conversations", { principal: anna, limit: 200 }),
        await store.execute("customers", { principal: anna, limit: 200 }),
        await store.execute("deskSnapshot", null),
        await find("secret"),
      ];
      return JSON.stringify(seen);
    };

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
      guest = { ...desk.guest(), name: "secret name" };
      anna = await desk.agent();
      ({ conversation } = await desk.post(guest, "support", "my secret", { clientId: "c-1", context }));
      await desk.post(anna, guest.id, "your secret", { clientId: "c-2" });
      await note("their secret", "c-3");
    });
    afterEach(async () => {
      await store.close();
    });

    it("shows nothing of what there was from the first step on, nor when all is done", async () => {
      const before = await everything();
      for (const text of ["my secret", "your secret", "their secret", "secret name", "/secret"])
        expect(before).toContain(text);
      expect(await find("secret")).toHaveLength(3);
      await begin();
      expect(await everything()).not.toContain("secret");
      expect(await find("secret")).toEqual([]);
      expect(await erase()).toMatchObject({ earlier: "unfinished", conversations: 1, messages: 2, notes: 1 });
      expect(await everything()).not.toContain("secret");
    });

    it("keeps every place: ids, seq, positions, times and marks", async () => {
      const places = async (): Promise<unknown> => {
        const { items, position } = await store.execute("history", {
          principal: anna,
          conversation,
          limit: 50,
        });
        const seen: unknown[] = [...items, position];
        for (const { id } of [guest, anna]) {
          seen.push(...(await store.execute("mailboxPage", { user: id, after: 0, limit: 50 })));
          seen.push(await store.execute("mailboxState", { user: id }));
        }
        seen.push(...(await store.execute("notes", { principal: anna, conversation, limit: 50 })));
        const words = new Set(["message", "note", "erased"]);
        return JSON.parse(
          JSON.stringify(seen, (key, value: unknown) => (words.has(key) ? undefined : value)),
        );
      };
      const before = await places();
      await erase();
      expect(await places()).toEqual(before);
      const { items } = await store.execute("history", { principal: anna, conversation, limit: 50 });
      expect(items).toEqual([
        expect.objectContaining({ message: "", erased: true, seq: 1, userFrom: guest.id }),
        expect.objectContaining({ message: "", erased: true, seq: 2, userFrom: anna.id, clientId: "c-2" }),
      ]);
    });

    it("gives a repeated clientId its first receipt, whatever the text", async () => {
      const repeat = (sender: Principal, to: string, clientId: string): Promise<unknown> =>
        desk.post(sender, to, "other text", { clientId });
      expect(await code(repeat(guest, "support", "c-1"))).toBe("DUPLICATE_ID_CONFLICT");
      for (const step of [begin, erase]) {
        await step();
        expect(await repeat(guest, "support", "c-1")).toMatchObject({ seq: 1, conversation, repeated: true });
        expect(await repeat(anna, guest.id, "c-2")).toMatchObject({ seq: 2, conversation, repeated: true });
        expect(await note("other text", "c-3")).toMatchObject({ number: 1, conversation });
      }
      const repeated = desk.facts.filter(({ fact }) => fact.type === "message.posted");
      expect(repeated).toHaveLength(2);
    });

    it("refuses whatever would write in it again, also in the same moment", async () => {
      const [, posted] = await Promise.all([begin(), code(desk.post(guest, "support", "too late"))]);
      expect(posted).toBe("FORBIDDEN");
      expect(await code(desk.post(anna, guest.id, "hello?"))).toBe("UNKNOWN_USER");
      expect(await code(note("they asked for it"))).toBe("CONFLICT");
      expect(await code(desk.claim(anna, conversation))).toBe("CONFLICT");
      const invite = { sender: anna, to: guest.id, conversationId: newId(), now: desk.now };
      expect(await code(store.execute("invite", invite))).toBe("UNKNOWN_USER");
    });

    it("closes what is open, tells who listens, and ends sessions and tokens", async () => {
      desk.facts.length = 0;
      await erase();
      const erased = { id: guest.id, kind: "guest", erased: true };
      expect(desk.facts.map(({ fact }) => fact)).toEqual([
        expect.objectContaining({
          type: "conversation.changed",
          event: "conversation.closed",
          reason: "erased",
          afterSeq: 2,
          conversation: expect.objectContaining({ state: "closed", customer: erased }) as unknown,
        }),
        { type: "credentials.revoked", user: guest.id },
        { type: "customer.erased", user: erased },
      ]);
      const { events } = await store.execute("history", { principal: anna, conversation, limit: 50 });
      expect(events.map(({ type, reason }) => [type, reason])).toEqual([
        ["conversation.opened", undefined],
        ["conversation.assigned", undefined],
        ["conversation.closed", "erased"],
      ]);
      const token = { id: guest.id, generation: 0, now: desk.now };
      expect(await store.execute("guestTokenState", token)).toBe("dead");
    });

    it("erases what became one customer, by whichever of its names; the host site's user is somebody new", async () => {
      const identify = (more: { guest?: { id: string; generation: number } } = {}): Promise<unknown> =>
        store.execute("identify", {
          id: newId(),
          subject: "u-1",
          name: "secret sub",
          now: desk.now,
          ...more,
        });
      const first = await identify({ guest: { id: guest.id, generation: 0 } });
      const customer = (first as { id: string }).id;
      desk.facts.length = 0;
      expect((await erase("u-1")).id).toBe(customer);
      expect(await everything()).not.toContain("secret");
      expect(desk.facts.map(({ fact }) => fact).slice(-4)).toEqual([
        { type: "credentials.revoked", user: customer },
        { type: "credentials.revoked", user: guest.id },
        {
          type: "customer.erased",
          user: { id: customer, kind: "customer", verified: true, erased: true },
        },
        { type: "customer.erased", user: { id: guest.id, kind: "guest", erased: true } },
      ]);
      expect(await erase(guest.id)).toMatchObject({ id: customer, earlier: "done" });
      expect(await store.execute("userById", { id: customer })).not.toHaveProperty("subject");
      expect(await identify({ guest: { id: guest.id, generation: 0 } })).toBeUndefined();
      expect((await identify()) as { id: string }).not.toMatchObject({ id: customer });
    });

    it("finds what a guest wrote between what the customer wrote before and after", async () => {
      const carla = { id: newId(), subject: "carla", now: desk.now };
      const id = (await store.execute("identify", carla))?.id ?? "";
      const customer: Principal = { id, kind: "customer" };
      ({ conversation } = await desk.post(customer, "support", "secret before"));
      await store.execute("close", { principal: customer, conversation, now: desk.now });
      await store.execute("identify", { ...carla, guest: { id: guest.id, generation: 0 } });
      ({ conversation } = await desk.post(customer, "support", "secret after"));
      expect(await desk.texts(customer)).toEqual([
        "secret before",
        "my secret",
        "your secret",
        "secret after",
      ]);
      expect(await erase(id)).toMatchObject({ messages: 4, conversations: 2 });
      expect(await desk.texts(customer)).toEqual(["", "", "", ""]);
      expect(await find("secret")).toEqual([]);
    });

    it("done again changes nothing; one that was interrupted is known, and a repetition ends it", async () => {
      const unfinished = (): Promise<unknown> => store.execute("unfinishedErasures", null);
      expect(await begin()).toEqual({ users: [guest.id], earlier: "none" });
      expect(await unfinished()).toEqual([guest.id]);
      expect((await erase()).earlier).toBe("unfinished");
      expect(await unfinished()).toEqual([]);
      desk.facts.length = 0;
      expect((await erase()).earlier).toBe("done");
      expect(desk.facts).toEqual([]);
    });

    it("leaves everybody else's, and knows neither agents nor strangers", async () => {
      const other: Principal = { ...desk.guest(), name: "other secret" };
      await desk.post(other, "support", "a secret of mine");
      await erase();
      expect(await desk.texts(other)).toEqual(["a secret of mine"]);
      expect(await find("secret")).toHaveLength(2);
      for (const id of [anna.id, newId()]) expect(await code(erase(id))).toBe("UNKNOWN_USER");
      const bite = { user: other.id, after: 0, limit: 10 };
      expect(await code(store.execute("eraseMessages", bite))).toBe("UNKNOWN_USER");
    });

    it("goes in bites, through however many conversations", async () => {
      for (let count = 0; count < 3; count += 1) {
        desk.now += 48 * 3_600_000;
        await store.execute("close", { principal: anna, conversation, now: desk.now }).catch(() => undefined);
        desk.now += 48 * 3_600_000;
        ({ conversation } = await desk.post(guest, "support", `secret ${count}`));
        await desk.claim(anna, conversation);
        await note(`noted ${count}`);
      }
      await begin();
      const step = (after: number): Promise<unknown> =>
        store.execute("eraseMessages", { user: guest.id, after, limit: 2 });
      const bites = [
        { next: 2, count: 2 },
        { next: 4, count: 2 },
        { next: 5, count: 1 },
      ];
      expect([await step(0), await step(2), await step(4), await step(5)]).toEqual([...bites, undefined]);
      const page = (before?: number): Promise<{ next?: number; conversations: number; notes: number }> =>
        store.execute("eraseConversations", {
          user: guest.id,
          limit: 3,
          ...(before === undefined ? {} : { before }),
        });
      const first = await page();
      expect(first).toMatchObject({ conversations: 3, notes: 3 });
      expect(await page(first.next)).toEqual({ conversations: 1, notes: 1 });
      expect((await page()).notes).toBe(0);
    });
  });
}
