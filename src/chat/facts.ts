/** What happened, told by the store after the commit: the input of every queue, topic and event. */
import type {
  AgentStatus,
  ConversationEventType,
  ConversationSummary,
  MessageBody,
  Note,
  PublicPrincipal,
} from "./wire.ts";

/** Where a message went: one entry per mailbox. */
export type MailboxEntry = {
  readonly user: string;
  readonly offset: number;
  /** The mailbox's user wrote it. */
  readonly own: boolean;
};

export type Fact =
  | {
      readonly type: "message.posted";
      readonly message: MessageBody;
      readonly entries: readonly MailboxEntry[];
      /** The conversation behind the message. */
      readonly conversation: ConversationSummary;
      /** Since when it waits, ms since epoch, while it does. */
      readonly waitingSince?: number;
    }
  | {
      readonly type: "conversation.changed";
      readonly event: ConversationEventType;
      readonly at: number;
      readonly conversation: ConversationSummary;
      readonly by?: PublicPrincipal;
      readonly afterSeq: number;
      readonly reason?: string;
      /** Of the newest message, while the conversation waits. */
      readonly preview?: string;
      /** Since when the conversation waits, ms since epoch, while it does. */
      readonly waitingSince?: number;
      /** User ids of those whom it concerns. */
      readonly audience: readonly string[];
    }
  /** Messages were put into a mailbox by other means than a post. */
  | { readonly type: "mailbox.grown"; readonly user: string; readonly head: number }
  | {
      readonly type: "message.delivered" | "message.read";
      readonly conversation: string;
      readonly user: PublicPrincipal;
      readonly seq: number;
      readonly audience: readonly string[];
    }
  /** For the notes topic and nothing else. */
  | { readonly type: "note.written"; readonly note: Note }
  | { readonly type: "agent.status"; readonly user: PublicPrincipal; readonly status: AgentStatus }
  | {
      readonly type: "canned-response.saved";
      readonly shortcut: string;
      readonly text: string;
      readonly by: PublicPrincipal;
    }
  | { readonly type: "canned-response.deleted"; readonly shortcut: string; readonly by: PublicPrincipal }
  | { readonly type: "customer.identified"; readonly from: PublicPrincipal; readonly user: PublicPrincipal }
  /** `users` are the ids that are this customer, `networks` those whose guests are blocked from now on. */
  | {
      readonly type: "customer.blocked";
      readonly user: PublicPrincipal;
      /** Absent where a blocked guest became this customer. */
      readonly by?: PublicPrincipal;
      readonly users: readonly string[];
      readonly networks: readonly string[];
    }
  | { readonly type: "customer.unblocked"; readonly user: PublicPrincipal; readonly by: PublicPrincipal }
  /** All that was stored of this customer, or of a guest who became it, is gone for everybody. */
  | { readonly type: "customer.erased"; readonly user: PublicPrincipal }
  /** Sessions of this user that came with this credential (all when absent) are to end with REVOKED. */
  | { readonly type: "credentials.revoked"; readonly user: string; readonly credentialId?: string };
