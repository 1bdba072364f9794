/** What every ChatStore does for the team: notes, canned responses, status, searches, contexts. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, newId } from "./store-contract.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { NoteInput } from "../../src/chat/operations/notes.ts";
import type { SearchPage } from "../../src/chat/operations/search.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./store-contract.ts";

export function teamContract(name: string, open: OpenStore): void {
  describe(`${name}, for the team`, () => {
    let store: ChatStore;
    let desk: Desk;
    let guest: Principal;
    let anna: Principal;
    let conversation: string;

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
      guest = desk.guest();
      anna = await desk.agent();
      ({ conversation } = await desk.post(guest, "support", "hello"));
    });
    afterEach(async () => {
      await store.close();
    });

    const note = (text: string, more: Partial<NoteInput> = {}): Promise<{ id: string; number: number }> =>
      store.execute("writeNote", {
        principal: anna,
        conversation,
        text,
        noteId: newId(),
        now: desk.now,
        ...more,
      });
    const notesOf = async (
      more: { before?: number; after?: number; limit?: number } = {},
    ): Promise<string[]> =>
      (await store.execute("notes", { principal: anna, conversation, limit: 50, ...more })).map(
        (one) => one.note,
      );
    const code = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "done",
        (error: unknown) => (error as { code?: unknown }).code,
      );

    describe("notes", () => {
      it("are numbered in their conversation without gap, and stand behind the newest message", async () => {
        await note("one");
        await desk.post(guest, "support", "more");
        expect((await note("two")).number).toBe(2);
        const notes = await store.execute("notes", { principal: anna, conversation, limit: 50 });
        expect(notes.map(({ number, afterSeq, note: text }) => [number, afterSeq, text])).toEqual([
          [1, 1, "one"],
          [2, 2, "two"],
        ]);
        expect(notes[0]?.author).toMatchObject({ id: anna.id, kind: "agent" });
      });

      it("repeated with their clientId are the first ones; other text is a conflict", async () => {
        const first = await note("one", { clientId: "a" });
        expect(await note("one", { clientId: "a" })).toEqual(first);
        expect(await code(note("other", { clientId: "a" }))).toBe("DUPLICATE_ID_CONFLICT");
        expect(await code(note("one", { clientId: "a", conversation: newId() }))).toBe(
          "DUPLICATE_ID_CONFLICT",
        );
        const other = await desk.agent();
        expect((await note("one", { clientId: "a", principal: other })).number).toBe(2);
        expect(await notesOf()).toEqual(["one", "one"]);
      });

      it("come in pages, either way", async () => {
        for (const text of ["1", "2", "3", "4", "5"]) await note(text);
        expect(await notesOf({ limit: 2 })).toEqual(["4", "5"]);
        expect(await notesOf({ before: 4, limit: 2 })).toEqual(["2", "3"]);
        expect(await notesOf({ after: 1, limit: 2 })).toEqual(["2", "3"]);
        expect(await notesOf({ after: 5 })).toEqual([]);
        expect(await code(notesOf({ after: 1, before: 3 }))).toBe("BAD_QUERY");
      });

      it("are neither written nor read by customers, and not of what does not exist", async () => {
        expect(await code(note("x", { principal: guest }))).toBe("FORBIDDEN");
        expect(await code(store.execute("notes", { principal: guest, conversation, limit: 50 }))).toBe(
          "FORBIDDEN",
        );
        expect(await code(note("x", { conversation: newId() }))).toBe("NOT_FOUND");
        const bot: Principal = { id: newId(), kind: "service", scopes: ["api"] };
        expect(await code(note("x", { principal: bot }))).toBe("FORBIDDEN");
        expect(await code(store.execute("notes", { principal: bot, conversation, limit: 50 }))).toBe(
          "FORBIDDEN",
        );
      });

      it("come in shorter pages where they are long, the nearest ones", async () => {
        const long = Array.from({ length: 40 }, (_, index) => String(index + 1).padEnd(4000, "x"));
        for (const text of long) await note(text);
        expect(await notesOf({ after: 0, limit: 200 })).toEqual(long.slice(0, 32));
        expect(await notesOf({ after: 32, limit: 200 })).toEqual(long.slice(32));
        expect(await notesOf({ limit: 200 })).toEqual(long.slice(8));
        expect(await notesOf({ before: 9, limit: 200 })).toEqual(long.slice(0, 8));
      });

      it("go with a transfer, in the same step or not at all", async () => {
        const berta = await desk.agent();
        await desk.claim(anna, conversation);
        const transfer = (online: boolean): Promise<unknown> =>
          store.execute("transfer", {
            principal: anna,
            conversation,
            to: berta.id,
            online,
            note: { id: newId(), text: "please" },
            now: desk.now,
          });
        expect(await code(transfer(false))).toBe("CONFLICT");
        expect(await notesOf()).toEqual([]);
        desk.facts.length = 0;
        await transfer(true);
        expect(await notesOf()).toEqual(["please"]);
        expect(desk.facts.map(({ fact }) => fact.type)).toEqual([
          "note.written",
          "conversation.changed",
          "mailbox.grown",
        ]);
      });

      it("go with a transfer to whom has the conversation already", async () => {
        await desk.claim(anna, conversation);
        await store.execute("transfer", {
          principal: anna,
          conversation,
          to: anna.id,
          online: true,
          note: { id: newId(), text: "to myself" },
          now: desk.now,
        });
        expect(await notesOf()).toEqual(["to myself"]);
      });

      it("tell which conversations were noted last", async () => {
        const second = await desk.post(desk.guest(), "support", "me too");
        await note("one");
        await note("other", { conversation: second.conversation });
        await note("two");
        expect(await store.execute("latestNotes", null)).toEqual([
          { conversation, number: 2 },
          { conversation: second.conversation, number: 1 },
        ]);
      });
    });

    describe("canned responses", () => {
      const save = (shortcut: string, text: string, principal = anna): Promise<null> =>
        store.execute("saveCannedResponse", { principal, shortcut, text, now: desk.now });

      it("are kept by shortcut, replaced and deleted, and each change is told once", async () => {
        await save("thanks", "Thank you!");
        await save("hi", "Hello");
        await save("hi", "Hello!");
        await save("hi", "Hello!");
        expect(await store.execute("cannedResponses", { principal: anna })).toEqual([
          { shortcut: "hi", text: "Hello!" },
          { shortcut: "thanks", text: "Thank you!" },
        ]);
        const remove = (): Promise<null> =>
          store.execute("deleteCannedResponse", { principal: anna, shortcut: "hi", now: desk.now });
        await remove();
        expect(await code(remove())).toBe("NOT_FOUND");
        const told = desk.facts.map(({ fact }) => fact.type).filter((type) => type.startsWith("canned"));
        expect(told).toEqual([
          "canned-response.saved",
          "canned-response.saved",
          "canned-response.saved",
          "canned-response.deleted",
        ]);
      });

      it("are nobody's business but the team's, and at most 500", async () => {
        expect(await code(save("x", "y", guest))).toBe("FORBIDDEN");
        expect(await code(store.execute("cannedResponses", { principal: guest }))).toBe("FORBIDDEN");
        await Promise.all(Array.from({ length: 500 }, (_, index) => save(`s${index}`, "text")));
        await expect(save("one-more", "text")).rejects.toMatchObject({
          code: "BAD_VALUE",
          detail: { field: "shortcut" },
        });
        expect(await code(save("s7", "replaced"))).toBe("done");
      });
    });

    it("keeps an agent's status, tells a change once, and knows it again", async () => {
      const set = (status: "online" | "away" | "invisible", principal = anna): Promise<null> =>
        store.execute("setStatus", { principal, status, now: desk.now });
      await set("online");
      await set("away");
      await set("away");
      expect(await store.execute("agentStatuses", null)).toEqual([{ user: anna.id, status: "away" }]);
      await set("online");
      expect(await store.execute("agentStatuses", null)).toEqual([]);
      expect(desk.facts.flatMap(({ fact }) => (fact.type === "agent.status" ? [fact.status] : []))).toEqual([
        "away",
        "online",
      ]);
      expect(await code(set("away", guest))).toBe("FORBIDDEN");
    });

    describe("a search", () => {
      const find = async (
        text: string,
        more: { before?: string; limit?: number } = {},
      ): Promise<SearchPage> => {
        while ((await store.execute("indexMessages", { limit: 100 })) === 100) continue;
        return store.execute("search", { principal: anna, text, limit: 50, ...more });
      };
      const texts = async (text: string): Promise<string[]> =>
        (await find(text)).items.map(({ message }) => message.message);

      it("has shorter pages where messages are long, and goes on behind them", async () => {
        const long = Array.from({ length: 40 }, (_, index) => `${index + 1} lorem `.padEnd(4000, "x"));
        for (const text of long) await desk.post(guest, "support", text);
        const newest = long.toReversed();
        const first = await find("lorem", { limit: 200 });
        expect(first.items.map(({ message }) => message.message)).toEqual(newest.slice(0, 32));
        const { next = "" } = first;
        const second = await find("lorem", { limit: 200, before: next });
        expect(second.items.map(({ message }) => message.message)).toEqual(newest.slice(32));
        expect(second.next).toBeUndefined();
      });

      it("finds whole words and beginnings, all of them, whatever case and accents, the newest first", async () => {
        for (const text of ["Der Café-Automat", "cafeteria closed", "coffee", "an automatic café"])
          await desk.post(guest, "support", text);
        expect(await texts("CAFE")).toEqual(["an automatic café", "cafeteria closed", "Der Café-Automat"]);
        expect(await texts("café auto")).toEqual(["an automatic café", "Der Café-Automat"]);
        expect(await texts("café-automat")).toEqual(["Der Café-Automat"]);
        expect(await texts("afe")).toEqual([]);
        // One letter is a word or nothing.
        expect(await texts("c")).toEqual([]);
        await desk.post(guest, "support", "vitamin C");
        expect(await texts("c")).toEqual(["vitamin C"]);
        expect(await texts("hello")).toEqual(["hello"]);
      });

      it("folds the accents and points of other scripts too", async () => {
        for (const [text, query] of [
          ["ελληνικά Σίσυφος", "ΕΛΛΗΝΙΚΑ σισυφος"],
          ["ёлка", "елка"],
          ["مُحَمَّد", "محمد"],
          ["שָׁלוֹם", "שלום"],
          ["ｆｕｌｌ ﬁne", "full fine"],
        ] as const) {
          await desk.post(guest, "support", text);
          expect(await texts(query), query).toEqual([text]);
        }
      });

      it("finds what is written without spaces", async () => {
        await desk.post(guest, "support", "我想退款谢谢");
        expect(await texts("退款")).toEqual(["我想退款谢谢"]);
        expect(await texts("款退")).toEqual([]);
      });

      it("takes what is no word, and what a query language would read, as text", async () => {
        await desk.post(guest, "support", 'say "AND" NOT (this) OR that*');
        for (const text of ['"', "\0", "*", "!!! ???", "^", "-", "''"]) expect(await texts(text)).toEqual([]);
        for (const text of ['"AND"', "say\0and", "NOT", "(this)", "that*", "OR that"])
          expect(await texts(text)).toHaveLength(1);
      });

      it("goes on in pages, and finds customers by name on the first", async () => {
        for (let count = 0; count < 5; count += 1) await desk.post(guest, "support", `word ${count}`);
        const named: Principal = {
          id: newId(),
          kind: "customer",
          name: "Wordsworth, Wïlliam",
          verified: true,
        };
        await desk.post(named, "support", "nothing");
        const first = await find("word", { limit: 3 });
        expect(first.items.map(({ message }) => message.message)).toEqual(["word 4", "word 3", "word 2"]);
        expect(first.customers).toEqual([expect.objectContaining({ id: named.id })]);
        const second = await find("word", { limit: 3, before: first.next ?? "" });
        expect(second.items.map(({ message }) => message.message)).toEqual(["word 1", "word 0"]);
        expect(second.customers).toEqual([]);
        expect(second.next).toBeUndefined();
        expect((await find("william words")).customers).toHaveLength(1);
        expect(await code(find("word", { before: "?" }))).toBe("BAD_QUERY");
      });

      it("tells the conversation, finds no notes, and is for the team", async () => {
        await note("secretword");
        expect(await texts("secretword")).toEqual([]);
        const [found] = (await find("hello")).items;
        expect(found?.conversation).toMatchObject({ id: conversation, state: "waiting" });
        expect(found?.message).toMatchObject({ seq: 1, userFrom: guest.id });
        expect(await code(store.execute("search", { principal: guest, text: "hello", limit: 5 }))).toBe(
          "FORBIDDEN",
        );
      });

      it("finds customers by the name they have now, whatever names they had", async () => {
        const call = (name: string): Promise<unknown> =>
          Promise.all(
            Array.from({ length: 5 }, (_, subject) =>
              store.execute("identify", {
                id: newId(),
                subject: `subject ${subject}`,
                name: `${name} ${subject}`,
                now: desk.now,
              }),
            ),
          );
        await call("first");
        await call("second");
        const named = async (name: string): Promise<unknown> =>
          (await find(name)).customers.map((customer) => customer.name);
        expect(await named("second 3")).toEqual(["second 3"]);
        expect(await named("first")).toEqual([]);
      });
    });

    describe("a conversation's context", () => {
      const context = { page: { url: "https://shop.example.com/a", title: "A" }, userAgent: "Browser" };

      it("is kept when it opens and when it reopens, and shown to the team alone", async () => {
        const customer = desk.guest();
        const opened = await desk.post(customer, "support", "hi", { context });
        await desk.post(customer, "support", "more", { context: { userAgent: "other" } });
        const contextFor = async (principal: Principal): Promise<unknown> =>
          (await store.execute("conversation", { principal, id: opened.conversation })).conversation.context;
        expect(await contextFor(anna)).toEqual(context);
        expect(await contextFor(customer)).toBeUndefined();
        await desk.claim(anna, opened.conversation);
        await store.execute("close", { principal: anna, conversation: opened.conversation, now: desk.now });
        await desk.post(customer, "support", "again", { context: { userAgent: "phone" } });
        expect(await contextFor(anna)).toEqual({ userAgent: "phone" });
      });

      it("and its times are there, and a customer's earlier ones are listed for the team", async () => {
        desk.now += 60_000;
        await desk.claim(anna, conversation);
        await store.execute("close", { principal: anna, conversation, now: desk.now });
        desk.now += 25 * 3_600_000;
        const later = await desk.post(guest, "support", "new");
        const list = (principal: Principal): Promise<{ items: readonly object[] }> =>
          store.execute("conversations", { principal, customer: guest.id, limit: 50 });
        const { items } = await list(anna);
        expect(items).toMatchObject([
          { id: later.conversation, state: "waiting", waitingSince: new Date(desk.now).toISOString() },
          { id: conversation, state: "closed", closeReason: "agent" },
        ]);
        expect(items[1]).not.toHaveProperty("waitingSince");
        expect(await code(list(guest))).toBe("FORBIDDEN");
        expect(
          await store.execute("conversations", { principal: anna, customer: newId(), limit: 5 }),
        ).toMatchObject({ items: [] });
      });
    });
  });
}
