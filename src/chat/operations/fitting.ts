/** Pages of texts are bounded by what they hold, beside their count: each fits an outbox. */

/** Characters of text in one page. */
export const PAGE_CHARACTERS = 128 * 1024;

/** As many rows as fit a page, at least one: from the start, or from the end when the newest are wanted. */
export function fitting<Row extends { readonly text: string }>(
  rows: readonly Row[],
  fromEnd = false,
): readonly Row[] {
  let characters = 0;
  const ordered = fromEnd ? rows.toReversed() : rows;
  const count = ordered.findIndex(({ text }) => (characters += text.length) > PAGE_CHARACTERS);
  if (count < 0) return rows;
  const kept = Math.max(1, count);
  return fromEnd ? rows.slice(-kept) : rows.slice(0, kept);
}
