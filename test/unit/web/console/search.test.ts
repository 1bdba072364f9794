/** A search as one types: one question for a pause, and only the last answer counts. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NOTHING, PAUSE_MS, Search } from "../../../../src/web/console/search.ts";
import type { FoundMessage } from "../../../../src/chat/wire.ts";
import type { SearchPage } from "../../../../src/web/client/index.ts";
import type { SearchView } from "../../../../src/web/console/search.ts";

type Question = {
  readonly text: string;
  readonly before: string | undefined;
  readonly answer: (page: Partial<SearchPage>) => Promise<void>;
  readonly fail: () => Promise<void>;
};

const found = (id: string): FoundMessage => ({ message: { id } }) as FoundMessage;

let questions: Question[];
let view: SearchView;
let search: Search;

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  view = NOTHING;
  search = new Search({
    ask: (text, { before }) =>
      new Promise((resolve, reject) => {
        questions.push({
          text,
          before,
          answer: async (page) => {
            resolve({ items: [], customers: [], ...page });
            await vi.advanceTimersByTimeAsync(0);
          },
          fail: async () => {
            reject(new Error("no"));
            await vi.advanceTimersByTimeAsync(0);
          },
        });
      }),
    changed: (changed) => (view = changed),
    reasonOf: () => "because",
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Types and pauses; returns the question. */
async function ask(text: string): Promise<Question> {
  search.type(text);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  return questions.at(-1) as Question;
}

const ids = (): string[] => view.messages.map(({ message }) => message.id);

describe("typing", () => {
  it("asks once, for what stands there when it pauses", async () => {
    for (const text of ["t", "te", "tea"]) {
      search.type(text);
      await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    }
    expect(questions).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(questions.map(({ text }) => text)).toEqual(["tea"]);
  });

  it("of mere spaces asks nothing, and of others nothing new", async () => {
    await ask("   ");
    expect([questions.length, view.status]).toEqual([0, "idle"]);
    await ask("green tea");
    await ask(" green   tea ");
    expect(questions.map(({ text }) => text)).toEqual(["green tea"]);
  });

  it("leaves what was found in sight until the next answer", async () => {
    await (await ask("tea")).answer({ items: [found("m1")] });
    const next = await ask("tea pot");
    expect([view.status, ids()]).toEqual(["searching", ["m1"]]);
    await next.answer({});
    expect([view.status, ids()]).toEqual(["done", []]);
  });
});

describe("an answer", () => {
  it("that comes after a later question is ignored", async () => {
    const first = await ask("tea");
    const second = await ask("coffee");
    await second.answer({ items: [found("m2")] });
    await first.answer({ items: [found("m1")] });
    expect([view.text, ids()]).toEqual(["coffee", ["m2"]]);
  });

  it("that comes after the end of the search is ignored", async () => {
    const question = await ask("tea");
    search.type("");
    await question.answer({ items: [found("m1")] });
    expect(view).toEqual(NOTHING);
  });

  it("that failed is told, and asked for again", async () => {
    await (await ask("tea")).fail();
    expect(view).toMatchObject({ status: "failed", why: "because", text: "tea" });
    search.retry();
    expect(view.status).toBe("searching");
    await questions.at(-1)?.answer({ items: [found("m1")] });
    expect([view.status, questions.length]).toEqual(["done", 2]);
  });

  it("that failed after a later question is ignored", async () => {
    const first = await ask("tea");
    await (await ask("coffee")).answer({});
    await first.fail();
    expect(view.status).toBe("done");
  });
});

describe("the following page", () => {
  it("is asked for once and added", async () => {
    await (await ask("tea")).answer({ items: [found("m3")], next: "n3" });
    expect(view.more).toBe("there");
    void search.more();
    void search.more();
    expect(view.more).toBe("loading");
    expect(questions.map(({ before }) => before)).toEqual([undefined, "n3"]);
    await questions.at(-1)?.answer({ items: [found("m1")] });
    expect([ids(), view.more]).toEqual([["m3", "m1"], "none"]);
    await search.more();
    expect(questions).toHaveLength(2);
  });

  it("that failed can be asked for again", async () => {
    await (await ask("tea")).answer({ items: [found("m3")], next: "n3" });
    void search.more();
    await questions.at(-1)?.fail();
    expect([view.status, view.more, ids()]).toEqual(["done", "failed", ["m3"]]);
    void search.more();
    expect(questions.at(-1)?.before).toBe("n3");
  });

  it("of another text is ignored", async () => {
    await (await ask("tea")).answer({ items: [found("m3")], next: "n3" });
    void search.more();
    const late = questions.at(-1);
    await (await ask("coffee")).answer({ items: [found("c1")] });
    await late?.answer({ items: [found("m1")] });
    expect(ids()).toEqual(["c1"]);
  });
});
