/** Canned responses as a client keeps them: the list, and what changed while it was on its way. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../../helpers/test-chat.ts";
import { CannedResponses } from "../../../../src/web/client/canned-responses.ts";
import { Emitter } from "../../../../src/web/client/emitter.ts";
import { ChatRefusal, connectionLost } from "../../../../src/web/client/refusal.ts";
import type { CannedResponse } from "../../../../src/chat/wire.ts";
import type { ClientEvents } from "../../../../src/web/client/types.ts";

let events: Emitter<ClientEvents>;
let responses: CannedResponses;
/** Answers of the server, by the order of the questions. */
let answers: { resolve: (items: readonly CannedResponse[]) => void; reject: (error: Error) => void }[];
let isOnline: boolean;

const tell = (type: string, data: unknown = {}): void => {
  events.emit("desk", { type, at: "", data });
};
const all = (): string[] => responses.all.map(({ shortcut, text }) => `${shortcut}=${text}`);

beforeEach(() => {
  events = new Emitter();
  answers = [];
  isOnline = true;
  responses = new CannedResponses({
    link: { send: () => Promise.resolve({}), subscribe: () => Promise.resolve({}) },
    api: {
      get: () =>
        new Promise((resolve, reject) => {
          answers.push({ resolve: (items) => resolve({ items } as never), reject });
        }),
    },
    events,
    me: () => undefined,
    now: () => 0,
    isOnline: () => isOnline,
    lastSeq: () => 0,
  });
});

async function load(...items: CannedResponse[]): Promise<void> {
  tell("snapshot");
  answers.at(-1)?.resolve(items);
  await settled();
}

it("are read when the topic begins, and follow it", async () => {
  await load({ shortcut: "b", text: "two" }, { shortcut: "a", text: "one" });
  expect(all()).toEqual(["a=one", "b=two"]);
  tell("canned-response.saved", { shortcut: "b", text: "2", by: {} });
  tell("canned-response.saved", { shortcut: "c", text: "three", by: {} });
  tell("canned-response.deleted", { shortcut: "a", by: {} });
  expect(all()).toEqual(["b=2", "c=three"]);
});

it("tell of each change once they show it", async () => {
  const seen: string[][] = [];
  events.on("cannedResponses", (list) => seen.push(list.map(({ shortcut }) => shortcut)));
  await load({ shortcut: "a", text: "one" });
  tell("canned-response.deleted", { shortcut: "a", by: {} });
  tell("customer.connected");
  expect(seen).toEqual([["a"], []]);
});

it("keep what changed while the list was on its way", async () => {
  tell("snapshot");
  tell("canned-response.saved", { shortcut: "a", text: "new", by: {} });
  tell("canned-response.deleted", { shortcut: "b", by: {} });
  answers[0]?.resolve([
    { shortcut: "a", text: "old" },
    { shortcut: "b", text: "old" },
  ]);
  await settled();
  expect(all()).toEqual(["a=new"]);
});

it("take the answer to the newest question", async () => {
  tell("snapshot");
  await load({ shortcut: "new", text: "" });
  answers[0]?.resolve([{ shortcut: "old", text: "" }]);
  await settled();
  expect(all()).toEqual(["new="]);
});

describe("a list that could not be read", () => {
  it.each([
    [connectionLost(), true, 2],
    [connectionLost(), false, 1],
    [new ChatRefusal({ code: "FORBIDDEN", message: "" }), true, 1],
  ])("is asked for again where that makes sense: %s, online %s", async (error, online, count) => {
    vi.useFakeTimers();
    try {
      tell("snapshot");
      answers[0]?.reject(error);
      isOnline = online;
      await vi.advanceTimersByTimeAsync(2000);
      expect(answers).toHaveLength(count);
    } finally {
      vi.useRealTimers();
    }
  });
});

it("cleared, they are none, whatever comes late", async () => {
  tell("snapshot");
  responses.clear();
  answers[0]?.resolve([{ shortcut: "late", text: "" }]);
  await settled();
  expect(all()).toEqual([]);
});
