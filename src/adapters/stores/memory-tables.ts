/** Rows in Maps: the reference implementation of Tables, for tests and for installations that keep nothing. */
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
import type { Retention } from "./retention.ts";
import { MemoryAudit } from "./memory-audit.ts";
import { MemoryBlocks } from "./memory-blocks.ts";
import { MemoryCannedResponses, MemoryNotes, MemorySearch } from "./memory-desk.ts";
import { MemoryErasure } from "./memory-erasure.ts";
import { MemoryMailboxes } from "./memory-mailboxes.ts";
import { MemoryQueued } from "./memory-queued.ts";
import { createRows } from "./memory-rows.ts";
import { MemoryUsers } from "./memory-users.ts";
import { logFloor } from "./retention.ts";
import type { ConversationState } from "../../chat/wire.ts";

export class MemoryTables implements Tables {
  readonly #retention: Retention;
  #rows = createRows();
  readonly #users = new MemoryUsers(() => this.#rows);
  readonly #mailboxes = new MemoryMailboxes(() => this.#rows);
  readonly notes = new MemoryNotes(() => this.#rows);
  readonly cannedResponses = new MemoryCannedResponses(() => this.#rows);
  readonly search = new MemorySearch(() => this.#rows);
  readonly queued = new MemoryQueued(() => this.#rows);
  readonly erasure = new MemoryErasure(() => this.#rows);
  readonly audit = new MemoryAudit(() => this.#rows);
  readonly blocks = new MemoryBlocks(() => this.#rows);

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  atomically<Result>(work: () => Result): Result {
    const before = structuredClone(this.#rows);
    try {
      return work();
    } catch (error) {
      this.#rows = before;
      throw error;
    }
  }

  userById = (id: string): UserRow | undefined => this.#users.userById(id);
  userByKey = (key: Key): UserRow | undefined => this.#users.userByKey(key);
  userByLogin = (login: string): UserRow | undefined => this.#users.userByLogin(login);
  userByTokenHash = (hash: string): UserRow | undefined => this.#users.userByTokenHash(hash);
  userBySubject = (subject: string): UserRow | undefined => this.#users.userBySubject(subject);
  aliasesOf = (key: Key): readonly UserRow[] => this.#users.aliasesOf(key);
  insertUser = (row: Omit<UserRow, "key">): UserRow => this.#users.insertUser(row);
  updateUser = (row: UserRow): void => {
    this.#users.updateUser(row);
  };
  accounts = (): readonly UserRow[] => this.#users.accounts();
  customers = (beforeKey: Key | undefined, limit: number): readonly UserRow[] =>
    this.#users.customers(beforeKey, limit);

  conversationById(id: string): ConversationRow | undefined {
    return this.#rows.conversations.find((row) => row.id === id);
  }

  conversationByKey(key: Key): ConversationRow | undefined {
    return this.#rows.conversations[key - 1];
  }

  latestConversationOf(customer: Key): ConversationRow | undefined {
    const log = this.#logOf(customer);
    // Of those that begin at one place, all but one are without a message.
    const isWritten = ({ key, first }: ConversationRow): boolean => log[first - 1]?.conversation === key;
    const isOpen = ({ state }: ConversationRow): boolean => state !== "closed";
    return this.#rows.conversations
      .filter((row) => row.customer === customer)
      .sort(
        (one, other) =>
          other.first - one.first ||
          Number(isWritten(other)) - Number(isWritten(one)) ||
          Number(isOpen(other)) - Number(isOpen(one)) ||
          other.key - one.key,
      )[0];
  }

  insertConversation(row: Omit<ConversationRow, "key">): ConversationRow {
    const open = this.#rows.conversations.some(
      (other) => other.customer === row.customer && other.state !== "closed",
    );
    if (open) throw new Error("the customer has an open conversation");
    const conversation = { ...row, key: this.#rows.conversations.length + 1 };
    this.#rows.conversations.push(conversation);
    return conversation;
  }

  updateConversation(row: ConversationRow): void {
    this.#rows.conversations[row.key - 1] = row;
  }

  conversations({
    states,
    customers,
    assignee,
    beforeKey,
    limit,
  }: ConversationFilter): readonly ConversationRow[] {
    return this.#rows.conversations
      .filter((row) => states === undefined || states.includes(row.state))
      .filter((row) => customers === undefined || customers.includes(row.customer))
      .filter((row) => assignee === undefined || row.assignee === assignee)
      .filter((row) => beforeKey === undefined || row.key < beforeKey)
      .toReversed()
      .slice(0, limit);
  }

  countConversations(state: ConversationState): number {
    return this.#rows.conversations.filter((row) => row.state === state).length;
  }

  openConversationsOf(user: Key): readonly ConversationRow[] {
    return this.#rows.conversations.filter(
      (row) =>
        row.state !== "closed" &&
        (row.customer === user ||
          row.assignee === user ||
          this.#rows.participants.get(row.key)?.get(user)?.joined === true),
    );
  }

  waitingConversations(limit: number): readonly ConversationRow[] {
    return this.#rows.conversations
      .filter((row) => row.state === "waiting")
      .sort((one, other) => (one.waitingSince ?? 0) - (other.waitingSince ?? 0) || one.key - other.key)
      .slice(0, limit);
  }

  logHead(customer: Key): number {
    return this.#rows.logs.get(customer)?.length ?? 0;
  }

  appendMessage(row: Omit<MessageRow, "key" | "offset">): MessageRow {
    const { clientId } = row;
    if (clientId !== undefined && this.messageByClientId(row.sender, clientId) !== undefined) {
      throw new Error("the sender has used this clientId");
    }
    const log = this.#logOf(row.customer);
    const message = { ...row, key: this.#rows.messages.length + 1, offset: log.length + 1 };
    this.#rows.messages.push(message);
    log.push(message);
    return message;
  }

  messageByClientId(sender: Key, clientId: string): MessageRow | undefined {
    return this.#rows.messages.find((row) => row.sender === sender && row.clientId === clientId);
  }

  messagesAfter(customer: Key, after: number, upTo: number, limit: number): readonly MessageRow[] {
    return this.#logOf(customer).slice(after, upTo).slice(0, limit);
  }

  messagesBefore(customer: Key, after: number, before: number, limit: number): readonly MessageRow[] {
    return this.#logOf(customer)
      .slice(after, before - 1)
      .slice(-limit);
  }

  authorsOf(conversation: ConversationRow): ReadonlyMap<Key, number> {
    const authors = new Map<Key, number>();
    for (const row of this.#logOf(conversation.customer)) {
      if (row.conversation === conversation.key) authors.set(row.sender, row.offset - conversation.first + 1);
    }
    return authors;
  }

  moveConversation(conversation: ConversationRow, customer: Key): ConversationRow {
    const from = this.#logOf(conversation.customer);
    const to = this.#logOf(customer);
    const moved = { ...conversation, customer, first: to.length + 1 };
    for (const row of from.splice(conversation.first - 1)) {
      const message = { ...row, customer, offset: to.length + 1 };
      this.#rows.messages[row.key - 1] = message;
      to.push(message);
    }
    this.updateConversation(moved);
    return moved;
  }

  mailboxHead = (user: Key): number => this.#mailboxes.head(user);
  appendToMailbox = (user: Key, message: Key): number => this.#mailboxes.append(user, message);
  mailboxOffsetOf = (user: Key, message: Key): number => this.#mailboxes.offsetOf(user, message);
  mailboxAfter = (
    user: Key,
    after: number,
    limit: number,
  ): readonly { offset: number; message: MessageRow }[] => this.#mailboxes.after(user, after, limit);

  mailboxFloor({ key, kind }: UserRow): number {
    if (kind !== "guest" && kind !== "customer") return this.#mailboxes.floor(key);
    const log = this.#logOf(key);
    return logFloor(
      this.#retention,
      log.length,
      (after, sentSince) => log.find((row) => row.offset > after && row.sentAt >= sentSince)?.offset,
    );
  }

  deliveredMark(user: Key): number {
    return this.#rows.delivered.get(user) ?? 0;
  }

  setDeliveredMark(user: Key, offset: number): void {
    this.#rows.delivered.set(user, offset);
  }

  pruneMailboxes = (maxMessages: number, sentBefore: number, limit: number): number =>
    this.#mailboxes.prune(maxMessages, sentBefore, limit);

  participant(conversation: Key, user: Key): ParticipantRow | undefined {
    return this.#rows.participants.get(conversation)?.get(user);
  }

  participantsOf(conversation: Key): readonly ParticipantRow[] {
    return [...(this.#rows.participants.get(conversation)?.values() ?? [])];
  }

  putParticipant(row: ParticipantRow): void {
    const participants = this.#rows.participants.get(row.conversation) ?? new Map<Key, ParticipantRow>();
    this.#rows.participants.set(row.conversation, participants);
    participants.set(row.user, row);
  }

  appendLine(row: LineRow): void {
    const lines = this.#rows.lines.get(row.conversation) ?? [];
    this.#rows.lines.set(row.conversation, lines);
    lines.push(row);
  }

  linesOf(conversation: Key, from: number, to: number): readonly LineRow[] {
    return (this.#rows.lines.get(conversation) ?? []).filter(
      (row) => row.afterSeq >= from && row.afterSeq <= to,
    );
  }

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

  #logOf(customer: Key): MessageRow[] {
    let log = this.#rows.logs.get(customer);
    if (log === undefined) {
      log = [];
      this.#rows.logs.set(customer, log);
    }
    return log;
  }
}
