/** Reads the expected tables, and judges what was told against them. */
import { CODES } from "./expected.ts";

export type Row = { readonly name: string; readonly expected: ReadonlyMap<string, string> };
export type Entry = { readonly name: string; readonly letter: string };

const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

/** A table with a column for each role; columns stand two spaces apart. */
export function readRows(text: string): { readonly roles: readonly string[]; readonly rows: readonly Row[] } {
  const [header = "", ...others] = lines(text);
  const roles = header.trim().split(/ +/);
  const rows = others.map((line) => {
    const [name = "", ...letters] = line.split(/ {2,}/);
    return { name, expected: new Map(roles.map((role, index) => [role, letters[index] ?? ""])) };
  });
  return { roles, rows };
}

/** A list of letters and what each is for, in as many columns as there is room for. */
export function readEntries(text: string): readonly Entry[] {
  return lines(text).flatMap((line) => {
    const parts = line.trim().split(/ {2,}/);
    return parts.flatMap((letter, index) =>
      index % 2 === 0 ? [{ letter, name: parts[index + 1] ?? "" }] : [],
    );
  });
}

/** Allowed, or the code that is told. */
export function meaningOf(letter: string): string {
  return letter === "Y" ? "allowed" : (CODES[letter] ?? `no such letter: ${letter}`);
}

export type Answer = {
  readonly name: string;
  /** The letter of the table. */
  readonly letter: string;
  /** `allowed`, or the code that was told. */
  readonly told: string;
  /** Whether it had an effect; of what is not allowed, also whether anybody was shown anything of it. */
  readonly happened: boolean;
};

export type Verdict = {
  readonly cells: number;
  /** What was allowed, or had an effect, although it must not. */
  readonly allows: readonly string[];
  /** What was refused, had no effect, or was told another code. */
  readonly denials: readonly string[];
};

export function judge(answers: readonly Answer[]): Verdict {
  const allows: string[] = [];
  const denials: string[] = [];
  for (const { name, letter, told, happened } of answers) {
    const expected = meaningOf(letter);
    const finding = `${name}: ${told}, expected ${expected}`;
    if (expected === "allowed") {
      if (told !== "allowed") denials.push(finding);
      else if (!happened) denials.push(`${name}: allowed, and nothing happened`);
    } else if (told === "allowed") allows.push(finding);
    else if (happened) allows.push(`${name}: ${told}, and it happened`);
    else if (told !== expected) denials.push(finding);
  }
  return { cells: answers.length, allows, denials };
}
