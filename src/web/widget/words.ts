/** What the panel says of who is there, and of what happened in a chat: kind, short, and no promise of a time. */
import type { ConversationLine, ConversationState } from "../../chat/wire.ts";

const AWAY = "Away. We answer later";
const UNKNOWN = {
  none: "Ask us anything",
  waiting: "We will be with you",
  active: "Here for you",
  closed: "Write to us any time",
};
const HERE = {
  none: "We are here now",
  waiting: "We will join you",
  active: "Here for you",
  closed: "We are here now",
};

/** Below the name in the header. `available` is undefined until it is known. */
export function statusText(state: ConversationState | undefined, available: boolean | undefined): string {
  if (available === false) return AWAY;
  return (available === true ? HERE : UNKNOWN)[state ?? "none"];
}

/** In the empty thread. */
export function welcomeText(available: boolean | undefined): string {
  const later = "Your messages are kept, and you can come back to this chat later.";
  if (available === undefined) return `Write to us here. ${later}`;
  return available
    ? `We are here now. ${later}`
    : "Nobody is here at the moment. Write anyway: your message is kept, and you will find our answer here.";
}

/** Above the field, while somebody waits and nobody is there. */
export const AWAY_TEXT =
  "Nobody is here at the moment. Your message is kept, and you will find our answer here.";

/** A line of a chat; undefined for one that is of no interest to its customer. */
export function lineText({ type, by, reason }: ConversationLine): string | undefined {
  const agent = by?.kind === "agent" ? (by.name ?? "An agent") : "An agent";
  if (type === "conversation.assigned") {
    // That the visitor became a customer is known to the visitor.
    if (reason === "merged") return undefined;
    return reason === "transferred" ? `${agent} handed you over to a colleague` : `${agent} joined the chat`;
  }
  if (type === "conversation.closed")
    return reason === "customer" ? "You ended the chat" : "The chat was ended";
  if (type === "conversation.requeued") return "You are back in the queue; someone will be with you";
  return undefined;
}
