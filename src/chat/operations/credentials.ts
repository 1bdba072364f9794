/** What agents and services come in with, one by one: an agent's login sessions, a service's token. */
import { refuse } from "../errors.ts";
import { ABSOLUTE_MS, IDLE_MS } from "./accounts.ts";
import { accountOf, endSessions } from "./disable.ts";
import { answer } from "./outcome.ts";
import type { Actor } from "../audit.ts";
import type { LoginSessionRow, Tables, UserRow } from "../tables.ts";
import type { AccountDeed } from "./disable.ts";
import type { Outcome } from "./outcome.ts";

export type LoginSession = {
  /** Names it among those of its account. */
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** When it is over unless it is used again. */
  readonly expiresAt: number;
  /** From where it was begun, as long as the audit log has the line. */
  readonly address?: string;
};

/** Login sessions of an account that are kept, in the order in which they were begun; UNKNOWN_USER where there is none. */
export function loginSessions(
  tables: Tables,
  { account }: { readonly account: string },
): Outcome<readonly LoginSession[]> {
  const user = accountOf(tables, account);
  const sessions = tables.loginSessionsOf(user.key).map((row) => {
    const { createdAt, usedAt } = row;
    const address = addressOf(tables, user, createdAt);
    return {
      id: shortIdOf(row.hash),
      createdAt,
      usedAt,
      expiresAt: Math.min(usedAt + IDLE_MS, createdAt + ABSOLUTE_MS),
      ...(address === undefined ? {} : { address }),
    };
  });
  return answer(sessions);
}

const SHORT_ID_LENGTH = 8;

/** The first digits of a token's hash, which tell nothing of the token. */
export function shortIdOf(hash: string): string {
  return hash.slice(0, SHORT_ID_LENGTH);
}

/** Lines of one millisecond that are looked at for it. */
const LINES = 100;

/** Its line in the audit log was written with the login session, at the same time. */
function addressOf(tables: Tables, { id }: UserRow, createdAt: number): string | undefined {
  return tables.audit
    .after({ at: createdAt, key: 0 }, LINES)
    .find(
      ({ at, actor, action, detail }) =>
        at === createdAt && actor === id && action === "sign-in" && detail === undefined,
    )?.address;
}

/**
 * Ends one login session of an account and the STOMP sessions that came with it; the others go on. UNKNOWN_USER where
 * there is no such account, NOT_FOUND where it has no such login session.
 */
export function endOneLogin(
  tables: Tables,
  { account, session, actor, now }: AccountDeed & { readonly session: string },
): Outcome<UserRow> {
  const user = accountOf(tables, account);
  const [row, ...others] = tables
    .loginSessionsOf(user.key)
    .filter(({ hash }: LoginSessionRow) => shortIdOf(hash) === session);
  if (row === undefined || others.length > 0) throw refuse("NOT_FOUND");
  tables.deleteLoginSession(row.hash);
  const line = { action: "sign-out", user: user.id, detail: "one login", outcome: "done" } as const;
  tables.audit.append({ at: now, actor, ...line });
  return {
    result: user,
    facts: [{ type: "credentials.revoked", user: user.id, credentialId: row.hash }],
  };
}

export type RotateTokenInput = {
  /** A login or an id, of a service. */
  readonly account: string;
  readonly tokenHash: string;
  readonly actor: Actor;
  readonly now: number;
};

/**
 * Gives a service another token. The one before is nothing any more, and sessions that came with it end; a disabled
 * service stays disabled. UNKNOWN_USER where there is no such service.
 */
export function rotateToken(
  tables: Tables,
  { account, tokenHash, actor, now }: RotateTokenInput,
): Outcome<UserRow> {
  const service = accountOf(tables, account);
  if (service.kind !== "service") throw refuse("UNKNOWN_USER");
  const rotated = { ...service, tokenHash };
  tables.updateUser(rotated);
  tables.audit.append({ at: now, actor, action: "rotate-token", user: service.id, outcome: "done" });
  const { tokenHash: before } = service;
  return {
    result: rotated,
    facts:
      before === undefined ? [] : [{ type: "credentials.revoked", user: service.id, credentialId: before }],
  };
}

export type SetPasscodeInput = {
  /** A login or an id, of an agent. */
  readonly account: string;
  readonly passcodeHash: string;
  readonly actor: Actor;
  readonly now: number;
};

/**
 * Gives an agent another passcode. Whatever came in with the one before ends; a disabled agent stays disabled.
 * UNKNOWN_USER where there is no such agent.
 */
export function setPasscode(
  tables: Tables,
  { account, passcodeHash, actor, now }: SetPasscodeInput,
): Outcome<UserRow> {
  const agent = accountOf(tables, account);
  if (agent.kind !== "agent") throw refuse("UNKNOWN_USER");
  const changed = { ...agent, passcodeHash };
  tables.updateUser(changed);
  tables.audit.append({ at: now, actor, action: "set-passcode", user: agent.id, outcome: "done" });
  return { result: changed, facts: [endSessions(tables, agent)] };
}
