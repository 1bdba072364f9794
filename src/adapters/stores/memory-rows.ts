/** What the memory store holds: plain rows, so that all of them can be copied at once. */
import type { StoredMessage } from "../../broker/general/queue-store.ts";
import type { AuditRow } from "../../chat/audit.ts";
import type {
  ConversationRow,
  Key,
  LoginSessionRow,
  LineRow,
  MessageRow,
  NoteRow,
  ParticipantRow,
  UserRow,
} from "../../chat/tables.ts";

type MailboxState = { head: number; floor: number; entries: Map<number, Key> };

export type Rows = {
  readonly users: UserRow[];
  readonly conversations: ConversationRow[];
  readonly messages: MessageRow[];
  /** Each customer's log, by offset - 1. */
  readonly logs: Map<Key, MessageRow[]>;
  readonly mailboxes: Map<Key, MailboxState>;
  readonly delivered: Map<Key, number>;
  readonly participants: Map<Key, Map<Key, ParticipantRow>>;
  readonly lines: Map<Key, LineRow[]>;
  readonly sessions: Map<string, LoginSessionRow>;
  readonly notes: NoteRow[];
  /** Texts of the canned responses by shortcut. */
  readonly cannedResponses: Map<string, string>;
  /** The newest key in the index of words. */
  indexed: Key;
  /** By place. */
  readonly queued: Map<number, StoredMessage>;
  audit: AuditRow[];
  /** The newest key in the audit log. */
  audited: Key;
  blockedNetworks: { readonly network: string; readonly user: Key }[];
};

export function createRows(): Rows {
  return {
    users: [],
    conversations: [],
    messages: [],
    logs: new Map(),
    mailboxes: new Map(),
    delivered: new Map(),
    participants: new Map(),
    lines: new Map(),
    sessions: new Map(),
    notes: [],
    cannedResponses: new Map(),
    indexed: 0,
    queued: new Map(),
    audit: [],
    audited: 0,
    blockedNetworks: [],
  };
}
