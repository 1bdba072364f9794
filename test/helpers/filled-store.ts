/** Many messages in a store, put there through its port as the server would. */
import { randomBytes } from "node:crypto";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";

const CHATS = 1000;
const BATCH = 500;
const TEXT = "x".repeat(120);

const newId = (): string => randomBytes(16).toString("base64url");

/** Guests whose chats have equally many messages. */
export class Writers {
  readonly #guests: readonly Principal[] = Array.from({ length: CHATS }, () => ({
    id: newId(),
    kind: "guest",
  }));

  /** One message of the guest whose turn `index` is; resolves when it is stored. */
  post(store: ChatStore, index: number): Promise<unknown> {
    // A prime, so that neighbours in time are not neighbours on disk.
    const sender = this.#guests[(index * 7919) % CHATS];
    if (sender === undefined) throw new Error("there is no such chat");
    const ids = { messageId: newId(), conversationId: newId(), clientId: newId() };
    return store.execute("post", { sender, to: "support", text: TEXT, ...ids, now: Date.now() });
  }

  /** `count` of them, several at a time. */
  async fill(store: ChatStore, count: number): Promise<void> {
    for (let done = 0; done < count; done += BATCH)
      await Promise.all(Array.from({ length: BATCH }, (_, index) => this.post(store, done + index)));
  }
}
