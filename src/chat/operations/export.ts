/** Everything that is stored of one customer, piece by piece; no secret is among it. */
import { bodyOf, canonical, lastSeqOf, publicPrincipal, userOf } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { fitting } from "./fitting.ts";
import { noteOf } from "./notes.ts";
import { answer } from "./outcome.ts";
import { lineOf, timeOf } from "./queries.ts";
import { participantOf } from "./transitions.ts";
import type { ConversationRow, Key, Tables, UserRow } from "../tables.ts";
import type { ConversationContext, ConversationLine, MessageBody, Note, PublicPrincipal } from "../wire.ts";
import type { Outcome } from "./outcome.ts";

/** Where an export goes on: at a conversation, in its messages or its notes, behind a number. */
export type ExportPlace = {
  readonly conversation: Key;
  readonly part: "messages" | "notes";
  readonly after: number;
};

/** Who somebody is: as others see it, and what only the operator sees. */
export type ExportedUser = PublicPrincipal & {
  /** The host site's `sub`. */
  readonly subject?: string;
  readonly createdAt: string;
  readonly erasedAt?: string;
};

export type ExportedConversation = {
  readonly id: string;
  /** The customer's id, or that of a guest who became the customer. */
  readonly customer: string;
  readonly state: ConversationRow["state"];
  readonly assignee?: PublicPrincipal;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly closeReason?: string;
  readonly context?: ConversationContext;
  /** How far the customer's devices got. */
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** Those who wrote in it. */
  readonly authors: readonly PublicPrincipal[];
  readonly events: readonly ConversationLine[];
};

export type ExportPiece = {
  /** On the first piece. */
  readonly head?: { readonly customer: ExportedUser; readonly guests: readonly ExportedUser[] };
  /** Where one begins; its messages follow, then its notes. */
  readonly conversation?: ExportedConversation;
  readonly messages: readonly MessageBody[];
  readonly notes: readonly Note[];
  /** Absent on the last piece. */
  readonly next?: ExportPlace;
};

export type ExportInput = {
  /** Id of a guest or customer, or the host site's `sub`; the same for each piece. */
  readonly customer: string;
  /** `next` of the piece before. */
  readonly place?: ExportPlace;
  /** Of messages or notes in a piece. */
  readonly limit: number;
};

/** The customer, then each conversation, the newest first; UNKNOWN_USER when there is no such guest or customer. */
export function exportCustomer(
  tables: Tables,
  { customer, place, limit }: ExportInput,
): Outcome<ExportPiece> {
  const [owner, ...guests] = usersOf(tables, customer);
  const keys = [owner, ...guests].map(({ key }) => key);
  if (place !== undefined) return answer(pieceAt(tables, keys, place, limit));
  const head = { customer: exportedUser(owner), guests: guests.map(exportedUser) };
  return answer({ head, messages: [], notes: [], ...following(tables, keys, undefined) });
}

function pieceAt(tables: Tables, keys: readonly Key[], place: ExportPlace, limit: number): ExportPiece {
  const { conversation: key, part, after } = place;
  const row = tables.conversationByKey(key);
  if (row === undefined || !keys.includes(row.customer)) throw refuse("NOT_FOUND");
  if (part === "notes") {
    const rows = fitting(tables.notes.after(key, after, limit));
    const last = rows.at(-1)?.number;
    const next = last === undefined ? following(tables, keys, key) : { next: { ...place, after: last } };
    return { messages: [], notes: rows.map((note) => noteOf(tables, row, note)), ...next };
  }
  const behind = row.first + after - 1;
  const upTo = row.first + lastSeqOf(tables, row) - 1;
  const rows = fitting(tables.messagesAfter(row.customer, behind, upTo, limit));
  const last = rows.at(-1)?.offset;
  return {
    ...(after === 0 ? { conversation: exportedConversation(tables, row) } : {}),
    messages: rows.map((message) => bodyOf(tables, row, message, true)),
    notes: [],
    next:
      last === undefined || last === upTo
        ? { conversation: key, part: "notes", after: 0 }
        : { ...place, after: last - row.first + 1 },
  };
}

/** The place of the next older conversation, if there is one. */
function following(tables: Tables, keys: readonly Key[], beforeKey: Key | undefined): { next?: ExportPlace } {
  const [next] = tables.conversations({
    customers: keys,
    limit: 1,
    ...(beforeKey === undefined ? {} : { beforeKey }),
  });
  return next === undefined ? {} : { next: { conversation: next.key, part: "messages", after: 0 } };
}

function exportedUser(user: UserRow): ExportedUser {
  const { subject, createdAt, erasedAt } = user;
  return {
    ...publicPrincipal(user),
    ...(subject === undefined ? {} : { subject }),
    createdAt: timeOf(createdAt),
    ...(erasedAt === undefined ? {} : { erasedAt: timeOf(erasedAt) }),
  };
}

function exportedConversation(tables: Tables, row: ConversationRow): ExportedConversation {
  const { id, state, assignee, openedAt, closedAt, closeReason, context } = row;
  const { deliveredSeq, readSeq } = participantOf(tables, row.key, row.customer);
  const lines = tables.linesOf(row.key, 0, Number.MAX_SAFE_INTEGER);
  return {
    id,
    customer: userOf(tables, row.customer).id,
    state,
    ...(assignee === undefined ? {} : { assignee: publicPrincipal(userOf(tables, assignee)) }),
    openedAt: timeOf(openedAt),
    ...(closedAt === undefined ? {} : { closedAt: timeOf(closedAt) }),
    ...(closeReason === undefined ? {} : { closeReason }),
    ...(context === undefined ? {} : { context }),
    deliveredSeq,
    readSeq,
    authors: [...tables.authorsOf(row).keys()].map((key) => publicPrincipal(userOf(tables, key))),
    events: lines.map((line) => lineOf(tables, line)),
  };
}

/** The customer, found by id or by the host site's `sub`, and the guests who became it. */
export function usersOf(tables: Tables, customer: string): readonly [UserRow, ...UserRow[]] {
  const named = tables.userById(customer) ?? tables.userBySubject(customer);
  if (named === undefined || (named.kind !== "guest" && named.kind !== "customer")) {
    throw refuse("UNKNOWN_USER");
  }
  const owner = canonical(tables, named);
  return [owner, ...tables.aliasesOf(owner.key)];
}
