/** A note book: by number from the first on, each note once, never a hole, in whatever order things come. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { NoteBook } from "../../../../src/web/client/note-book.ts";
import type { Note } from "../../../../src/chat/wire.ts";

const note = (number: number, text = `note ${number}`): Note => ({
  id: `n${number}`,
  conversation: "c1",
  number,
  author: { id: "anna", kind: "agent" },
  note: text,
  writtenAt: "2026-05-01T10:00:00.000Z",
  afterSeq: 0,
});

it("shows what is known from the first note on, and tells that something is missing", () => {
  const book = new NoteBook();
  expect([book.last, book.hasHole]).toEqual([0, false]);
  book.add(note(2));
  expect([book.notes, book.hasHole]).toEqual([[], true]);
  book.add(note(1));
  expect([book.notes.map(({ number }) => number), book.hasHole]).toEqual([[1, 2], false]);
});

it("lacks what was only heard of", () => {
  const book = new NoteBook();
  book.add(note(1));
  book.want(3);
  expect([book.last, book.hasHole]).toEqual([1, true]);
});

it("puts a note that comes again in its own place", () => {
  const book = new NoteBook();
  for (const number of [1, 2]) book.add(note(number));
  book.add(note(1, "as the server has it"));
  expect(book.notes.map((one) => one.note)).toEqual(["as the server has it", "note 2"]);
});

it("is the same in whatever order and however often notes come", () => {
  const orders = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(orders, (numbers) => {
      const book = new NoteBook();
      for (const number of numbers) book.add(note(number));
      const there = new Set(numbers);
      let last = 0;
      while (there.has(last + 1)) last += 1;
      expect(book.notes.map(({ number }) => number)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
      expect(book.hasHole).toBe(Math.max(0, ...numbers) > last);
    }),
  );
});
