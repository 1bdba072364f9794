/** Each route asks the rules before it answers. */
import { Refusal } from "../../broker/errors.ts";
import { requirePermission } from "../../chat/access-policy.ts";
import { authenticated } from "./api-parts.ts";
import type { Request, RequestHandler, Response } from "express";
import type { Authentication } from "../../broker/authenticator.ts";
import type { Verb } from "../../chat/access-rules.ts";
import type { ApiParts } from "./api-parts.ts";

type PermissionParts = Pick<ApiParts, "identity" | "permit" | "audit" | "remoteAddress">;

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
  parts: PermissionParts,
  verb: Verb,
  path: string,
  request: Request,
): Promise<Authentication> {
  const caller = await authenticated(parts, request);
  await auditing(parts, verb, path, request, caller, async () => {
    requirePermission(caller.principal, verb, path);
    await parts.permit?.(caller.principal, request.method, pathOf(request));
  });
  return caller;
}

/** Does the work, and has what is forbidden in it written down. */
async function auditing(
  { audit, remoteAddress }: PermissionParts,
  verb: Verb,
  destination: string,
  request: Request,
  { principal }: Authentication,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const address = remoteAddress(request);
    if (error instanceof Refusal) audit.refused(error.code, { principal, address, verb, destination });
    throw error;
  }
}

/** `path` is that of the route, as the rules name it. */
export function whenPermitted(
  parts: PermissionParts,
  verb: Verb,
  path: string,
  answer: Answer,
): RequestHandler {
  return async (request, response) => {
    const caller = await permittedCaller(parts, verb, path, request);
    await auditing(parts, verb, path, request, caller, () => answer(request, response, caller));
  };
}

/** As the routes read it: where the API is mounted case does not count, and parameters are decoded. */
function pathOf({ baseUrl, path }: Request): string {
  return baseUrl.toLowerCase() + decodeURIComponent(path);
}
