/** Makes a client that can do everything the server offers. */
import { Chat } from "./chat.ts";
import { Desk } from "./desk.ts";
import { Team } from "./team.ts";
import type { ChatClient, ChatClientOptions } from "./types.ts";

const OPTIONS: readonly string[] = [
  "url",
  "credentials",
  "tokens",
  "unsent",
  "desk",
  "loadSockJs",
  "platform",
] satisfies (keyof ChatClientOptions)[];

/** Makes a client; nothing happens before `start`. Throws a TypeError for an option that does not exist. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name))
      throw new TypeError(`there is no option ${name}; there are ${OPTIONS.join(", ")}`);
  }
  return new Chat(options, { desk: new Desk(), createTeam: (parts) => new Team(parts) });
}
