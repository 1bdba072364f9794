/** Where the words of a search stand in a text: whole words or their beginnings, whatever their case and accents. */

export type Piece = { readonly text: string; readonly isMatch: boolean };

const LETTER = /[\p{L}\p{N}\p{M}]/u;
const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts without spaces between words: a match may begin at each letter. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** What stands before the first match where the text is cut. */
const BEFORE = 30;
const LONGEST = 240;

/** The text in pieces, in order; those that match are marked. */
export function highlight(text: string, query: string): readonly Piece[] {
  const letters = [...text];
  const folded = letters.map(fold);
  const words = wordsOf(query);
  const pieces: Piece[] = [];
  let plain = 0;
  for (let at = 0; at < letters.length; at += 1) {
    const end = endOfMatch(folded, at, words);
    if (end === at || !isStart(letters, at)) continue;
    if (at > plain) pieces.push({ text: letters.slice(plain, at).join(""), isMatch: false });
    pieces.push({ text: letters.slice(at, end).join(""), isMatch: true });
    plain = end;
    at = end - 1;
  }
  if (plain < letters.length) pieces.push({ text: letters.slice(plain).join(""), isMatch: false });
  return pieces;
}

/** The same of the part of a long text in which the first match stands. */
export function excerpt(text: string, query: string): readonly Piece[] {
  const letters = [...text];
  const [first] = highlight(text, query);
  const at = first === undefined || first.isMatch ? 0 : [...first.text].length;
  if (at >= letters.length || at <= BEFORE) return highlight(letters.slice(0, LONGEST).join(""), query);
  // At a word, if one begins there; else within one.
  const space = letters.slice(at - BEFORE, at - 1).findIndex((letter) => /\s/.test(letter));
  const begin = at - BEFORE + space + 1;
  const rest = letters.slice(begin, begin + LONGEST).join("");
  return [{ text: "…", isMatch: false }, ...highlight(rest, query)];
}

/** Longest first: of two that match, the longer is marked. */
function wordsOf(query: string): readonly string[] {
  const words = (query.match(WORDS) ?? []).map((word) => [...word].map(fold).join(""));
  return words.filter((word) => word !== "").sort((one, other) => other.length - one.length);
}

function fold(letter: string): string {
  if (letter <= "\u007f") return letter.toLowerCase();
  return letter.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function isStart(letters: readonly string[], at: number): boolean {
  const [before = " ", letter = " "] = at === 0 ? [" ", letters[0]] : [letters[at - 1], letters[at]];
  if (!LETTER.test(letter)) return false;
  return !LETTER.test(before) || UNSPACED.test(letter) || UNSPACED.test(before);
}

/** Behind the longest word that begins at `at`; `at` itself when none does. */
function endOfMatch(folded: readonly string[], at: number, words: readonly string[]): number {
  for (const word of words) {
    let rest = word;
    let end = at;
    while (rest !== "" && end < folded.length && rest.startsWith(folded[end] ?? "")) {
      rest = rest.slice(folded[end]?.length ?? 0);
      end += 1;
    }
    if (rest !== "") continue;
    // Accents that stand apart belong to their letter.
    while (folded[end] === "") end += 1;
    return end;
  }
  return at;
}
