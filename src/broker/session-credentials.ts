/** What a session came with, and which revocations of it end the session. */
import { isRevoked } from "./authenticator.ts";
import type { Authentication, Revocation } from "./authenticator.ts";
import type { Principal } from "./principal.ts";

export class SessionCredentials {
  #authentication: Authentication | undefined;
  /** Told while CONNECT was being judged, which may have looked before. */
  #early: Revocation[] = [];

  /** Known once CONNECTED. */
  get authentication(): Authentication | undefined {
    return this.#authentication;
  }

  /** Throws before CONNECTED. */
  get principal(): Principal {
    if (this.#authentication === undefined) throw new Error("the session has no principal before CONNECTED");
    return this.#authentication.principal;
  }

  /** CONNECT came with these; returns what was revoked while it was judged, to be looked at once it is CONNECTED. */
  accept(authentication: Authentication): readonly Revocation[] {
    this.#authentication = authentication;
    const early = this.#early;
    this.#early = [];
    return early;
  }

  /** Whether a revocation ends the session now; one that comes before `accept` is kept for it. */
  isEndedBy(revocation: Revocation): boolean {
    if (this.#authentication !== undefined) return isRevoked(this.#authentication, revocation);
    this.#early.push(revocation);
    return false;
  }
}
