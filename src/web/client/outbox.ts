/** Texts of this page on their way: one after the other, each until it is answered for good. */
import { MAX_MESSAGE_CODE_POINTS } from "../../chat/wire.ts";
import { randomId } from "./random.ts";
import { ChatRefusal } from "./refusal.ts";
import type { Headers } from "./headers.ts";
import type { Outgoing, RefusalBody } from "./types.ts";

export type OutboxParts<Address> = {
  /** SENDs it and resolves with the RECEIPT's headers; rejects with a ChatRefusal. */
  readonly send: (item: Outgoing & Address) => Promise<Headers>;
  readonly now: () => number;
  readonly isOnline: () => boolean;
  /** Stored; it has left the outbox. */
  readonly stored: (item: Outgoing & Address, receipt: Headers) => void;
  readonly changed: () => void;
};

const WAIT_MS = 2000;

/** `Address`: what an item says beside its text. */
export class Outbox<Address extends object> {
  readonly #parts: OutboxParts<Address>;
  #items: readonly (Outgoing & Address)[] = [];
  #isWorking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: OutboxParts<Address>) {
    this.#parts = parts;
  }

  get items(): readonly (Outgoing & Address)[] {
    return this.#items;
  }

  add(text: string, address: Address): Outgoing & Address {
    const given: Readonly<Record<string, unknown>> = { text, ...address };
    for (const [name, value] of Object.entries(given)) {
      const isLeftOut = value === undefined && name !== "text";
      if (!isLeftOut && typeof value !== "string") throw new TypeError(`${name} is a string`);
    }
    const length = [...text].length;
    if (text.trim() === "") throw new TypeError("a text has at least one visible character");
    if (length > MAX_MESSAGE_CODE_POINTS) {
      throw new TypeError(`a text has at most ${MAX_MESSAGE_CODE_POINTS} characters; this one has ${length}`);
    }
    const item: Outgoing & Address = {
      ...address,
      clientId: randomId(),
      text,
      writtenAt: this.#parts.now(),
      status: "sending",
    };
    this.#set([...this.#items, item]);
    void this.work();
    return item;
  }

  /** Items of a page that is no more, with their ids, before those of this one. */
  adopt(items: readonly (Outgoing & Address)[]): void {
    const known = new Set(this.#items.map(({ clientId }) => clientId));
    this.#set([...items.filter(({ clientId }) => !known.has(clientId)), ...this.#items]);
    void this.work();
  }

  retry(clientId: string): void {
    if (!this.#items.some((item) => item.clientId === clientId)) return;
    this.#replace(clientId, { status: "sending", refusal: undefined });
    void this.work();
  }

  discard(clientId: string): void {
    this.#set(this.#items.filter((item) => item.clientId !== clientId));
  }

  /** The server takes nothing more from this user: all that waits is not sent. */
  refuse(refusal: RefusalBody): void {
    for (const { clientId } of this.#items) this.#replace(clientId, { status: "failed", refusal });
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#set([]);
  }

  /** Sends what waits, in order, until something stops it: the connection, or a bound of the server. */
  async work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    clearTimeout(this.#timer);
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        if (!(await this.#send(next))) return;
      }
    } finally {
      this.#isWorking = false;
    }
  }

  #next(): (Outgoing & Address) | undefined {
    if (!this.#parts.isOnline()) return undefined;
    return this.#items.find(({ status }) => status === "sending");
  }

  /** False when the rest has to wait. */
  async #send(item: Outgoing & Address): Promise<boolean> {
    const { clientId } = item;
    try {
      const receipt = await this.#parts.send(item);
      this.discard(clientId);
      this.#parts.stored(item, receipt);
      return true;
    } catch (error) {
      if (!(error instanceof ChatRefusal)) throw error;
      if (error.isPassing) {
        this.#waitFor(error.body.retryAfterMs ?? WAIT_MS);
        return false;
      }
      this.#replace(clientId, { status: "failed", refusal: error.body });
      return true;
    }
  }

  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.work();
    }, ms);
  }

  #replace(clientId: string, change: Pick<Outgoing, "status" | "refusal">): void {
    this.#set(this.#items.map((item) => (item.clientId === clientId ? { ...item, ...change } : item)));
  }

  #set(items: readonly (Outgoing & Address)[]): void {
    this.#items = items;
    this.#parts.changed();
  }
}
