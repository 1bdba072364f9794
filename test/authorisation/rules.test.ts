/** Nothing that can be asked for is without a rule, no rule is about what is not there, and without a rule it is no. */
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { createDemo } from "../../src/adapters/http/pages.ts";
import { can } from "../../src/chat/access-policy.ts";
import { RULES } from "../../src/chat/access-rules.ts";
import { ChatService } from "../../src/chat/chat-service.ts";
import { embed } from "../helpers/embedded.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { Verb } from "../../src/chat/access-rules.ts";

/** What of Express's routers is looked at. */
type Layer = {
  readonly handle: object;
  readonly slash: boolean;
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
  match(path: string): boolean;
};

/** `GET /path` of every route, however deep. Handlers of all methods only say what is not allowed. */
function routesOf(router: object, mount = ""): string[] {
  const inner: object = "router" in router ? (router.router as object) : router;
  const stack = "stack" in inner ? (inner.stack as readonly Layer[]) : [];
  return stack.flatMap((layer) => {
    const { route, handle } = layer;
    if (route !== undefined) {
      const methods = new Set(route.stack.flatMap(({ method }) => method ?? []));
      return [...methods].map((method) => `${method.toUpperCase()} ${mount}${route.path}`);
    }
    const isApi = !layer.slash && layer.match("/api");
    return routesOf(handle, isApi ? `${mount}/api` : mount);
  });
}

const named = (...verbs: readonly Verb[]): string[] =>
  RULES.filter(({ verb }) => verbs.includes(verb)).map(({ verb, destination }) => `${verb} ${destination}`);

const ADMIN: Principal = { id: "a".repeat(22), kind: "agent", role: "admin" };
const SERVICE: Principal = {
  id: "s".repeat(22),
  kind: "service",
  scopes: ["chat", "api", "topics", "queues"],
};

describe("the rules", () => {
  it("have a row for every route of HTTP, and none for anything else", async () => {
    const { router } = await embed();
    const routes = [...routesOf(router), ...routesOf(createDemo([]))];
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.sort()).toEqual(named("GET", "POST", "DELETE").sort());
  });

  it("have a row for every destination and verb of the chat, and none for anything else", () => {
    const chat = new ChatService(createMemoryStore(), { now: Date.now, id: () => "x" });
    const taken = [...chat.destinations].flatMap(([name, { handleSend, openSubscription }]) => [
      ...(handleSend === undefined ? [] : [`SEND ${name}`]),
      ...(openSubscription === undefined ? [] : [`SUBSCRIBE ${name}`]),
    ]);
    expect(taken.length).toBeGreaterThan(15);
    const general = /^\S+ \/(?:topic|queue|temp-queue)\//;
    const known = named("SEND", "SUBSCRIBE").filter((row) => !general.test(row));
    expect(["SUBSCRIBE /user/queue/errors", ...taken].sort()).toEqual(known.sort());
  });

  it("allow nobody in particular what is not for the public", () => {
    const allowed = RULES.filter(({ verb, destination }) => can(undefined, verb, destination).allowed);
    expect(allowed).toEqual(RULES.filter(({ allow }) => allow.public !== undefined));
    expect(allowed.map(({ destination }) => destination).sort()).toEqual(
      [
        "/",
        "/agent",
        "/api/connection-check",
        "/api/guests",
        "/api/identify",
        "/api/sessions",
        "/connection-check",
        "/healthz",
        "/readyz",
      ].concat(["/widget.js", "/widget/panel"]),
    );
  });

  it.each([
    ["SEND", "/chat/unknown"],
    ["SEND", "/user/queue/messages"],
    ["SEND", "/chat/topic/support"],
    ["SEND", "/temp-queue/a"],
    ["SEND", "/topic"],
    ["SEND", ""],
    ["SUBSCRIBE", "/chat/message"],
    ["SUBSCRIBE", "/user/queue/unknown"],
    ["SUBSCRIBE", "/queue/reply-to/a"],
    ["GET", "/api/unknown"],
    ["GET", "/api/sessions"],
    ["POST", "/api/customers"],
    ["DELETE", "/api/conversations/:id"],
    ["PUT", "/api/customers"],
    ["CONNECT", "/chat/message"],
  ])("are no to %s %s, for an admin and for a service with every scope", (verb, destination) => {
    for (const principal of [ADMIN, SERVICE]) {
      expect(can(principal, verb as Verb, destination).allowed).toBe(false);
    }
  });
});
