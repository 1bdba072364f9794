/** The port that turns the credentials of a CONNECT into a principal. */
import type { Disconnect } from "./errors.ts";
import type { Principal } from "./principal.ts";

/** What a CONNECT brought; empty values are absent. */
export type Credentials = {
  readonly authorization?: string;
  readonly login?: string;
  readonly passcode?: string;
};

export type Authentication = {
  readonly principal: Principal;
  /** A fresh token for the client to keep, sent as CONNECTED's `token`. */
  readonly token?: string;
  /** Epoch milliseconds at which the session ends with SESSION_EXPIRED. */
  readonly expiresAt?: number;
  /** Names the credential, so that its revocation can end the sessions that came with it. */
  readonly credentialId?: string;
  /** The generation of a guest's token. */
  readonly generation?: number;
};

/** Credentials that stopped being valid: all of a user's, or one of them. */
export type Revocation = {
  readonly userId: string;
  readonly credentialId?: string;
  readonly reason: Disconnect;
};

export function isRevoked(
  { principal, credentialId }: Authentication,
  { userId, credentialId: revoked }: Revocation,
): boolean {
  return principal.id === userId && (revoked === undefined || revoked === credentialId);
}

export interface Authenticator {
  /**
   * Resolves the principal, or rejects with Disconnect AUTH_REQUIRED, AUTH_FAILED (the same words whatever was
   * wrong), SENDER_BLOCKED or LOGIN_THROTTLED. Takes the same time for an unknown login and a wrong passcode.
   */
  authenticate(credentials: Credentials, remoteAddress: string): Promise<Authentication>;
}
