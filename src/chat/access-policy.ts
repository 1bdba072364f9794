/** The one decision, default deny, asked before every effect of every entry point; the rules are in `access-rules.ts`. */
import { RULES } from "./access-rules.ts";
import { refuse } from "./errors.ts";
import { SUPPORT } from "./wire.ts";
import type { RefusalDetail } from "../broker/errors.ts";
import type { Principal, PrincipalKind, Role, Scope } from "../broker/principal.ts";
import type { Condition, Party, Rule, Verb } from "./access-rules.ts";
import type { RefusalCode } from "./errors.ts";
import type { ConversationState, PublicPrincipal } from "./wire.ts";

/** The conversation that a decision is about. */
export type ConversationFacts = {
  readonly state: ConversationState;
  /** The ids that are its customer: the customer's own and those of guests who became the customer. */
  readonly customerIds: readonly string[];
  readonly assignee: PublicPrincipal | null;
  readonly joined: readonly string[];
  /** Ids of those who wrote in it. */
  readonly authors: readonly string[];
};

/** To whom, or about which conversation. */
export type Receiver = {
  /** The receiver's id as addressed, `support` included. */
  readonly id?: string;
  /** Undefined when nobody has this id. */
  readonly kind?: PrincipalKind;
  /** The open conversation, or the one this would reopen. */
  readonly conversation?: ConversationFacts;
};

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: RefusalCode; readonly detail?: RefusalDetail };

const ALLOWED: Decision = { allowed: true };
const deny = (code: RefusalCode, detail?: RefusalDetail): Decision =>
  detail === undefined ? { allowed: false, code } : { allowed: false, code, detail };

const ROLES: readonly Role[] = ["agent", "supervisor", "admin"];

/** Each role includes the one before. */
export function hasRole(principal: Principal, role: Role): boolean {
  return principal.role !== undefined && ROLES.indexOf(principal.role) >= ROLES.indexOf(role);
}

export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.kind === "service" && principal.scopes?.includes(scope) === true;
}

/** Agents of any role, and services with scope `chat`. */
export function servesCustomers(principal: Principal): boolean {
  return (principal.kind === "agent" && hasRole(principal, "agent")) || hasScope(principal, "chat");
}

export function isCustomer(principal: Principal): boolean {
  return principal.kind === "guest" || principal.kind === "customer";
}

/**
 * Decides whether the principal may do `verb` on the destination, of a request the path of its route. `receiver` is
 * required by the rules that ask whom or which conversation it is about; without it the answer is whether the principal
 * may do it at all.
 */
export function can(
  principal: Principal | undefined,
  verb: Verb,
  destination: string,
  receiver?: Receiver,
): Decision {
  const rule = RULES_BY_VERB.get(verb)?.find((row) => fits(row, destination))?.rule;
  const denied = deny(rule?.otherwise ?? "FORBIDDEN_DESTINATION");
  if (rule?.allow.public !== undefined) return ALLOWED;
  if (rule === undefined || principal === undefined) return denied;
  const decisions = conditionsOf(rule, principal).map((condition) =>
    receiver === undefined ? ALLOWED : DECIDE[condition](principal, receiver),
  );
  return decisions.find(({ allowed }) => allowed) ?? decisions[0] ?? denied;
}

/** Throws the Refusal of what `can` denies. */
export function requirePermission(...asked: Parameters<typeof can>): void {
  const decision = can(...asked);
  if (!decision.allowed) throw refuse(decision.code, decision.detail);
}

type Row = { readonly rule: Rule; readonly prefix: string | undefined };

/** Read once: every frame asks. */
const RULES_BY_VERB: ReadonlyMap<Verb, readonly Row[]> = Map.groupBy(
  RULES.map((rule): Row => {
    const isPrefix = rule.destination.endsWith("/**");
    return { rule, prefix: isPrefix ? rule.destination.slice(0, -2) : undefined };
  }),
  ({ rule }) => rule.verb,
);

function fits({ rule, prefix }: Row, destination: string): boolean {
  return prefix === undefined ? destination === rule.destination : destination.startsWith(prefix);
}

function conditionsOf({ allow }: Rule, principal: Principal): readonly Condition[] {
  return partiesOf(principal).flatMap((party) => allow[party] ?? []);
}

/** Without `public`, which is nobody in particular; the one that may most comes first. */
function partiesOf(principal: Principal): readonly Party[] {
  const { kind, role, scopes = [] } = principal;
  if (isCustomer(principal)) return CUSTOMER;
  if (kind === "agent" && role !== undefined) return PARTIES_OF_ROLE[role];
  return [...scopes, "user"];
}

const CUSTOMER: readonly Party[] = ["customer", "user"];
const PARTIES_OF_ROLE: Readonly<Record<Role, readonly Party[]>> = {
  agent: ["agent", "user"],
  supervisor: ["supervisor", "agent", "user"],
  admin: ["admin", "supervisor", "agent", "user"],
};

const DECIDE: Readonly<Record<Condition, (principal: Principal, receiver: Receiver) => Decision>> = {
  yes: () => ALLOWED,
  toDesk,
  toCustomer,
  toUntaken: (principal, receiver) => {
    const decision = toCustomer(principal, receiver);
    const { conversation } = receiver;
    if (!decision.allowed || conversation?.state !== "active") return decision;
    return isServing(principal, conversation) ? ALLOWED : taken(conversation);
  },
  own: ({ id }, { conversation }) =>
    conversation?.customerIds.includes(id) === true ? ALLOWED : deny("NOT_FOUND"),
  any: (_principal, { conversation }) => (conversation === undefined ? deny("NOT_FOUND") : ALLOWED),
  untaken: ({ id }, { conversation }) => {
    if (conversation === undefined) return deny("NOT_FOUND");
    const isMine = conversation.state === "active" && conversation.assignee?.id === id;
    return conversation.state === "waiting" || isMine ? ALLOWED : taken(conversation);
  },
  assigned: ({ id }, { conversation }) => whenIn(conversation, conversation?.assignee?.id === id),
  serving: (principal, { conversation }) =>
    whenIn(conversation, conversation !== undefined && isServing(principal, conversation)),
  ownList: (_principal, { id }) => (id === undefined ? ALLOWED : deny("FORBIDDEN")),
};

function whenIn(conversation: ConversationFacts | undefined, isIn: boolean): Decision {
  if (conversation === undefined) return deny("NOT_FOUND");
  return isIn ? ALLOWED : deny("FORBIDDEN");
}

/** A customer writes to support, the assignee, or an agent who wrote in the conversation; all else looks alike. */
function toDesk(_principal: Principal, { id, kind, conversation }: Receiver): Decision {
  if (id === SUPPORT) return ALLOWED;
  if (id === undefined || conversation === undefined) return deny("FORBIDDEN_RECEIVER");
  if (kind !== "agent" && kind !== "service") return deny("FORBIDDEN_RECEIVER");
  const known = conversation.assignee?.id === id || conversation.authors.includes(id);
  return known ? ALLOWED : deny("FORBIDDEN_RECEIVER");
}

function toCustomer(principal: Principal, { id, kind }: Receiver): Decision {
  if (id === SUPPORT || id === principal.id) return deny("FORBIDDEN_RECEIVER");
  if (kind === undefined) return deny("UNKNOWN_USER");
  return kind === "guest" || kind === "customer" ? ALLOWED : deny("FORBIDDEN_RECEIVER");
}

function isServing(principal: Principal, conversation: ConversationFacts): boolean {
  return conversation.assignee?.id === principal.id || conversation.joined.includes(principal.id);
}

function taken({ assignee, state }: ConversationFacts): Decision {
  return deny("CONFLICT", { more: { assignee, state } });
}
