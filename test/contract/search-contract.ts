/** What every ChatStore finds: messages by words, customers by name. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { SearchPage } from "../../src/chat/operations/search.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

export function searchContract(name: string, open: OpenStore): void {
  describe(`${name}, searched`, () => {
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
      expect(await codeOf(find("word", { before: "?" }))).toBe("BAD_QUERY");
    });

    it("tells the conversation, finds no notes, and is for the team", async () => {
      const note = { principal: anna, conversation, text: "secretword", noteId: newId(), now: desk.now };
      await store.execute("writeNote", note);
      expect(await texts("secretword")).toEqual([]);
      const [found] = (await find("hello")).items;
      expect(found?.conversation).toMatchObject({ id: conversation, state: "waiting" });
      expect(found?.message).toMatchObject({ seq: 1, userFrom: guest.id });
      expect(await codeOf(store.execute("search", { principal: guest, text: "hello", limit: 5 }))).toBe(
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
}
