/** Strict JSON: what JSON.parse lets pass (duplicate and forbidden keys, depth, lone surrogates) is refused here. */
import { refuse } from "./errors.ts";
import { MAX_JSON_DEPTH } from "./wire.ts";

const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** An object being read: its keys, and whether the next string is one. */
type Level = { readonly keys: Set<string> | undefined; expectsKey: boolean };

/**
 * Parses a JSON object. Refuses EMPTY_BODY, BAD_JSON (with the position), TOO_DEEP, DUPLICATE_KEY, FORBIDDEN_KEY,
 * BAD_CHARACTER for a lone surrogate, and BAD_TYPE (field `$`) for what is no object.
 */
export function parseJsonObject(text: string): Record<string, unknown> {
  if (text.trim() === "") throw refuse("EMPTY_BODY");
  scanStructure(text);
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse("BAD_TYPE", { field: "$", hint: "the body must be a JSON object" });
  }
  return value as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position \d+/.exec(error instanceof Error ? error.message : "");
    throw refuse("BAD_JSON", position === null ? {} : { hint: `at ${position[0]}` });
  }
}

/**
 * Walks the text once, before it is parsed. It assumes valid JSON and is harmless on anything else, which
 * JSON.parse refuses afterwards; depth must be judged first, as deep nesting breaks what comes later.
 */
function scanStructure(text: string): void {
  const levels: Level[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      const level = levels.at(-1);
      if (level?.keys !== undefined && level.expectsKey) addKey(level.keys, text.slice(index, end + 1));
      if (level !== undefined) level.expectsKey = false;
      index = end;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (levels.length === MAX_JSON_DEPTH) throw refuse("TOO_DEEP", { hint: `at most ${MAX_JSON_DEPTH}` });
      levels.push({ keys: code === OPEN_BRACE ? new Set() : undefined, expectsKey: code === OPEN_BRACE });
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      levels.pop();
    } else if (code === COMMA) {
      const level = levels.at(-1);
      if (level?.keys !== undefined) level.expectsKey = true;
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Index of the quote that ends the string begun at `start`, or of the last character. */
function endOfString(text: string, start: number): number {
  for (let index = text.indexOf('"', start + 1); index >= 0; index = text.indexOf('"', index + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return index;
  }
  return text.length - 1;
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes("\\") ? unquote(quoted) : quoted.slice(1, -1);
  if (FORBIDDEN_KEYS.has(key)) throw refuse("FORBIDDEN_KEY", { field: key });
  if (keys.has(key)) throw refuse("DUPLICATE_KEY", { field: key.slice(0, 64) });
  keys.add(key);
}

function unquote(quoted: string): string {
  const value = parse(quoted);
  return typeof value === "string" ? value : quoted;
}
