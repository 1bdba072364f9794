/** The embedding program's own decisions: who somebody is, and what they may do; a hook that fails opens no door. */
import { describe, expect, it } from "vitest";
import { ADMIN_PASSCODE, embedAndListen } from "../../helpers/embedded.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import type { AccessRequest, AuthenticateHook, CanHook } from "../../../src/index.ts";

const ADMIN = { login: "admin", passcode: ADMIN_PASSCODE };
const never = new Promise<never>(() => undefined);

/** A shop's session tokens: `shop-<customer>` and `desk-<login>`; `blocked` nobody; all else is the chat's own. */
const shop: AuthenticateHook = ({ token = "" }, next) => {
  const [, kind, who = ""] = /^(shop|desk)-(\w+)$/.exec(token) ?? [];
  if (who === "blocked") return undefined;
  if (kind === "shop") return { kind: "customer", subject: who, name: `Customer ${who}` };
  if (kind === "desk") return { kind: "agent", login: who, role: who === "boss" ? "supervisor" : "agent" };
  return next();
};

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

function codeOf(client: RawClient): string | undefined {
  return client.of("ERROR")[0]?.headers.get("code");
}

async function rest(url: string, path: string, token: string): Promise<{ status: number; body: object }> {
  const response = await fetch(url + path, { headers: bearer(token) });
  return { status: response.status, body: (await response.json()) as object };
}

describe("authenticate", () => {
  it("makes the program's users ours, the same ones on CONNECT and in REST, with or without a connection before", async () => {
    const { webSocketUrl, url } = await embedAndListen({ authenticate: shop });
    const customer = await (await RawClient.connect(webSocketUrl, bearer("shop-anna"))).subscribeAll();
    const again = await RawClient.connect(webSocketUrl, bearer("shop-anna"));
    expect(again.id).toBe(customer.id);
    expect((await RawClient.connect(webSocketUrl, { passcode: "shop-anna" })).id).toBe(customer.id);
    const agent = await (await RawClient.connect(webSocketUrl, bearer("desk-bert"))).subscribeAll();
    const receipt = await customer.say("support", "Is it open?");
    const conversation = receipt?.headers.get("conversation") ?? "";
    expect(await agent.post("/chat/claim", { conversation })).toBeDefined();
    const boss = await RawClient.connect(webSocketUrl, bearer("desk-boss"));
    expect(await agent.post("/chat/transfer", { conversation, to: boss.id })).toBeDefined();
    const shown = await rest(url, `/api/conversations/${conversation}`, "shop-anna");
    expect(shown).toMatchObject({
      status: 200,
      body: {
        customer: { id: customer.id, kind: "customer", name: "Customer anna", verified: true },
        assignee: { id: boss.id, role: "supervisor", name: "boss" },
      },
    });
    expect((await rest(url, `/api/conversations/${conversation}`, "shop-carla")).status).toBe(404);
  });

  it("lets nobody in whom the team has blocked", async () => {
    const { webSocketUrl } = await embedAndListen({ authenticate: shop });
    const customer = await RawClient.connect(webSocketUrl, bearer("shop-anna"));
    const agent = await (await RawClient.connect(webSocketUrl, bearer("desk-bert"))).subscribeAll();
    expect(await agent.post("/chat/block", { user: customer.id })).toBeDefined();
    await until("the customer is out", () => customer.closed !== undefined);
    const again = (): Promise<RawClient> => RawClient.connect(webSocketUrl, bearer("shop-anna"));
    expect([codeOf(customer), codeOf(await again())]).toEqual(["SENDER_BLOCKED", "SENDER_BLOCKED"]);
    await agent.post("/chat/unblock", { user: customer.id });
    expect((await again()).id).toBe(customer.id);
  });

  it("falls through to the built-in: guests, logins, tokens, and what is none of them", async () => {
    const seen: string[] = [];
    const { webSocketUrl, url } = await embedAndListen({
      adminPasscode: ADMIN_PASSCODE,
      authenticate: async (_credentials, next) => {
        const admission = await next();
        seen.push(admission.user.kind);
        return admission;
      },
    });
    const guest = await RawClient.connect(webSocketUrl);
    const token = guest.connected.get("token") ?? "";
    expect((await RawClient.connect(webSocketUrl, { passcode: token })).id).toBe(guest.id);
    expect((await RawClient.connect(webSocketUrl, ADMIN)).of("CONNECTED")).toHaveLength(1);
    expect((await rest(url, "/api/conversations", token)).status).toBe(200);
    expect(codeOf(await RawClient.connect(webSocketUrl, { ...ADMIN, passcode: "wrong" }))).toBe(
      "AUTH_FAILED",
    );
    expect((await rest(url, "/api/conversations", "cc_s_none")).status).toBe(401);
    expect(seen).toEqual(["guest", "guest", "agent", "guest"]);
  });

  it("refuses with undefined, whatever the built-in says", async () => {
    const { webSocketUrl, url } = await embedAndListen({ authenticate: shop });
    expect(codeOf(await RawClient.connect(webSocketUrl, bearer("shop-blocked")))).toBe("AUTH_FAILED");
    expect(await rest(url, "/api/conversations", "shop-blocked")).toMatchObject({
      status: 401,
      body: { code: "AUTH_FAILED" },
    });
    const closed = await embedAndListen({
      authenticate: async (_credentials, next) => {
        await next();
        return undefined;
      },
    });
    expect(codeOf(await RawClient.connect(closed.webSocketUrl))).toBe("AUTH_FAILED");
  });

  it("ends a session when the program says so", async () => {
    const { webSocketUrl } = await embedAndListen({
      authenticate: () => ({ kind: "customer", subject: "anna", expiresAt: Date.now() + 50 }),
    });
    const client = await RawClient.connect(webSocketUrl);
    await until("it is over", () => client.closed !== undefined);
    expect(codeOf(client)).toBe("SESSION_EXPIRED");
  });

  it.each<[string, AuthenticateHook]>([
    [
      "throws",
      () => {
        throw new Error("the session store is down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the session store is down"))],
    ["never answers", () => never],
    ["answers with nonsense", () => "yes" as never],
    ["answers with null", () => null as never],
    ["answers with a guest", () => ({ kind: "guest", id: "x" }) as never],
    ["answers with an agent without login", () => ({ kind: "agent" }) as never],
    ["answers with a role that does not exist", () => ({ kind: "agent", login: "a", role: "root" }) as never],
    ["answers with an admission of its own making", () => ({ user: { id: "x", kind: "agent" } }) as never],
  ])("that %s is INTERNAL, on CONNECT and in REST", async (_what, authenticate) => {
    const { webSocketUrl, url } = await embedAndListen({ authenticate, hookTimeoutMs: 50 });
    const client = await RawClient.connect(webSocketUrl);
    await until("it is over", () => client.closed !== undefined);
    expect([codeOf(client), client.of("CONNECTED")]).toEqual(["INTERNAL", []]);
    const { status, body } = await rest(url, "/api/conversations", "shop-anna");
    expect([status, Object.keys(body)]).toEqual([500, ["code", "message", "requestId"]]);
  });

  it("that takes an agent for a service's login is told", async () => {
    const { chat, webSocketUrl } = await embedAndListen({ authenticate: shop });
    const guest = await RawClient.connect(webSocketUrl);
    await chat.send({ userTo: guest.id, message: "Hello" });
    expect(codeOf(await RawClient.connect(webSocketUrl, bearer("desk-application")))).toBe("CONFLICT");
  });
});

describe("can", () => {
  it("is told of the conversation however its address is spelled, and of its notes too", async () => {
    let secret = "";
    const { webSocketUrl, url } = await embedAndListen({
      authenticate: shop,
      can: ({ receiver }) => receiver.conversation !== secret,
    });
    const customer = await (await RawClient.connect(webSocketUrl, bearer("shop-anna"))).subscribeAll();
    secret = (await customer.say("support", "Is it open?"))?.headers.get("conversation") ?? "";
    const encoded = `%${secret.charCodeAt(0).toString(16)}${secret.slice(1)}`;
    for (const path of [
      `/api/conversations/${secret}`,
      `/API/conversations/${secret}/messages`,
      `/Api/conversations/${secret}`,
      `/api/conversations/${encoded}`,
      `/api/conversations/${encoded}/messages`,
      `/api/conversations/${secret}/notes`,
    ]) {
      expect((await rest(url, path, "desk-bert")).status, path).toBe(403);
    }
  });

  it("is asked with principal, verb, destination, receiver and the built-in decision", async () => {
    const asked: AccessRequest[] = [];
    const can: CanHook = (request) => asked.push(request) > 0 && request.allowed;
    const { webSocketUrl, url } = await embedAndListen({ can });
    const guest = await RawClient.connect(webSocketUrl);
    await guest.subscribe("errors", "/user/queue/errors");
    const receipt = await guest.say("support", "Hello");
    const conversation = receipt?.headers.get("conversation") ?? "";
    await guest.post("/chat/read", { conversation, seq: 1 });
    await guest.subscribe("t", "/topic/a");
    await guest.subscribe("d", "/chat/topic/support");
    await rest(url, `/api/conversations/${conversation}/messages`, guest.connected.get("token") ?? "");
    await rest(url, "/api/conversations?limit=5", guest.connected.get("token") ?? "");
    expect(
      asked.map(({ verb, destination, receiver, allowed }) => [verb, destination, receiver, allowed]),
    ).toEqual([
      ["SUBSCRIBE", "/user/queue/errors", {}, true],
      ["SEND", "/chat/message", { user: "support" }, true],
      ["SEND", "/chat/read", { conversation }, true],
      ["SUBSCRIBE", "/topic/a", {}, false],
      ["SEND", "/chat/history", { conversation }, true],
      ["GET", "/api/conversations", {}, true],
    ]);
    expect(asked.every(({ principal }) => principal.id === guest.id && principal.kind === "guest")).toBe(
      true,
    );
    expect(guest.refusals()).toEqual(["FORBIDDEN_DESTINATION", "FORBIDDEN_DESTINATION"]);
  });

  it("forbids what is allowed, in every entry point", async () => {
    const can: CanHook = ({ destination }) =>
      !["/chat/message", "/chat/history", "/user/queue/events", "/api/conversations"].includes(destination);
    const { webSocketUrl, url } = await embedAndListen({ can, adminPasscode: ADMIN_PASSCODE });
    const agent = await RawClient.connect(webSocketUrl, ADMIN);
    await agent.subscribe("errors", "/user/queue/errors");
    expect(await agent.subscribe("e", "/user/queue/events")).toBeUndefined();
    await agent.say("somebody", "Hello");
    await agent.request("BEGIN\ntransaction:t\n");
    await agent.request("SEND\ndestination:/chat/message\ntransaction:t\n", '{"userTo":"x"}');
    expect(agent.refusals()).toEqual(["FORBIDDEN_DESTINATION", "FORBIDDEN", "FORBIDDEN"]);
    expect(await agent.request("UNSUBSCRIBE\nid:e\n")).toBeDefined();
    const guest = await RawClient.connect(webSocketUrl);
    const token = guest.connected.get("token") ?? "";
    for (const path of ["/api/conversations", `/api/conversations/${"x".repeat(22)}/messages`]) {
      expect(await rest(url, path, token)).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    }
  });

  it("allows more on general destinations alone", async () => {
    const { chat, webSocketUrl } = await embedAndListen({
      adminPasscode: ADMIN_PASSCODE,
      can: ({ allowed, principal, verb, destination }) =>
        allowed || verb === "SEND" || destination !== `/topic/orders/${principal.id}/**`,
    });
    const agent = await (await RawClient.connect(webSocketUrl, ADMIN)).subscribeAll();
    const guest = await (await RawClient.connect(webSocketUrl)).subscribeAll();
    const stranger = await RawClient.connect(webSocketUrl);
    const receipt = await guest.say("support", "private");
    const conversation = receipt?.headers.get("conversation") ?? "";
    expect(await stranger.subscribe("own", "/topic/orders")).toBeDefined();
    expect(await stranger.subscribe("all", "/topic/**")).toBeDefined();
    await stranger.subscribe("errors", "/user/queue/errors");
    for (const destination of [
      "/chat/topic/support",
      "/chat/topic/notes",
      "/user/queue/messages-of-others",
    ]) {
      expect([destination, await stranger.subscribe(destination, destination)]).toEqual([
        destination,
        undefined,
      ]);
    }
    expect(await stranger.post("/chat/history", { conversation })).toBeUndefined();
    expect(await stranger.post("/chat/claim", { conversation })).toBeUndefined();
    expect(await stranger.say(agent.id, "Hello")).toBeUndefined();
    expect(stranger.refusals()).toEqual([
      "FORBIDDEN_DESTINATION",
      "FORBIDDEN_DESTINATION",
      "FORBIDDEN_DESTINATION",
      "NOT_FOUND",
      "FORBIDDEN",
      "FORBIDDEN_RECEIVER",
    ]);
    await chat.publish("/topic/prices/a", "1");
    await until("it arrives", () => stranger.on("all").length === 1);
    expect(stranger.on("own")).toEqual([]);
    expect(await guest.post("/topic/prices/b", "2")).toBeDefined();
  });

  it.each<[string, CanHook]>([
    [
      "throws",
      () => {
        throw new Error("the rules are down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the rules are down"))],
    ["never answers", () => never],
  ])("that %s is INTERNAL for the frame, and the session lives", async (_what, failing) => {
    const { webSocketUrl, url } = await embedAndListen({
      hookTimeoutMs: 50,
      can: (request) =>
        /errors$|^\/chat\/typing$/.test(request.destination) ? request.allowed : failing(request),
    });
    const guest = await RawClient.connect(webSocketUrl);
    await guest.subscribe("errors", "/user/queue/errors");
    expect(await guest.say("support", "Hello")).toBeUndefined();
    expect(await guest.subscribe("t", "/topic/a")).toBeUndefined();
    await guest.post("/chat/typing", { conversation: "x", typing: true });
    expect(guest.refusals()).toEqual(["INTERNAL", "INTERNAL", "NOT_FOUND"]);
    expect((await rest(url, "/api/conversations", guest.connected.get("token") ?? "")).status).toBe(500);
  });

  it("allows with true alone", async () => {
    const { webSocketUrl } = await embedAndListen({ can: (() => "yes") as never });
    const guest = await RawClient.connect(webSocketUrl);
    expect(await guest.say("support", "Hello")).toBeUndefined();
    expect(codeOf(guest)).toBe("FORBIDDEN");
  });

  it("that is slow reorders nothing: messages, subscriptions and what follows them", async () => {
    let slow = 0;
    const { webSocketUrl } = await embedAndListen({
      adminPasscode: ADMIN_PASSCODE,
      can: async ({ destination }) => {
        // The first takes longest, the last answers at once.
        const wait = destination.startsWith("/topic/") ? Math.max(0, 40 - 4 * slow++) : 0;
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        return true;
      },
    });
    const agent = await RawClient.connect(webSocketUrl, ADMIN);
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const sends = numbers.map((n) => `SEND\ndestination:/topic/a\nreceipt:r${n}\n\n${n}^@`);
    agent.send(`SUBSCRIBE\nid:t\ndestination:/topic/a\n\n^@${sends.join("")}DISCONNECT\nreceipt:end\n\n^@`);
    await until("it is over", () => agent.closed !== undefined);
    expect(agent.on("t").map(({ body }) => Buffer.from(body).toString())).toEqual(numbers);
    const receipts = agent.of("RECEIPT").map(({ headers }) => headers.get("receipt-id"));
    expect(receipts).toEqual([...numbers.map((n) => `r${n}`), "end"]);
  });

  it("that answers after the session is over lets nothing follow; one under way when the server closes is answered", async () => {
    let answer: (allowed: boolean) => void = () => undefined;
    const asked: string[] = [];
    const { chat, webSocketUrl } = await embedAndListen({
      can: ({ verb, destination }) => {
        asked.push(destination);
        return verb === "SUBSCRIBE" || new Promise((resolve) => (answer = resolve));
      },
    });
    const heard: string[] = [];
    chat.on("message", ({ message }) => heard.push(message.message));
    const gone = await RawClient.connect(webSocketUrl);
    gone.send(
      `SEND\ndestination:/chat/message\n\n{"userFrom":"${gone.id}","userTo":"support","message":"late"}^@`,
    );
    await until("it is asked", () => asked.length === 1);
    const over = new Promise((resolve) => chat.on("disconnected", resolve));
    gone.webSocket.terminate();
    await over;
    answer(true);

    const guest = await RawClient.connect(webSocketUrl);
    const said = guest.say("support", "in time");
    await until("it is asked", () => asked.length === 2);
    const closed = chat.close();
    answer(true);
    expect((await said)?.headers.get("seq")).toBe("1");
    await closed;
    expect([heard, codeOf(guest)]).toEqual([["in time"], "SHUTTING_DOWN"]);
  });
});
