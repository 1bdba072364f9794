/** The client library: what widget, console and programs of others use. */
export { createChatClient } from "./create-chat-client.ts";
export { ChatRefusal } from "./refusal.ts";
export type * from "./types.ts";
