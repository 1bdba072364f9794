/** What an operation returns, and the pieces that several operations share. */
import { requirePermission } from "../access-policy.ts";
import { audienceOf, canonical, previewOf, publicPrincipal, summaryOf, userOf } from "../conversation.ts";
import { refuse } from "../errors.ts";
import type { ConversationFacts } from "../access-policy.ts";
import type { Principal } from "../../broker/principal.ts";
import type { Fact } from "../facts.ts";
import type { ConversationRow, Key, Tables, UserRow } from "../tables.ts";
import type { ConversationEventType } from "../wire.ts";

export type Outcome<Result> = { readonly result: Result; readonly facts: readonly Fact[] };

/** The outcome of a read. */
export function answer<Result>(result: Result): Outcome<Result> {
  return { result, facts: [] };
}

/** What the policy needs to know of a conversation. */
export function conversationFacts(tables: Tables, conversation: ConversationRow): ConversationFacts {
  const customer = userOf(tables, conversation.customer);
  const owner = canonical(tables, customer);
  const assignee = conversation.assignee;
  return {
    state: conversation.state,
    customerIds: [customer, owner, ...tables.aliasesOf(owner.key)].map((user) => user.id),
    assignee: assignee === undefined ? null : publicPrincipal(userOf(tables, assignee)),
    joined: tables
      .participantsOf(conversation.key)
      .filter((participant) => participant.joined)
      .map((participant) => userOf(tables, participant.user).id),
    authors: [...tables.authorsOf(conversation).keys()].map((key) => userOf(tables, key).id),
  };
}

/** The conversation, after the policy allowed the command on it; a query is held to the command of the same rule. */
export function permittedConversation(
  tables: Tables,
  principal: Principal,
  destination: string,
  id: string,
): ConversationRow {
  const conversation = tables.conversationById(id);
  requirePermission(
    principal,
    "SEND",
    destination,
    conversation === undefined ? {} : { conversation: conversationFacts(tables, conversation) },
  );
  if (conversation === undefined) throw refuse("NOT_FOUND");
  return conversation;
}

/** After this long the generation before the newest used one ends. */
export const GENERATION_GRACE_MS = 60_000;

/** The stored row of a principal; guests get theirs with their first accepted SEND. */
export function rowOf(
  tables: Tables,
  principal: Principal,
  now: number,
  generation: number | undefined,
): UserRow {
  const { id, kind, name } = principal;
  return (
    tables.userById(id) ??
    tables.insertUser({
      id,
      kind,
      createdAt: now,
      ...(name === undefined ? {} : { name }),
      ...(generation === undefined ? {} : { generation, previousUntil: now + GENERATION_GRACE_MS }),
    })
  );
}

export type Change = {
  readonly event: ConversationEventType;
  readonly now: number;
  readonly by?: UserRow;
  readonly reason?: string;
  /** Beyond the audience of the conversation as it is now: those who just left it. */
  readonly alsoTell?: readonly Key[];
  /** Preview of the newest message, for a conversation that waits. */
  readonly previewText?: string;
};

/** Records a change of a conversation as a line of its history and tells it as a fact. */
export function recordChange(
  tables: Tables,
  conversation: ConversationRow,
  { event, now, by, reason, alsoTell = [], previewText }: Change,
): Fact {
  const conversationSummary = summaryOf(tables, conversation);
  const afterSeq = conversationSummary.lastSeq;
  tables.appendLine({
    conversation: conversation.key,
    type: event,
    at: now,
    afterSeq,
    ...(by === undefined ? {} : { by: by.key }),
    ...(reason === undefined ? {} : { reason }),
  });
  const audience = new Set(audienceOf(tables, conversation));
  for (const key of alsoTell) audience.add(userOf(tables, key).id);
  return {
    type: "conversation.changed",
    event,
    at: now,
    conversation: conversationSummary,
    afterSeq,
    audience: [...audience],
    ...(by === undefined ? {} : { by: publicPrincipal(by) }),
    ...(reason === undefined ? {} : { reason }),
    ...(previewText === undefined ? {} : { preview: previewOf(previewText) }),
    ...waitOf(conversation),
  };
}

/** Since when a conversation that waits does so, for the facts about it. */
export function waitOf({ state, waitingSince }: ConversationRow): { readonly waitingSince?: number } {
  return state === "waiting" && waitingSince !== undefined ? { waitingSince } : {};
}
