/** The steps a conversation takes: opened, assigned, requeued, closed, reopened; each with its mailbox effects. */
import { bodyOf, copyReceiversOf, isReopenable, lastSeqOf, offsetOf } from "../conversation.ts";
import { CATCH_UP_MESSAGES } from "../wire.ts";
import { recordChange, waitOf } from "./outcome.ts";
import type { MailboxEntry, Fact } from "../facts.ts";
import type { ConversationRow, Key, MessageRow, ParticipantRow, Tables, UserRow } from "../tables.ts";
import type { ConversationContext } from "../wire.ts";

/** A conversation after a step, with the facts the step made so far. */
export type Step = { readonly conversation: ConversationRow; readonly facts: readonly Fact[] };

const SPECTATOR = { joined: false, copiedSeq: 0, readSeq: 0, deliveredSeq: 0 };

export function participantOf(tables: Tables, conversation: Key, user: Key): ParticipantRow {
  return tables.participant(conversation, user) ?? { conversation, user, ...SPECTATOR };
}

/** Opens the customer's conversation: waiting, or active with an assignee. */
export function open(
  tables: Tables,
  {
    id,
    customer,
    by,
    assignee,
    context,
    now,
  }: {
    id: string;
    customer: UserRow;
    by: UserRow;
    assignee?: UserRow;
    context?: ConversationContext;
    now: number;
  },
): Step {
  const conversation = tables.insertConversation({
    id,
    customer: customer.key,
    first: tables.logHead(customer.key) + 1,
    state: "waiting",
    version: 1,
    openedAt: now,
    waitingSince: now,
    ...(context === undefined ? {} : { context }),
  });
  if (assignee === undefined) {
    return {
      conversation,
      facts: [recordChange(tables, conversation, { event: "conversation.opened", now, by })],
    };
  }
  const assigned = setAssignee(tables, conversation, assignee);
  return {
    conversation: assigned.conversation,
    facts: [
      recordChange(tables, assigned.conversation, { event: "conversation.opened", now, by }),
      recordChange(tables, assigned.conversation, { event: "conversation.assigned", now, by }),
      ...assigned.facts,
    ],
  };
}

/** Gives the conversation to an assignee, who finds its newest messages in the mailbox. */
export function assign(
  tables: Tables,
  conversation: ConversationRow,
  { assignee, by, now, reason }: { assignee: UserRow; by: UserRow; now: number; reason?: string },
): Step {
  const previous = conversation.assignee;
  const step = setAssignee(tables, conversation, assignee);
  const change = recordChange(tables, step.conversation, {
    event: "conversation.assigned",
    now,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(previous === undefined ? {} : { alsoTell: [previous] }),
  });
  return { conversation: step.conversation, facts: [change, ...step.facts] };
}

/** Puts an active conversation back into the queue; the time it waits since stays. */
export function requeue(
  tables: Tables,
  conversation: ConversationRow,
  { by, now, reason }: { by: UserRow; now: number; reason: string },
): Step {
  const previous = conversation.assignee;
  const { assignee: _left, ...rest } = conversation;
  recordCopied(tables, conversation, previous === undefined ? [] : [previous]);
  const waiting: ConversationRow = {
    ...rest,
    state: "waiting",
    version: conversation.version + 1,
    waitingSince: conversation.waitingSince ?? now,
  };
  tables.updateConversation(waiting);
  const newest = newestMessage(tables, waiting);
  const change = recordChange(tables, waiting, {
    event: "conversation.requeued",
    now,
    by,
    reason,
    ...(previous === undefined ? {} : { alsoTell: [previous] }),
    ...(newest === undefined ? {} : { previewText: newest.text }),
  });
  return { conversation: waiting, facts: [change] };
}

export function close(
  tables: Tables,
  conversation: ConversationRow,
  { by, now, reason }: { by?: UserRow; now: number; reason: string },
): Step {
  const receivers = copyReceiversOf(tables, conversation);
  recordCopied(tables, conversation, receivers);
  for (const user of receivers) {
    const participant = participantOf(tables, conversation.key, user);
    if (participant.joined) tables.putParticipant({ ...participant, joined: false });
  }
  const closed: ConversationRow = {
    ...conversation,
    state: "closed",
    version: conversation.version + 1,
    closedAt: now,
    closeReason: reason,
  };
  tables.updateConversation(closed);
  const change = recordChange(tables, closed, {
    event: "conversation.closed",
    now,
    ...(by === undefined ? {} : { by }),
    reason,
    alsoTell: receivers,
  });
  return { conversation: closed, facts: [change] };
}

/** Reopens a closed conversation: waiting for a customer's message, active for an agent's. */
export function reopen(
  tables: Tables,
  conversation: ConversationRow,
  {
    by,
    assignee,
    context,
    now,
  }: { by: UserRow; assignee?: UserRow; context?: ConversationContext; now: number },
): Step {
  const { assignee: _earlier, closedAt: _at, closeReason: _reason, ...rest } = conversation;
  const waiting: ConversationRow = {
    ...rest,
    state: "waiting",
    version: conversation.version + 1,
    waitingSince: now,
    ...(context === undefined ? {} : { context }),
  };
  tables.updateConversation(waiting);
  if (assignee === undefined) {
    return {
      conversation: waiting,
      facts: [recordChange(tables, waiting, { event: "conversation.reopened", now, by })],
    };
  }
  const assigned = setAssignee(tables, waiting, assignee);
  return {
    conversation: assigned.conversation,
    facts: [
      recordChange(tables, assigned.conversation, { event: "conversation.reopened", now, by }),
      recordChange(tables, assigned.conversation, { event: "conversation.assigned", now, by }),
      ...assigned.facts,
    ],
  };
}

/** A supervisor joins: receives from now on, the newest messages included, without becoming the assignee. */
export function join(tables: Tables, conversation: ConversationRow, user: UserRow): readonly Fact[] {
  const participant = participantOf(tables, conversation.key, user.key);
  if (participant.joined) return [];
  const facts = catchUp(tables, conversation, user);
  tables.putParticipant({ ...participant, joined: true });
  return facts;
}

/** The conversation a new message would continue; undefined when it would open a new one. */
export function continuable(tables: Tables, customer: Key, now: number): ConversationRow | undefined {
  const latest = tables.latestConversationOf(customer);
  if (latest === undefined) return undefined;
  return latest.state !== "closed" || isReopenable(latest, now) ? latest : undefined;
}

export function newestMessage(tables: Tables, conversation: ConversationRow): MessageRow | undefined {
  const end = offsetOf(conversation, lastSeqOf(tables, conversation)) + 1;
  return tables.messagesBefore(conversation.customer, conversation.first - 1, end, 1)[0];
}

/** Appends a message to the conversation and to every mailbox that receives it. */
export function append(
  tables: Tables,
  conversation: ConversationRow,
  message: { id: string; sender: UserRow; receiver: string; text: string; sentAt: number; clientId?: string },
): { readonly message: MessageRow; readonly entries: readonly MailboxEntry[] } {
  const { sender, ...rest } = message;
  const row = tables.appendMessage({
    ...rest,
    sender: sender.key,
    customer: conversation.customer,
    conversation: conversation.key,
  });
  const customer = tables.userByKey(conversation.customer);
  if (customer === undefined) throw new Error("a conversation has no customer");
  const bySender = sender.key === customer.key || sender.aliasOf === customer.key;
  const entries: MailboxEntry[] = [{ user: customer.id, offset: row.offset, own: bySender }];
  for (const key of copyReceiversOf(tables, conversation)) {
    const user = tables.userByKey(key);
    if (user === undefined) continue;
    entries.push({ user: user.id, offset: tables.appendToMailbox(key, row.key), own: key === sender.key });
  }
  return { message: row, entries };
}

export function postedFact(
  tables: Tables,
  conversation: ConversationRow,
  posted: { readonly message: MessageRow; readonly entries: readonly MailboxEntry[] },
  summary: Extract<Fact, { type: "message.posted" }>["conversation"],
): Fact {
  return {
    type: "message.posted",
    message: bodyOf(tables, conversation, posted.message, true),
    entries: posted.entries,
    conversation: summary,
    ...waitOf(conversation),
  };
}

function setAssignee(tables: Tables, conversation: ConversationRow, assignee: UserRow): Step {
  if (conversation.assignee !== undefined) recordCopied(tables, conversation, [conversation.assignee]);
  const facts = catchUp(tables, conversation, assignee);
  const active: ConversationRow = {
    ...conversation,
    state: "active",
    assignee: assignee.key,
    version: conversation.version + 1,
  };
  tables.updateConversation(active);
  return { conversation: active, facts };
}

/** Appends to the user's mailbox what the conversation has and the mailbox has not, at most the newest 200. */
function catchUp(tables: Tables, conversation: ConversationRow, user: UserRow): readonly Fact[] {
  if (copyReceiversOf(tables, conversation).includes(user.key)) return [];
  const last = lastSeqOf(tables, conversation);
  const participant = participantOf(tables, conversation.key, user.key);
  const from = Math.max(participant.copiedSeq, last - CATCH_UP_MESSAGES);
  if (from >= last) return [];
  const missing = tables.messagesAfter(
    conversation.customer,
    offsetOf(conversation, from),
    offsetOf(conversation, last),
    CATCH_UP_MESSAGES,
  );
  let head = 0;
  for (const message of missing) head = tables.appendToMailbox(user.key, message.key);
  return [{ type: "mailbox.grown", user: user.id, head }];
}

/** Records how far the mailboxes of those who stop receiving have the conversation. */
function recordCopied(tables: Tables, conversation: ConversationRow, users: readonly Key[]): void {
  const copiedSeq = lastSeqOf(tables, conversation);
  for (const user of users) {
    tables.putParticipant({ ...participantOf(tables, conversation.key, user), copiedSeq });
  }
}

/** The read mark of a user: what was marked, or the user's own last message, as sending implies reading. */
export function readSeqOf(tables: Tables, conversation: ConversationRow, user: Key): number {
  const marked = tables.participant(conversation.key, user)?.readSeq ?? 0;
  return Math.max(marked, tables.authorsOf(conversation).get(user) ?? 0);
}
