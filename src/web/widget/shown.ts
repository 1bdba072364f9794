/** Which of a visitor's conversations the panel shows. */
import type { ConversationStanding } from "../../chat/wire.ts";

/** The open one, else the one that was shown `before`: it has just been closed. Else the first, which is the newest. */
export function shownOf(
  standings: readonly ConversationStanding[],
  before: string | undefined,
): ConversationStanding | undefined {
  return (
    standings.find(({ state }) => state !== "closed") ??
    standings.find(({ id }) => id === before) ??
    standings[0]
  );
}
