/** What the doctor finds: one line each, in the words of whoever has to do something about it. */

/** A problem says what to do; a note is worth knowing and no problem. */
export type Finding =
  | { readonly kind: "well" | "note"; readonly what: string }
  | { readonly kind: "problem"; readonly what: string; readonly todo: string };

export const well = (what: string): Finding => ({ kind: "well", what });
export const note = (what: string): Finding => ({ kind: "note", what });
export const problem = (what: string, todo: string): Finding => ({ kind: "problem", what, todo });

const MARKS = { well: "ok      ", note: "note    ", problem: "problem " } as const;

/** The line to print. */
export function lineOf(finding: Finding): string {
  const todo = finding.kind === "problem" ? `; ${finding.todo}` : "";
  return `${MARKS[finding.kind]} ${finding.what}${todo}`;
}
