/** A line of the page: what was tried, how it went, and what to do. */

export type Row = {
  readonly name: string;
  /** `note`: it does not work, but the chat does without it. */
  readonly outcome: "well" | "note" | "problem";
  readonly said: string;
  readonly todo?: string;
};

export const well = (name: string, said: string): Row => ({ name, outcome: "well", said });
export const note = (name: string, said: string, todo: string): Row => ({
  name,
  outcome: "note",
  said,
  todo,
});
export const problem = (name: string, said: string, todo: string): Row => ({
  name,
  outcome: "problem",
  said,
  todo,
});
