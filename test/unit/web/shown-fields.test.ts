/** The table of fields that pages show knows every text of the wire: one that is new has its place there, or the reason why it has none. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SHOWN_FIELDS, WIRE_TEXTS } from "../../helpers/injection/shown-fields.ts";

const WIRE = new URL("../../../src/chat/wire.ts", import.meta.url);
const SHAPE = /^export type (\w+) =[^{;]*\{(.*?)\};$/gms;
const TEXT = /readonly (\w+)\??: [^;]*\b(?:string|unknown)\b/g;

function textsOf(source: string): string[] {
  return [...source.matchAll(SHAPE)].flatMap(([, shape = "", members = ""]) =>
    [...members.matchAll(TEXT)].map(([, member = ""]) => `${shape}.${member}`),
  );
}

it("each member of a shape of the wire that can hold text is in the table", () => {
  const texts = textsOf(readFileSync(WIRE, "utf8"));
  expect(texts.sort()).toEqual(Object.keys(WIRE_TEXTS).sort());
  const fields = Object.values(WIRE_TEXTS).flatMap((text) => ("field" in text ? [text.field] : []));
  for (const field of fields) expect(SHOWN_FIELDS[field].places.length).toBeGreaterThan(0);
});

it("a new member would be seen", () => {
  const grown = `export type Tag = ConversationStanding & {\n  readonly label?: string;\n  readonly count: number;\n};\n`;
  const short = "export type Pair = { readonly one: number; readonly other: readonly string[] };\n";
  expect(textsOf(grown + short)).toEqual(["Tag.label", "Pair.other"]);
});
