/** Private notes: those of the conversations that were asked for, kept up to date, and mine on their way. */
import { NOTES_TOPIC, SNAPSHOT_ROWS } from "../../chat/wire.ts";
import { NoteBook } from "./note-book.ts";
import { Outbox } from "./outbox.ts";
import { ChatRefusal } from "./refusal.ts";
import type { IMessage } from "@stomp/stompjs";
import type { EventEnvelope, Note } from "../../chat/wire.ts";
import type { Headers } from "./headers.ts";
import type { TeamParts } from "./team.ts";
import type { OutgoingNote } from "./types.ts";

const PAGE = 200;
const RETRY_MS = 2000;

type Snapshot = { readonly latest: readonly { readonly conversation: string; readonly number: number }[] };

export class Notes {
  readonly outbox: Outbox<{ readonly conversation: string }>;
  readonly #parts: TeamParts;
  readonly #books = new Map<string, NoteBook>();
  /** One walk at a time for each conversation. */
  readonly #walks = new Map<string, Promise<void>>();

  constructor(parts: TeamParts) {
    this.#parts = parts;
    this.outbox = new Outbox({
      send: ({ conversation, text, clientId }) =>
        parts.link.send("/chat/note", JSON.stringify({ conversation, note: text, clientId })),
      now: parts.now,
      isOnline: parts.isOnline,
      stored: (note, receipt) => {
        this.#stored(note, receipt);
      },
      changed: () => {
        parts.events.emit("notes", undefined);
      },
    });
  }

  get(conversation: string): readonly Note[] | undefined {
    return this.#books.get(conversation)?.notes;
  }

  /** All notes of a conversation; from now on they are kept up to date. */
  async load(conversation: string): Promise<readonly Note[]> {
    const book = this.#books.get(conversation) ?? new NoteBook();
    this.#books.set(conversation, book);
    await this.#catchUp(conversation, book);
    return book.notes;
  }

  /** Subscribes on the link's present connection; resolves when what was missed is there. */
  async follow(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const got = ({ body }: IMessage): void => {
        const { type, data } = JSON.parse(body) as EventEnvelope;
        if (type === "note.written") this.#written(data as Note);
        if (type === "snapshot") this.#compare(data as Snapshot).then(resolve, reject);
      };
      this.#parts.link.subscribe(NOTES_TOPIC, got).catch(reject);
    });
  }

  clear(): void {
    this.#books.clear();
    this.#walks.clear();
    this.outbox.clear();
  }

  /** The customer of these conversations was erased. */
  erase(conversations: readonly string[]): void {
    for (const conversation of conversations) {
      this.#books.get(conversation)?.erase();
      for (const note of this.outbox.items)
        if (note.conversation === conversation) this.outbox.discard(note.clientId);
      this.#parts.events.emit("notes", conversation);
    }
  }

  /** Notes of these numbers may be others now: the next snapshot has them read again. */
  startAnew(): void {
    for (const conversation of this.#books.keys()) this.#books.set(conversation, new NoteBook());
  }

  /** Reads what the server has and a book has not. */
  async #compare({ latest }: Snapshot): Promise<void> {
    const numbers = new Map(latest.map(({ conversation, number }) => [conversation, number]));
    const isWhole = latest.length < SNAPSHOT_ROWS;
    const walks = [...this.#books].map(async ([conversation, book]) => {
      const number = numbers.get(conversation);
      book.want(number ?? 0);
      const mayLack = number === undefined && !isWhole;
      if (mayLack || book.hasHole) await this.#catchUp(conversation, book);
    });
    await Promise.all(walks);
  }

  #written(note: Note): void {
    this.#settle(note);
    const book = this.#books.get(note.conversation);
    // Of what nobody looks at nothing is kept: it is read when it is asked for.
    if (book === undefined) return;
    book.add(note);
    if (book.hasHole) void this.#catchUp(note.conversation, book).catch(() => undefined);
    this.#parts.events.emit("notes", note.conversation);
  }

  /** One of mine that the server has is on its way no more, though its RECEIPT was lost. */
  #settle({ clientId }: Note): void {
    if (this.outbox.items.some((item) => item.clientId === clientId)) this.outbox.discard(clientId ?? "");
  }

  /** A note of mine: its RECEIPT says its number, and the topic brings it as the server has it. */
  #stored({ conversation, text }: OutgoingNote, receipt: Headers): void {
    const { me, now, lastSeq } = this.#parts;
    const [author, number] = [me(), Number(receipt["number"])];
    const isKnown = (this.#books.get(conversation)?.last ?? 0) >= number;
    if (author === undefined || isKnown) return;
    this.#written({
      id: receipt["note-id"] ?? "",
      conversation,
      number,
      author,
      note: text,
      writtenAt: new Date(now()).toISOString(),
      afterSeq: lastSeq(conversation),
    });
  }

  /** Everything behind the last known note; repeats itself until a hole is closed. */
  #catchUp(conversation: string, book: NoteBook): Promise<void> {
    const running = this.#walks.get(conversation);
    if (running !== undefined) return running;
    const walk = this.#walk(conversation, book).finally(() => {
      if (this.#walks.get(conversation) === walk) this.#walks.delete(conversation);
      if (!this.#isMissing(conversation, book)) return;
      setTimeout(() => {
        // Without a connection the next snapshot tells what is missing.
        if (this.#parts.isOnline() && this.#isMissing(conversation, book))
          this.#catchUp(conversation, book).catch(() => undefined);
      }, RETRY_MS);
    });
    this.#walks.set(conversation, walk);
    return walk;
  }

  #isMissing(conversation: string, book: NoteBook): boolean {
    return book.hasHole && this.#books.get(conversation) === book;
  }

  async #walk(conversation: string, book: NoteBook): Promise<void> {
    const path = `/api/conversations/${encodeURIComponent(conversation)}/notes`;
    try {
      for (let isMore = true; isMore;) {
        const query = { after: book.last, limit: PAGE };
        const { items } = await this.#parts.api.get<{ items: readonly Note[] }>(path, query);
        for (const note of items) {
          this.#settle(note);
          book.add(note);
        }
        // A page of long notes has fewer than were asked for.
        isMore = items.length > 0;
      }
    } catch (error) {
      // Erased: nothing more will come.
      if (error instanceof ChatRefusal && error.code === "NOT_FOUND") this.#books.delete(conversation);
      throw error;
    }
    this.#parts.events.emit("notes", conversation);
  }
}
