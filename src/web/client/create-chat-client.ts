/** Makes a client that can do everything the server offers. */
import { Chat } from "./chat.ts";
import { Team } from "./team.ts";
import type { ChatClient, ChatClientOptions } from "./types.ts";

/** Makes a client; nothing happens before `start`. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new Chat(options, (parts) => new Team(parts));
}
