/** Ending what agents and services came in with: every session of an account, and with `disable` all that could come. */
import { refuse } from "../errors.ts";
import type { Actor } from "../audit.ts";
import type { Fact } from "../facts.ts";
import type { Tables, UserRow } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

export type AccountDeed = {
  /** A login or an id, of an agent or a service. */
  readonly account: string;
  readonly actor: Actor;
  readonly now: number;
};

/**
 * Ends all login sessions and STOMP sessions of an account; passcode and service token stay good. UNKNOWN_USER where
 * there is none.
 */
export function signOut(tables: Tables, { account, actor, now }: AccountDeed): Outcome<UserRow> {
  const user = accountOf(tables, account);
  tables.audit.append({ at: now, actor, action: "sign-out", user: user.id, outcome: "done" });
  return { result: user, facts: [endSessions(tables, user)] };
}

/**
 * From now on nothing lets this account in, and all its sessions end. What it wrote and its chats stay. Done again it
 * changes nothing; UNKNOWN_USER where there is no such agent or service.
 */
export function disable(tables: Tables, { account, actor, now }: AccountDeed): Outcome<UserRow> {
  const user = accountOf(tables, account);
  if (user.disabled !== true) {
    tables.updateUser({ ...user, disabled: true });
    tables.audit.append({ at: now, actor, action: "disable", user: user.id, outcome: "done" });
  }
  return { result: user, facts: [endSessions(tables, user)] };
}

/** Takes `disable` back: passcode and service token are good again, old sessions stay over. */
export function enable(tables: Tables, { account, actor, now }: AccountDeed): Outcome<UserRow> {
  const { disabled, ...user } = accountOf(tables, account);
  if (disabled === true) {
    tables.updateUser(user);
    tables.audit.append({ at: now, actor, action: "enable", user: user.id, outcome: "done" });
  }
  return { result: user, facts: [] };
}

/** Every login session of an account, and with the fact every STOMP session. */
export function endSessions(tables: Tables, { key, id }: UserRow): Fact {
  tables.deleteLoginSessionsOf(key);
  return { type: "credentials.revoked", user: id };
}

/** The agent or service of this login or id; throws UNKNOWN_USER. */
export function accountOf(tables: Tables, account: string): UserRow {
  const user = tables.userByLogin(account) ?? tables.userById(account);
  if (user?.kind !== "agent" && user?.kind !== "service") throw refuse("UNKNOWN_USER");
  return user;
}
