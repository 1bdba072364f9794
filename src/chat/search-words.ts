/** What a search compares: words without regard to case and accents, and scripts without spaces letter by letter. */

/** Scripts that put no space between words: each letter stands for itself, a run of them is found as a phrase. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** Accents, and the vowel points of Arabic and Hebrew. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;

/** The text as it is put into an index of words. */
export function searchable(text: string): string {
  const plain = text.normalize("NFKD").replaceAll(MARKS, "").normalize("NFC").toLowerCase();
  return plain.replaceAll("ς", "σ").replaceAll(UNSPACED, " $& ");
}

/** The word a piece ends with may go on, unless it is one letter: that would be every word that begins with it. */
export function mayGoOn(piece: string): boolean {
  const last = searchable(piece)
    .match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu)
    ?.at(-1);
  return last !== undefined && [...last].length > 1;
}

const WORD = /[\p{L}\p{N}\p{Co}]/u;

/** What was asked for, piece by piece; empty when there is nothing that could be found. */
export function wordsOf(query: string): readonly string[] {
  return query.split(/[\s\p{Cc}]+/u).filter((piece) => WORD.test(piece));
}
