/** Names, limits and shapes of the wire that server and browser share; no library, no server code. */

export const MESSAGE_DESTINATION = "/chat/message";
export const SUPPORT_TOPIC = "/chat/topic/support";
export const MESSAGES_QUEUE = "/user/queue/messages";
export const EVENTS_QUEUE = "/user/queue/events";
export { ERRORS_DESTINATION as ERRORS_QUEUE } from "../broker/destination.ts";

/** The reserved receiver: whoever serves customers. */
export const SUPPORT = "support";

export const MAX_MESSAGE_CODE_POINTS = 4000;
export const MAX_MESSAGE_OCTETS = 16 * 1024;
export const MAX_JSON_DEPTH = 8;
export const PREVIEW_CODE_POINTS = 120;
export const SNAPSHOT_ROWS = 200;
export const HISTORY_LIMIT = 50;
export const MAX_HISTORY_LIMIT = 200;
export const REOPEN_WINDOW_MS = 24 * 60 * 60 * 1000;
/** Messages of a conversation that a new assignee finds in the mailbox. */
export const CATCH_UP_MESSAGES = 200;

/** What a client may address: an id, `support`, or what is nobody. */
export const ADDRESS = /^[A-Za-z0-9_-]{1,64}$/;
export const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const POSITION = /^[A-Za-z0-9-]{3,64}$/;

export type ConversationState = "waiting" | "active" | "closed";

/** A principal as others see it. */
export type PublicPrincipal = {
  readonly id: string;
  readonly kind: "guest" | "customer" | "agent" | "service";
  readonly role?: "agent" | "supervisor" | "admin";
  readonly name?: string;
  readonly verified?: boolean;
};

/** A conversation as events carry it. */
export type ConversationSummary = {
  readonly id: string;
  readonly state: ConversationState;
  readonly customer: PublicPrincipal;
  readonly assignee: PublicPrincipal | null;
  readonly lastSeq: number;
  readonly version: number;
};

/** One of my open conversations in the snapshot of /user/queue/events. */
export type ConversationStanding = ConversationSummary & {
  /** How far the other side got. */
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** Messages I have not read. */
  readonly unread: number;
};

export type ConversationEventType =
  | "conversation.opened"
  | "conversation.assigned"
  | "conversation.requeued"
  | "conversation.closed"
  | "conversation.reopened";

/** A line of a conversation that is no message. */
export type ConversationLine = {
  readonly type: ConversationEventType;
  readonly at: string;
  readonly afterSeq: number;
  readonly by?: PublicPrincipal;
  readonly reason?: string;
};

/** The body of a MESSAGE of the mailbox and an item of a history. */
export type MessageBody = {
  readonly userFrom: string;
  readonly userTo: string;
  readonly message: string;
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly sentAt: string;
  /** In my own copies only. */
  readonly clientId?: string;
};

export type EventEnvelope = {
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
};
