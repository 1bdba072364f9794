/** The words that were searched for are marked where they stand, and the text stays what it is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excerpt, highlight } from "../../../../src/web/console/highlight.ts";

/** With brackets around what is marked. */
const marked = (pieces: ReturnType<typeof highlight>): string =>
  pieces.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join("");

it.each([
  ["Is the tea green?", "tea", "Is the [tea] green?"],
  ["Teas and steam", "tea", "[Tea]s and steam"],
  ["a cup of TEA", "tea cup", "a [cup] of [TEA]"],
  ["Crème brûlée", "creme brulee", "[Crème] [brûlée]"],
  ["Creme", "crème", "[Creme]"],
  ["cafe\u0301!", "café", "[cafe\u0301]!"],
  ["order-1234", "1234", "order-[1234]"],
  ["teapot", "tea teapot", "[teapot]"],
  ["私は東京に住む", "東京", "私は[東京]に住む"],
  ["Привет, мир", "привет", "[Привет], мир"],
  ["ÄRGER", "ärger", "[ÄRGER]"],
  ["<b>tea</b>", "b", "<[b]>tea</[b]>"],
  ["nothing here", "tea", "nothing here"],
  ["anything", "...", "anything"],
  ["", "tea", ""],
  ["👍🏽 tea", "tea", "👍🏽 [tea]"],
])("%j searched for %j: %j", (text, query, expected) => {
  expect(marked(highlight(text, query))).toBe(expected);
});

it("the pieces together are the text, whatever it is", () => {
  const letters = ["a", "b", "é", "e\u0301", "\u0301", "ß", "İ", "京", "-", " ", "\n", "👍🏽", "\ud800", "<"];
  const anything = fc.array(fc.constantFrom(...letters), { maxLength: 40 }).map((all) => all.join(""));
  fc.assert(
    fc.property(anything, anything, (text, query) => {
      expect(
        highlight(text, query)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
    }),
  );
});

describe("an excerpt", () => {
  it("of a short text is the text", () => {
    expect(marked(excerpt("Is the tea green?", "green"))).toBe("Is the tea [green]?");
  });

  it("of a long one begins at a word shortly before the first match", () => {
    const text = `${"word ".repeat(200)}the tea is green ${"word ".repeat(200)}`;
    const shown = marked(excerpt(text, "tea"));
    expect(shown).toMatch(/^…word (?:word )*the \[tea\] is green word/);
    expect([...shown].length).toBeLessThan(260);
  });

  it("of one long word is cut within it", () => {
    expect(marked(excerpt(`${"x".repeat(400)} tea`, "tea"))).toMatch(/^…x+ \[tea\]$/);
  });

  it("without a match is the beginning", () => {
    expect(marked(excerpt("y".repeat(400), "tea"))).toBe("y".repeat(240));
  });
});
