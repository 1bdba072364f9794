/** What the team sees of visitors: the page they look at, where from, and with what. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

type Told = { readonly type: string; readonly data: Record<string, unknown> };

let chat: TestChat;
let guest: TestClient;
let anna: TestClient;
let berta: TestClient;

beforeEach(async () => {
  chat = new TestChat();
  guest = await chat.connect(chat.guest(), { userAgent: "Browser/1" });
  anna = await chat.connect(await chat.agent());
  berta = await chat.connect(await chat.agent());
  for (const agent of [anna, berta]) {
    await agent.subscribe("support", "/chat/topic/support");
  }
  await guest.say("support", "hello");
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

const told = (client: TestClient, subscription: string, type: string): Told[] =>
  (client.bodiesOn(subscription) as Told[]).filter((event) => event.type === type);

describe("a visited page", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const page = { url: "https://shop.example.com/tea?x=1", title: "Tea", referrer: "https://search.example/" };

  it("is told to the desk where it is news, and shown in its snapshot with the browser", async () => {
    await guest.send("/chat/page", page);
    await guest.send("/chat/page", page);
    await guest.send("/chat/page", { url: "https://shop.example.com/never-told" });
    await guest.send("/chat/page", { url: "https://shop.example.com/" });
    expect(told(anna, "support", "customer.page")).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    await settled();
    expect(told(anna, "support", "customer.page").map(({ data }) => data)).toMatchObject([
      { user: { id: guest.id }, page },
      { page: { url: "https://shop.example.com/" } },
    ]);
    const carla = await chat.connect(await chat.agent());
    await carla.subscribe("support", "/chat/topic/support");
    const [snapshot] = carla.bodiesOn("support") as Told[];
    expect(snapshot?.data["online"]).toEqual([
      {
        user: { id: guest.id, kind: "guest" },
        sessions: 1,
        page: { url: "https://shop.example.com/" },
        userAgent: "Browser/1",
      },
    ]);
  });

  it("becomes the context of a conversation that opens", async () => {
    const visitor = await chat.connect(chat.guest(), { userAgent: "Phone" });
    await visitor.send("/chat/page", page);
    const opened = (await visitor.say("support", "hi"))?.headers.get("conversation") ?? "";
    const context = async (id: string): Promise<unknown> =>
      (await chat.store.execute("conversation", { principal: anna.principal, id })).conversation.context;
    expect(await context(opened)).toEqual({ page, userAgent: "Phone" });
    const invited = await chat.connect(chat.guest(), { userAgent: "Tablet" });
    await invited.send("/chat/page", { url: "http://shop.example.com/sale" });
    const receipt = await anna.send("/chat/invite", { user: invited.id });
    expect(await context(receipt?.headers.get("conversation") ?? "")).toEqual({
      page: { url: "http://shop.example.com/sale" },
      userAgent: "Tablet",
    });
  });

  it("of a tab that was closed gives way to that of another", async () => {
    const tab = await chat.connect(guest.principal);
    await tab.send("/chat/page", { url: "https://shop.example.com/open" });
    await guest.send("/chat/page", { url: "https://shop.example.com/closed" });
    guest.connection.vanish();
    await settled();
    expect(chat.chat.presence.contextOf(guest.id)?.page).toEqual({ url: "https://shop.example.com/open" });
  });

  it("is kept in plain ASCII and without credentials", async () => {
    await guest.send("/chat/page", { url: "http://me:secret@shop.example.com/ca\u0001f\u00e9" });
    expect(told(anna, "support", "customer.page")[0]?.data["page"]).toEqual({
      url: "http://shop.example.com/ca%01f%C3%A9",
    });
  });

  it("of many visitors never makes a snapshot larger than an outbox", async () => {
    const long = `https://shop.example.com/${"x".repeat(2000)}`;
    for (let count = 0; count < 100; count += 1) {
      const visitor = await chat.connect(chat.guest(), { queues: false });
      await visitor.send("/chat/page", { url: long, referrer: long, title: "\u4e2d".repeat(256) });
    }
    const carla = await chat.connect(await chat.agent());
    await carla.subscribe("support", "/chat/topic/support");
    expect(carla.error()).toBeUndefined();
    const [snapshot] = carla.bodiesOn("support") as Told[];
    expect(snapshot?.data).toMatchObject({ counts: { online: 101 }, more: true });
    expect(JSON.stringify(snapshot).length).toBeLessThan(256 * 1024);
  });

  it("of more agents than a snapshot shows is told: there are more", async () => {
    for (let count = 2; count < 199; count += 1) await chat.connect(await chat.agent(), { queues: false });
    const more = async (): Promise<unknown> => {
      const watcher = await chat.connect(await chat.agent(), { queues: false });
      await watcher.subscribe("support", "/chat/topic/support");
      const { data } = (watcher.bodiesOn("support") as Told[])[0] ?? {};
      return [(data?.["agents"] as unknown[]).length, data?.["more"]];
    };
    expect(await more()).toEqual([200, false]);
    expect(await more()).toEqual([200, true]);
  });

  it("makes no row of a guest who only looks", async () => {
    const visitor = await chat.connect(chat.guest());
    await visitor.send("/chat/page", page);
    expect(await chat.store.execute("userById", { id: visitor.id })).toBeUndefined();
  });

  it.each([
    ["no url", { url: undefined }, "MISSING_FIELD"],
    ["a script as url", { url: "javascript:alert(1)" }, "BAD_VALUE"],
    ["a relative url", { url: "/tea" }, "BAD_VALUE"],
    ["a host that is none", { url: "http://" }, "BAD_VALUE"],
    ["a long url", { url: `https://shop.example.com/${"x".repeat(2048)}` }, "BAD_VALUE"],
    ["a title with a control character", { title: "a\u0000" }, "BAD_VALUE"],
    ["a title of half a character", { title: "\ud800" }, "BAD_VALUE"],
    ["a long title", { title: "x".repeat(257) }, "BAD_VALUE"],
    ["data as referrer", { referrer: "data:text/html,x" }, "BAD_VALUE"],
    ["another member", { cookies: "x" }, "UNKNOWN_FIELD"],
  ])("with %s is refused", async (_what, more, code) => {
    expect(await guest.send("/chat/page", { ...page, ...more })).toBeUndefined();
    expect(guest.refusals()).toEqual([code]);
  });

  it("is not an agent's to tell", async () => {
    await anna.send("/chat/page", page);
    expect(anna.refusals()).toEqual(["FORBIDDEN"]);
  });
});
