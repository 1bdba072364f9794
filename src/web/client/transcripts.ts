/** Transcripts: messages by seq, each once; what would leave a hole waits until the hole is filled. */
import type { ConversationLine, MessageBody, PublicPrincipal } from "../../chat/wire.ts";
import type { Transcript, TranscriptMessage } from "./types.ts";

/** A page of a history, ascending. */
export type Page = {
  readonly items: readonly MessageBody[];
  readonly events: readonly ConversationLine[];
  /** Whether nothing comes before it. */
  readonly isFirst: boolean;
};

class State {
  readonly messages: TranscriptMessage[] = [];
  readonly ahead = new Map<number, TranscriptMessage>();
  lines: ConversationLine[] = [];
  isComplete = false;

  get first(): number {
    return this.messages[0]?.seq ?? 0;
  }

  get last(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }
}

export class Transcripts {
  readonly #states = new Map<string, State>();
  /** Customers who were erased, by id: what still comes of them, from a page asked for before, has no words. */
  readonly #erased = new Map<string, PublicPrincipal>();

  /** Ids of the conversations something is known of. */
  get known(): readonly string[] {
    return [...this.#states.keys()];
  }

  get(conversation: string): Transcript | undefined {
    const state = this.#states.get(conversation);
    if (state === undefined) return undefined;
    const { messages, lines, isComplete } = state;
    return { conversation, messages: [...messages], lines: [...lines], isComplete };
  }

  /** The last seq of the gap-free part; 0 when nothing is known. */
  lastSeq(conversation: string): number {
    return this.#states.get(conversation)?.last ?? 0;
  }

  /** The first seq of the gap-free part; 0 when nothing is known. */
  firstSeq(conversation: string): number {
    return this.#states.get(conversation)?.first ?? 0;
  }

  isErased(customer: string): boolean {
    return this.#erased.has(customer);
  }

  /** Empties what was written by this customer and to it; returns the ids of the conversations. */
  erase(customer: PublicPrincipal): readonly string[] {
    this.#erased.set(customer.id, customer);
    const changed: string[] = [];
    for (const [conversation, state] of this.#states) {
      const { messages, ahead } = state;
      if (![...messages, ...ahead.values()].some((message) => concerns(message, customer.id))) continue;
      messages.forEach((message, index) => (messages[index] = this.#shown(message)));
      for (const [seq, message] of ahead) ahead.set(seq, this.#shown(message));
      state.lines = state.lines.map((line) => this.#shownLine(line));
      changed.push(conversation);
    }
    return changed;
  }

  /** Adds a message; true when there is a hole before it, which `merge` of the page behind `lastSeq` closes. */
  add(added: TranscriptMessage): boolean {
    const message = this.#shown(added);
    const state = this.#state(message.conversation);
    if (state.messages.length > 0 && message.seq > state.last + 1) {
      state.ahead.set(message.seq, message);
      return true;
    }
    this.#place(state, message);
    this.#placeAhead(state);
    return false;
  }

  /** Whether messages wait for a hole to be filled. */
  hasHole(conversation: string): boolean {
    return (this.#states.get(conversation)?.ahead.size ?? 0) > 0;
  }

  /** Adds a page that touches what is known, or is the first that is; a page that does not touch is left out. */
  merge(conversation: string, { items, events, isFirst }: Page, me: string | undefined): void {
    const state = this.#state(conversation);
    const before: TranscriptMessage[] = [];
    for (const item of items) {
      const message = this.#shown({ ...item, own: isOwn(item, me) });
      if (state.messages.length > 0 && item.seq < state.first) before.push(message);
      else if (state.messages.length === 0 || item.seq === state.last + 1) this.#place(state, message);
    }
    if (before.length > 0 && before.at(-1)?.seq === state.first - 1) state.messages.unshift(...before);
    for (const line of events) this.addLine(conversation, line);
    if (isFirst || state.first === 1) state.isComplete = true;
    this.#placeAhead(state);
  }

  addLine(conversation: string, added: ConversationLine): void {
    const line = this.#shownLine(added);
    const state = this.#state(conversation);
    const isKnown = state.lines.some(
      (known) => known.type === line.type && known.at === line.at && known.afterSeq === line.afterSeq,
    );
    if (isKnown) return;
    state.lines = [...state.lines, line].sort(
      (one, other) => one.afterSeq - other.afterSeq || (one.at < other.at ? -1 : one.at > other.at ? 1 : 0),
    );
  }

  clear(): void {
    this.#states.clear();
    this.#erased.clear();
  }

  #shown(message: TranscriptMessage): TranscriptMessage {
    const isErased = this.#erased.has(message.userFrom) || this.#erased.has(message.userTo);
    return isErased ? { ...message, message: "", erased: true } : message;
  }

  #shownLine(line: ConversationLine): ConversationLine {
    const by = line.by === undefined ? undefined : this.#erased.get(line.by.id);
    return by === undefined ? line : { ...line, by };
  }

  #state(conversation: string): State {
    let state = this.#states.get(conversation);
    if (state === undefined) {
      state = new State();
      this.#states.set(conversation, state);
    }
    return state;
  }

  #place(state: State, message: TranscriptMessage): void {
    if (state.messages.length > 0 && message.seq !== state.last + 1) return;
    state.messages.push(message);
    if (message.seq === 1) state.isComplete = true;
  }

  #placeAhead(state: State): void {
    for (const seq of state.ahead.keys()) if (seq <= state.last) state.ahead.delete(seq);
    for (
      let next = state.ahead.get(state.last + 1);
      next !== undefined;
      next = state.ahead.get(state.last + 1)
    ) {
      state.ahead.delete(next.seq);
      state.messages.push(next);
    }
  }
}

function concerns({ userFrom, userTo }: MessageBody, customer: string): boolean {
  return userFrom === customer || userTo === customer;
}

/** Whether I wrote it: with my id of now or, as only own copies carry a client id, with one of before I was identified. */
export function isOwn({ userFrom, clientId }: MessageBody, me: string | undefined): boolean {
  return userFrom === me || clientId !== undefined;
}
