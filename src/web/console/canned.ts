/** Canned responses: which of them fit what was typed behind a slash, and how one becomes part of an answer. */
import type { CannedResponse } from "../../chat/wire.ts";

/** What stands for somebody without a name. */
const NAMELESS = { customer: "there", agent: "the support team" } as const;

export type Names = { readonly customer: string | undefined; readonly agent: string | undefined };

/** What was typed behind a slash that begins the text, up to the caret; undefined where no list is asked for. */
export function slashQuery(text: string, caret: number): string | undefined {
  if (caret < 1) return undefined;
  return /^\/([^\n]*)$/.exec(text.slice(0, caret))?.[1];
}

/** Those that have every word of the query in shortcut or text; shortcuts that begin with it come first. */
export function matching(all: readonly CannedResponse[], query: string): readonly CannedResponse[] {
  const wanted = query.toLowerCase();
  const words = wanted.split(/\s+/).filter((word) => word !== "");
  const rank = ({ shortcut }: CannedResponse): number =>
    shortcut.startsWith(wanted) ? 0 : shortcut.includes(wanted) ? 1 : 2;
  return all
    .filter(({ shortcut, text }) => {
      const content = `${shortcut} ${text.toLowerCase()}`;
      return words.every((word) => content.includes(word));
    })
    .sort((one, other) => rank(one) - rank(other));
}

/** The text with names in the places that are kept for them. */
export function filled(text: string, names: Names): string {
  return text.replaceAll(/\{\{\s*(customer|agent)\s*\}\}/gi, (_, who: string) => {
    const role = who.toLowerCase() as keyof Names;
    const name = names[role];
    return name === undefined || name === "" ? NAMELESS[role] : name;
  });
}

/** Puts `response` in the place of the slash and its query; what was written behind them stays. */
export function inserted(text: string, caret: number, response: string): { text: string; caret: number } {
  const rest = text.slice(caret).trimStart();
  return { text: rest === "" ? response : `${response} ${rest}`, caret: response.length };
}
