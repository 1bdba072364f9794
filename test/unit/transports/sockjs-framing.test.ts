/** SockJS's message framing, both ways. */
import { describe, expect, it } from "vitest";
import { encodeBatch, encodeClose, parsePayload } from "../../../src/adapters/transports/sockjs-framing.ts";
import { OutboundFrame } from "../../../src/broker/outbound-frame.ts";

/** sockjs-protocol 0.3.3, "server-side escaping": these must not leave as they are. */
const UNSAFE = [
  [0x00, 0x1f],
  [0xd800, 0xdfff],
  [0x200c, 0x200f],
  [0x2028, 0x202f],
  [0x2060, 0x206f],
  [0xfff0, 0xffff],
] as const;

const encode = (...texts: string[]): string | undefined =>
  encodeBatch(texts.map((text) => new OutboundFrame(text)));

describe("encodeBatch", () => {
  it("makes one element of each frame", () => {
    expect(encode("a\n\0", 'b"')).toBe('a["a\\n\\u0000","b\\""]');
  });

  it("escapes every unsafe code unit, and nothing is lost by it", () => {
    for (const [first, last] of UNSAFE) {
      for (let unit = first; unit <= last; unit += 1) {
        const text = String.fromCharCode(unit);
        const encoded = encode(`é${text}`) ?? "";
        expect(encoded).not.toContain(text);
        expect(JSON.parse(encoded.slice(1))).toEqual([`é${text}`]);
      }
    }
  });

  it("leaves other text as it is", () => {
    expect(encode("é ü ж 漢 \u200b\u2027\uffef")).toBe('a["é ü ж 漢 \u200b\u2027\uffef"]');
  });

  it("cannot carry octets that are not text", () => {
    expect(encodeBatch([new OutboundFrame("a"), new OutboundFrame(Buffer.from([0xff]))])).toBeUndefined();
  });

  it("closes with code and reason", () => {
    expect(encodeClose(1008, 'a "reason"')).toBe('c[1008,"a \\"reason\\""]');
  });
});

describe("parsePayload", () => {
  const parse = (text: string, accepts: "array" | "array or string" = "array"): unknown => {
    const payload = parsePayload(Buffer.from(text), accepts);
    return payload.kind === "octets" ? payload.octets.toString() : payload.kind;
  };

  it("joins all messages", () => {
    expect(parse('["a\\u0000","","b\\ud83d\\ude00"]')).toBe("a\0b\u{1f600}");
    expect(parse(" [ ] ")).toBe("");
  });

  it("takes a bare string only where SockJS does", () => {
    expect(parse('"a"', "array or string")).toBe("a");
    expect(parse('"a"')).toBe("notStrings");
  });

  it.each([
    ["", "empty"],
    [" ", "brokenJson"],
    ["[", "brokenJson"],
    ["\ufeff[]", "brokenJson"],
    ["{}", "notStrings"],
    ["[1]", "notStrings"],
    ['["\\ud83d","\\ude00"]', "badUtf8"],
  ])("%j is %s", (text, kind) => {
    expect(parse(text)).toBe(kind);
  });

  it("refuses octets that are not UTF-8", () => {
    expect(parsePayload(Buffer.from([0x22, 0xc3, 0x22]), "array or string")).toEqual({ kind: "badUtf8" });
  });

  it("parses deep nesting without growing the stack", () => {
    expect(parse("[".repeat(70_000) + "]".repeat(70_000))).toBe("notStrings");
  });
});
