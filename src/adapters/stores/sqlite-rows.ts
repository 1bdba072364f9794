/** SQLite's rows as the chat's: NULL is absent, 0 and 1 are false and true. */
import type { AuditRow } from "../../chat/audit.ts";
import type {
  ConversationRow,
  LineRow,
  LoginSessionRow,
  MessageRow,
  NoteRow,
  ParticipantRow,
  UserRow,
} from "../../chat/tables.ts";
import type { Scope } from "../../broker/principal.ts";

export type SqlRow = Record<string, unknown>;

/** Drops what is NULL, so that an absent column is an absent member. */
function present<Row extends object>(row: { readonly [K in keyof Row]: Row[K] | null | undefined }): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null && value !== undefined),
  ) as Row;
}

const flag = (value: unknown): boolean | undefined => (value === null ? undefined : value === 1);

export function userFrom(row: SqlRow): UserRow {
  const scopes = row["scopes"];
  return present<UserRow>({
    key: row["key"] as number,
    id: row["id"] as string,
    kind: row["kind"] as UserRow["kind"],
    role: row["role"] as UserRow["role"],
    login: row["login"] as string,
    name: row["name"] as string,
    verified: flag(row["verified"]),
    scopes: typeof scopes === "string" ? (JSON.parse(scopes) as Scope[]) : undefined,
    passcodeHash: row["passcode_hash"] as string,
    tokenHash: row["token_hash"] as string,
    subject: row["subject"] as string,
    aliasOf: row["alias_of"] as number,
    generation: row["generation"] as number,
    previousUntil: row["previous_until"] as number,
    disabled: flag(row["disabled"]),
    status: row["status"] as UserRow["status"],
    createdAt: row["created_at"] as number,
    erasedAt: row["erased_at"] as number,
    erasing: flag(row["erasing"]),
    blockedAt: row["blocked_at"] as number,
  });
}

export function conversationFrom(row: SqlRow): ConversationRow {
  const context = row["context"];
  return present<ConversationRow>({
    key: row["key"] as number,
    id: row["id"] as string,
    customer: row["customer"] as number,
    first: row["first"] as number,
    state: row["state"] as ConversationRow["state"],
    assignee: row["assignee"] as number,
    version: row["version"] as number,
    openedAt: row["opened_at"] as number,
    waitingSince: row["waiting_since"] as number,
    closedAt: row["closed_at"] as number,
    closeReason: row["close_reason"] as string,
    context: typeof context === "string" ? (JSON.parse(context) as ConversationRow["context"]) : undefined,
  });
}

export function messageFrom(row: SqlRow): MessageRow {
  const clientId = row["client_id"];
  return {
    key: row["key"] as number,
    customer: row["customer"] as number,
    offset: row["offset"] as number,
    conversation: row["conversation"] as number,
    id: row["id"] as string,
    sender: row["sender"] as number,
    receiver: row["receiver"] as string,
    text: row["text"] as string,
    sentAt: row["sent_at"] as number,
    ...(typeof clientId === "string" ? { clientId } : {}),
  };
}

export function participantFrom(row: SqlRow): ParticipantRow {
  return {
    conversation: row["conversation"] as number,
    user: row["user"] as number,
    joined: row["joined"] === 1,
    copiedSeq: row["copied_seq"] as number,
    readSeq: row["read_seq"] as number,
    deliveredSeq: row["delivered_seq"] as number,
  };
}

export function lineFrom(row: SqlRow): LineRow {
  return present<LineRow>({
    conversation: row["conversation"] as number,
    type: row["type"] as LineRow["type"],
    at: row["at"] as number,
    afterSeq: row["after_seq"] as number,
    by: row["by"] as number,
    reason: row["reason"] as string,
  });
}

export function noteFrom(row: SqlRow): NoteRow {
  return present<NoteRow>({
    key: row["key"] as number,
    conversation: row["conversation"] as number,
    number: row["number"] as number,
    id: row["id"] as string,
    author: row["author"] as number,
    text: row["text"] as string,
    writtenAt: row["written_at"] as number,
    afterSeq: row["after_seq"] as number,
    clientId: row["client_id"] as string,
  });
}

export function auditFrom(row: SqlRow): AuditRow {
  return present<AuditRow>({
    key: row["key"] as number,
    at: row["at"] as number,
    actor: row["actor"] as string,
    action: row["action"] as AuditRow["action"],
    user: row["user"] as string,
    object: row["object"] as string,
    detail: row["detail"] as string,
    address: row["address"] as string,
    outcome: row["outcome"] as string,
    times: row["times"] as number,
  });
}

export function loginSessionFrom(row: SqlRow): LoginSessionRow {
  return {
    hash: row["hash"] as string,
    user: row["user"] as number,
    createdAt: row["created_at"] as number,
    usedAt: row["used_at"] as number,
  };
}
