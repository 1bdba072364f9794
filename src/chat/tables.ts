/** The port under every store: rows, read and written synchronously inside one transaction. */
import type { Role, Scope, PrincipalKind } from "../broker/principal.ts";
import type { StoredMessage } from "../broker/general/queue-store.ts";
import type { AuditTables } from "./audit.ts";
import type {
  AgentStatus,
  CannedResponse,
  ConversationContext,
  ConversationEventType,
  ConversationState,
} from "./wire.ts";

/** Integer key of a row; what the wire shows are the random ids. */
export type Key = number;

export type UserRow = {
  readonly key: Key;
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly role?: Role;
  readonly login?: string;
  readonly name?: string;
  readonly verified?: boolean;
  readonly scopes?: readonly Scope[];
  /** argon2id string of an agent's passcode. */
  readonly passcodeHash?: string;
  /** SHA-256 (hex) of a service's token. */
  readonly tokenHash?: string;
  /** The host site's `sub`. */
  readonly subject?: string;
  /** The customer this guest became. */
  readonly aliasOf?: Key;
  /** The newest token generation a guest has used; the one before it ends at `previousUntil`. */
  readonly generation?: number;
  readonly previousUntil?: number;
  readonly disabled?: boolean;
  /** An agent's own word on taking chats; absent is `online`. */
  readonly status?: Exclude<AgentStatus, "online">;
  readonly createdAt: number;
  /** Since then the customer is erased: nothing personal is shown of the row, nor of what it wrote and was told. */
  readonly erasedAt?: number;
  /** The storage still has some of it: the erasure goes on, or was interrupted. */
  readonly erasing?: boolean;
  /** Since then a guest or customer is blocked. */
  readonly blockedAt?: number;
};

export type ConversationRow = {
  readonly key: Key;
  readonly id: string;
  readonly customer: Key;
  /** Offset in the customer's log of seq 1, so that seq = offset - first + 1. */
  readonly first: number;
  readonly state: ConversationState;
  readonly assignee?: Key;
  /** Grows with each change of state or assignee. */
  readonly version: number;
  readonly openedAt: number;
  readonly waitingSince?: number;
  readonly closedAt?: number;
  readonly closeReason?: string;
  /** Where the customer was when it was opened or reopened. */
  readonly context?: ConversationContext;
};

export type MessageRow = {
  readonly key: Key;
  readonly customer: Key;
  /** 1, 2, 3, ... in the customer's log, without gaps. */
  readonly offset: number;
  readonly conversation: Key;
  readonly id: string;
  readonly sender: Key;
  /** `userTo` as it was sent. */
  readonly receiver: string;
  /** Never empty but in what is left of an erased message. */
  readonly text: string;
  readonly sentAt: number;
  readonly clientId?: string;
};

/** What a conversation keeps about one user: marks only grow. */
export type ParticipantRow = {
  readonly conversation: Key;
  readonly user: Key;
  /** A supervisor who joined receives until close. */
  readonly joined: boolean;
  /** Up to here the user's mailbox has had the messages (agents and services). */
  readonly copiedSeq: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
};

export type LineRow = {
  readonly conversation: Key;
  readonly type: ConversationEventType;
  readonly at: number;
  readonly afterSeq: number;
  readonly by?: Key;
  readonly reason?: string;
};

export type NoteRow = {
  readonly key: Key;
  readonly conversation: Key;
  /** 1, 2, 3, ... in the conversation, without gaps. */
  readonly number: number;
  readonly id: string;
  readonly author: Key;
  readonly text: string;
  readonly writtenAt: number;
  readonly afterSeq: number;
  readonly clientId?: string;
};

export type LoginSessionRow = {
  /** SHA-256 (hex) of the token. */
  readonly hash: string;
  readonly user: Key;
  readonly createdAt: number;
  readonly usedAt: number;
};

export type ConversationFilter = {
  readonly states?: readonly ConversationState[];
  readonly customers?: readonly Key[];
  readonly assignee?: Key;
  /** Only conversations with a key below this one; newest first. */
  readonly beforeKey?: Key;
  readonly limit: number;
};

/** Private notes: rows of their own, which nothing that reaches a customer reads. */
export interface NoteTables {
  /** Appends with the next number of the conversation. */
  append(row: Omit<NoteRow, "key" | "number">): NoteRow;
  byClientId(author: Key, clientId: string): NoteRow | undefined;
  /** The oldest `limit` notes with numbers above `after`, ascending. */
  after(conversation: Key, after: number, limit: number): readonly NoteRow[];
  /** The newest `limit` notes with numbers below `before`, ascending. */
  before(conversation: Key, before: number, limit: number): readonly NoteRow[];
  /** The conversations that were noted last, the latest first, each with its newest number. */
  latest(limit: number): readonly { readonly conversation: Key; readonly number: number }[];
}

export interface CannedResponseTables {
  /** By shortcut. */
  all(): readonly CannedResponse[];
  get(shortcut: string): CannedResponse | undefined;
  put(response: CannedResponse): void;
  delete(shortcut: string): void;
}

/** The index of words. Messages come into it some time after they were stored, customers' names at once. */
export interface SearchTables {
  /** Takes in the oldest messages that are not in the index yet, at most `limit`; returns how many. */
  index(limit: number): number;
  /** Messages with all of these words (`wordsOf`), newest first, with a key below `beforeKey`. */
  messages(words: readonly string[], beforeKey: Key | undefined, limit: number): readonly MessageRow[];
  /** Guests and customers, without aliases, whose names have all of these words, newest first. */
  customers(words: readonly string[], limit: number): readonly UserRow[];
}

/** Takes an erased customer's words out of the storage; the rows stay, so that every number keeps its meaning. */
export interface ErasureTables {
  /**
   * Empties the texts of the next `limit` messages that are stored for a customer, or for a guest whatever became of
   * it, and takes them out of the index of words. `after`: 0, then the `next` before. Undefined when there was none.
   */
  messages(
    customer: Key,
    after: number,
    limit: number,
  ): { readonly next: number; readonly count: number } | undefined;
  /** Empties the notes of a conversation and takes the reasons other than `but` from its lines; returns the number of notes. */
  conversation(key: Key, but: string): number;
  /**
   * Rewrites about `limit` pages of the index of words without what was taken out of it; `begin` once, then goes on.
   * False when nothing of it is left there.
   */
  words(begin: boolean, limit: number): boolean;
  /** The customers whose rows say `erasing`. */
  unfinished(): readonly UserRow[];
}

/** The networks whose guests are blocked, each for the user it was blocked with. */
export interface BlockTables {
  /** Not one that this user has. */
  add(network: string, user: Key): void;
  /** Blocked for whomever. */
  has(network: string): boolean;
  of(user: Key): readonly string[];
  dropOf(user: Key): void;
}

/** Messages of durable queues, by their place. */
export interface QueuedTables {
  insert(message: StoredMessage): void;
  /** Nothing happens to a place that is empty, here and in `remove`. */
  setAttempts(place: number, attempts: number): void;
  remove(place: number): void;
  /** Messages behind a place, ascending; `limit` of them. */
  after(place: number, limit: number): readonly StoredMessage[];
}

/**
 * Rows as the operations see them. Every method is synchronous and runs inside the store's transaction; a row
 * written is visible to the next call. A method throws only when the storage failed, and then the whole batch
 * is rolled back: an operation decides first and writes after, and never catches.
 */
export interface Tables {
  /** Runs the work; when it throws, everything it wrote is undone and the error goes on. Not nested. */
  atomically<Result>(work: () => Result): Result;

  readonly notes: NoteTables;
  readonly cannedResponses: CannedResponseTables;
  readonly search: SearchTables;
  readonly queued: QueuedTables;
  readonly erasure: ErasureTables;
  readonly audit: AuditTables;
  readonly blocks: BlockTables;

  userById(id: string): UserRow | undefined;
  userByKey(key: Key): UserRow | undefined;
  userByLogin(login: string): UserRow | undefined;
  userByTokenHash(hash: string): UserRow | undefined;
  userBySubject(subject: string): UserRow | undefined;
  /** The users that became this one. */
  aliasesOf(key: Key): readonly UserRow[];
  insertUser(row: Omit<UserRow, "key">): UserRow;
  updateUser(row: UserRow): void;
  /** Agents and services, by creation. */
  accounts(): readonly UserRow[];
  /** Guests and customers without aliases, newest first, with a key below `beforeKey`. */
  customers(beforeKey: Key | undefined, limit: number): readonly UserRow[];

  conversationById(id: string): ConversationRow | undefined;
  conversationByKey(key: Key): ConversationRow | undefined;
  /** The customer's newest conversation: the only one that can be open or reopened. */
  latestConversationOf(customer: Key): ConversationRow | undefined;
  insertConversation(row: Omit<ConversationRow, "key">): ConversationRow;
  updateConversation(row: ConversationRow): void;
  conversations(filter: ConversationFilter): readonly ConversationRow[];
  countConversations(state: ConversationState): number;
  /** Open conversations whose customer or assignee is this user, or which the user joined. */
  openConversationsOf(user: Key): readonly ConversationRow[];
  /** The oldest waiting conversations. */
  waitingConversations(limit: number): readonly ConversationRow[];

  /** Offset of the newest message in the customer's log; 0 when there is none. */
  logHead(customer: Key): number;
  /** Appends at `logHead + 1` and returns the row. */
  appendMessage(row: Omit<MessageRow, "key" | "offset">): MessageRow;
  messageByClientId(sender: Key, clientId: string): MessageRow | undefined;
  /** Messages of the customer's log with offsets in (after, upTo], ascending; `limit` of them from the start. */
  messagesAfter(customer: Key, after: number, upTo: number, limit: number): readonly MessageRow[];
  /** The newest `limit` messages of the log with offsets in (after, before), ascending. */
  messagesBefore(customer: Key, after: number, before: number, limit: number): readonly MessageRow[];
  /** Who wrote in the conversation, with the last seq of each. */
  authorsOf(conversation: ConversationRow): ReadonlyMap<Key, number>;
  /** Moves the last conversation of a guest's log to the end of a customer's, once for each guest; seq stays. */
  moveConversation(conversation: ConversationRow, customer: Key): ConversationRow;

  /** Agents and services have a mailbox of rows; a customer's mailbox is the customer's log. */
  mailboxHead(user: Key): number;
  appendToMailbox(user: Key, message: Key): number;
  /** Where a message stands in the mailbox; 0 when it is not (or no longer) there. May be slow: repeats only. */
  mailboxOffsetOf(user: Key, message: Key): number;
  mailboxAfter(user: Key, after: number, limit: number): readonly { offset: number; message: MessageRow }[];
  /** The smallest position from which a replay is whole: nothing above it was pruned. */
  mailboxFloor(user: UserRow): number;
  deliveredMark(user: Key): number;
  setDeliveredMark(user: Key, offset: number): void;
  /** Drops mailbox rows beyond the retention; returns how many, at most `limit`. */
  pruneMailboxes(maxMessages: number, sentBefore: number, limit: number): number;

  participant(conversation: Key, user: Key): ParticipantRow | undefined;
  participantsOf(conversation: Key): readonly ParticipantRow[];
  putParticipant(row: ParticipantRow): void;

  appendLine(row: LineRow): void;
  /** Lines with afterSeq in [from, to], in order. */
  linesOf(conversation: Key, from: number, to: number): readonly LineRow[];

  loginSession(hash: string): LoginSessionRow | undefined;
  /** In the order in which they were begun. */
  loginSessionsOf(user: Key): readonly LoginSessionRow[];
  putLoginSession(row: LoginSessionRow): void;
  deleteLoginSession(hash: string): void;
  deleteLoginSessionsOf(user: Key): void;
  deleteLoginSessionsUsedBefore(usedAt: number, createdAt: number): void;
}
