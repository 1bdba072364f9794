/** One conversation partner of a server: the methods of a client, each in the words of its parts. */
import { Core } from "./core.ts";
import { requireNone } from "./require-none.ts";
import type {
  AgentStatus,
  CannedResponse,
  ConversationDetail,
  ConversationStanding,
  Note,
  PublicPrincipal,
  VisitedPage,
} from "../../chat/wire.ts";
import type { ForAgents } from "./core.ts";
import type { Team } from "./team.ts";
import type {
  ChatClient,
  ChatClientOptions,
  ClientEvents,
  ConnectionState,
  DeskState,
  OutgoingMessage,
  OutgoingNote,
  SearchPage,
  Transcript,
} from "./types.ts";

export class Chat implements ChatClient {
  readonly #core: Core;

  constructor(options: ChatClientOptions, forAgents?: ForAgents) {
    this.#core = new Core(options, forAgents);
  }

  get #team(): Team {
    const { team } = this.#core;
    if (team === undefined) throw visitorHasNone();
    return team;
  }

  get state(): ConnectionState {
    return this.#core.link.state;
  }

  get serverNow(): number {
    return this.#core.serverNow;
  }

  get user(): PublicPrincipal | undefined {
    return this.#core.user;
  }

  get conversations(): ReadonlyMap<string, ConversationStanding> {
    return this.#core.picture.standings.all;
  }

  get available(): boolean | undefined {
    return this.#core.picture.available;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#core.outbox.items;
  }

  get desk(): DeskState {
    const { desk } = this.#core.picture;
    if (desk === undefined) throw visitorHasNone();
    return desk;
  }

  transcript(conversation: string): Transcript | undefined {
    return this.#core.picture.transcripts.get(conversation);
  }

  notes(conversation: string): readonly Note[] | undefined {
    return this.#team.notes.get(conversation);
  }

  get outgoingNotes(): readonly OutgoingNote[] {
    return this.#team.notes.outbox.items;
  }

  get cannedResponses(): readonly CannedResponse[] {
    return this.#team.cannedResponses.all;
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

  send(message: { userTo: string; text: string; conversation?: string }): OutgoingMessage {
    const { userTo, text, conversation, ...others } = message;
    requireNone(others);
    if (conversation !== undefined) this.#core.typing.sent(conversation);
    return this.#core.outbox.add(text, { userTo, conversation });
  }

  writeNote(conversation: string, text: string): OutgoingNote {
    return this.#team.notes.outbox.add(text, { conversation });
  }

  retry(clientId: string): void {
    this.#core.outbox.retry(clientId);
    this.#core.team?.notes.outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#core.outbox.discard(clientId);
    this.#core.team?.notes.outbox.discard(clientId);
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

  async transfer(conversation: string, to: string, note?: string): Promise<void> {
    await this.#core.command("/chat/transfer", { conversation, to, note });
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

  async block(user: string, more: { reason?: string; address?: boolean } = {}): Promise<void> {
    const { reason, address, ...others } = more;
    requireNone(others);
    await this.#core.command("/chat/block", { user, reason, address });
  }

  async unblock(user: string): Promise<void> {
    await this.#core.command("/chat/unblock", { user });
  }

  async saveCannedResponse(shortcut: string, text: string): Promise<void> {
    await this.#core.command("/chat/save-canned-response", { shortcut, text });
  }

  async deleteCannedResponse(shortcut: string): Promise<void> {
    await this.#core.command("/chat/delete-canned-response", { shortcut });
  }

  setPage(page: VisitedPage): void {
    this.#core.visits.set(page);
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

  loadNotes(conversation: string): Promise<readonly Note[]> {
    return this.#team.notes.load(conversation);
  }

  async listConversations({
    state,
    customer,
    before,
    limit,
    ...others
  }: { state?: string; customer?: string; before?: string; limit?: number } = {}): Promise<{
    items: readonly ConversationDetail[];
    next?: string;
  }> {
    requireNone(others);
    const { items, next } = await this.#core.api.conversations({ state, customer, before, limit });
    for (const item of items) this.#core.picture.lookAt(item.customer);
    return next === undefined ? { items } : { items, next };
  }

  async conversationDetail(id: string): Promise<ConversationDetail> {
    const detail = await this.#core.api.conversation(id);
    this.#core.picture.lookAt(detail.customer);
    return detail;
  }

  async search(text: string, page?: { before?: string; limit?: number }): Promise<SearchPage> {
    return this.#team.search(text, page);
  }

  async setStatus(status: AgentStatus): Promise<void> {
    await this.#core.command("/chat/status", { status });
  }

  identify(jwt: string): Promise<PublicPrincipal> {
    return this.#core.identify(jwt);
  }

  reset(): Promise<void> {
    return this.#core.reset();
  }
}

function visitorHasNone(): TypeError {
  return new TypeError("visitors have no desk, notes or search");
}
