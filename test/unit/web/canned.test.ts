/** Canned responses: when the list is asked for, what fits, and what becomes of the answer. */
import { describe, expect, it } from "vitest";
import { filled, inserted, matching, slashQuery } from "../../../src/web/console/canned.ts";

describe("the list", () => {
  it.each([
    ["/", 1, ""],
    ["/hel", 4, "hel"],
    ["/hel", 2, "h"],
    ["/hel and more", 4, "hel"],
    ["/opening hours", 14, "opening hours"],
    ["", 0, undefined],
    ["/hel", 0, undefined],
    ["and/or", 6, undefined],
    [" /hel", 5, undefined],
    ["/hel\nlo", 7, undefined],
  ])("of %j with the caret at %d is asked for with %j", (text, caret, query) => {
    expect(slashQuery(text, caret)).toBe(query);
  });

  const all = [
    { shortcut: "bye", text: "Thank you, and hello again soon." },
    { shortcut: "hello", text: "Good morning!" },
    { shortcut: "say-hello", text: "Greetings" },
    { shortcut: "hours", text: "We are here from Nine to six." },
  ];

  it.each([
    ["", ["bye", "hello", "say-hello", "hours"]],
    ["hello", ["hello", "say-hello", "bye"]],
    ["HELLO", ["hello", "say-hello", "bye"]],
    ["nine here", ["hours"]],
    ["zebra", []],
  ])("for %j has those with every word, shortcuts first", (query, shortcuts) => {
    expect(matching(all, query).map(({ shortcut }) => shortcut)).toEqual(shortcuts);
  });
});

describe("a text", () => {
  it("has the names of both in their places, however the places are written", () => {
    const names = { customer: "Carla", agent: "Anna" };
    expect(filled("{{customer}}, {{ agent }} here. {{Customer}}!", names)).toBe("Carla, Anna here. Carla!");
  });

  it("has a word that fits where there is no name", () => {
    const names = { customer: undefined, agent: "" };
    expect(filled("Hello {{customer}}, this is {{agent}}.", names)).toBe(
      "Hello there, this is the support team.",
    );
  });

  it("keeps other braces, and takes a name as it is", () => {
    expect(filled("{{order}} {customer} {{customer}}", { customer: "$& {{agent}}", agent: "Anna" })).toBe(
      "{{order}} {customer} $& {{agent}}",
    );
  });
});

it.each([
  ["/hel", 4, "Hello!", "Hello!", 6],
  ["/hel", 2, "Hello!", "Hello! el", 6],
  ["/ how are you?", 1, "Hello!", "Hello! how are you?", 6],
])("in %j with the caret at %d, %j makes %j", (text, caret, response, result, newCaret) => {
  expect(inserted(text, caret, response)).toEqual({ text: result, caret: newCaret });
});
