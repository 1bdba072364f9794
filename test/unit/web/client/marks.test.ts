/** Read marks: the highest one goes out, and again after a reconnect when nobody answered. */
import { expect, it } from "vitest";
import { settled } from "../../../helpers/test-chat.ts";
import { Marks } from "../../../../src/web/client/marks.ts";
import { ChatRefusal, connectionLost } from "../../../../src/web/client/refusal.ts";

type Answer = () => Promise<unknown>;
const stored: Answer = () => Promise.resolve();

function createMarks(answer: Answer): { marks: Marks; sent: number[]; line: { isOnline: boolean } } {
  const sent: number[] = [];
  const line = { isOnline: true };
  const marks = new Marks(
    () => line.isOnline,
    (_conversation, seq) => {
      sent.push(seq);
      return answer();
    },
  );
  return { marks, sent, line };
}

it("goes out once for each higher seq", async () => {
  const { marks, sent } = createMarks(stored);
  expect([marks.set("c1", 2), marks.set("c1", 2), marks.set("c1", 1)]).toEqual([true, false, false]);
  await settled();
  marks.flush();
  expect(sent).toEqual([2]);
  expect(marks.set("c1", 3)).toBe(true);
  expect(sent).toEqual([2, 3]);
});

it("waits for the connection, and then only the highest goes out", () => {
  const { marks, sent, line } = createMarks(stored);
  line.isOnline = false;
  marks.set("c1", 1);
  marks.set("c1", 4);
  expect(sent).toEqual([]);
  line.isOnline = true;
  marks.flush();
  expect(sent).toEqual([4]);
});

it("goes out again when the connection was lost before the answer", async () => {
  const { marks, sent } = createMarks(() => Promise.reject(connectionLost()));
  marks.set("c1", 1);
  await settled();
  marks.flush();
  expect(sent).toEqual([1, 1]);
});

it("is given up when it is refused for good", async () => {
  const refusal = new ChatRefusal({ code: "FORBIDDEN", message: "This is not yours." });
  const { marks, sent } = createMarks(() => Promise.reject(refusal));
  marks.set("c1", 1);
  await settled();
  marks.flush();
  expect(sent).toEqual([1]);
});
