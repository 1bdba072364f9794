/** REST under /api: tokens here, queries beside it. */
import express, { Router } from "express";
import { z } from "zod";
import { Disconnect } from "../../broker/errors.ts";
import { refuse } from "../../chat/errors.ts";
import { principalOf } from "../../chat/operations/post.ts";
import { shown } from "../../chat/presence.ts";
import { parseStrict } from "../../chat/strict-body.ts";
import { checkConnection } from "./connection-check.ts";
import { HttpError, onlyMethods } from "./errors.ts";
import { permitted, whenPermitted } from "./permission.ts";
import { createQueryHandlers } from "./query-handlers.ts";
import type { IRoute, Request, RequestHandler } from "express";
import type { ApiParts } from "./api-parts.ts";
import type { CheckParts } from "./connection-check.ts";
import type { Answer } from "./permission.ts";

/** Room for a token of the site and one of a guest: whoever sends it is nobody yet. */
const MAX_BODY = "6kb";
const MAX_PASSCODE = 256;

const loginBody = z.strictObject({
  login: z.string().min(1).max(64),
  passcode: z.string().min(1).max(MAX_PASSCODE),
});
const identifyBody = z.strictObject({ jwt: z.string().min(1), guestToken: z.string().optional() });
const emptyBody = z.strictObject({});

/** `before` handles each request to a path of ours, whatever its method; every other path is passed on untouched. */
export function createApi(parts: ApiParts & CheckParts, before: readonly RequestHandler[]): Router {
  const api = Router({ caseSensitive: true, strict: true });
  const route = (path: string): IRoute => api.route(path).all(...before);
  const json = [
    requireJson,
    express.text({ type: () => true, limit: MAX_BODY, defaultCharset: "utf-8", inflate: false }),
  ];
  const doors: readonly [string, RequestHandler][] = [
    ["/guests", createGuest(parts)],
    ["/identify", identify(parts)],
    ["/sessions", startSession(parts)],
  ];
  for (const [path, answer] of doors) {
    route(path)
      .post(permitted("POST", `/api${path}`), ...json, answer)
      .all(onlyMethods("POST"));
  }
  route("/sessions/current")
    .delete(whenPermitted(parts, "DELETE", "/api/sessions/current", endSession(parts)))
    .all(onlyMethods("DELETE"));
  route("/connection-check")
    .get(permitted("GET", "/api/connection-check"), checkConnection(parts))
    .all(onlyMethods("GET", "HEAD"));
  for (const [path, answer] of createQueryHandlers(parts)) {
    route(path)
      .get(whenPermitted(parts, "GET", `/api${path}`, answer))
      .all(onlyMethods("GET", "HEAD"));
  }
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
    const identified = await identity.identify(jwt, guestToken).catch((error: unknown) => {
      throw error instanceof Disconnect ? new HttpError("AUTH_FAILED", error.detail) : error;
    });
    if (identified === undefined) throw new HttpError("AUTH_FAILED");
    response.json({ token: identified.token, user: shown(principalOf(identified.user)) });
  };
}

function startSession({ identity, remoteAddress }: ApiParts): RequestHandler {
  return async (request, response) => {
    const { login, passcode } = parseStrict(loginBody, bodyOf(request));
    const address = remoteAddress(request);
    const result = await identity.login(login, passcode, address);
    if (!result.ok) {
      const { retryAfterMs, hint } = result;
      if (retryAfterMs > 0) throw refuse("RATE_LIMITED", { retryAfterMs, hint });
      throw new HttpError("AUTH_FAILED");
    }
    const token = await identity.startSession(result.user, address);
    response.status(201).json({ token, user: shown(principalOf(result.user)) });
  };
}

function endSession(parts: ApiParts): Answer {
  return async (request, response, { credentialId }) => {
    const deed = { address: parts.remoteAddress(request), now: Date.now() };
    const isEnded =
      credentialId !== undefined &&
      (await parts.store.execute("endLoginSession", { hash: credentialId, ...deed }));
    // What came with another token has no login session.
    if (!isEnded) throw refuse("FORBIDDEN");
    response.status(204).end();
  };
}
