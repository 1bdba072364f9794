/** What REST is handed, and who a request speaks for. */
import { HttpError } from "./errors.ts";
import type { Request } from "express";
import type { IncomingMessage } from "node:http";
import type { Authentication } from "../../broker/authenticator.ts";
import type { Principal } from "../../broker/principal.ts";
import type { AuditTrail } from "../../chat/audit-trail.ts";
import type { ChatStore } from "../../chat/store.ts";
import type { UserRow } from "../../chat/tables.ts";
import type { OnlineCustomer } from "../../chat/wire.ts";

/**
 * A second opinion on requests, by method and path: resolves when the principal may go on, rejects with Refusal. What
 * depends on a conversation is decided behind it.
 */
export type PermitRequest = (principal: Principal, method: string, path: string) => Promise<void>;

/** What the API needs to know of identities; the auth adapter implements it. */
export interface ApiIdentity {
  authenticationOf(token: string): Promise<Authentication | undefined>;
  createGuest(): Promise<Authentication & { readonly token: string }>;
  login(
    login: string,
    passcode: string,
    address: string,
  ): Promise<
    | { readonly ok: true; readonly user: UserRow }
    | { readonly ok: false; readonly retryAfterMs: number; readonly hint: string }
  >;
  startSession(user: UserRow, address: string): Promise<string>;
  /** Exchanges a host site's token; undefined when it is not valid. Rejects with AUTH_FAILED when a claim of it is not accepted. */
  identify(
    jwt: string,
    guestToken: string | undefined,
  ): Promise<{ token: string; user: UserRow } | undefined>;
}

export type ApiParts = {
  readonly store: ChatStore;
  readonly identity: ApiIdentity;
  readonly permit: PermitRequest | undefined;
  readonly guests: boolean;
  readonly remoteAddress: (request: IncomingMessage) => string;
  readonly audit: AuditTrail;
  readonly onlineCustomers: () => readonly OnlineCustomer[];
  /** Counts a page of history; throws Refusal RATE_LIMITED. */
  readonly countHistory: (principal: Principal) => void;
};

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
