/** Names, limits and shapes of the wire that server and browser share; no library, no server code. */

export const MESSAGE_DESTINATION = "/chat/message";
export const SUPPORT_TOPIC = "/chat/topic/support";
export const NOTES_TOPIC = "/chat/topic/notes";
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

export const MAX_CANNED_RESPONSES = 500;
export const MAX_PAGE_URL = 2048;
export const MAX_PAGE_TITLE = 256;
export const MAX_SEARCH_CODE_POINTS = 200;
/** Customers that a search finds by name, beside the messages. */
export const SEARCH_CUSTOMERS = 10;
/** How long nobody must be available before customers are told so: a reloaded console is no absence. */
export const ABSENCE_MS = 10_000;

/** What a client may address: an id, `support`, or what is nobody. */
export const ADDRESS = /^[A-Za-z0-9_-]{1,64}$/;
export const SHORTCUT = /^[a-z0-9_-]{1,32}$/;
export const CLIENT_ID = /^[A-Za-z0-9_-]{1,64}$/;
export const POSITION = /^[A-Za-z0-9-]{3,64}$/;

/** The reason with which the conversation of a customer who is erased is closed. */
export const ERASED = "erased";

export type ConversationState = "waiting" | "active" | "closed";

/** A principal as others see it. */
export type PublicPrincipal = {
  readonly id: string;
  readonly kind: "guest" | "customer" | "agent" | "service";
  readonly role?: "agent" | "supervisor" | "admin";
  readonly name?: string;
  readonly verified?: boolean;
  /** A customer who was erased: nothing but the id is left. */
  readonly erased?: boolean;
  /** A customer whom the team has blocked. */
  readonly blocked?: boolean;
};

/** An agent's own word on taking chats; it is stored, and says nothing of being connected. */
export type AgentStatus = "online" | "away" | "invisible";

/** The page of the host site that a visitor looks at. */
export type VisitedPage = {
  readonly url: string;
  readonly title?: string;
  /** Where the visitor came to it from. */
  readonly referrer?: string;
};

/** A connected guest or customer, as agents see it. */
export type OnlineCustomer = {
  readonly user: PublicPrincipal;
  readonly sessions: number;
  readonly page?: VisitedPage;
  /** As the newest session's browser names itself. */
  readonly userAgent?: string;
};

export type OnlineAgent = {
  readonly user: PublicPrincipal;
  readonly sessions: number;
  readonly status: AgentStatus;
};

export type CannedResponse = { readonly shortcut: string; readonly text: string };

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
  /** For those who serve customers. */
  readonly newest?: NewestMessage;
};

/** The last message of a conversation, as lists show it. */
export type NewestMessage = {
  readonly userFrom: string;
  /** Its first code points on one line. */
  readonly preview: string;
  readonly sentAt: string;
};

/** Where the customer was when the conversation was opened or reopened. */
export type ConversationContext = {
  readonly page?: VisitedPage;
  readonly userAgent?: string;
};

/** A conversation as a query shows it: its times, and for those who serve customers its context. */
export type ConversationDetail = ConversationStanding & {
  readonly openedAt: string;
  /** While it waits. */
  readonly waitingSince?: string;
  readonly closedAt?: string;
  readonly closeReason?: string;
  readonly context?: ConversationContext;
};

/** A private note of a conversation. It is seen by those who serve customers and by nobody else. */
export type Note = {
  readonly id: string;
  readonly conversation: string;
  /** 1, 2, 3, ... in the conversation, without gaps. */
  readonly number: number;
  readonly author: PublicPrincipal;
  readonly note: string;
  readonly writtenAt: string;
  /** The seq of the newest message when it was written. */
  readonly afterSeq: number;
  /** In the author's own copies. */
  readonly clientId?: string;
  /** Its text was erased with the customer's: `note` is empty. */
  readonly erased?: boolean;
};

/** A message that a search found. */
export type FoundMessage = { readonly conversation: ConversationSummary; readonly message: MessageBody };

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
  /** Its text was erased with the customer's: `message` is empty. */
  readonly erased?: boolean;
};

export type EventEnvelope = {
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
};

/** What became of a WebSocket attempt: it came, it came without its Upgrade header, or it never came. */
export type UpgradeSighting = "passed" | "dropped" | "unseen";

/** Answer of `GET /api/connection-check`: what the server sees of the request. */
export type ConnectionCheck = {
  /** Name and version. */
  readonly server: string;
  /** RFC 3339, by the server's clock. */
  readonly time: string;
  /** Whoever asks, after TRUST_PROXY. */
  readonly address: string;
  /** X-Forwarded-For: absent, believed, or of a peer that TRUST_PROXY does not name. */
  readonly proxy: "none" | "trusted" | "ignored";
  /** What reached the server itself. */
  readonly scheme: "http" | "https";
  /** What a proxy says that it was asked with. */
  readonly forwardedScheme: string | null;
  readonly host: string | null;
  readonly publicUrl: string | null;
  /** The one in question: `?origin=`, else the request's. */
  readonly origin: { readonly value: string; readonly allowed: boolean } | null;
  /** Of the attempt that `?upgrade=` names. */
  readonly upgrade: UpgradeSighting | null;
  /** Whether anonymous visitors may chat. */
  readonly guests: boolean;
  readonly versions: readonly string[];
  readonly transports: readonly string[];
};
