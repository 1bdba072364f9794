/** REST under /api: identity, conversations, histories, customers; the same rules as on STOMP. */
import express, { Router } from "express";
import { z } from "zod";
import { servesCustomers } from "../../chat/access-policy.ts";
import { refuse } from "../../chat/errors.ts";
import { principalOf } from "../../chat/operations/post.ts";
import { shown } from "../../chat/presence.ts";
import { formatPosition } from "../../chat/position.ts";
import { parseStrict } from "../../chat/strict-body.ts";
import { hasScope } from "../../chat/access-policy.ts";
import { HttpError, onlyMethods } from "./errors.ts";
import { Query } from "./queries.ts";
import type { IRoute, Request, RequestHandler } from "express";
import type { IncomingMessage } from "node:http";
import type { Authentication } from "../../broker/authenticator.ts";
import type { ChatStore } from "../../chat/store.ts";
import type { UserRow } from "../../chat/tables.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";

/** What the API needs to know of identities; the auth adapter implements it. */
export interface ApiIdentity {
  authenticationOf(token: string): Promise<Authentication | undefined>;
  createGuest(): Promise<Authentication & { readonly token: string }>;
  login(
    login: string,
    passcode: string,
    address: string,
  ): Promise<
    { readonly ok: true; readonly user: UserRow } | { readonly ok: false; readonly retryAfterMs: number }
  >;
  startSession(user: UserRow): Promise<string>;
  /** Exchanges a host site's token; undefined when it is not valid. */
  identify(
    jwt: string,
    guestToken: string | undefined,
  ): Promise<{ token: string; user: UserRow } | undefined>;
}

export type ApiParts = {
  readonly store: ChatStore;
  readonly identity: ApiIdentity;
  readonly guests: boolean;
  readonly remoteAddress: (request: IncomingMessage) => string;
  readonly onlineCustomers: () => readonly { readonly user: PublicPrincipal; readonly sessions: number }[];
};

const MAX_BODY = "64kb";
const MAX_PASSCODE = 256;
const CONVERSATION_ID = /^[A-Za-z0-9_-]{22,64}$/;

const loginBody = z.strictObject({
  login: z.string().min(1).max(64),
  passcode: z.string().min(1).max(MAX_PASSCODE),
});
const identifyBody = z.strictObject({ jwt: z.string().min(1), guestToken: z.string().optional() });
const emptyBody = z.strictObject({});

/** `before` handles each request to a path of ours, whatever its method; every other path is passed on untouched. */
export function createApi(parts: ApiParts, before: readonly RequestHandler[]): Router {
  const api = Router({ caseSensitive: true, strict: true });
  const route = (path: string): IRoute => api.route(path).all(...before);
  const json = [
    requireJson,
    express.text({ type: () => true, limit: MAX_BODY, defaultCharset: "utf-8", inflate: false }),
  ];
  route("/guests")
    .post(...json, createGuest(parts))
    .all(onlyMethods("POST"));
  route("/identify")
    .post(...json, identify(parts))
    .all(onlyMethods("POST"));
  route("/sessions")
    .post(...json, startSession(parts))
    .all(onlyMethods("POST"));
  route("/sessions/current").delete(endSession(parts)).all(onlyMethods("DELETE"));
  route("/conversations").get(listConversations(parts)).all(onlyMethods("GET", "HEAD"));
  route("/conversations/:id").get(showConversation(parts)).all(onlyMethods("GET", "HEAD"));
  route("/conversations/:id/messages").get(listMessages(parts)).all(onlyMethods("GET", "HEAD"));
  route("/customers").get(listCustomers(parts)).all(onlyMethods("GET", "HEAD"));
  return api;
}

/** Only JSON: a form or plain text is what another site's page can send without asking. */
const requireJson: RequestHandler = (request, _response, next) => {
  const type = request.headers["content-type"];
  const isEmpty = type === undefined && (request.headers["content-length"] ?? "0") === "0";
  if (!isEmpty && !/^application\/json\s*(?:;|$)/i.test(type ?? "")) throw refuse("UNSUPPORTED_CONTENT_TYPE");
  next();
};

/** As text; an application of somebody else's may have parsed it before it came here. */
function bodyOf({ body }: Request): string {
  if (typeof body === "string") return body;
  return body === undefined ? "" : JSON.stringify(body);
}

function createGuest({ identity, guests }: ApiParts): RequestHandler {
  return async (request, response) => {
    if (bodyOf(request) !== "") parseStrict(emptyBody, bodyOf(request));
    if (!guests) throw refuse("FORBIDDEN", { hint: "this chat admits identified customers only" });
    const { token, principal } = await identity.createGuest();
    response.status(201).json({ token, user: shown(principal) });
  };
}

function identify({ identity }: ApiParts): RequestHandler {
  return async (request, response) => {
    const { jwt, guestToken } = parseStrict(identifyBody, bodyOf(request));
    const identified = await identity.identify(jwt, guestToken);
    if (identified === undefined) throw new HttpError("AUTH_FAILED");
    response.json({ token: identified.token, user: shown(principalOf(identified.user)) });
  };
}

function startSession({ identity, remoteAddress }: ApiParts): RequestHandler {
  return async (request, response) => {
    const { login, passcode } = parseStrict(loginBody, bodyOf(request));
    const result = await identity.login(login, passcode, remoteAddress(request));
    if (!result.ok) {
      if (result.retryAfterMs > 0) throw refuse("RATE_LIMITED", { retryAfterMs: result.retryAfterMs });
      throw new HttpError("AUTH_FAILED");
    }
    const token = await identity.startSession(result.user);
    response.status(201).json({ token, user: shown(principalOf(result.user)) });
  };
}

function endSession(parts: ApiParts): RequestHandler {
  return async (request, response) => {
    const { credentialId, principal } = await authenticated(parts, request);
    if (credentialId === undefined || principal.kind !== "agent") throw refuse("FORBIDDEN");
    await parts.store.execute("endLoginSession", { hash: credentialId });
    response.status(204).end();
  };
}

function listConversations(parts: ApiParts): RequestHandler {
  return async (request, response) => {
    const { principal } = await authenticated(parts, request);
    const query = new Query(request, ["state", "before", "limit"]);
    const states = query.states();
    const before = query.cursor();
    const page = await parts.store.execute("conversations", {
      principal,
      limit: query.limit(),
      ...(states === undefined ? {} : { states }),
      ...(before === undefined ? {} : { before }),
    });
    response.json({ ...page, position: formatPosition(parts.store.epoch, page.position) });
  };
}

function showConversation(parts: ApiParts): RequestHandler {
  return async (request, response) => {
    const { principal } = await authenticated(parts, request);
    new Query(request, []);
    const found = await parts.store.execute("conversation", { principal, id: idIn(request) });
    response.json({ ...found.conversation, position: formatPosition(parts.store.epoch, found.position) });
  };
}

function listMessages(parts: ApiParts): RequestHandler {
  return async (request, response) => {
    const { principal } = await authenticated(parts, request);
    const query = new Query(request, ["before", "after", "limit"]);
    const before = query.seq("before");
    const after = query.seq("after");
    const page = await parts.store.execute("history", {
      principal,
      conversation: idIn(request),
      limit: query.limit(),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
    response.json({ ...page, position: formatPosition(parts.store.epoch, page.position) });
  };
}

function listCustomers(parts: ApiParts): RequestHandler {
  return async (request, response) => {
    const { principal } = await authenticated(parts, request);
    if (!servesCustomers(principal) && !hasScope(principal, "api")) throw refuse("FORBIDDEN");
    const query = new Query(request, ["online", "before", "limit"]);
    const limit = query.limit();
    const before = query.cursor();
    const page = await parts.store.execute("customers", {
      principal,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    const position = formatPosition(parts.store.epoch, page.position);
    if (query.flag("online") === true) {
      response.json({ ...onlinePage(parts, before, limit), position });
      return;
    }
    response.json({ ...page, position });
  };
}

/** Connected customers, in order of arrival: many of them have no row yet. */
function onlinePage({ onlineCustomers }: ApiParts, before: string | undefined, limit: number): object {
  const all = onlineCustomers();
  const start = before === undefined ? 0 : all.findIndex(({ user }) => user.id === before) + 1;
  const items = all.slice(start, start + limit).map(({ user, sessions }) => ({ ...user, sessions }));
  const next = all.length > start + limit ? items.at(-1)?.id : undefined;
  return next === undefined ? { items } : { items, next };
}

/** The caller's authentication; throws 401. */
export async function authenticated(
  { identity }: Pick<ApiParts, "identity">,
  request: Request,
): Promise<Authentication> {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization === "") throw new HttpError("AUTH_REQUIRED");
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const authentication = token === undefined ? undefined : await identity.authenticationOf(token);
  if (authentication === undefined) throw new HttpError("AUTH_FAILED");
  return authentication;
}

function idIn(request: Request): string {
  const id = request.params["id"];
  if (typeof id !== "string" || !CONVERSATION_ID.test(id)) throw refuse("NOT_FOUND");
  return id;
}
