/** The client library: one conversation partner of a server, kept whole over reconnects. */
import { Access } from "./access.ts";
import { Api } from "./api.ts";
import { Emitter } from "./emitter.ts";
import { Follower } from "./follower.ts";
import { Link } from "./link.ts";
import { Marks } from "./marks.ts";
import { Outbox } from "./outbox.ts";
import { Picture } from "./picture.ts";
import { connectionLost } from "./refusal.ts";
import { TypingSigns } from "./typing.ts";
import type { Headers } from "./headers.ts";
import type { ChatRefusal } from "./refusal.ts";
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

/** How long a command waits for a connection. */
const PATIENCE_MS = 15_000;
/** Another attempt would be refused in the same way. */
const FINAL = /^(?:AUTH_|UNSUPPORTED_VERSION|SENDER_BLOCKED|UNKNOWN_HOST|BAD_|REVOKED|SESSION_EXPIRED)/;

/** Makes a client; nothing happens before `start`. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new Chat(options);
}

class Chat implements ChatClient {
  readonly #events = new Emitter<ClientEvents>();
  readonly #access: Access;
  readonly #api: Api;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #picture: Picture;
  readonly #follower: Follower;
  readonly #marks: Marks;
  readonly #typing: TypingSigns;
  #user: PublicPrincipal | undefined;

  constructor({ url, credentials, tokens, desk = false, loadSockJs, platform = {} }: ChatClientOptions) {
    const whole = {
      fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
      openWebSocket: (address: string, protocols: readonly string[]) =>
        new WebSocket(address, [...protocols]),
      now: Date.now,
      ...platform,
    };
    this.#access = new Access(tokens, credentials);
    this.#api = new Api(url, whole.fetch, () => this.#access.token);
    this.#link = new Link(
      { url, platform: whole, loadSockJs },
      {
        credentials: () => this.#access.headers((login, passcode) => this.#api.login(login, passcode)),
        connected: (headers) => this.#connected(headers),
        refused: (refusal) => this.#refused(refusal),
        stateChanged: () => {
          this.#stateChanged();
        },
        unasked: (refusal) => {
          this.#events.emit("refusal", refusal.body);
        },
      },
    );
    const isOnline = (): boolean => this.#link.state.status === "online";
    this.#marks = new Marks(isOnline, (conversation, seq) =>
      this.#link.send("/chat/read", JSON.stringify({ conversation, seq })),
    );
    this.#typing = new TypingSigns(
      whole.now,
      (conversation, typing) => {
        if (isOnline()) this.#link.tell("/chat/typing", JSON.stringify({ conversation, typing }));
      },
      (sign) => {
        this.#events.emit("typing", sign);
      },
    );
    this.#picture = new Picture({
      api: this.#api,
      events: this.#events,
      typing: this.#typing,
      me: () => this.#user?.id,
    });
    this.#follower = new Follower({
      link: this.#link,
      api: this.#api,
      picture: this.#picture,
      events: this.#events,
      me: () => this.#user?.id,
      followsDesk: desk,
      storedElsewhere: (clientId) => {
        this.#outbox.discard(clientId);
      },
    });
    this.#outbox = new Outbox({
      send: (destination, body) => this.#link.send(destination, body),
      me: () => this.#user?.id,
      now: whole.now,
      isOnline,
      stored: (message, receipt) => {
        this.#picture.stored(message, receipt, whole.now());
      },
      changed: () => {
        this.#events.emit("outgoing", this.#outbox.messages);
      },
    });
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  get user(): PublicPrincipal | undefined {
    return this.#user;
  }

  get conversations(): ReadonlyMap<string, ConversationStanding> {
    return this.#picture.standings.all;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#outbox.messages;
  }

  get desk(): DeskState {
    return this.#picture.desk;
  }

  transcript(conversation: string): Transcript | undefined {
    return this.#picture.transcripts.get(conversation);
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: (fact: ClientEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  start(): void {
    this.#link.start();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  reconnectNow(): void {
    this.#link.reconnectNow();
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
    if (conversation !== undefined) this.#typing.sent(conversation);
    return this.#outbox.add(userTo, text, conversation);
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  async claim(conversation: string): Promise<void> {
    await this.#command("/chat/claim", { conversation });
  }

  async release(conversation: string): Promise<void> {
    await this.#command("/chat/release", { conversation });
  }

  async close(conversation: string): Promise<void> {
    await this.#command("/chat/close", { conversation });
  }

  async transfer(conversation: string, to: string): Promise<void> {
    await this.#command("/chat/transfer", { conversation, to });
  }

  async invite(user: string, text?: string): Promise<string> {
    const headers = await this.#command(
      "/chat/invite",
      text === undefined ? { user } : { user, message: text },
    );
    const conversation = headers["conversation"] ?? "";
    if (text !== undefined) await this.#picture.history.catchUp(conversation);
    return conversation;
  }

  setTyping(conversation: string, typing: boolean): void {
    this.#typing.mine(conversation, typing);
  }

  markRead(conversation: string, seq: number): void {
    if (!this.#marks.set(conversation, seq)) return;
    this.#picture.standings.readByMe(conversation, this.#picture.unreadBehind(conversation, seq));
    this.#events.emit("conversations", conversation);
  }

  async loadHistory(conversation: string, limit = 50): Promise<Transcript> {
    await this.#picture.history.loadOlder(conversation, limit);
    return (
      this.#picture.transcripts.get(conversation) ?? {
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
    const { items, next } = await this.#api.conversations({ state, before, limit });
    return next === undefined ? { items } : { items, next };
  }

  async identify(jwt: string): Promise<void> {
    const { token } = await this.#api.identify(jwt, this.#access.guestToken);
    await this.#startAnew(token);
    this.#link.start();
  }

  async reset(): Promise<void> {
    this.#outbox.clear();
    await this.#startAnew(undefined);
  }

  /** Another user, or none: nothing of the one before is shown. */
  async #startAnew(token: string | undefined): Promise<void> {
    // First of all, for other tabs: the server has ended their sessions, and they look for it.
    this.#access.keep(token);
    await this.#link.stop();
    this.#forget();
  }

  #forget(): void {
    this.#follower.clear();
    this.#user = undefined;
    this.#marks.clear();
    this.#picture.clear();
  }

  async #command(destination: string, body: object): Promise<Headers> {
    await this.#online();
    return this.#link.send(destination, JSON.stringify(body));
  }

  /** Resolves once online; rejects when that takes too long. */
  #online(): Promise<void> {
    if (this.#link.state.status === "online") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        off();
      };
      const timer = setTimeout(() => {
        end();
        reject(connectionLost());
      }, PATIENCE_MS);
      const off = this.on("state", ({ status }) => {
        if (status === "online") {
          end();
          resolve();
        }
      });
    });
  }

  #refused(refusal: ChatRefusal): boolean {
    if (!FINAL.test(refusal.code)) return true;
    return this.#access.refused();
  }

  #stateChanged(): void {
    this.#events.emit("state", this.#link.state);
    if (this.#link.state.status !== "online") return;
    void this.#outbox.work();
    this.#marks.flush();
  }

  #connected(headers: Headers): Promise<void> {
    if (headers["token"] !== undefined) this.#access.keep(headers["token"]);
    const id = headers["user-name"] ?? "";
    // The token that another tab has kept may be somebody else's.
    if (this.#user !== undefined && this.#user.id !== id) this.#forget();
    this.#user ??= this.#access.principalOf(id);
    this.#events.emit("user", this.#user);
    return this.#follower.follow();
  }
}
