/** The port that turns the credentials of a CONNECT into a principal. */
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

export interface Authenticator {
  /**
   * Resolves the principal, or rejects with Disconnect AUTH_REQUIRED, AUTH_FAILED (the same words whatever was
   * wrong), SENDER_BLOCKED or LOGIN_THROTTLED. Takes the same time for an unknown login and a wrong passcode.
   */
  authenticate(credentials: Credentials, remoteAddress: string): Promise<Authentication>;
}
