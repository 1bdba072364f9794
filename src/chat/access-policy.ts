/** Who may do what: the one decision, default deny, asked before every effect of every entry point. */
import {
  ERRORS_QUEUE,
  EVENTS_QUEUE,
  MESSAGE_DESTINATION,
  MESSAGES_QUEUE,
  NOTES_TOPIC,
  SUPPORT,
  SUPPORT_TOPIC,
} from "./wire.ts";
import type { RefusalDetail } from "../broker/errors.ts";
import type { Principal, PrincipalKind, Role, Scope } from "../broker/principal.ts";
import type { RefusalCode } from "./errors.ts";
import type { ConversationState, PublicPrincipal } from "./wire.ts";

export type Verb = "SEND" | "SUBSCRIBE";

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

/** Those who may read everybody's conversations: who serves customers, and services with scope `api`. */
export function readsConversations(principal: Principal): boolean {
  return servesCustomers(principal) || hasScope(principal, "api");
}

export function isCustomer(principal: Principal): boolean {
  return principal.kind === "guest" || principal.kind === "customer";
}

/**
 * Decides whether the principal may do `verb` on the destination. `receiver` is required by the destinations
 * that address somebody or name a conversation; without it they answer whether the principal may use them at all.
 */
export function can(
  principal: Principal | undefined,
  verb: Verb,
  destination: string,
  receiver?: Receiver,
): Decision {
  if (principal === undefined) return deny("FORBIDDEN");
  return verb === "SUBSCRIBE"
    ? canSubscribe(principal, destination)
    : canSend(principal, destination, receiver);
}

function canSubscribe(principal: Principal, destination: string): Decision {
  switch (destination) {
    case MESSAGES_QUEUE:
    case EVENTS_QUEUE:
    case ERRORS_QUEUE:
      return ALLOWED;
    case SUPPORT_TOPIC:
    case NOTES_TOPIC:
      return servesCustomers(principal) ? ALLOWED : deny("FORBIDDEN_DESTINATION");
    default:
      return canUseGeneral(principal, destination);
  }
}

function canSend(principal: Principal, destination: string, receiver: Receiver | undefined): Decision {
  switch (destination) {
    case MESSAGE_DESTINATION:
      return canMessage(principal, receiver);
    case "/chat/invite":
      return servesCustomers(principal) ? canMessage(principal, receiver) : deny("FORBIDDEN");
    case "/chat/claim":
      return canClaim(principal, receiver);
    case "/chat/release":
    case "/chat/transfer":
      return canHandOver(principal, receiver);
    case "/chat/close":
      return isCustomer(principal) ? ownConversation(principal, receiver) : canHandOver(principal, receiver);
    case "/chat/read":
    case "/chat/typing":
      return canTakePart(principal, receiver);
    case "/chat/history":
      return canReadHistory(principal, receiver);
    case "/chat/note":
      return servesCustomers(principal) ? canNameConversation(receiver) : deny("FORBIDDEN");
    case "/chat/status":
      return principal.kind === "agent" ? ALLOWED : deny("FORBIDDEN");
    case "/chat/page":
      return isCustomer(principal) ? ALLOWED : deny("FORBIDDEN");
    case "/chat/save-canned-response":
    case "/chat/delete-canned-response":
      return servesCustomers(principal) ? ALLOWED : deny("FORBIDDEN");
    default:
      return canUseGeneral(principal, destination);
  }
}

/** The general destinations: the scope that a service needs for them, and what who lacks it is told. */
const GENERAL = [
  { prefix: "/topic/", scope: "topics", code: "FORBIDDEN_DESTINATION" },
  { prefix: "/queue/", scope: "queues", code: "FORBIDDEN_DESTINATION" },
  { prefix: "/temp-queue/", scope: "queues", code: "UNKNOWN_DESTINATION" },
] as const;

/** General topics and queues are for agents, and for services with the scope. */
function canUseGeneral(principal: Principal, destination: string): Decision {
  const general = GENERAL.find(({ prefix }) => destination.startsWith(prefix));
  if (general === undefined) return deny("FORBIDDEN_DESTINATION");
  const isOpen = principal.kind === "agent" || hasScope(principal, general.scope);
  return isOpen ? ALLOWED : deny(general.code);
}

function canMessage(principal: Principal, receiver: Receiver | undefined): Decision {
  if (isCustomer(principal)) return receiver === undefined ? ALLOWED : canWriteToDesk(receiver);
  if (!servesCustomers(principal)) return deny("FORBIDDEN");
  return receiver === undefined ? ALLOWED : canWriteToCustomer(principal, receiver);
}

/** A customer writes to support, the assignee, or an agent who wrote in the conversation; all else looks alike. */
function canWriteToDesk({ id, kind, conversation }: Receiver): Decision {
  if (id === SUPPORT) return ALLOWED;
  if (id === undefined || conversation === undefined) return deny("FORBIDDEN_RECEIVER");
  if (kind !== "agent" && kind !== "service") return deny("FORBIDDEN_RECEIVER");
  const known = conversation.assignee?.id === id || conversation.authors.includes(id);
  return known ? ALLOWED : deny("FORBIDDEN_RECEIVER");
}

function canWriteToCustomer(principal: Principal, { id, kind, conversation }: Receiver): Decision {
  if (id === SUPPORT || id === principal.id) return deny("FORBIDDEN_RECEIVER");
  if (kind === undefined) return deny("UNKNOWN_USER");
  if (kind !== "guest" && kind !== "customer") return deny("FORBIDDEN_RECEIVER");
  if (conversation?.state !== "active" || isServing(principal, conversation)) return ALLOWED;
  return hasRole(principal, "supervisor") ? ALLOWED : taken(conversation);
}

function canClaim(principal: Principal, receiver: Receiver | undefined): Decision {
  if (!servesCustomers(principal)) return deny("FORBIDDEN");
  const conversation = receiver?.conversation;
  if (receiver === undefined) return ALLOWED;
  if (conversation === undefined) return deny("NOT_FOUND");
  if (conversation.state === "waiting" || conversation.assignee?.id === principal.id) return ALLOWED;
  return taken(conversation);
}

/** Release, transfer and close: the assignee and supervisors. */
function canHandOver(principal: Principal, receiver: Receiver | undefined): Decision {
  if (!servesCustomers(principal)) return deny("FORBIDDEN");
  if (receiver === undefined) return ALLOWED;
  const conversation = receiver.conversation;
  if (conversation === undefined) return deny("NOT_FOUND");
  if (conversation.assignee?.id === principal.id || hasRole(principal, "supervisor")) return ALLOWED;
  return deny("FORBIDDEN");
}

function ownConversation(principal: Principal, receiver: Receiver | undefined): Decision {
  if (receiver === undefined) return ALLOWED;
  return receiver.conversation?.customerIds.includes(principal.id) === true ? ALLOWED : deny("NOT_FOUND");
}

function canTakePart(principal: Principal, receiver: Receiver | undefined): Decision {
  if (isCustomer(principal)) return ownConversation(principal, receiver);
  if (!servesCustomers(principal)) return deny("FORBIDDEN");
  if (receiver === undefined) return ALLOWED;
  if (receiver.conversation === undefined) return deny("NOT_FOUND");
  return isServing(principal, receiver.conversation) ? ALLOWED : deny("FORBIDDEN");
}

function canReadHistory(principal: Principal, receiver: Receiver | undefined): Decision {
  if (isCustomer(principal)) return ownConversation(principal, receiver);
  return readsConversations(principal) ? canNameConversation(receiver) : deny("FORBIDDEN");
}

/** Any one that there is. */
function canNameConversation(receiver: Receiver | undefined): Decision {
  return receiver !== undefined && receiver.conversation === undefined ? deny("NOT_FOUND") : ALLOWED;
}

function isServing(principal: Principal, conversation: ConversationFacts): boolean {
  return conversation.assignee?.id === principal.id || conversation.joined.includes(principal.id);
}

function taken({ assignee, state }: ConversationFacts): Decision {
  return deny("CONFLICT", { more: { assignee, state } });
}
