/** What all rows come to together. */
import type { Asked } from "./facts.ts";
import type { Row } from "./row.ts";

/** `well`: one can chat, and nothing is wrong; `note`: one can chat, and something is wrong; `problem`: one cannot. */
export type Verdict = { readonly outcome: Row["outcome"]; readonly said: string };

export type Result = {
  readonly rows: readonly Row[];
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
    const begin = first?.name ?? "WebSocket";
    return { outcome: "problem", said: `You cannot chat from here. Begin with “${begin}”.` };
  }
  const how = webSocket
    ? "You can chat from here."
    : "You can chat from here, a little slower: WebSocket is blocked, and SockJS takes over.";
  if (first !== undefined) return { outcome: "note", said: `${how} Look at “${first.name}”.` };
  return { outcome: "well", said: how };
}
