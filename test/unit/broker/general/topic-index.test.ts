/** The index of topics: what a pattern covers, and that nothing stays behind. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covers, isWellFormedPattern, TopicIndex } from "../../../../src/broker/general/topic-index.ts";

describe("a pattern", () => {
  it.each([
    ["/topic/a", "/topic/a", true],
    ["/topic/a", "/topic/b", false],
    ["/topic/*", "/topic/a", true],
    ["/topic/*", "/topic/a/b", false],
    ["/topic/*/b", "/topic/a/b", true],
    ["/topic/*/b", "/topic/a/c", false],
    ["/topic/**", "/topic/a", true],
    ["/topic/**", "/topic/a/b/c", true],
    ["/topic/a/**", "/topic/a", false],
    ["/topic/*/**", "/topic/a/b", true],
    ["/topic/*/**", "/topic/a", false],
    ["/topic/a", "/topic/A", false],
  ])("%s covers %s: %s", (pattern, destination, expected) => {
    const index = new TopicIndex<string>();
    index.add(pattern, "subscriber");
    expect([...index.matching(destination)]).toEqual(expected ? ["subscriber"] : []);
    expect(covers(pattern, destination)).toBe(expected);
  });

  it.each([
    ["/topic/a*", false],
    ["/topic/**/a", false],
    ["/topic/***", false],
    ["/topic/*", true],
    ["/topic/*/a/**", true],
  ])("%s is well-formed: %s", (pattern, expected) => {
    expect(isWellFormedPattern(pattern)).toBe(expected);
  });
});

it("finds whatever covers a destination, once each, and is empty when all have left", () => {
  const segment = fc.constantFrom("a", "b", "c");
  const wanted = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([segments, isOpen]) => `/topic/${[...segments, ...(isOpen ? ["**"] : [])].join("/")}`);
  fc.assert(
    fc.property(
      fc.array(wanted, { maxLength: 20 }),
      fc.array(segment, { minLength: 1, maxLength: 5 }),
      (patterns, segments) => {
        const destination = `/topic/${segments.join("/")}`;
        const index = new TopicIndex<number>();
        for (const [number, pattern] of patterns.entries()) index.add(pattern, number);
        const found = [...index.matching(destination)].sort((one, other) => one - other);
        expect(found).toEqual([...patterns.keys()].filter((key) => covers(patterns[key] ?? "", destination)));
        for (const [number, pattern] of patterns.entries()) index.remove(pattern, number);
        expect([...index.matching(destination)]).toEqual([]);
        expect(index.size).toBe(0);
      },
    ),
  );
});
