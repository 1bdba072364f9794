/** Read marks of mine: the highest one of each conversation goes out, again after a reconnect if need be. */
import { ChatRefusal } from "./refusal.ts";

export class Marks {
  readonly #isOnline: () => boolean;
  readonly #send: (conversation: string, seq: number) => Promise<unknown>;
  readonly #wanted = new Map<string, number>();
  readonly #told = new Map<string, number>();

  constructor(isOnline: () => boolean, send: (conversation: string, seq: number) => Promise<unknown>) {
    this.#isOnline = isOnline;
    this.#send = send;
  }

  /** False when that much was marked before. */
  set(conversation: string, seq: number): boolean {
    if (seq <= (this.#wanted.get(conversation) ?? 0)) return false;
    this.#wanted.set(conversation, seq);
    void this.#tell(conversation);
    return true;
  }

  /** Tells what was not told: the connection is back. */
  flush(): void {
    for (const conversation of this.#wanted.keys()) void this.#tell(conversation);
  }

  clear(): void {
    this.#wanted.clear();
    this.#told.clear();
  }

  async #tell(conversation: string): Promise<void> {
    const seq = this.#wanted.get(conversation) ?? 0;
    if (!this.#isOnline() || seq <= (this.#told.get(conversation) ?? 0)) return;
    try {
      await this.#send(conversation, seq);
      this.#told.set(conversation, seq);
    } catch (error) {
      // Not mine any more: nobody waits for this mark.
      if (error instanceof ChatRefusal && !error.isPassing) this.#told.set(conversation, seq);
    }
  }
}
