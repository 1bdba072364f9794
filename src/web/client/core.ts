/** What a client is made of, and how the parts hear of each other. */
import { Access } from "./access.ts";
import { Api } from "./api.ts";
import { watchBrowser } from "./browser-signs.ts";
import { Emitter } from "./emitter.ts";
import { Follower } from "./follower.ts";
import { Link } from "./link.ts";
import { Marks } from "./marks.ts";
import { Outbox } from "./outbox.ts";
import { Picture } from "./picture.ts";
import { MESSAGE_DESTINATION } from "../../chat/wire.ts";
import { connectionLost } from "./refusal.ts";
import { TypingSigns } from "./typing.ts";
import { isOfAnother } from "./unsent.ts";
import { Visits } from "./visits.ts";
import type { Desk } from "./desk.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";
import type { Headers } from "./headers.ts";
import type { ChatRefusal } from "./refusal.ts";
import type { Team, TeamParts } from "./team.ts";
import type { ChatClientOptions, ClientEvents, OutgoingMessage, UnsentStore } from "./types.ts";

/** How long a command waits for a connection. */
const PATIENCE_MS = 15_000;
/** Another attempt would be refused in the same way. */
const FINAL = /^(?:AUTH_|UNSUPPORTED_VERSION|SENDER_BLOCKED|UNKNOWN_HOST|BAD_|REVOKED)/;

type MessageAddress = Pick<OutgoingMessage, "conversation" | "userTo">;

/** What those who serve customers have, and a visitor's browser does not load. */
export type ForAgents = {
  readonly desk: Desk;
  readonly createTeam: (parts: TeamParts) => Team;
};

export class Core {
  readonly events = new Emitter<ClientEvents>();
  readonly api: Api;
  readonly link: Link;
  readonly outbox: Outbox<MessageAddress>;
  readonly team: Team | undefined;
  readonly picture: Picture;
  readonly marks: Marks;
  readonly typing: TypingSigns;
  readonly visits: Visits;
  readonly #access: Access;
  readonly #follower: Follower;
  readonly #unsent: UnsentStore | undefined;
  #isTaking = false;
  #user: PublicPrincipal | undefined;
  readonly #now: () => number;
  /** What the server's clock said last, in ms since epoch, and when that was on a clock that nobody sets. */
  #told: { readonly at: number; readonly heardAt: number } | undefined;
  /** Counts what was said of who the user is: the last word holds. */
  #words = 0;

  constructor(
    { url, credentials, tokens, unsent, desk = false, loadSockJs, platform = {} }: ChatClientOptions,
    forAgents?: ForAgents,
  ) {
    const whole = {
      fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
      openWebSocket: (address: string, protocols: readonly string[]) =>
        new WebSocket(address, [...protocols]),
      now: Date.now,
      watch: (look: () => void) => watchBrowser(look),
      ...platform,
    };
    this.#now = whole.now;
    this.#unsent = unsent;
    const me = (): string | undefined => this.#user?.id;
    const isOnline = (): boolean => this.isOnline;
    this.#access = new Access(tokens, credentials);
    this.api = new Api(url, whole.fetch, () => this.#access.token);
    this.link = new Link(
      { url, platform: whole, loadSockJs },
      {
        credentials: () => this.#access.headers((login, passcode) => this.api.login(login, passcode)),
        connected: (headers) => this.#connected(headers),
        refused: (refusal) => this.#refused(refusal),
        stateChanged: () => {
          this.#stateChanged();
        },
        unasked: (refusal) => {
          this.events.emit("refusal", refusal.body);
        },
      },
    );
    this.marks = new Marks(isOnline, (conversation, seq) =>
      this.link.send("/chat/read", JSON.stringify({ conversation, seq })),
    );
    this.typing = new TypingSigns(
      () => performance.now(),
      (conversation, typing) => {
        if (this.isOnline) this.link.tell("/chat/typing", JSON.stringify({ conversation, typing }));
      },
      (sign) => {
        this.events.emit("typing", sign);
      },
    );
    this.visits = new Visits({ send: (destination, body) => this.link.send(destination, body), isOnline });
    this.picture = new Picture({
      api: this.api,
      events: this.events,
      typing: this.typing,
      me,
      desk: forAgents?.desk,
      erased: (customer, conversations) => {
        const unsent = this.outbox.items.filter(({ userTo }) => userTo === customer);
        for (const { clientId } of unsent) this.outbox.discard(clientId);
        this.team?.notes.erase(conversations);
      },
    });
    this.#follower = new Follower({
      link: this.link,
      api: this.api,
      picture: this.picture,
      events: this.events,
      me,
      followsDesk: desk,
      followNotes: () => this.team?.notes.follow(),
      serverClock: (at) => {
        this.#told = { at: Date.parse(at), heardAt: performance.now() };
      },
      startedAnew: () => {
        this.marks.clear();
        this.team?.notes.startAnew();
      },
    });
    this.outbox = new Outbox({
      send: ({ userTo, text, clientId }) =>
        this.link.send(
          MESSAGE_DESTINATION,
          JSON.stringify({ userFrom: me(), userTo, message: text, clientId }),
        ),
      now: whole.now,
      isOnline,
      stored: (message, receipt) => {
        this.picture.stored(message, receipt, this.serverNow);
      },
      changed: () => {
        unsent?.save({ user: this.#user, messages: this.outbox.items });
        this.events.emit("outgoing", this.outbox.items);
      },
    });
    this.events.on("transcript", (conversation) => {
      this.#dropStored(conversation);
    });
    this.team = forAgents?.createTeam({
      link: this.link,
      api: this.api,
      events: this.events,
      me: () => this.#user,
      now: () => this.serverNow,
      isOnline,
      lastSeq: (conversation) => this.picture.transcripts.lastSeq(conversation),
    });
  }

  get user(): PublicPrincipal | undefined {
    return this.#user;
  }

  /** The time as the server has it, ms since epoch: this machine's clock may be wrong, and may be set meanwhile. */
  get serverNow(): number {
    return this.#told === undefined ? this.#now() : this.#told.at + performance.now() - this.#told.heardAt;
  }

  get isOnline(): boolean {
    return this.link.state.status === "online";
  }

  /** SENDs a command as soon as there is a connection; resolves with the RECEIPT's headers. */
  async command(destination: string, body: object): Promise<Headers> {
    await this.#online();
    return this.link.send(destination, JSON.stringify(body));
  }

  async identify(jwt: string): Promise<PublicPrincipal> {
    this.#words += 1;
    const word = this.#words;
    const answer = this.api.identify(jwt, this.#access.guestToken);
    this.#access.identifying = answer.catch(() => undefined);
    const { token, user } = await answer;
    if (word !== this.#words) throw connectionLost();
    if (this.isOnline && this.#user?.id === user.id) {
      this.#access.keep(token);
      return user;
    }
    this.#leaveUnsent(user.id);
    await this.#startAnew(token);
    if (word !== this.#words) throw connectionLost();
    this.link.start();
    return user;
  }

  async reset(): Promise<void> {
    this.#words += 1;
    this.outbox.clear();
    this.#unsent?.forget();
    await this.#startAnew(undefined);
  }

  /** Another user, or none: nothing of the one before is shown, also while a stalled network holds up the farewell. */
  async #startAnew(token: string | undefined): Promise<void> {
    // First of all, for other tabs: the server has ended their sessions, and they look for it.
    this.#access.keep(token);
    const farewell = this.link.stop();
    this.#forget();
    await farewell;
  }

  /** What a customer has not sent yet goes with the customer; a guest takes it along. */
  #leaveUnsent(next: string): void {
    if (this.#user?.kind === "customer" && this.#user.id !== next) this.outbox.clear();
  }

  #forget(): void {
    this.api.abandon();
    this.#follower.clear();
    this.#user = undefined;
    this.marks.clear();
    this.picture.clear();
    this.team?.clear();
  }

  /** What a transcript has is on its way no more, whichever way it came back: a RECEIPT, a copy, a page of the history. */
  #dropStored(conversation: string): void {
    if (this.outbox.items.length === 0) return;
    const messages = this.picture.transcripts.get(conversation)?.messages ?? [];
    const stored = new Set(messages.map(({ clientId }) => clientId));
    for (const { clientId } of this.outbox.items) if (stored.has(clientId)) this.outbox.discard(clientId);
  }

  /** Resolves once online; rejects when that takes too long. */
  #online(): Promise<void> {
    if (this.isOnline) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        off();
      };
      const timer = setTimeout(() => {
        end();
        reject(connectionLost());
      }, PATIENCE_MS);
      const off = this.events.on("state", ({ status }) => {
        if (status === "online") {
          end();
          resolve();
        }
      });
    });
  }

  #refused(refusal: ChatRefusal): boolean {
    if (!FINAL.test(refusal.code)) return true;
    // Whoever is blocked does not come back as somebody new.
    const isBlocked = refusal.code === "SENDER_BLOCKED";
    if (isBlocked) this.outbox.refuse(refusal.body);
    // Erased, or somebody else from now on: nothing of the visitor stays on the page meanwhile.
    const isVisitor = this.#user?.kind === "guest" || this.#user?.kind === "customer";
    if (refusal.code === "REVOKED" && isVisitor) this.#forget();
    return !isBlocked && this.#access.refused();
  }

  #stateChanged(): void {
    this.events.emit("state", this.link.state);
    if (!this.isOnline) return;
    void this.outbox.work();
    void this.team?.notes.outbox.work();
    this.marks.flush();
    this.visits.connected();
  }

  /** From now on what other pages leave is this one's. */
  #takeUnsent(): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#unsent?.take(({ user, messages }) => {
      if (isOfAnother(user, this.#user)) return;
      this.outbox.adopt(messages);
      for (const conversation of this.picture.transcripts.known) this.#dropStored(conversation);
    });
  }

  #connected(headers: Headers): Promise<void> {
    if (headers["token"] !== undefined) this.#access.keep(headers["token"]);
    const id = headers["user-name"] ?? "";
    // The token that another tab has kept may be somebody else's.
    if (this.#user !== undefined && this.#user.id !== id) {
      this.#leaveUnsent(id);
      this.#forget();
    }
    this.#user ??= this.#access.principalOf(id);
    this.#takeUnsent();
    this.events.emit("user", this.#user);
    return this.#follower.follow();
  }
}
