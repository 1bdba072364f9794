/** What the client library shows of the server: shapes shared by widget, console and foreign programs. */
import type {
  AgentStatus,
  CannedResponse,
  ConversationDetail,
  ConversationLine,
  ConversationStanding,
  ConversationSummary,
  EventEnvelope,
  FoundMessage,
  MessageBody,
  Note,
  OnlineAgent,
  OnlineCustomer,
  PublicPrincipal,
  VisitedPage,
} from "../../chat/wire.ts";

/** Credentials of the next CONNECT; nothing at all asks for a new guest. */
export type Credentials =
  { readonly token: string } | { readonly login: string; readonly passcode: string } | undefined;

/** Where a token outlives the page. Both may fail silently; the library goes on with what it has in memory. */
export interface TokenStore {
  load(): string | undefined;
  /** `undefined` forgets. */
  save(token: string | undefined): void;
}

/**
 * The connection as a user should see it.
 * `connecting`: first attempt. `online`: subscribed, everything missed has been filled in. `reconnecting`: lost, trying
 * again; `retryAt` (ms since epoch) says when. `refused`: the server said no and another attempt would not help (`code`).
 * `stopped`: not started, or stopped by the program.
 */
export type ConnectionState =
  | { readonly status: "stopped" | "connecting" | "online" }
  | { readonly status: "reconnecting"; readonly retryAt: number; readonly attempts: number }
  | { readonly status: "refused"; readonly code: string; readonly message: string };

/** A refusal of the server, or of the library when the connection ends before an answer (`code` CONNECTION_LOST). */
export type RefusalBody = {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** With CONFLICT. */
  readonly assignee?: PublicPrincipal | null;
  readonly state?: string;
};

/** A text of this page on its way. It leaves its list when it is stored. */
export type Outgoing = {
  readonly clientId: string;
  readonly text: string;
  /** When it was written, ms since epoch. */
  readonly writtenAt: number;
  /** `sending`: kept and repeated until answered. `failed`: refused, `refusal` says why; `retry` or `discard` it. */
  readonly status: "sending" | "failed";
  readonly refusal?: RefusalBody | undefined;
};

/** A message on its way. */
export type OutgoingMessage = Outgoing & {
  /** The conversation it was written in; undefined when it begins one. */
  readonly conversation: string | undefined;
  readonly userTo: string;
};

/** The messages that a page has on its way, and of whom, as far as that was known. */
export type Unsent = {
  readonly user?: PublicPrincipal | undefined;
  readonly messages: readonly OutgoingMessage[];
};

/** Where messages on their way outlive the page; without one, or where it fails silently, they end with the page. */
export interface UnsentStore {
  /** Keeps this instead of what this page kept before. */
  save(unsent: Unsent): void;
  /** Calls `adopt` with what each page left that is no more, now and later: it is this page's then. */
  take(adopt: (unsent: Unsent) => void): void;
  /** Drops what pages that are no more have left. */
  forget(): void;
}

/** A private note on its way. */
export type OutgoingNote = Outgoing & { readonly conversation: string };

/** A message as a transcript shows it. */
export type TranscriptMessage = MessageBody & { readonly own: boolean };

/** The known, gap-free part of a conversation. */
export type Transcript = {
  readonly conversation: string;
  /** By `seq`, without hole or duplicate. */
  readonly messages: readonly TranscriptMessage[];
  /** Lines that are no messages; each belongs behind the message with `seq` = `afterSeq`. */
  readonly lines: readonly ConversationLine[];
  /** True when the first message of the conversation is here. */
  readonly isComplete: boolean;
};

/** Who types in a conversation at the moment; ends by itself 6 s after the last sign. */
export type Typing = {
  readonly conversation: string;
  readonly user: PublicPrincipal;
  readonly typing: boolean;
};

export type WaitingConversation = {
  readonly conversation: ConversationSummary;
  readonly preview: string;
  /** ms since epoch: since when it waits. */
  readonly since: number;
};

/** The support topic, kept up to date; agents only. */
export type DeskState = {
  readonly counts: { readonly online: number; readonly waiting: number; readonly active: number };
  /** By id; with the page they look at and what their browser calls itself, where that is known. */
  readonly online: ReadonlyMap<string, OnlineCustomer>;
  readonly waiting: ReadonlyMap<string, WaitingConversation>;
  /** Connected agents with their status, this client's own agent among them; by id. */
  readonly agents: ReadonlyMap<string, OnlineAgent>;
  /** Customers who were blocked (true) or unblocked (false) since the snapshot; before it the principal says so. */
  readonly blocks: ReadonlyMap<string, boolean>;
  /** There are more rows than the server showed; read them with a query. */
  readonly more: boolean;
};

/** One page of what a search found. */
export type SearchPage = {
  /** Messages with every word of the text, each in its conversation; newest first. */
  readonly items: readonly FoundMessage[];
  /** Customers whose names match; on the first page only. */
  readonly customers: readonly PublicPrincipal[];
  /** Give it as `before` for the following page; absent on the last. */
  readonly next?: string;
};

/** Facts of the client, by name. Listeners are called in order, after the state they speak of is readable. */
export type ClientEvents = {
  state: ConnectionState;
  /** I am somebody: after each CONNECTED. */
  user: PublicPrincipal;
  /** `conversations` changed; the argument is the id of the one, or undefined for all. */
  conversations: string | undefined;
  /** Guests and customers: `available` changed. */
  availability: boolean;
  /** A transcript changed. */
  transcript: string;
  /** A message that somebody else wrote came in live (not replayed from a history that was asked for). */
  message: { readonly message: TranscriptMessage; readonly conversation: ConversationStanding | undefined };
  outgoing: readonly OutgoingMessage[];
  /** Notes, or notes on their way, changed; the argument is the id of the conversation, or undefined for all. */
  notes: string | undefined;
  cannedResponses: readonly CannedResponse[];
  typing: Typing;
  /** Every event of the desk, after `desk` was brought up to date; the snapshot too. */
  desk: EventEnvelope;
  /** A refusal that answers no promise of the library. */
  refusal: RefusalBody;
};

export type ChatClientOptions = {
  /** The server, such as `https://chat.example.com`; no slash at the end. */
  readonly url: string;
  /** Used when the token store is empty or its token was refused for good; default: a guest. */
  readonly credentials?: Credentials;
  readonly tokens?: TokenStore;
  readonly unsent?: UnsentStore;
  /** Agents: follow `/chat/topic/support` and `/chat/topic/notes`. */
  readonly desk?: boolean;
  /** Loads sockjs-client; called only after WebSocket failed twice. Without it WebSocket alone is used. */
  readonly loadSockJs?: () => Promise<SockJsFactory>;
  /** `fetch`, `WebSocket` and clocks for other platforms and for tests. */
  readonly platform?: Partial<Platform>;
};

export type SockJsFactory = (url: string) => WebSocket;

export type Platform = {
  readonly fetch: typeof fetch;
  readonly openWebSocket: (url: string, protocols: readonly string[]) => WebSocket;
  readonly now: () => number;
  /** Calls `look` when the connection may have changed unseen: the network is back, the page is seen. Returns what ends that. */
  readonly watch: (look: () => void) => () => void;
};

/**
 * One conversation partner of a server. Made with `createChatClient(options)`; everything it shows is kept over
 * reconnects, and nothing is given up while it is started.
 */
export interface ChatClient {
  readonly state: ConnectionState;
  /** The time as the server has it, ms since epoch; before the first connection, and to the network's delay, this machine's. */
  readonly serverNow: number;
  /** Known from the first CONNECTED on. */
  readonly user: PublicPrincipal | undefined;
  /** My open conversations with marks and unread counts, by id; also those that were closed while this page was open. */
  readonly conversations: ReadonlyMap<string, ConversationStanding>;
  /** Guests and customers: whether an agent is there now. As it was last told; undefined before that, and for agents. */
  readonly available: boolean | undefined;
  readonly outgoing: readonly OutgoingMessage[];
  readonly desk: DeskState;
  /** Undefined until its history was asked for or a message of it came. */
  transcript(conversation: string): Transcript | undefined;
  /** Private notes by `number`, from the first on without hole or duplicate; undefined until they were asked for. */
  notes(conversation: string): readonly Note[] | undefined;
  readonly outgoingNotes: readonly OutgoingNote[];
  /** What the team keeps ready, by shortcut. Empty without `desk`. */
  readonly cannedResponses: readonly CannedResponse[];

  start(): void;
  /** Ends the session politely; outgoing messages are kept and go on with the next start. */
  stop(): Promise<void>;
  /**
   * Tries at once instead of at `retryAt`. A connection that seems to be alive is asked for an answer, and replaced when
   * none comes within 3 s. In browsers it is called by itself when the network is back and when the page is seen again.
   */
  reconnectNow(): void;

  on<Name extends keyof ClientEvents>(name: Name, listener: (fact: ClientEvents[Name]) => void): () => void;

  /** Sends once and only once, whatever happens to the connection; returns the row of `outgoing`. Throws a TypeError for text that is empty or too long, and for what is no text or no member of a message. */
  send(message: {
    readonly userTo: string;
    readonly text: string;
    readonly conversation?: string;
  }): OutgoingMessage;
  /** Writes a private note once and only once, as `send` does for messages; returns the row of `outgoingNotes`. */
  writeNote(conversation: string, text: string): OutgoingNote;
  /** Sends a failed message or note again, with the same id. */
  retry(clientId: string): void;
  discard(clientId: string): void;

  /** Resolves when it is done; rejects with a ChatRefusal. Waits for a connection at most 15 s. */
  claim(conversation: string): Promise<void>;
  release(conversation: string): Promise<void>;
  close(conversation: string): Promise<void>;
  /** `note` becomes a private note in the same step. */
  transfer(conversation: string, to: string, note?: string): Promise<void>;
  /** Opens a private chat; resolves with its conversation's id. */
  invite(user: string, text?: string): Promise<string>;
  /**
   * Keeps a guest or customer out of the chat. `reason` becomes a private note of their newest conversation; `address`
   * keeps guests from the same address out too, while they are connected.
   */
  block(user: string, more?: { readonly reason?: string; readonly address?: boolean }): Promise<void>;
  unblock(user: string): Promise<void>;

  /** Adds a canned response or replaces the one with this shortcut; `cannedResponses` follows when the topic tells. */
  saveCannedResponse(shortcut: string, text: string): Promise<void>;
  deleteCannedResponse(shortcut: string): Promise<void>;

  /**
   * Guests and customers: the page of the host site that is looked at, for agents to see. Told after each connect; the last
   * one wins, and what cannot be told is not. Credentials in its addresses are left out, and so is what is over the limits.
   */
  setPage(page: VisitedPage): void;

  /** Tells the other side, at most every 3 s; `false` at once. Dropped without a connection. */
  setTyping(conversation: string, typing: boolean): void;
  /** Marks as read up to `seq`; the highest one counts and survives a reconnect. */
  markRead(conversation: string, seq: number): void;

  /** Adds the newest page, or the page before the first known message; resolves with the transcript. */
  loadHistory(conversation: string, limit?: number): Promise<Transcript>;
  /** Reads all notes of a conversation; from now on `notes` keeps them up to date where `desk` is on. */
  loadNotes(conversation: string): Promise<readonly Note[]>;
  /** The newest conversations I may read, in pages; with `customer`, an id, only that customer's (agents). */
  listConversations(options?: {
    readonly state?: string;
    readonly customer?: string;
    readonly before?: string;
    readonly limit?: number;
  }): Promise<{ readonly items: readonly ConversationDetail[]; readonly next?: string }>;
  /** A conversation with its times and, for agents, where the customer was when it was opened. */
  conversationDetail(id: string): Promise<ConversationDetail>;
  /**
   * Agents: messages and customers that have every word of `text`, in full or as its beginning. At most 200 code
   * points; a message is found about a second after it was written. Rejects with a ChatRefusal.
   */
  search(text: string, options?: { readonly before?: string; readonly limit?: number }): Promise<SearchPage>;

  /** Agents: my own word on taking chats; it is stored. Resolves when it is done; rejects with a ChatRefusal. */
  setStatus(status: AgentStatus): Promise<void>;

  /**
   * Exchanges the host site's JWT, and this guest, for a customer; then connects as that customer. Resolves with who that
   * is. What a guest has not sent yet is sent by the customer; what another customer has not sent is forgotten.
   * Until the answer is here no new guest takes the place of one whom the server has ended.
   * A later `identify` or `reset` takes its place: then it rejects CONNECTION_LOST.
   */
  identify(jwt: string): Promise<PublicPrincipal>;
  /** Forgets the token and everything shown, at once; resolves when the connection has ended. The next start is a new guest. */
  reset(): Promise<void>;
}
