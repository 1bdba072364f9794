/** The client library: one conversation partner of a server, kept whole over reconnects. */
import { Core } from "./core.ts";
import type { ConversationStanding, PublicPrincipal } from "../../chat/wire.ts";
import type {
  ChatClient,
  ChatClientOptions,
  ClientEvents,
  ConnectionState,
  DeskState,
  OutgoingMessage,
  Transcript,
} from "./types.ts";

/** Makes a client; nothing happens before `start`. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new Chat(options);
}

class Chat implements ChatClient {
  readonly #core: Core;

  constructor(options: ChatClientOptions) {
    this.#core = new Core(options);
  }

  get state(): ConnectionState {
    return this.#core.link.state;
  }

  get user(): PublicPrincipal | undefined {
    return this.#core.user;
  }

  get conversations(): ReadonlyMap<string, ConversationStanding> {
    return this.#core.picture.standings.all;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#core.outbox.messages;
  }

  get desk(): DeskState {
    return this.#core.picture.desk;
  }

  transcript(conversation: string): Transcript | undefined {
    return this.#core.picture.transcripts.get(conversation);
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (fact: ClientEvents[Name]) => void): () => void {
    return this.#core.events.on(name, listener);
  }

  start(): void {
    this.#core.link.start();
  }

  stop(): Promise<void> {
    return this.#core.link.stop();
  }

  reconnectNow(): void {
    this.#core.link.reconnectNow();
  }

  send({
    userTo,
    text,
    conversation,
  }: {
    userTo: string;
    text: string;
    conversation?: string;
  }): OutgoingMessage {
    if (conversation !== undefined) this.#core.typing.sent(conversation);
    return this.#core.outbox.add(userTo, text, conversation);
  }

  retry(clientId: string): void {
    this.#core.outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#core.outbox.discard(clientId);
  }

  async claim(conversation: string): Promise<void> {
    await this.#core.command("/chat/claim", { conversation });
  }

  async release(conversation: string): Promise<void> {
    await this.#core.command("/chat/release", { conversation });
  }

  async close(conversation: string): Promise<void> {
    await this.#core.command("/chat/close", { conversation });
  }

  async transfer(conversation: string, to: string): Promise<void> {
    await this.#core.command("/chat/transfer", { conversation, to });
  }

  async invite(user: string, text?: string): Promise<string> {
    const headers = await this.#core.command(
      "/chat/invite",
      text === undefined ? { user } : { user, message: text },
    );
    const conversation = headers["conversation"] ?? "";
    if (text !== undefined) await this.#core.picture.history.catchUp(conversation);
    return conversation;
  }

  setTyping(conversation: string, typing: boolean): void {
    this.#core.typing.mine(conversation, typing);
  }

  markRead(conversation: string, seq: number): void {
    if (!this.#core.marks.set(conversation, seq)) return;
    this.#core.picture.standings.readByMe(conversation, this.#core.picture.unreadBehind(conversation, seq));
    this.#core.events.emit("conversations", conversation);
  }

  async loadHistory(conversation: string, limit = 50): Promise<Transcript> {
    await this.#core.picture.history.loadOlder(conversation, limit);
    return (
      this.#core.picture.transcripts.get(conversation) ?? {
        conversation,
        messages: [],
        lines: [],
        isComplete: true,
      }
    );
  }

  async listConversations({
    state,
    before,
    limit,
  }: { state?: string; before?: string; limit?: number } = {}): Promise<{
    items: readonly ConversationStanding[];
    next?: string;
  }> {
    const { items, next } = await this.#core.api.conversations({ state, before, limit });
    return next === undefined ? { items } : { items, next };
  }

  identify(jwt: string): Promise<PublicPrincipal> {
    return this.#core.identify(jwt);
  }

  reset(): Promise<void> {
    return this.#core.reset();
  }
}
