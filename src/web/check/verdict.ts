/** What all rows come to together. */
import type { Asked } from "./facts.ts";
import type { Row } from "./row.ts";

export type Verdict = { readonly canChat: boolean; readonly said: string };

export type Result = {
  readonly rows: readonly Row[];
  /** Whether one can chat from here. */
  readonly verdict: Verdict;
  /** What the server said, for the report. */
  readonly answer: Asked;
};

/** What the widget and the console can use: SockJS over WebSocket is not among it. */
export type Works = { readonly webSocket: boolean; readonly sockJs: boolean };

/** The first problem is the one to begin with. */
export function verdictOf(rows: readonly Row[], { webSocket, sockJs }: Works): Verdict {
  const first = rows.find(({ outcome }) => outcome === "problem");
  if (!webSocket && !sockJs) {
    return { canChat: false, said: `You cannot chat from here. Begin with “${first?.name ?? "WebSocket"}”.` };
  }
  const how = webSocket
    ? "You can chat from here."
    : "You can chat from here, a little slower: WebSocket is blocked, and SockJS takes over.";
  return { canChat: true, said: first === undefined ? how : `${how} Look at “${first.name}”.` };
}
