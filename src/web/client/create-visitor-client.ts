/** Makes the client of a visitor: what agents share among themselves is not in what a customer's browser loads. */
import { Chat } from "./chat.ts";
import type { ChatClient, ChatClientOptions } from "./types.ts";

/** A client without desk, notes and canned responses. */
export type VisitorClient = Omit<
  ChatClient,
  | "desk"
  | "notes"
  | "outgoingNotes"
  | "writeNote"
  | "loadNotes"
  | "cannedResponses"
  | "saveCannedResponse"
  | "deleteCannedResponse"
  | "search"
>;

/** Makes a client; nothing happens before `start`. */
export function createVisitorClient(options: Omit<ChatClientOptions, "desk">): VisitorClient {
  return new Chat(options);
}
