/** Notes as a client keeps them: read when asked for, live from then on, whole again after a gap. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled } from "../../../helpers/test-chat.ts";
import { Emitter } from "../../../../src/web/client/emitter.ts";
import { Notes } from "../../../../src/web/client/notes.ts";
import { ChatRefusal, connectionLost } from "../../../../src/web/client/refusal.ts";
import type { IMessage } from "@stomp/stompjs";
import type { Note } from "../../../../src/chat/wire.ts";
import type { ClientEvents } from "../../../../src/web/client/types.ts";

const anna = { id: "anna", kind: "agent" } as const;
const bert = { id: "bert", kind: "agent", name: "Bert" } as const;

let onServer: Note[];
/** Notes that the server puts into a page: long ones are fewer. */
let fitting: number;
let queries: unknown[];
/** What the next requests are answered with instead. */
let failures: ChatRefusal[];
let publish: (type: string, data: unknown) => void;
let told: (string | undefined)[];
let notes: Notes;
let isOnline: boolean;

function written(conversation: string, text: string): Note {
  const number = onServer.filter((one) => one.conversation === conversation).length + 1;
  const note = {
    id: `${conversation}-${number}`,
    conversation,
    number,
    author: bert,
    note: text,
    writtenAt: "2026-05-01T10:00:00.000Z",
    afterSeq: 3,
  };
  onServer.push(note);
  return note;
}

const texts = (conversation = "c1"): string[] | undefined => notes.get(conversation)?.map(({ note }) => note);

function answerFor(path: string, query: Readonly<Record<string, unknown>>): Promise<{ items: Note[] }> {
  queries.push([path, query]);
  const failure = failures.shift();
  if (failure !== undefined) return Promise.reject(failure);
  const conversation = decodeURIComponent(path.split("/")[3] ?? "");
  const items = onServer
    .filter((one) => one.conversation === conversation && one.number > Number(query["after"]))
    .slice(0, Math.min(fitting, Number(query["limit"])));
  return Promise.resolve({ items });
}

beforeEach(() => {
  [onServer, queries, failures, told] = [[], [], [], []];
  isOnline = true;
  fitting = Infinity;
  const events = new Emitter<ClientEvents>();
  events.on("notes", (conversation) => told.push(conversation));
  notes = new Notes({
    link: {
      send: () => Promise.resolve({ "note-id": "mine", number: String(onServer.length + 1) }),
      subscribe: (_destination, got) => {
        publish = (type, data) => {
          got({ body: JSON.stringify({ type, at: "", data }) } as IMessage);
        };
        return Promise.resolve({});
      },
    },
    api: { get: (path, query) => answerFor(path, query ?? {}) as Promise<never> },
    events,
    me: () => anna,
    now: () => Date.UTC(2026, 4, 1),
    isOnline: () => isOnline,
    lastSeq: () => 7,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the notes of a conversation", () => {
  it("are unknown until they were asked for, and then all of them, in pages", async () => {
    for (let index = 1; index <= 401; index += 1) written("c1", `${index}`);
    expect(notes.get("c1")).toBeUndefined();
    expect((await notes.load("c1")).length).toBe(401);
    expect(queries).toEqual(
      [0, 200, 400, 401].map((after) => ["/api/conversations/c1/notes", { after, limit: 200 }]),
    );
    expect(told).toEqual(["c1"]);
  });

  it("are read on behind a page that has fewer than were asked for", async () => {
    fitting = 32;
    for (let index = 1; index <= 70; index += 1) written("c1", `${index}`);
    expect((await notes.load("c1")).length).toBe(70);
  });

  it("grow as notes are written, those of other conversations do not", async () => {
    void notes.follow();
    await notes.load("c1");
    publish("note.written", written("c1", "one"));
    publish("note.written", written("c2", "elsewhere"));
    expect([texts("c1"), texts("c2")]).toEqual([["one"], undefined]);
  });

  it("do not miss one that is written while they are read", async () => {
    void notes.follow();
    const loading = notes.load("c1");
    publish("note.written", written("c1", "meanwhile"));
    expect((await loading).map(({ note }) => note)).toEqual(["meanwhile"]);
  });

  it("are filled in where one is missing, and tried again when that fails", async () => {
    vi.useFakeTimers();
    void notes.follow();
    await notes.load("c1");
    written("c1", "not told");
    failures = [connectionLost()];
    publish("note.written", written("c1", "told"));
    expect(texts()).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(texts()).toEqual(["not told", "told"]);
  });

  it("are forgotten when the conversation is", async () => {
    failures = [new ChatRefusal({ code: "NOT_FOUND", message: "" })];
    await expect(notes.load("c1")).rejects.toThrow("NOT_FOUND");
    expect(notes.get("c1")).toBeUndefined();
  });
});

describe("a new connection", () => {
  it("reads what was written meanwhile, and nothing else", async () => {
    await notes.load("c1");
    await notes.load("c2");
    written("c1", "meanwhile");
    queries = [];
    const following = notes.follow();
    publish("snapshot", { latest: [{ conversation: "c1", number: 1 }] });
    await following;
    expect([texts("c1"), texts("c2")]).toEqual([["meanwhile"], []]);
    expect(queries).toEqual([0, 1].map((after) => ["/api/conversations/c1/notes", { after, limit: 200 }]));
  });

  it("looks for itself at what the snapshot is too short for", async () => {
    await notes.load("c1");
    written("c1", "meanwhile");
    const latest = Array.from({ length: 200 }, (_, index) => ({ conversation: `other${index}`, number: 1 }));
    const following = notes.follow();
    publish("snapshot", { latest });
    await following;
    expect(texts()).toEqual(["meanwhile"]);
  });

  it("is not whole while that fails", async () => {
    await notes.load("c1");
    failures = [connectionLost()];
    const following = notes.follow();
    publish("snapshot", { latest: [{ conversation: "c1", number: 1 }] });
    await expect(following).rejects.toThrow("CONNECTION_LOST");
  });
});

it("after a restore, notes of before are dropped, and those of their numbers read", async () => {
  void notes.follow();
  for (const text of ["kept", "lost", "lost too"]) written("c1", text);
  written("c2", "lost with its chat");
  await notes.load("c1");
  await notes.load("c2");
  onServer = [];
  written("c1", "kept");
  written("c1", "written since");
  notes.startAnew();
  publish("snapshot", { latest: [{ conversation: "c1", number: 2 }] });
  await settled();
  expect([texts("c1"), texts("c2")]).toEqual([["kept", "written since"], []]);
});

describe("a note of mine", () => {
  it("stands there once it is stored, and as the server has it once that is told", async () => {
    void notes.follow();
    await notes.load("c1");
    notes.outbox.add("mine", { conversation: "c1" });
    expect(notes.outbox.items).toMatchObject([{ text: "mine", conversation: "c1", status: "sending" }]);
    await settled();
    expect(notes.outbox.items).toEqual([]);
    expect(notes.get("c1")).toMatchObject([
      { id: "mine", number: 1, author: anna, note: "mine", afterSeq: 7 },
    ]);
    publish("note.written", { ...written("c1", "mine"), author: { ...anna, name: "Anna" } });
    expect(notes.get("c1")).toMatchObject([{ author: { name: "Anna" }, afterSeq: 3 }]);
  });

  it("is there once when the topic was faster than the receipt", async () => {
    void notes.follow();
    await notes.load("c1");
    notes.outbox.add("mine", { conversation: "c1" });
    publish("note.written", { ...written("c1", "mine"), number: 1 });
    await settled();
    expect(notes.get("c1")).toHaveLength(1);
    expect(notes.get("c1")?.[0]?.afterSeq).toBe(3);
  });

  it("is there once when its receipt was lost and the topic or a page brings it back", async () => {
    void notes.follow();
    await notes.load("c1");
    isOnline = false;
    const [first, second] = ["told", "read"].map((text) => notes.outbox.add(text, { conversation: "c1" }));
    publish("note.written", { ...written("c1", "told"), clientId: first?.clientId });
    expect(notes.outbox.items).toMatchObject([{ text: "read" }]);
    onServer = onServer.with(1, { ...written("c1", "read"), clientId: second?.clientId ?? "" });
    await notes.load("c1");
    expect([texts(), notes.outbox.items]).toEqual([["told", "read"], []]);
  });
});

it("cleared, it knows nothing", async () => {
  await notes.load("c1");
  notes.clear();
  expect(notes.get("c1")).toBeUndefined();
});
