/** Who somebody is: logins, tokens of ours, and the broker's Authenticator over both. */
import { Disconnect } from "../../broker/errors.ts";
import { DONE } from "../../chat/audit.ts";
import { LOGIN_LIMIT } from "../../broker/rates.ts";
import { principalOf } from "../../chat/operations/post.ts";
import { MAX_LOGINS_IN_TURN, TURN_RETRY_MS } from "./login-throttle.ts";
import { createOpaqueToken, hashToken, randomId, SERVICE, SESSION, TOKEN_PREFIX } from "./tokens.ts";
import type { Authentication, Authenticator, Credentials } from "../../broker/authenticator.ts";
import type { Principal } from "../../broker/principal.ts";
import type { AuditTrail } from "../../chat/audit-trail.ts";
import type { GuestTokenInput } from "../../chat/operations/accounts.ts";
import type { ChatStore } from "../../chat/store.ts";
import type { UserRow } from "../../chat/tables.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Passcodes } from "./passcodes.ts";
import type { SiteIdentity } from "./site-jwt.ts";
import type { Tokens } from "./tokens.ts";

export type IdentityParts = {
  readonly store: ChatStore;
  readonly tokens: Tokens;
  readonly passcodes: Passcodes;
  readonly throttle: LoginThrottle;
  /** GUESTS: whether anonymous visitors may chat. */
  readonly guests: boolean;
  readonly now: () => number;
  readonly audit: AuditTrail;
  /** Reads the host site's tokens; undefined where no site key is configured. */
  readonly readSiteJwt: ((token: string) => Promise<SiteIdentity | undefined>) | undefined;
};

export type LoginResult =
  | { readonly ok: true; readonly user: UserRow }
  /** 0: login or passcode is wrong. Otherwise nothing was compared, and `hint` says which limit was met. */
  | { readonly ok: false; readonly retryAfterMs: number; readonly hint: string };

const TURN_LIMIT = `logins that wait for their turn: ${MAX_LOGINS_IN_TURN} of one address`;
const BEARER = /^Bearer +(\S+)$/i;
/** Three dotted parts that are no token of ours: a host site's JWT in the wrong place. */
const FOREIGN_JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export class Identity implements Authenticator {
  readonly #parts: IdentityParts;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
  }

  async authenticate(
    { authorization, login, passcode }: Credentials,
    remoteAddress: string,
  ): Promise<Authentication> {
    if (authorization !== undefined) return this.#authenticateToken(BEARER.exec(authorization)?.[1] ?? "");
    if (passcode?.startsWith(TOKEN_PREFIX)) return this.#authenticateToken(passcode);
    if (login !== undefined && passcode !== undefined) {
      return this.#authenticateLogin(login, passcode, remoteAddress);
    }
    if (login !== undefined || passcode !== undefined) throw authFailed(passcode ?? "");
    if (!this.#parts.guests) throw Disconnect.of("AUTH_REQUIRED");
    return this.createGuest();
  }

  /** A new guest, who costs nothing until the first message: only a token is made. */
  async createGuest(): Promise<Authentication & { readonly token: string }> {
    const id = randomId();
    const token = await this.#parts.tokens.guest(id, 1);
    return { principal: { id, kind: "guest" }, generation: 0, token, credentialId: hashToken(token) };
  }

  /** The authentication of a token of ours, or undefined. */
  async authenticationOf(token: string): Promise<Authentication | undefined> {
    if (token.startsWith(SESSION)) return this.#ofLoginSession(token);
    if (token.startsWith(SERVICE)) return this.#ofService(token);
    const signed = await this.#parts.tokens.read(token);
    if (signed === undefined) return undefined;
    const authentication =
      signed.kind === "guest"
        ? await this.#ofGuest(signed.id, signed.generation)
        : await this.#ofCustomer(signed.id, signed.expiresAt);
    return authentication && { ...authentication, credentialId: hashToken(token) };
  }

  /** Compares login and passcode, throttled; takes the same time for an unknown login and a wrong passcode. */
  async login(login: string, passcode: string, remoteAddress: string): Promise<LoginResult> {
    const { throttle } = this.#parts;
    const result = await throttle.inTurn(remoteAddress, () => this.#compare(login, passcode, remoteAddress));
    return result ?? { ok: false, retryAfterMs: TURN_RETRY_MS, hint: TURN_LIMIT };
  }

  async #compare(login: string, passcode: string, remoteAddress: string): Promise<LoginResult> {
    const { store, passcodes, throttle } = this.#parts;
    const retryAfterMs = await throttle.blockedFor(login, remoteAddress);
    if (retryAfterMs > 0) {
      this.#auditFailure("LOGIN_THROTTLED", remoteAddress, undefined);
      return { ok: false, retryAfterMs, hint: LOGIN_LIMIT };
    }
    const user = await store.execute("userByLogin", { login });
    const isUsable = user !== undefined && user.disabled !== true;
    if (await passcodes.verify(isUsable ? user.passcodeHash : undefined, passcode)) {
      await throttle.succeeded(login, remoteAddress);
      if (isUsable) return { ok: true, user };
    }
    await throttle.failed(login, remoteAddress);
    this.#auditFailure("AUTH_FAILED", remoteAddress, user);
    return { ok: false, retryAfterMs: 0, hint: LOGIN_LIMIT };
  }

  /** A login that nobody has is not written down: it may be a passcode in the wrong field. */
  #auditFailure(outcome: string, address: string, user: UserRow | undefined): void {
    const whom = user === undefined ? {} : { user: user.id };
    this.#parts.audit.record({ actor: "unknown", action: "sign-in", ...whom, address, outcome });
  }

  /** Starts a login session; the token is shown once. */
  async startSession({ id: user }: UserRow, address: string): Promise<string> {
    const token = createOpaqueToken(SESSION);
    const { store, now } = this.#parts;
    await store.execute("startLoginSession", { hash: hashToken(token), user, address, now: now() });
    return token;
  }

  /** Exchanges a host site's token: the guest, if any, becomes this customer. Undefined when it is not valid; `readSiteJwt` may reject. */
  async identify(
    jwt: string,
    guestToken: string | undefined,
  ): Promise<{ readonly token: string; readonly user: UserRow } | undefined> {
    const { store, tokens, now, readSiteJwt } = this.#parts;
    const identity = await readSiteJwt?.(jwt);
    if (identity === undefined) return undefined;
    const guest = guestToken === undefined ? undefined : await tokens.read(guestToken);
    if (guestToken !== undefined && guest?.kind !== "guest") return undefined;
    const { subject, name } = identity;
    const user = await store.execute("identify", {
      id: randomId(),
      subject,
      now: now(),
      ...(name === undefined ? {} : { name }),
      ...(guest?.kind === "guest" ? { guest: { id: guest.id, generation: guest.generation } } : {}),
    });
    if (user === undefined) return undefined;
    return { token: await tokens.customer(user.id), user };
  }

  async #authenticateToken(token: string): Promise<Authentication> {
    const authentication = await this.authenticationOf(token);
    if (authentication === undefined) throw authFailed(token);
    return authentication;
  }

  async #authenticateLogin(login: string, passcode: string, remoteAddress: string): Promise<Authentication> {
    const result = await this.login(login, passcode, remoteAddress);
    if (result.ok) {
      const { id: actor } = result.user;
      const at = { address: remoteAddress, outcome: DONE };
      this.#parts.audit.record({ actor, action: "sign-in", detail: "by CONNECT", ...at });
      return { principal: principalOf(result.user) };
    }
    const { retryAfterMs, hint } = result;
    if (retryAfterMs > 0) throw Disconnect.of("LOGIN_THROTTLED", { retryAfterMs, hint });
    throw authFailed(passcode);
  }

  async #ofLoginSession(token: string): Promise<Authentication | undefined> {
    const { store, now } = this.#parts;
    const use = { hash: hashToken(token), now: now() };
    const live = await store.execute("liveLoginSession", use);
    if (live === undefined) return undefined;
    // A store that cannot be written does not end the session: the next use is recorded.
    if (live.isNoteworthy) void store.execute("useLoginSession", use).catch(() => undefined);
    return { principal: principalOf(live.user), expiresAt: live.expiresAt, credentialId: use.hash };
  }

  async #ofService(token: string): Promise<Authentication | undefined> {
    const hash = hashToken(token);
    const user = await this.#parts.store.execute("userByTokenHash", { hash });
    return user === undefined || user.disabled === true
      ? undefined
      : { principal: principalOf(user), credentialId: hash };
  }

  async #ofGuest(id: string, generation: number): Promise<Authentication | undefined> {
    const { store, tokens, now, guests } = this.#parts;
    if (!guests) return undefined;
    if (!(await this.#isGuestTokenValid({ id, generation, now: now() }))) return undefined;
    const user = await store.execute("userById", { id });
    const principal: Principal = user === undefined ? { id, kind: "guest" } : principalOf(user);
    return { principal, generation, token: await tokens.guest(id, generation + 1) };
  }

  async #isGuestTokenValid(use: GuestTokenInput): Promise<boolean> {
    const { store } = this.#parts;
    const state = await store.execute("guestTokenState", use);
    if (state !== "next") return state === "valid";
    // It is signed by us; a store that cannot be written keeps nobody from reading. The next use is recorded.
    return store.execute("useGuestToken", use).catch(() => true);
  }

  async #ofCustomer(id: string, expiresAt: number): Promise<Authentication | undefined> {
    const user = await this.#parts.store.execute("userById", { id });
    return user?.kind !== "customer" || user.disabled === true
      ? undefined
      : { principal: principalOf(user), expiresAt };
  }
}

function authFailed(credential: string): Disconnect {
  const isForeign = FOREIGN_JWT.test(credential);
  return Disconnect.of(
    "AUTH_FAILED",
    isForeign ? { hint: "exchange the site's token at /api/identify" } : {},
  );
}
