/** How long somebody has waited, and how urgent that is. */
import type { Transcript } from "../client/types.ts";

/** Since when a waiting conversation waits, ms since epoch; undefined when its known part does not tell. */
export function waitingSince(transcript: Transcript | undefined): number | undefined {
  const began = transcript?.lines.findLast(({ type }) => type !== "conversation.assigned")?.at;
  // The line may stand before the known part: it has waited at least as long as that.
  const at = began ?? transcript?.messages[0]?.sentAt;
  return at === undefined ? undefined : Date.parse(at);
}

/** How urgent a wait is. */
export function urgencyOf(ms: number): "calm" | "soon" | "late" {
  return ms >= 5 * 60_000 ? "late" : ms >= 2 * 60_000 ? "soon" : "calm";
}
