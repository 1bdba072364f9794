/** Answers leave in the order of their frames, whatever order their effects end in. */
import { describe, expect, it } from "vitest";
import { ReplyQueue } from "../../../src/broker/reply-queue.ts";

function create(count: number): {
  queue: ReplyQueue;
  left: number[];
  settle: (index: number, more?: () => void) => void;
} {
  const queue = new ReplyQueue();
  const left: number[] = [];
  const slots = Array.from({ length: count }, () => queue.reserve());
  const settle = (index: number, more: () => void = () => undefined): void => {
    slots[index]?.(() => {
      left.push(index);
      more();
    });
  };
  return { queue, left, settle };
}

describe("answers", () => {
  it("wait for all earlier ones, then leave together", () => {
    const { queue, left, settle } = create(4);
    settle(2);
    settle(1);
    expect([left, queue.size]).toEqual([[], 4]);
    settle(0);
    expect([left, queue.size]).toEqual([[0, 1, 2], 1]);
    settle(3);
    expect([left, queue.size]).toEqual([[0, 1, 2, 3], 0]);
  });

  it("settled while another leaves follow it, never overtake or interrupt it", () => {
    const { left, settle } = create(3);
    settle(0, () => {
      settle(2);
      settle(1);
      left.push(-1);
    });
    expect(left).toEqual([0, -1, 1, 2]);
  });

  it("that fail to leave do not hold up the ones behind", () => {
    const { left, settle } = create(2);
    expect(() => {
      settle(0, () => {
        throw new Error("broken pipe");
      });
    }).toThrow("broken pipe");
    settle(1);
    expect(left).toEqual([0, 1]);
  });

  it("that were forgotten never leave, those reserved later do", () => {
    const { queue, left, settle } = create(2);
    settle(1);
    queue.clear();
    settle(0);
    queue.reserve()(() => left.push(9));
    expect([left, queue.size]).toEqual([[9], 0]);
  });

  it("may be forgotten by one that leaves", () => {
    const { queue, left, settle } = create(3);
    settle(1);
    settle(0, () => {
      queue.clear();
    });
    expect([left, queue.size]).toEqual([[0], 0]);
  });

  it("are counted right however many leave while one more always waits", () => {
    const queue = new ReplyQueue();
    const left: number[] = [];
    let settleLast = queue.reserve();
    for (let index = 0; index < 5000; index += 1) {
      const settle = settleLast;
      settleLast = queue.reserve();
      settle(() => left.push(index));
      expect(queue.size).toBe(1);
    }
    expect(left).toEqual(Array.from({ length: 5000 }, (_, index) => index));
  });
});
