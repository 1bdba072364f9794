/** `disconnect`: the program ends sessions with a reason, over each transport, and nobody else's. */
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../../src/adapters/stores/memory-store.ts";
import { embed, embedAndListen } from "../../helpers/embedded.ts";
import { expectEnds, FeedListener, startFeed } from "../../helpers/feed.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatServer, Kicked, KickReason } from "../../../src/index.ts";

const hint = "signed in elsewhere";

/** Tokens of the program's own: `NAME-DEVICE`. */
async function shop(): Promise<{
  readonly chat: ChatServer;
  readonly store: ReturnType<typeof createMemoryStore>;
  readonly listen: (token: string) => Promise<readonly FeedListener[]>;
  readonly stopFeed: () => Promise<void>;
}> {
  const store = createMemoryStore();
  const chat = await embed({
    store,
    stompTcpPort: 0,
    authenticate: ({ token = "" }) => ({ kind: "agent", login: token.split("-")[0] ?? "" }),
  });
  const { url, tcpUrl = "" } = await chat.listen({ port: 0 });
  const [http = 0, tcp = 0] = [url, tcpUrl].map((one) => Number(/:(\d+)$/.exec(one)?.[1]));
  return {
    chat,
    store,
    listen: (token) => FeedListener.overAll({ http, tcp }, token, `passcode:${token}\n`),
    stopFeed: await startFeed(`${url.replace("http", "ws")}/chat`, "feed-0"),
  };
}

describe("with a feed in flight, over each transport,", () => {
  it("ends one session, those of a token or all of a user, says how many, and the others lose nothing", async () => {
    const { chat, store, listen, stopFeed } = await shop();
    const sessions = new Map<string, string>();
    chat.on("connected", ({ session, user }) => sessions.set(session, user.id));
    const [one, till, office, bert] = await Promise.all(
      ["anna-one", "anna-till", "anna-office", "bert-till"].map((token) => listen(token)),
    );
    const user = sessions.get(one?.[0]?.session ?? "") ?? "";

    const steps: [readonly FeedListener[], () => Promise<unknown>, unknown, string, string][] = [
      [
        one ?? [],
        () => Promise.all((one ?? []).map(({ session }) => chat.disconnect({ session }, { hint }))),
        [1, 1, 1],
        "SESSION_EXPIRED",
        hint,
      ],
      [
        till ?? [],
        () => chat.disconnect({ token: "anna-till" }),
        3,
        "SESSION_EXPIRED",
        "the operator ended this session",
      ],
      [office ?? [], () => chat.disconnect({ user }, { code: "REVOKED", hint }), 3, "REVOKED", hint],
    ];
    for (const [ended, end, count, code, told] of steps) {
      const began = performance.now();
      expect(await end()).toEqual(count);
      await expectEnds(ended, { began, code, hint: told });
    }
    await Promise.all((bert ?? []).map((listener) => listener.expectMore()));
    expect(await chat.disconnect({ user })).toBe(0);
    await stopFeed();

    const { lines } = await store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 100 });
    const kicks = lines.filter(({ action }) => action === "kick");
    expect(
      kicks.map(({ actor, user: whom, object, detail, times }) => [actor, whom, object, detail, times]),
    ).toEqual([
      ...(one ?? []).map(({ session }) => ["program", "anna", session, "SESSION_EXPIRED", undefined]),
      ["program", "anna", undefined, "SESSION_EXPIRED", 3],
      ["program", "anna", undefined, "REVOKED", 3],
    ]);
  });
});

describe("what is nobody, or no reason,", () => {
  it("is answered 0 where it is over, and is a TypeError where it cannot be meant", async () => {
    const { chat, webSocketUrl } = await embedAndListen();
    const guest = await RawClient.connect(webSocketUrl);
    const session = guest.connected.get("session") ?? "";
    for (const whom of [{ session: "x" }, { user: "x" }, { token: "x" }]) {
      expect(await chat.disconnect(whom)).toBe(0);
    }
    const wrong: [unknown, unknown?][] = [
      [undefined],
      [session],
      [{}],
      [{ session, user: guest.id }],
      [{ sesion: session }],
      [{ session: 1 }],
      [{ session: "" }],
      [{ session }, null],
      [{ session }, "REVOKED"],
      [{ session }, { code: "SHUTTING_DOWN" }],
      [{ session }, { hint: "" }],
      [{ session }, { hint: "two\nlines" }],
      [{ session }, { hint: "\ud800" }],
      [{ session }, { hint: "x".repeat(201) }],
      [{ session }, { reason: "x" }],
    ];
    for (const [whom, reason] of wrong) {
      const ending = chat.disconnect(whom as Kicked, reason as KickReason);
      await expect(ending, JSON.stringify([whom, reason])).rejects.toThrow(TypeError);
    }
    expect(await guest.subscribe("s", "/user/queue/events")).toBeDefined();
    expect(await chat.disconnect({ session })).toBe(1);
    await until("the guest is out", () => guest.closed !== undefined);
    expect(guest.closed).toEqual({ code: 1008, reason: "SESSION_EXPIRED" });
  });

  it("is refused when the server is closed; when the store cannot write it down the session is over all the same", async () => {
    const store = createMemoryStore();
    const { chat, webSocketUrl } = await embedAndListen({
      store: {
        ...store,
        onFact: (listener) => store.onFact(listener),
        checkWritable: () => store.checkWritable(),
        close: () => store.close(),
        execute: async (name, input) => {
          if (name === "recordAudit") throw new Error("the disk is full");
          return store.execute(name, input);
        },
      },
    });
    const guest = await RawClient.connect(webSocketUrl);
    await expect(chat.disconnect({ user: guest.id })).rejects.toThrow("the disk is full");
    await until("the guest is out", () => guest.closed !== undefined);
    await chat.close();
    await expect(chat.disconnect({ user: guest.id })).rejects.toMatchObject({ code: "RETRY_LATER" });
  });
});
