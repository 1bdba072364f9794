/** Accounts: agents, services, guests' token generations, login sessions, and guests who become customers. */
import { publicPrincipal } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { audit } from "./audit.ts";
import { answer, GENERATION_GRACE_MS, recordChange, rowOf } from "./outcome.ts";
import { close } from "./transitions.ts";
import type { Role, Scope } from "../../broker/principal.ts";
import type { Actor } from "../audit.ts";
import type { Fact } from "../facts.ts";
import type { ConversationRow, Key, LoginSessionRow, Tables, UserRow } from "../tables.ts";
import type { Deed } from "./audit.ts";
import type { Outcome } from "./outcome.ts";

export function userById(tables: Tables, { id }: { id: string }): Outcome<UserRow | undefined> {
  return answer(tables.userById(id));
}

export function userByLogin(tables: Tables, { login }: { login: string }): Outcome<UserRow | undefined> {
  return answer(tables.userByLogin(login));
}

export function userByTokenHash(tables: Tables, { hash }: { hash: string }): Outcome<UserRow | undefined> {
  return answer(tables.userByTokenHash(hash));
}

/** Agents and services, by creation. */
export function accounts(tables: Tables): Outcome<readonly UserRow[]> {
  return answer(tables.accounts());
}

export type AgentInput = {
  readonly id: string;
  readonly login: string;
  readonly name?: string;
  readonly role: Role;
  readonly passcodeHash: string;
  /** Who adds it; default: the server by itself. */
  readonly actor?: Actor;
  readonly now: number;
};

/** Adds an agent; CONFLICT when the login is taken. */
export function addAgent(tables: Tables, { now, actor = "server", ...agent }: AgentInput): Outcome<UserRow> {
  requireFreeLogin(tables, agent.login);
  const { id: user, role: detail } = agent;
  tables.audit.append({ at: now, actor, action: "add-agent", user, detail, outcome: "done" });
  return answer(tables.insertUser({ ...agent, kind: "agent", createdAt: now }));
}

export type ServiceInput = {
  readonly id: string;
  readonly login: string;
  readonly scopes: readonly Scope[];
  readonly tokenHash: string;
  /** Who adds it; default: the server by itself. */
  readonly actor?: Actor;
  readonly now: number;
};

/** Adds a service; CONFLICT when the name is taken. */
export function addService(
  tables: Tables,
  { now, actor = "server", ...service }: ServiceInput,
): Outcome<UserRow> {
  requireFreeLogin(tables, service.login);
  const { id: user, scopes } = service;
  const detail = scopes.join(",");
  tables.audit.append({ at: now, actor, action: "add-service", user, detail, outcome: "done" });
  return answer(tables.insertUser({ ...service, name: service.login, kind: "service", createdAt: now }));
}

export type AdmitInput = {
  /** Id for the agent, should the login be new. */
  readonly id: string;
  readonly login: string;
  /** As they are to be from now on; default: as they are, for a new login `agent` and the login. */
  readonly role?: Role;
  readonly name?: string;
  readonly now: number;
};

/** Finds or makes the agent whom somebody else has authenticated; CONFLICT when the login is a service's. */
export function admitAgent(tables: Tables, { now, id, login, role, name }: AdmitInput): Outcome<UserRow> {
  const known = tables.userByLogin(login);
  const line = { at: now, actor: "program", outcome: "done" } as const;
  if (known === undefined) {
    const agent = { id, kind: "agent", login, role: role ?? "agent", name: name ?? login } as const;
    tables.audit.append({ ...line, action: "add-agent", user: id, detail: agent.role });
    return answer(tables.insertUser({ ...agent, createdAt: now }));
  }
  if (known.kind !== "agent") throw refuse("CONFLICT", { field: "login", hint: "it is a service's" });
  if (known.disabled === true) throw refuse("FORBIDDEN");
  const agent = {
    ...known,
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { name }),
  };
  if (agent.role !== known.role) {
    tables.audit.append({ ...line, action: "change-agent", user: known.id, detail: agent.role ?? "agent" });
  }
  if (agent.role !== known.role || agent.name !== known.name) tables.updateUser(agent);
  return answer(agent);
}

function requireFreeLogin(tables: Tables, login: string): void {
  if (tables.userByLogin(login) !== undefined)
    throw refuse("CONFLICT", { field: "login", hint: "it is taken" });
}

export type GuestTokenInput = { readonly id: string; readonly generation: number; readonly now: number };

/** `next`: valid, and its first use ends the generation before it. */
export type GuestTokenState = "valid" | "next" | "dead";

/** What a guest's token of this generation is worth; without a row nothing is stored and each lives to its expiry. */
export function guestTokenState(
  tables: Tables,
  { id, generation, now }: GuestTokenInput,
): Outcome<GuestTokenState> {
  const guest = tables.userById(id);
  if (guest === undefined) return answer("valid");
  if (guest.kind !== "guest" || guest.aliasOf !== undefined || guest.disabled === true) return answer("dead");
  const current = guest.generation ?? 0;
  if (generation > current) return answer("next");
  const isPrevious = generation === current - 1 && now < (guest.previousUntil ?? 0);
  return answer(generation === current || isPrevious ? "valid" : "dead");
}

/** Whether a guest's token of this generation is valid; its first use is stored and ends the one before. */
export function useGuestToken(tables: Tables, input: GuestTokenInput): Outcome<boolean> {
  const state = guestTokenState(tables, input).result;
  const guest = tables.userById(input.id);
  if (state === "next" && guest !== undefined) {
    const { generation, now } = input;
    tables.updateUser({ ...guest, generation, previousUntil: now + GENERATION_GRACE_MS });
  }
  return answer(state !== "dead");
}

/** A login session counts as used at most this often, so that a busy one does not write each time. */
const USE_GRANULARITY_MS = 30_000;
export const IDLE_MS = 30 * 60_000;
export const ABSOLUTE_MS = 12 * 60 * 60_000;

export function startLoginSession(
  tables: Tables,
  { hash, user, address, now }: { hash: string; user: string; address?: string; now: number },
): Outcome<null> {
  const row = tables.userById(user);
  // An account may have been disabled while its passcode was compared.
  if (row === undefined || row.disabled === true) throw refuse("NOT_FOUND");
  tables.deleteLoginSessionsUsedBefore(now - IDLE_MS, now - ABSOLUTE_MS);
  tables.putLoginSession({ hash, user: row.key, createdAt: now, usedAt: now });
  audit(tables, deedOf(row, address, now), { action: "sign-in" });
  return answer(null);
}

function deedOf(user: UserRow, address: string | undefined, now: number): Deed {
  return { principal: publicPrincipal(user), now, ...(address === undefined ? {} : { address }) };
}

export type LiveLoginSession = {
  readonly user: UserRow;
  readonly expiresAt: number;
  /** Whether this use is to be recorded, with `useLoginSession`. */
  readonly isNoteworthy: boolean;
};

/** The user of a login session, if it lives: 30 min idle, 12 h in all. */
export function liveLoginSession(
  tables: Tables,
  { hash, now }: { hash: string; now: number },
): Outcome<LiveLoginSession | undefined> {
  const session = tables.loginSession(hash);
  if (session === undefined || !isLive(session, now)) return answer(undefined);
  const user = tables.userByKey(session.user);
  if (user === undefined || user.disabled === true) return answer(undefined);
  const expiresAt = session.createdAt + ABSOLUTE_MS;
  return answer({ user, expiresAt, isNoteworthy: now - session.usedAt >= USE_GRANULARITY_MS });
}

/** Records the use of a live login session, which keeps it from idling out. */
export function useLoginSession(tables: Tables, input: { hash: string; now: number }): Outcome<null> {
  const session = tables.loginSession(input.hash);
  const live = liveLoginSession(tables, input).result;
  if (session !== undefined && live?.isNoteworthy === true)
    tables.putLoginSession({ ...session, usedAt: input.now });
  return answer(null);
}

function isLive({ createdAt, usedAt }: LoginSessionRow, now: number): boolean {
  return now - usedAt < IDLE_MS && now - createdAt < ABSOLUTE_MS;
}

/** Ends a login session and, with it, the STOMP sessions that came with its token. */
export function endLoginSession(
  tables: Tables,
  { hash, address, now }: { hash: string; address?: string; now: number },
): Outcome<boolean> {
  const session = tables.loginSession(hash);
  if (session === undefined) return answer(false);
  tables.deleteLoginSession(hash);
  const user = tables.userByKey(session.user);
  if (user === undefined) return answer(true);
  audit(tables, deedOf(user, address, now), { action: "sign-out" });
  return { result: true, facts: [{ type: "credentials.revoked", user: user.id, credentialId: hash }] };
}

export type IdentifyInput = {
  /** Id for the customer, should the subject be new. */
  readonly id: string;
  readonly subject: string;
  readonly name?: string;
  /** The guest who turned out to be this customer, with the generation of the guest's token. */
  readonly guest?: { readonly id: string; readonly generation: number };
  readonly now: number;
};

/**
 * Finds or makes the verified customer of a host site's subject, and makes the guest an alias of the customer: the
 * guest's open conversation moves to the customer whole, or is closed as merged when the customer has one. Undefined
 * when the guest's token is not valid; that of a guest who became this very customer is, so that a repetition succeeds.
 */
export function identify(tables: Tables, input: IdentifyInput): Outcome<UserRow | undefined> {
  const { now, subject, name, guest } = input;
  const known = tables.userBySubject(subject);
  if (known?.disabled === true) throw refuse("FORBIDDEN");
  const isMerged = guest !== undefined && known !== undefined && aliasOf(tables, guest.id) === known.key;
  if (guest !== undefined && !isMerged && !useGuestToken(tables, { ...guest, now }).result) {
    return answer(undefined);
  }
  const named = name === undefined ? {} : { name };
  const customer =
    known ??
    tables.insertUser({ id: input.id, kind: "customer", subject, verified: true, createdAt: now, ...named });
  const renamed = name !== undefined && name !== customer.name ? { ...customer, name } : customer;
  if (renamed !== customer) tables.updateUser(renamed);
  if (guest === undefined || isMerged) return answer(renamed);
  return { result: renamed, facts: mergeGuest(tables, guest.id, renamed, now) };
}

function aliasOf(tables: Tables, id: string): Key | undefined {
  return tables.userById(id)?.aliasOf;
}

function mergeGuest(tables: Tables, guestId: string, named: UserRow, now: number): readonly Fact[] {
  const guest = rowOf(tables, { id: guestId, kind: "guest" }, now, undefined);
  const facts: Fact[] = [];
  const open = tables.openConversationsOf(guest.key).find((row) => row.customer === guest.key);
  tables.updateUser({ ...guest, aliasOf: named.key });
  // Signing in is no way out of it.
  const { blockedAt = named.blockedAt } = guest;
  const customer = blockedAt === undefined ? named : { ...named, blockedAt };
  if (blockedAt !== named.blockedAt) {
    tables.updateUser(customer);
    const user = publicPrincipal(customer);
    facts.push({ type: "customer.blocked", user, users: [customer.id], networks: [] });
  }
  if (open !== undefined) facts.push(...mergeConversation(tables, open, customer, now));
  facts.push(
    { type: "customer.identified", from: publicPrincipal(guest), user: publicPrincipal(customer) },
    { type: "credentials.revoked", user: guest.id },
  );
  return facts;
}

function mergeConversation(
  tables: Tables,
  open: ConversationRow,
  customer: UserRow,
  now: number,
): readonly Fact[] {
  const hasOpen = tables.openConversationsOf(customer.key).some((row) => row.customer === customer.key);
  if (hasOpen) return close(tables, open, { by: customer, now, reason: "merged" }).facts;
  const moved = tables.moveConversation(open, customer.key);
  const change = recordChange(tables, moved, {
    event: moved.assignee === undefined ? "conversation.requeued" : "conversation.assigned",
    now,
    by: customer,
    reason: "merged",
  });
  return [change, { type: "mailbox.grown", user: customer.id, head: tables.logHead(customer.key) }];
}
