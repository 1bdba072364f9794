/** What can be asked of the store: mailboxes, histories, lists and snapshots. */
import { isCustomer, servesCustomers, requirePermission } from "../access-policy.ts";
import {
  audienceOf,
  bodyOf,
  canonical,
  isErased,
  lastSeqOf,
  offsetOf,
  previewOf,
  publicPrincipal,
  summaryOf,
  userOf,
} from "../conversation.ts";
import { refuse } from "../errors.ts";
import { SNAPSHOT_ROWS } from "../wire.ts";
import { fitting } from "./fitting.ts";
import { headOf, isMine, ownerOf } from "./mailbox.ts";
import { answer, permittedConversation } from "./outcome.ts";
import { newestMessage, readSeqOf } from "./transitions.ts";
import type { Principal } from "../../broker/principal.ts";
import type { ConversationRow, Key, LineRow, MessageRow, Tables, UserRow } from "../tables.ts";
import type {
  ConversationDetail,
  ConversationLine,
  ConversationStanding,
  ConversationState,
  ConversationSummary,
  MessageBody,
  NewestMessage,
  PublicPrincipal,
} from "../wire.ts";
import type { Outcome } from "./outcome.ts";

export type HistoryInput = {
  readonly principal: Principal;
  readonly conversation: string;
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
};

export type History = {
  readonly items: readonly MessageBody[];
  readonly events: readonly ConversationLine[];
  /** The caller's mailbox head in the same read. */
  readonly position: number;
};

/** A page of a conversation, ascending, with the lines that stand in it; the newest page when no seq is given. */
export function history(tables: Tables, input: HistoryInput): Outcome<History> {
  const conversation = permittedConversation(tables, input.principal, "/chat/history", input.conversation);
  const user = ownerOf(tables, input.principal.id);
  const last = lastSeqOf(tables, conversation);
  const rows = pageOf(tables, conversation, last, input);
  const first = rows[0];
  const newest = rows.at(-1);
  const from =
    first === undefined || first.offset === conversation.first ? 0 : first.offset - conversation.first + 1;
  const to = newest === undefined ? last : newest.offset - conversation.first + 1;
  return answer({
    items: rows.map((row) =>
      bodyOf(tables, conversation, row, user !== undefined && isMine(tables, user, row.sender)),
    ),
    events: (rows.length === 0 && last > 0 ? [] : tables.linesOf(conversation.key, from, to)).map((line) =>
      lineOf(tables, line),
    ),
    position: user === undefined ? 0 : headOf(tables, user),
  });
}

/** A line as the wire shows it. */
export function lineOf(tables: Tables, { type, at, afterSeq, by, reason }: LineRow): ConversationLine {
  return {
    type,
    at: timeOf(at),
    afterSeq,
    ...(by === undefined ? {} : { by: publicPrincipal(userOf(tables, by)) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function pageOf(
  tables: Tables,
  conversation: ConversationRow,
  last: number,
  { before, after, limit }: HistoryInput,
): readonly MessageRow[] {
  const { customer, first } = conversation;
  const end = Math.min(before ?? last + 1, last + 1);
  if (after !== undefined) {
    const upTo = offsetOf(conversation, end - 1);
    return fitting(tables.messagesAfter(customer, offsetOf(conversation, after), upTo, limit));
  }
  return fitting(tables.messagesBefore(customer, first - 1, offsetOf(conversation, end), limit), true);
}

/** The ids of those whom an ephemeral event of the conversation concerns. */
export function audience(
  tables: Tables,
  {
    principal,
    conversation: id,
    destination,
  }: { principal: Principal; conversation: string; destination: string },
): Outcome<readonly string[]> {
  return answer(audienceOf(tables, permittedConversation(tables, principal, destination, id)));
}

/** One conversation, for those who may read it. */
export function conversation(
  tables: Tables,
  { principal, id }: { principal: Principal; id: string },
): Outcome<{ readonly conversation: ConversationDetail; readonly position: number }> {
  const row = permittedConversation(tables, principal, "/chat/history", id);
  const user = ownerOf(tables, principal.id);
  const context = isErased(tables, row) ? undefined : row.context;
  const detail = detailOf(tables, row, user);
  return answer({
    conversation: servesCustomers(principal) && context !== undefined ? { ...detail, context } : detail,
    position: user === undefined ? 0 : headOf(tables, user),
  });
}

export type ConversationsInput = {
  readonly principal: Principal;
  readonly states?: readonly ConversationState[];
  /** Id of a customer: only that customer's; for those who serve customers. */
  readonly customer?: string;
  /** Id of a conversation: only older ones. */
  readonly before?: string;
  readonly limit: number;
};

export type Page<Item> = {
  readonly items: readonly Item[];
  /** Give it as `before` for the following page; absent on the last. */
  readonly next?: string;
  readonly position: number;
};

/** Conversations, newest first: a customer's own; all of them for those who serve customers. */
export function conversations(tables: Tables, input: ConversationsInput): Outcome<Page<ConversationDetail>> {
  const { principal, states, before, limit } = input;
  const asked = input.customer === undefined ? {} : { id: input.customer };
  requirePermission(principal, "GET", "/api/conversations", asked);
  const user = ownerOf(tables, principal.id);
  const own = isCustomer(principal);
  if (own && user === undefined) return answer({ items: [], position: 0 });
  const beforeRow = before === undefined ? undefined : tables.conversationById(before);
  if (before !== undefined && beforeRow === undefined) throw refuse("BAD_QUERY", { field: "before" });
  const rows = tables.conversations({
    limit: limit + 1,
    ...(states === undefined ? {} : { states }),
    ...(own && user !== undefined ? { customers: keysOf(tables, user) } : {}),
    ...(input.customer === undefined ? {} : { customers: keysOfCustomer(tables, input.customer) }),
    ...(beforeRow === undefined ? {} : { beforeKey: beforeRow.key }),
  });
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? shown.at(-1)?.id : undefined;
  return answer({
    items: shown.map((row) => detailOf(tables, row, user)),
    position: user === undefined ? 0 : headOf(tables, user),
    ...(next === undefined ? {} : { next }),
  });
}

/** Guests and customers, newest first, for those who serve them. */
export function customers(
  tables: Tables,
  { principal, before, limit }: { principal: Principal; before?: string; limit: number },
): Outcome<Page<PublicPrincipal>> {
  requirePermission(principal, "GET", "/api/customers", {});
  const beforeRow = before === undefined ? undefined : tables.userById(before);
  if (before !== undefined && beforeRow === undefined) throw refuse("BAD_QUERY", { field: "before" });
  const rows = tables.customers(beforeRow?.key, limit + 1);
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? shown.at(-1)?.id : undefined;
  const user = ownerOf(tables, principal.id);
  return answer({
    items: shown.map(publicPrincipal),
    position: user === undefined ? 0 : headOf(tables, user),
    ...(next === undefined ? {} : { next }),
  });
}

/** My open conversations: the snapshot of /user/queue/events. */
export function openConversations(
  tables: Tables,
  { user: id }: { user: string },
): Outcome<readonly ConversationStanding[]> {
  const user = ownerOf(tables, id);
  if (user === undefined) return answer([]);
  const rows = keysOf(tables, user).flatMap((key) => tables.openConversationsOf(key));
  return answer(rows.map((row) => standingOf(tables, row, user)));
}

export type DeskSnapshot = {
  readonly counts: { readonly waiting: number; readonly active: number };
  readonly waiting: readonly {
    readonly conversation: ConversationSummary;
    readonly preview: string;
    /** RFC 3339. */
    readonly waitingSince: string;
  }[];
};

/** What waits, oldest first, for the snapshot of the support topic. */
export function deskSnapshot(tables: Tables): Outcome<DeskSnapshot> {
  const waiting = tables.waitingConversations(SNAPSHOT_ROWS);
  return answer({
    counts: { waiting: tables.countConversations("waiting"), active: tables.countConversations("active") },
    waiting: waiting.map((row) => ({
      conversation: summaryOf(tables, row),
      preview: previewOf(newestMessage(tables, row)?.text ?? ""),
      waitingSince: timeOf(row.waitingSince ?? row.openedAt),
    })),
  });
}

function detailOf(tables: Tables, row: ConversationRow, user: UserRow | undefined): ConversationDetail {
  const { state, openedAt, waitingSince, closedAt, closeReason } = row;
  return {
    ...standingOf(tables, row, user),
    openedAt: timeOf(openedAt),
    ...(state === "waiting" ? { waitingSince: timeOf(waitingSince ?? openedAt) } : {}),
    ...(closedAt === undefined ? {} : { closedAt: timeOf(closedAt) }),
    ...(closeReason === undefined ? {} : { closeReason }),
  };
}

export function timeOf(at: number): string {
  return new Date(at).toISOString();
}

function standingOf(tables: Tables, row: ConversationRow, user: UserRow | undefined): ConversationStanding {
  const summary = summaryOf(tables, row);
  const customerSide = keysOf(tables, canonical(tables, userOf(tables, row.customer)));
  const areMine = user !== undefined && customerSide.includes(user.key);
  const everybody = areMine
    ? [...tables.participantsOf(row.key).map(({ user: key }) => key), ...tables.authorsOf(row).keys()]
    : [];
  const otherSide = areMine ? everybody.filter((key) => !customerSide.includes(key)) : customerSide;
  const readSeq = Math.max(0, ...otherSide.map((key) => readSeqOf(tables, row, key)));
  const deliveredSeq = Math.max(
    readSeq,
    ...otherSide.map((key) => tables.participant(row.key, key)?.deliveredSeq ?? 0),
  );
  const myRead =
    user === undefined ? 0 : Math.max(...keysOf(tables, user).map((key) => readSeqOf(tables, row, key)));
  const unread = Math.max(0, summary.lastSeq - myRead);
  return { ...summary, deliveredSeq, readSeq, unread, ...(areMine ? {} : newestOf(tables, row)) };
}

function newestOf(tables: Tables, row: ConversationRow): { readonly newest?: NewestMessage } {
  const message = newestMessage(tables, row);
  if (message === undefined) return {};
  const { userFrom, message: text, sentAt } = bodyOf(tables, row, message, false);
  return { newest: { userFrom, preview: previewOf(text), sentAt } };
}

/** The keys under which a customer's conversations stand; nobody's when there is no such customer. */
function keysOfCustomer(tables: Tables, id: string): readonly Key[] {
  const customer = ownerOf(tables, id);
  return customer === undefined ? [] : keysOf(tables, customer);
}

/** The customer's key and those of the guests who became the customer. */
function keysOf(tables: Tables, user: UserRow): readonly Key[] {
  return [user.key, ...tables.aliasesOf(user.key).map((alias) => alias.key)];
}
