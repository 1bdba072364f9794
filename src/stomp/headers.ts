/** Headers: those of a parsed frame, those to write, and escaping per version (STOMP 1.2, Value Encoding). */
import { FrameError } from "./errors.ts";
import type { Version } from "./commands.ts";

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Headers to write, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The headers of a parsed frame. Of repeated ones the first counts (STOMP 1.2, Repeated Header Entries). */
export class Headers {
  /** name, value, name, value, ... as they came. An array and not an object: any name is safe, `__proto__` too. */
  readonly #flat: readonly string[];

  constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  /** Header lines, repeated ones included. */
  get count(): number {
    return this.#flat.length / 2;
  }

  /** The value of the first header of this name; names are case sensitive. */
  get(name: string): string | undefined {
    const flat = this.#flat;
    for (let index = 0; index < flat.length; index += 2) {
      if (flat[index] === name) return flat[index + 1];
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** First occurrences, in order. */
  *entries(): Generator<[name: string, value: string], undefined, undefined> {
    const seen = new Set<string>();
    for (let index = 0; index < this.#flat.length; index += 2) {
      const [name, value] = [this.#flat[index] as string, this.#flat[index + 1] as string];
      if (seen.has(name)) continue;
      seen.add(name);
      yield [name, value];
    }
  }
}

/**
 * Decodes a key or value of a frame that is escaped. 1.2 knows \r \n \c \\, 1.1 the same without \r, 1.0 nothing:
 * there a backslash is data. Throws FrameError BAD_ESCAPE for any other escape and for a backslash at the end.
 */
export function unescapeHeader(text: string, version: Version): string {
  if (version === "1.0" || !text.includes("\\")) return text;
  return text.replace(/\\(.?)/gs, (_, code: string) => {
    if (code === "n") return "\n";
    if (code === "c") return ":";
    if (code === "\\") return "\\";
    if (code === "r" && version === "1.2") return "\r";
    throw new FrameError("BAD_ESCAPE", `undefined escape in a header (STOMP ${version})`);
  });
}

/**
 * Encodes a key or value. Throws RangeError for what this version cannot carry: NUL, in 1.1 CR (raw it would be
 * legal, and the end of a line to many clients), in 1.0 CR and LF, and ':' in a key.
 */
export function escapeHeader(text: string, version: Version, isKey = false): string {
  if (!needsEscape(text)) return text;
  if (text.includes("\0")) throw new RangeError("a header cannot carry NUL");
  if (version === "1.0") {
    if (/[\r\n]/.test(text) || (isKey && text.includes(":"))) {
      throw new RangeError("a header that is not escaped cannot carry CR, LF, or ':' in its key");
    }
    return text;
  }
  if (version === "1.1" && text.includes("\r")) throw new RangeError("STOMP 1.1 cannot escape CR");
  return text.replaceAll("\\", "\\\\").replaceAll("\r", "\\r").replaceAll("\n", "\\n").replaceAll(":", "\\c");
}

/**
 * The same headers as this version's recipients can be told them: 1.1 has no way to write a CR, 1.0 none for CR, LF
 * and a colon in a name (STOMP 1.2, Value Encoding). Line breaks become spaces; a name that cannot be written is left out.
 */
export function carriable(headers: HeaderList, version: Version): HeaderList {
  if (version === "1.2") return headers;
  const breaks = version === "1.0" ? /[\r\n]/g : /\r/g;
  const colon = version === "1.0" ? ":" : "\0";
  return headers
    .filter(([name]) => name.search(breaks) < 0 && !name.includes(colon))
    .map(([name, value]) => [name, value.replace(breaks, " ")]);
}

function needsEscape(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === COLON || code === BACKSLASH || code === LF || code === CR || code === NUL) return true;
  }
  return false;
}
