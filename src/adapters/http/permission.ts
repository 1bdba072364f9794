/** Each route asks the rules before it answers. */
import { requirePermission } from "../../chat/access-policy.ts";
import { authenticated } from "./api-parts.ts";
import type { Request, RequestHandler, Response } from "express";
import type { Authentication } from "../../broker/authenticator.ts";
import type { Verb } from "../../chat/access-rules.ts";
import type { ApiParts } from "./api-parts.ts";

/** Answers a request that its caller may make. */
export type Answer = (request: Request, response: Response, caller: Authentication) => Promise<void>;

/** For routes that need no principal; a rule says so. */
export function permitted(verb: Verb, path: string): RequestHandler {
  return (_request, _response, next) => {
    requirePermission(undefined, verb, path);
    next();
  };
}

/** The caller's authentication; throws 401, the rules' refusal, or that of the second opinion. */
export async function permittedCaller(
  parts: Pick<ApiParts, "identity" | "permit">,
  verb: Verb,
  path: string,
  request: Request,
): Promise<Authentication> {
  const caller = await authenticated(parts, request);
  requirePermission(caller.principal, verb, path);
  await parts.permit?.(caller.principal, request.method, pathOf(request));
  return caller;
}

/** `path` is that of the route, as the rules name it. */
export function whenPermitted(
  parts: Pick<ApiParts, "identity" | "permit">,
  verb: Verb,
  path: string,
  answer: Answer,
): RequestHandler {
  return async (request, response) => {
    await answer(request, response, await permittedCaller(parts, verb, path, request));
  };
}

/** As the routes read it: where the API is mounted case does not count, and parameters are decoded. */
function pathOf({ baseUrl, path }: Request): string {
  return baseUrl.toLowerCase() + decodeURIComponent(path);
}
