/** Guests by the hundred, without connections. */
import { newId } from "../contract/desk.ts";
import type { ChatStore } from "../../src/chat/store.ts";

/** Each writes one message, a second after the one before, the newest now; returns their conversations, the oldest first. */
export async function guestsWrote(store: ChatStore, count: number): Promise<readonly string[]> {
  const chats = Array.from({ length: count }, () => newId());
  await Promise.all(
    chats.map((conversationId, index) => {
      const sender = { id: newId(), kind: "guest" } as const;
      const now = Date.now() - (count - 1 - index) * 1000;
      const ids = { messageId: newId(), conversationId };
      return store.execute("post", { sender, to: "support", text: `question ${index}`, now, ...ids });
    }),
  );
  return chats;
}
