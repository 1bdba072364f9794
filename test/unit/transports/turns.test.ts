import { expect, it } from "vitest";
import { Turns } from "../../../src/adapters/transports/turns.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("does work in order, a bounded part in each turn of the event loop", async () => {
  const turns = new Turns(2);
  const done: number[] = [];
  for (const piece of [1, 2, 3, 4, 5]) turns.add(() => done.push(piece));
  expect(done).toEqual([]);
  await nextTurn();
  expect(done).toEqual([1, 2]);
  await nextTurn();
  expect(done).toEqual([1, 2, 3, 4]);
  await nextTurn();
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

it("does what work adds after what waits already, and begins again after a rest", async () => {
  const turns = new Turns(1);
  const done: string[] = [];
  turns.add(() => {
    done.push("first");
    turns.add(() => done.push("added"));
  });
  turns.add(() => done.push("second"));
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(done).toEqual(["first", "second", "added"]);
  turns.add(() => done.push("after a rest"));
  await nextTurn();
  expect(done).toEqual(["first", "second", "added", "after a rest"]);
});
