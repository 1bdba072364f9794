/** Headers as parsed, and escaping per version (STOMP 1.2, Value Encoding). */
import { describe, expect, it } from "vitest";
import { carriable, escapeHeader, Headers, unescapeHeader } from "../../../src/stomp/headers.ts";
import { failureOf } from "./reading.ts";

describe("Headers", () => {
  const headers = new Headers(["a", "1", "b", "2", "a", "3", "__proto__", "p", "empty", ""]);

  it("lets the first of repeated headers win", () => {
    expect(headers.get("a")).toBe("1");
    expect([...headers.entries()]).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["__proto__", "p"],
      ["empty", ""],
    ]);
  });

  it("counts the lines, repeated ones included", () => {
    expect(headers.count).toBe(5);
  });

  it("looks names up by exact spelling", () => {
    expect(headers.get("A")).toBeUndefined();
    expect(headers.has("empty")).toBe(true);
  });

  it("does not take a value for a name", () => {
    expect(headers.get("1")).toBeUndefined();
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "knows no %s that nobody sent",
    (name) => {
      expect(new Headers(["a", "1"]).get(name)).toBeUndefined();
      expect(new Headers([name, "x"]).get(name)).toBe("x");
    },
  );
});

describe("unescapeHeader", () => {
  it.each([
    ["1.2", "a\\r\\n\\c\\\\z", "a\r\n:\\z"],
    ["1.1", "a\\n\\c\\\\z", "a\n:\\z"],
    ["1.0", "a\\n\\c\\\\\\t", "a\\n\\c\\\\\\t"],
    ["1.2", "\\\\n", "\\n"],
    ["1.2", "plain", "plain"],
  ] as const)("decodes in %s %j", (version, text, expected) => {
    expect(unescapeHeader(text, version)).toBe(expected);
  });

  it.each([
    ["1.2", "\\t"],
    ["1.2", "a\\"],
    ["1.2", "\\\\\\"],
    ["1.2", "\\N"],
    ["1.2", "\\\n"],
    ["1.1", "\\r"],
  ] as const)("refuses in %s %j", (version, text) => {
    expect(failureOf(() => unescapeHeader(text, version)).code).toBe("BAD_ESCAPE");
  });
});

describe("escapeHeader", () => {
  it.each([
    ["1.2", "a\r\n:\\z", "a\\r\\n\\c\\\\z"],
    ["1.1", "a\n:\\z", "a\\n\\c\\\\z"],
    ["1.0", "a:\\n", "a:\\n"],
    ["1.2", "héllo €😀", "héllo €😀"],
    ["1.2", "", ""],
  ] as const)("encodes for %s %j", (version, text, expected) => {
    expect(escapeHeader(text, version)).toBe(expected);
  });

  it.each([
    ["1.2", "a\0"],
    ["1.1", "a\0"],
    ["1.0", "a\0"],
    ["1.1", "a\rb"],
    ["1.0", "a\rb"],
    ["1.0", "a\nb"],
  ] as const)("refuses what %s cannot carry: %j", (version, text) => {
    expect(() => escapeHeader(text, version)).toThrow(RangeError);
  });

  it("refuses a colon in a key of 1.0 only", () => {
    expect(() => escapeHeader("a:b", "1.0", true)).toThrow(RangeError);
    expect(escapeHeader("a:b", "1.1", true)).toBe("a\\cb");
  });
});

describe("carriable", () => {
  const headers = [
    ["plain", "a\rb\nc"],
    ["\rfirst", "x"],
    ["within\r", "x"],
    ["\nfirst", "x"],
    ["with:colon", "x"],
  ] as const;

  it("leaves 1.2 everything", () => {
    expect(carriable(headers, "1.2")).toEqual(headers);
  });

  it("makes what 1.1 cannot write a space in values, and leaves out the names", () => {
    expect(carriable(headers, "1.1")).toEqual([
      ["plain", "a b\nc"],
      ["\nfirst", "x"],
      ["with:colon", "x"],
    ]);
  });

  it("makes what 1.0 cannot write a space in values, and leaves out the names", () => {
    expect(carriable(headers, "1.0")).toEqual([["plain", "a b c"]]);
  });
});
