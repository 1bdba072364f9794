/** Tables over one SQLite connection: users, conversations, messages and queues together. */
import { SqliteAudit } from "./sqlite-audit.ts";
import { SqliteBlocks } from "./sqlite-blocks.ts";
import { SqliteConversations } from "./sqlite-conversations.ts";
import { SqliteCannedResponses } from "./sqlite-canned-responses.ts";
import { SqliteErasure } from "./sqlite-erasure.ts";
import { SqliteMessages } from "./sqlite-messages.ts";
import { SqliteMoves } from "./sqlite-moves.ts";
import { SqliteNotes } from "./sqlite-notes.ts";
import { SqliteSearch } from "./sqlite-search.ts";
import { SqliteQueued } from "./sqlite-queued.ts";
import { SqliteUsers } from "./sqlite-users.ts";
import type { DatabaseSync } from "node:sqlite";
import type {
  ConversationFilter,
  ConversationRow,
  Key,
  LineRow,
  LoginSessionRow,
  MessageRow,
  ParticipantRow,
  Tables,
  UserRow,
} from "../../chat/tables.ts";
import type { ConversationState } from "../../chat/wire.ts";
import type { Retention } from "./retention.ts";

/** Every cache of it is as the database after a COMMIT; call `forget` after a ROLLBACK. */
export class SqliteTables implements Tables {
  readonly #database: DatabaseSync;
  readonly #users: SqliteUsers;
  readonly #conversations: SqliteConversations;
  readonly #moves: SqliteMoves;
  readonly #messages: SqliteMessages;
  readonly notes: SqliteNotes;
  readonly cannedResponses: SqliteCannedResponses;
  readonly search: SqliteSearch;
  readonly queued: SqliteQueued;
  readonly erasure: SqliteErasure;
  readonly audit: SqliteAudit;
  readonly blocks: SqliteBlocks;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#database = database;
    this.#users = new SqliteUsers(database);
    this.#conversations = new SqliteConversations(database);
    this.#moves = new SqliteMoves(database);
    this.#messages = new SqliteMessages(database, retention, this.#moves);
    this.notes = new SqliteNotes(database);
    this.cannedResponses = new SqliteCannedResponses(database);
    this.search = new SqliteSearch(database, this.#moves);
    this.queued = new SqliteQueued(database);
    this.erasure = new SqliteErasure(database);
    this.audit = new SqliteAudit(database);
    this.blocks = new SqliteBlocks(database);
  }

  atomically<Result>(work: () => Result): Result {
    this.#database.exec("SAVEPOINT work");
    try {
      const result = work();
      this.#database.exec("RELEASE work");
      return result;
    } catch (error) {
      // A full disk has rolled back everything by itself already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK TO work; RELEASE work");
      this.forget();
      throw error;
    }
  }

  forget(): void {
    this.#users.forget();
    this.#conversations.forget();
    this.#moves.forget();
    this.#messages.forget();
  }

  userById = (id: string): UserRow | undefined => this.#users.userById(id);
  userByKey = (key: Key): UserRow | undefined => this.#users.userByKey(key);
  userByLogin = (login: string): UserRow | undefined => this.#users.userByLogin(login);
  userByTokenHash = (hash: string): UserRow | undefined => this.#users.userByTokenHash(hash);
  userBySubject = (subject: string): UserRow | undefined => this.#users.userBySubject(subject);
  aliasesOf = (key: Key): readonly UserRow[] => this.#users.aliasesOf(key);
  insertUser(row: Omit<UserRow, "key">): UserRow {
    const user = this.#users.insertUser(row);
    if (user.name !== undefined) this.search.indexName(user);
    return user;
  }
  updateUser(row: UserRow): void {
    if (row.name !== this.userByKey(row.key)?.name) this.search.indexName(row);
    this.#users.updateUser(row);
  }
  accounts = (): readonly UserRow[] => this.#users.accounts();
  customers = (beforeKey: Key | undefined, limit: number): readonly UserRow[] =>
    this.#users.customers(beforeKey, limit);

  conversationById = (id: string): ConversationRow | undefined => this.#conversations.conversationById(id);
  conversationByKey = (key: Key): ConversationRow | undefined => this.#conversations.conversationByKey(key);
  latestConversationOf = (customer: Key): ConversationRow | undefined =>
    this.#conversations.latestConversationOf(customer);
  insertConversation = (row: Omit<ConversationRow, "key">): ConversationRow =>
    this.#conversations.insertConversation(row);
  updateConversation = (row: ConversationRow): void => {
    this.#conversations.updateConversation(row);
  };
  conversations = (filter: ConversationFilter): readonly ConversationRow[] =>
    this.#conversations.conversations(filter);
  countConversations = (state: ConversationState): number => this.#conversations.countConversations(state);
  openConversationsOf = (user: Key): readonly ConversationRow[] =>
    this.#conversations.openConversationsOf(user);
  waitingConversations = (limit: number): readonly ConversationRow[] =>
    this.#conversations.waitingConversations(limit);

  logHead = (customer: Key): number => this.#messages.logHead(customer);

  appendMessage(row: Omit<MessageRow, "key" | "offset">): MessageRow {
    const message = this.#messages.appendMessage(row);
    const conversation = this.conversationByKey(row.conversation);
    if (conversation !== undefined) {
      this.#messages.rememberAuthor(conversation.key, row.sender, message.offset - conversation.first + 1);
    }
    return message;
  }

  messageByClientId = (sender: Key, clientId: string): MessageRow | undefined =>
    this.#messages.messageByClientId(sender, clientId);
  messagesAfter = (customer: Key, after: number, upTo: number, limit: number): readonly MessageRow[] =>
    this.#messages.messagesAfter(customer, after, upTo, limit);
  messagesBefore = (customer: Key, after: number, before: number, limit: number): readonly MessageRow[] =>
    this.#messages.messagesBefore(customer, after, before, limit);
  authorsOf = (conversation: ConversationRow): ReadonlyMap<Key, number> =>
    this.#messages.authorsOf(conversation);

  moveConversation(conversation: ConversationRow, customer: Key): ConversationRow {
    const moved = { ...conversation, customer, first: this.#messages.move(conversation, customer) };
    this.#conversations.updateConversation(moved);
    this.#conversations.forgetLatestOf(conversation.customer);
    this.#conversations.forgetLatestOf(customer);
    return moved;
  }

  mailboxHead = (user: Key): number => this.#messages.mailboxHead(user);
  appendToMailbox = (user: Key, message: Key): number => this.#messages.appendToMailbox(user, message);
  mailboxOffsetOf = (user: Key, message: Key): number => this.#messages.mailboxOffsetOf(user, message);
  mailboxAfter = (
    user: Key,
    after: number,
    limit: number,
  ): readonly { offset: number; message: MessageRow }[] => this.#messages.mailboxAfter(user, after, limit);
  mailboxFloor = (user: UserRow): number => this.#messages.mailboxFloor(user);
  deliveredMark = (user: Key): number => this.#messages.deliveredMark(user);
  setDeliveredMark = (user: Key, offset: number): void => {
    this.#messages.setDeliveredMark(user, offset);
  };
  pruneMailboxes = (maxMessages: number, sentBefore: number, limit: number): number =>
    this.#messages.pruneMailboxes(maxMessages, sentBefore, limit);

  participant = (conversation: Key, user: Key): ParticipantRow | undefined =>
    this.#conversations.participant(conversation, user);
  participantsOf = (conversation: Key): readonly ParticipantRow[] =>
    this.#conversations.participantsOf(conversation);
  putParticipant = (row: ParticipantRow): void => {
    this.#conversations.putParticipant(row);
  };
  appendLine = (row: LineRow): void => {
    this.#conversations.appendLine(row);
  };
  linesOf = (conversation: Key, from: number, to: number): readonly LineRow[] =>
    this.#conversations.linesOf(conversation, from, to);

  loginSession = (hash: string): LoginSessionRow | undefined => this.#users.loginSession(hash);
  loginSessionsOf = (user: Key): readonly LoginSessionRow[] => this.#users.loginSessionsOf(user);
  putLoginSession = (row: LoginSessionRow): void => {
    this.#users.putLoginSession(row);
  };
  deleteLoginSession = (hash: string): void => {
    this.#users.deleteLoginSession(hash);
  };
  deleteLoginSessionsOf = (user: Key): void => {
    this.#users.deleteLoginSessionsOf(user);
  };
  deleteLoginSessionsUsedBefore = (usedAt: number, createdAt: number): void => {
    this.#users.deleteLoginSessionsUsedBefore(usedAt, createdAt);
  };
}
