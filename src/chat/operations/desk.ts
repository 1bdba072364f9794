/** The desk's commands: claim, release, transfer, close, invite. */
import { refuse } from "../errors.ts";
import { isCustomer } from "../access-policy.ts";
import { publicPrincipal } from "../conversation.ts";
import { about, audit } from "./audit.ts";
import { appendNote } from "./notes.ts";
import { permittedConversation, rowOf } from "./outcome.ts";
import { assign, close as closeConversation, requeue } from "./transitions.ts";
import { takeCustomer } from "./post.ts";
import type { ConversationRow } from "../tables.ts";
import type { Tables } from "../tables.ts";
import type { Deed } from "./audit.ts";
import type { TakeInput } from "./post.ts";
import type { Outcome } from "./outcome.ts";

export type DeskInput = Deed & { readonly conversation: string };

export type DeskResult = { readonly conversation: string };

/** Takes a waiting conversation; taking one's own again is done already. */
export function claim(tables: Tables, input: DeskInput): Outcome<DeskResult> {
  const { principal, conversation: id, now } = input;
  const conversation = permittedConversation(tables, principal, "/chat/claim", id);
  if (conversation.state === "active") return done(conversation);
  const by = rowOf(tables, principal, now, undefined);
  audit(tables, input, { action: "claim", ...about(tables, conversation) });
  return done(assign(tables, conversation, { assignee: by, by, now }));
}

/** Puts an active conversation back into the queue. */
export function release(tables: Tables, input: DeskInput): Outcome<DeskResult> {
  const { principal, conversation: id, now } = input;
  const conversation = permittedConversation(tables, principal, "/chat/release", id);
  requireState(tables, conversation, conversation.state === "active");
  const by = rowOf(tables, principal, now, undefined);
  audit(tables, input, { action: "release", ...about(tables, conversation) });
  return done(requeue(tables, conversation, { by, now, reason: "released" }));
}

export type TransferInput = DeskInput & {
  readonly to: string;
  /** The receiver is connected now, and not `invisible`. */
  readonly online: boolean;
  /** A private note that goes with it, and a random id for it. */
  readonly note?: { readonly id: string; readonly text: string };
};

/** Gives an active conversation to a colleague who is online. */
export function transfer(tables: Tables, input: TransferInput): Outcome<DeskResult> {
  const { principal, conversation: id, to, online, note, now } = input;
  const conversation = permittedConversation(tables, principal, "/chat/transfer", id);
  const assignee = tables.userById(to);
  requireState(tables, conversation, conversation.state === "active");
  if (!online || assignee?.kind !== "agent" || assignee.disabled === true) {
    throw refuse("CONFLICT", {
      field: "to",
      hint: "to is an agent who is online",
      more: stateOf(tables, conversation),
    });
  }
  const by = rowOf(tables, principal, now, undefined);
  const noted = note === undefined ? [] : [appendNote(tables, conversation, by, { ...note, now }).fact];
  const audited = about(tables, conversation);
  if (note !== undefined) audit(tables, input, { action: "note", ...audited });
  if (conversation.assignee === assignee.key) return done({ conversation, facts: noted });
  audit(tables, input, { action: "transfer", ...audited, detail: `to ${assignee.login ?? to}` });
  const step = assign(tables, conversation, { assignee, by, now, reason: "transferred" });
  return done({ conversation: step.conversation, facts: [...noted, ...step.facts] });
}

/** Ends a conversation, for its customer, its assignee or a supervisor. Closing a closed one is done already. */
export function close(tables: Tables, input: DeskInput): Outcome<DeskResult> {
  const { principal, conversation: id, now } = input;
  const conversation = permittedConversation(tables, principal, "/chat/close", id);
  if (conversation.state === "closed") return done(conversation);
  const by = rowOf(tables, principal, now, undefined);
  const reason = isCustomer(principal) ? "customer" : "agent";
  audit(tables, input, { action: "close", ...about(tables, conversation) });
  return done(closeConversation(tables, conversation, { by, now, reason }));
}

/** Opens (or claims, or joins) the private chat with a customer, without a message. */
export function invite(tables: Tables, input: TakeInput): Outcome<DeskResult> {
  return done(takeCustomer(tables, input, "/chat/invite").step);
}

function done(
  outcome: ConversationRow | { conversation: ConversationRow; facts: Outcome<unknown>["facts"] },
): Outcome<DeskResult> {
  return "facts" in outcome
    ? { result: { conversation: outcome.conversation.id }, facts: outcome.facts }
    : { result: { conversation: outcome.id }, facts: [] };
}

function requireState(tables: Tables, conversation: ConversationRow, holds: boolean): void {
  if (!holds) throw refuse("CONFLICT", { more: stateOf(tables, conversation) });
}

function stateOf(tables: Tables, conversation: ConversationRow): Record<string, unknown> {
  const assignee = conversation.assignee === undefined ? undefined : tables.userByKey(conversation.assignee);
  return { assignee: assignee === undefined ? null : publicPrincipal(assignee), state: conversation.state };
}
