/** What a connection subscribes to once it is CONNECTED, and how it catches up with what it missed. */
import { EVENTS_QUEUE, MESSAGES_QUEUE, SUPPORT_TOPIC } from "../../chat/wire.ts";
import { ChatRefusal } from "./refusal.ts";
import type { Desk } from "./desk.ts";
import type { IMessage } from "@stomp/stompjs";
import type { EventEnvelope, MessageBody } from "../../chat/wire.ts";
import type { Api } from "./api.ts";
import type { Emitter } from "./emitter.ts";
import type { Link } from "./link.ts";
import type { EventsSnapshot, Picture } from "./picture.ts";
import type { ClientEvents } from "./types.ts";

export type FollowerParts = {
  readonly link: Link;
  readonly api: Api;
  readonly picture: Picture;
  readonly events: Emitter<ClientEvents>;
  readonly me: () => string | undefined;
  readonly followsDesk: boolean;
  readonly followNotes: () => Promise<void> | undefined;
  /** What the server's clock says now. */
  readonly serverClock: (at: string) => void;
  /** The server is not where it was: marks and notes of before may be of nothing. */
  readonly startedAnew: () => void;
};

/** Messages of a dropped transcript that are read again at once. */
const AGAIN = 200;

export class Follower {
  readonly #parts: FollowerParts;
  /** Where the mailbox goes on; undefined before the first look at it. */
  #position: string | undefined;
  /** Conversations whose transcripts were dropped and are not read again yet, over however many connections. */
  readonly #dropped = new Set<string>();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** Another user comes. */
  clear(): void {
    this.#position = undefined;
    this.#dropped.clear();
  }

  /** Subscribes to everything, on the link's present connection, and fills in what was missed. */
  async follow(): Promise<void> {
    const { picture, followsDesk, followNotes } = this.#parts;
    const { desk } = picture;
    const gone = await this.#followEvents();
    if (this.#position === undefined) await this.#lookAround();
    await this.#followMailbox(this.#position ?? "");
    await Promise.all([...this.#dropped].map((conversation) => this.#readAgain(conversation)));
    for (const conversation of gone) await picture.refresh(conversation);
    if (followsDesk && desk !== undefined) {
      await this.#followDesk(desk);
      await followNotes();
    }
    await Promise.all(picture.transcripts.known.map((conversation) => picture.history.catchUp(conversation)));
  }

  /** Resolves, once the snapshot came, with the conversations that are no longer open. */
  async #followEvents(): Promise<readonly string[]> {
    const { picture } = this.#parts;
    let gone: readonly string[] = [];
    await new Promise<void>((resolve, reject) => {
      const got = ({ body }: IMessage): void => {
        const event = JSON.parse(body) as EventEnvelope;
        if (event.type === "snapshot") {
          this.#parts.serverClock(event.at);
          gone = picture.snapshot(event.data as EventsSnapshot);
          resolve();
        } else picture.event(event);
      };
      this.#parts.link.subscribe(EVENTS_QUEUE, got).catch(reject);
    });
    return gone;
  }

  /** The first look: what there is, and the position at which that is true. */
  async #lookAround(): Promise<void> {
    const { items, position } = await this.#parts.api.conversations({ limit: 50 });
    for (const standing of items) {
      const isMine = [standing.customer.id, standing.assignee?.id].includes(this.#parts.me());
      if (isMine) this.#parts.picture.standings.set(standing);
    }
    this.#position = position;
    this.#parts.events.emit("conversations", undefined);
  }

  async #followMailbox(since: string): Promise<void> {
    const got = ({ body, headers }: IMessage): void => {
      this.#position = headers["position"] ?? this.#position;
      this.#parts.picture.arrived(JSON.parse(body) as MessageBody);
    };
    const { recovered, head } = await this.#parts.link.subscribe(MESSAGES_QUEUE, got, { since });
    if (recovered === "false") await this.#startAnew(head);
  }

  /** A backup was restored, or too much was missed: the same seq may be another message now, so all is read again. */
  async #startAnew(head: string | undefined): Promise<void> {
    const { picture, startedAnew } = this.#parts;
    for (const conversation of picture.transcripts.known) this.#dropped.add(conversation);
    picture.transcripts.clear();
    picture.standings.clear();
    startedAnew();
    await this.#lookAround();
    this.#position = head;
  }

  /** The newest page, or the one before what has come meanwhile. */
  async #readAgain(conversation: string): Promise<void> {
    await this.#parts.picture.history.loadOlder(conversation, AGAIN).catch(ignoreNotFound);
    this.#dropped.delete(conversation);
  }

  /** Resolves once the snapshot came. A missing event, or few rows of many, make a new subscription, and with it a new snapshot. */
  async #followDesk(desk: Desk): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const got = ({ body }: IMessage): void => {
        const event = JSON.parse(body) as EventEnvelope;
        if (!desk.take(event)) {
          again();
          return;
        }
        if (event.type === "snapshot") resolve();
        else this.#parts.picture.deskEvent(event);
        this.#parts.events.emit("desk", event);
        if (desk.isThin) again();
      };
      const again = (): void => {
        this.#parts.link.unsubscribe(SUPPORT_TOPIC);
        this.#parts.link.subscribe(SUPPORT_TOPIC, got).catch(() => undefined);
      };
      this.#parts.link.subscribe(SUPPORT_TOPIC, got).catch(reject);
    });
  }
}

/** The conversation is no more. */
function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ChatRefusal && error.code === "NOT_FOUND")) throw error;
}
