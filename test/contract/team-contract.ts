/** What every ChatStore does for the team: notes, canned responses, status, contexts. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { NoteInput } from "../../src/chat/operations/notes.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

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
        expect(await codeOf(note("other", { clientId: "a" }))).toBe("DUPLICATE_ID_CONFLICT");
        expect(await codeOf(note("one", { clientId: "a", conversation: newId() }))).toBe(
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
        expect(await codeOf(notesOf({ after: 1, before: 3 }))).toBe("BAD_QUERY");
      });

      it("are neither written nor read by customers, and not of what does not exist", async () => {
        expect(await codeOf(note("x", { principal: guest }))).toBe("FORBIDDEN");
        expect(await codeOf(store.execute("notes", { principal: guest, conversation, limit: 50 }))).toBe(
          "FORBIDDEN",
        );
        expect(await codeOf(note("x", { conversation: newId() }))).toBe("NOT_FOUND");
        const bot: Principal = { id: newId(), kind: "service", scopes: ["api"] };
        expect(await codeOf(note("x", { principal: bot }))).toBe("FORBIDDEN");
        expect(await codeOf(store.execute("notes", { principal: bot, conversation, limit: 50 }))).toBe(
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
        expect(await codeOf(transfer(false))).toBe("CONFLICT");
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
        expect(await codeOf(remove())).toBe("NOT_FOUND");
        const told = desk.facts.map(({ fact }) => fact.type).filter((type) => type.startsWith("canned"));
        expect(told).toEqual([
          "canned-response.saved",
          "canned-response.saved",
          "canned-response.saved",
          "canned-response.deleted",
        ]);
      });

      it("are nobody's business but the team's, and at most 500", async () => {
        expect(await codeOf(save("x", "y", guest))).toBe("FORBIDDEN");
        expect(await codeOf(store.execute("cannedResponses", { principal: guest }))).toBe("FORBIDDEN");
        await Promise.all(Array.from({ length: 500 }, (_, index) => save(`s${index}`, "text")));
        await expect(save("one-more", "text")).rejects.toMatchObject({
          code: "BAD_VALUE",
          detail: { field: "shortcut" },
        });
        expect(await codeOf(save("s7", "replaced"))).toBeUndefined();
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
      expect(await codeOf(set("away", guest))).toBe("FORBIDDEN");
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
        expect(await codeOf(list(guest))).toBe("FORBIDDEN");
        expect(
          await store.execute("conversations", { principal: anna, customer: newId(), limit: 5 }),
        ).toMatchObject({ items: [] });
      });
    });
  });
}
