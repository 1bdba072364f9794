/** Messages of this page on their way: one after the other, each until it is answered for good. */
import { MAX_MESSAGE_CODE_POINTS, MESSAGE_DESTINATION } from "../../chat/wire.ts";
import { randomId } from "./random.ts";
import { ChatRefusal } from "./refusal.ts";
import type { Headers } from "./headers.ts";
import type { OutgoingMessage } from "./types.ts";

export type OutboxParts = {
  /** SENDs and resolves with the RECEIPT's headers; rejects with a ChatRefusal. */
  readonly send: (destination: string, body: string) => Promise<Headers>;
  readonly me: () => string | undefined;
  readonly now: () => number;
  readonly isOnline: () => boolean;
  /** Stored; it has left the outbox. */
  readonly stored: (message: OutgoingMessage, receipt: Headers) => void;
  readonly changed: () => void;
};

const WAIT_MS = 2000;

export class Outbox {
  readonly #parts: OutboxParts;
  #messages: readonly OutgoingMessage[] = [];
  #isWorking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  add(userTo: string, text: string, conversation: string | undefined): OutgoingMessage {
    const length = [...text].length;
    if (text.trim() === "") throw new TypeError("a message has at least one visible character");
    if (length > MAX_MESSAGE_CODE_POINTS) {
      throw new TypeError(
        `a message has at most ${MAX_MESSAGE_CODE_POINTS} characters; this one has ${length}`,
      );
    }
    const message: OutgoingMessage = {
      clientId: randomId(),
      conversation,
      userTo,
      text,
      writtenAt: this.#parts.now(),
      status: "sending",
    };
    this.#set([...this.#messages, message]);
    void this.work();
    return message;
  }

  retry(clientId: string): void {
    this.#replace(clientId, ({ refusal: _, ...message }) => ({ ...message, status: "sending" }));
    void this.work();
  }

  discard(clientId: string): void {
    this.#set(this.#messages.filter((message) => message.clientId !== clientId));
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

  #next(): OutgoingMessage | undefined {
    if (!this.#parts.isOnline()) return undefined;
    return this.#messages.find(({ status }) => status === "sending");
  }

  /** False when the rest has to wait. */
  async #send(message: OutgoingMessage): Promise<boolean> {
    const { userTo, text, clientId } = message;
    const body = { userFrom: this.#parts.me(), userTo, message: text, clientId };
    try {
      const receipt = await this.#parts.send(MESSAGE_DESTINATION, JSON.stringify(body));
      this.#set(this.#messages.filter((other) => other.clientId !== clientId));
      this.#parts.stored(message, receipt);
      return true;
    } catch (error) {
      if (!(error instanceof ChatRefusal)) throw error;
      if (error.isPassing) {
        this.#waitFor(error.body.retryAfterMs ?? WAIT_MS);
        return false;
      }
      this.#replace(clientId, (failed) => ({ ...failed, status: "failed", refusal: error.body }));
      return true;
    }
  }

  #waitFor(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.work();
    }, ms);
  }

  #replace(clientId: string, change: (message: OutgoingMessage) => OutgoingMessage): void {
    this.#set(this.#messages.map((message) => (message.clientId === clientId ? change(message) : message)));
  }

  #set(messages: readonly OutgoingMessage[]): void {
    this.#messages = messages;
    this.#parts.changed();
  }
}
