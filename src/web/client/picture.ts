/** What is known of conversations, messages and the desk, and how each event changes it. */
import { History } from "./history.ts";
import { ChatRefusal } from "./refusal.ts";
import { Standings } from "./standings.ts";
import { isOwn, Transcripts } from "./transcripts.ts";
import type { Desk } from "./desk.ts";
import type {
  ConversationLine,
  ConversationStanding,
  ConversationSummary,
  EventEnvelope,
  MessageBody,
  PublicPrincipal,
} from "../../chat/wire.ts";
import type { Api } from "./api.ts";
import type { Emitter } from "./emitter.ts";
import type { Headers } from "./headers.ts";
import type { TypingSigns } from "./typing.ts";
import type { ClientEvents, OutgoingMessage } from "./types.ts";

type ConversationData = {
  readonly conversation: ConversationSummary;
  readonly afterSeq: number;
  readonly by?: PublicPrincipal;
  readonly reason?: string;
};
export type EventsSnapshot = {
  readonly conversations: readonly ConversationStanding[];
  /** For guests and customers. */
  readonly available?: boolean;
};
type MarkData = { readonly conversation: string; readonly user: PublicPrincipal; readonly seq: number };
type TypingData = { readonly conversation: string; readonly user: PublicPrincipal; readonly typing: boolean };

export type PictureParts = {
  /** Of those who serve customers. */
  readonly desk: Desk | undefined;
  readonly api: Api;
  readonly events: Emitter<ClientEvents>;
  readonly typing: TypingSigns;
  /** My id. */
  readonly me: () => string | undefined;
  /** A customer was erased, who is known here from these conversations. */
  readonly erased: (customer: string, conversations: readonly string[]) => void;
};

export class Picture {
  readonly transcripts = new Transcripts();
  readonly standings = new Standings();
  readonly desk: Desk | undefined;
  readonly history: History;
  #available: boolean | undefined;
  readonly #parts: PictureParts;

  constructor(parts: PictureParts) {
    this.#parts = parts;
    this.desk = parts.desk;
    this.history = new History(parts.api, this.transcripts, parts.me, (conversation) => {
      this.#count(conversation);
      parts.events.emit("conversations", conversation);
      parts.events.emit("transcript", conversation);
    });
  }

  /** Whether an agent is there, as far as a customer was told. */
  get available(): boolean | undefined {
    return this.#available;
  }

  clear(): void {
    this.#available = undefined;
    this.transcripts.clear();
    this.standings.clear();
    this.desk?.clear();
    this.#parts.events.emit("conversations", undefined);
  }

  /** The snapshot of my events; returns the ids of conversations that were open and are not in it. */
  snapshot({ conversations, available }: EventsSnapshot): readonly string[] {
    const gone = this.standings.replace(conversations);
    if (available !== undefined) this.#setAvailable(available);
    this.#parts.events.emit("conversations", undefined);
    return gone;
  }

  #setAvailable(available: boolean): void {
    if (available === this.#available) return;
    this.#available = available;
    this.#parts.events.emit("availability", available);
  }

  /** An event of mine. */
  event({ type, at, data }: EventEnvelope): void {
    if (type.startsWith("conversation.")) {
      const change = data as ConversationData;
      const { id } = change.conversation;
      this.standings.update(change.conversation);
      this.lookAt(change.conversation.customer);
      // Messages may have come before the event that made the conversation mine.
      this.#count(id);
      this.transcripts.addLine(id, lineOf(type, at, change));
      this.#parts.events.emit("conversations", id);
      this.#parts.events.emit("transcript", id);
    } else if (type === "message.delivered" || type === "message.read") {
      this.#marked(type, data as MarkData);
    } else if (type === "typing") {
      this.#parts.typing.theirs(data as TypingData);
    } else if (type === "support.availability") {
      this.#setAvailable((data as { available: boolean }).available);
    }
  }

  /** What waits is not in my mailbox: a transcript of it that is open here follows the desk's events. */
  deskEvent({ type, at, data }: EventEnvelope): void {
    if (type === "customer.erased") this.lookAt((data as { user: PublicPrincipal }).user);
    if (!type.startsWith("conversation.")) return;
    const change = data as ConversationData;
    const { id, lastSeq, customer, assignee } = change.conversation;
    if (this.standings.get(id) !== undefined) this.standings.update(change.conversation);
    if (!this.transcripts.known.includes(id)) return;
    if (type !== "conversation.updated") this.transcripts.addLine(id, lineOf(type, at, change));
    const comesByMailbox = [customer.id, assignee?.id].includes(this.#parts.me());
    if (!comesByMailbox && lastSeq > this.transcripts.lastSeq(id)) this.#fill(id);
    else this.#parts.events.emit("transcript", id);
  }

  /** A customer as the server tells of it: of one who was erased nothing is kept. */
  lookAt(customer: PublicPrincipal): void {
    if (customer.erased !== true || this.transcripts.isErased(customer.id)) return;
    const conversations = [
      ...new Set([...this.transcripts.erase(customer), ...this.standings.erase(customer)]),
    ];
    this.#parts.erased(customer.id, conversations);
    this.#parts.events.emit("conversations", undefined);
    for (const conversation of conversations) this.#parts.events.emit("transcript", conversation);
  }

  /** What the transcript has counts, whichever way it came. */
  #count(id: string): void {
    for (const { seq, own } of this.transcripts.get(id)?.messages ?? []) this.standings.posted(id, seq, own);
  }

  #marked(type: "message.delivered" | "message.read", { conversation, user, seq }: MarkData): void {
    const isMine = user.id === this.#parts.me();
    if (isMine && type === "message.read") {
      this.standings.readByMe(conversation, this.unreadBehind(conversation, seq));
    } else if (!isMine) {
      if (type === "message.read") this.standings.readByOther(conversation, seq);
      else this.standings.delivered(conversation, seq);
    }
    this.#parts.events.emit("conversations", conversation);
  }

  /** A MESSAGE of the mailbox. */
  arrived(body: MessageBody): void {
    const { conversation, seq, userFrom } = body;
    const own = isOwn(body, this.#parts.me());
    const message = { ...body, own };
    this.#parts.typing.ended(conversation, userFrom);
    this.standings.posted(conversation, seq, own);
    // A page of the history may have brought it first.
    if (seq > this.transcripts.lastSeq(conversation) && this.transcripts.add(message))
      this.#fill(conversation);
    if (this.standings.get(conversation) === undefined)
      void this.refresh(conversation).catch(() => undefined);
    this.#parts.events.emit("conversations", conversation);
    this.#parts.events.emit("transcript", conversation);
    if (!own) {
      this.#parts.events.emit("message", { message, conversation: this.standings.get(conversation) });
    }
  }

  /** A message of this page was stored: its RECEIPT says where it stands. */
  stored({ userTo, text, clientId }: OutgoingMessage, receipt: Headers, now: number): void {
    const conversation = receipt["conversation"] ?? "";
    const seq = Number(receipt["seq"]);
    if (seq > this.transcripts.lastSeq(conversation)) {
      const hasHole = this.transcripts.add({
        userFrom: this.#parts.me() ?? "",
        userTo,
        message: text,
        id: receipt["message-id"] ?? "",
        conversation,
        seq,
        sentAt: new Date(now).toISOString(),
        clientId,
        own: true,
      });
      // A page that was loaded since may hear of one that was stored long ago.
      if (hasHole || (this.standings.get(conversation)?.lastSeq ?? 0) > seq) this.#fill(conversation);
    }
    this.standings.posted(conversation, seq, true);
    if (this.standings.get(conversation) === undefined)
      void this.refresh(conversation).catch(() => undefined);
    this.#parts.events.emit("conversations", conversation);
    this.#parts.events.emit("transcript", conversation);
  }

  /** Reads a conversation anew. */
  async refresh(conversation: string): Promise<void> {
    try {
      const standing = await this.#parts.api.conversation(conversation);
      this.standings.set(standing);
      this.lookAt(standing.customer);
    } catch (error) {
      if (error instanceof ChatRefusal && error.code === "NOT_FOUND") return;
      throw error;
    }
    this.#parts.events.emit("conversations", conversation);
  }

  /** It repeats itself until the hole is closed; nobody has to wait. */
  #fill(conversation: string): void {
    void this.history.catchUp(conversation).catch(() => undefined);
  }

  /** Messages of others behind `seq`, as far as they are known here. */
  unreadBehind(conversation: string, seq: number): number {
    const messages = this.transcripts.get(conversation)?.messages ?? [];
    return messages.filter((message) => message.seq > seq && !message.own).length;
  }
}

function lineOf(type: string, at: string, { afterSeq, by, reason }: ConversationData): ConversationLine {
  return {
    type: type as ConversationLine["type"],
    at,
    afterSeq,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
  };
}
