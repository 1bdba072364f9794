/** Delivery proof: what a sign of life from the peer proves, with and without pings. */
import { describe, expect, it } from "vitest";
import { DeliveryProof } from "../../../src/broker/delivery-proof.ts";
import type { SubscriptionSource } from "../../../src/broker/application-destination.ts";
import type { Connection } from "../../../src/broker/connection.ts";

type Pipe = { bufferedBytes: number; pings: number };

function create(hasPing: boolean): { proof: DeliveryProof; pipe: Pipe } {
  const pipe = { bufferedBytes: 0, pings: 0 };
  const ping = (): void => {
    pipe.pings += 1;
  };
  const connection = Object.assign(pipe, { ping: hasPing ? ping : undefined });
  return { proof: new DeliveryProof(connection as unknown as Connection), pipe };
}

function source(): SubscriptionSource & { proofs: number[] } {
  const proofs: number[] = [];
  return { proofs, proven: (position) => proofs.push(position), close: () => undefined };
}

describe("with pings", () => {
  it("a pong proves what was written before the ping, nothing later", () => {
    const { proof, pipe } = create(true);
    const mailbox = source();
    proof.written(mailbox, 3);
    proof.seek(0);
    proof.written(mailbox, 5);
    proof.seek(10);
    proof.ponged();
    expect([pipe.pings, mailbox.proofs]).toEqual([1, [3]]);
    proof.seek(1000);
    proof.ponged();
    expect([pipe.pings, mailbox.proofs]).toEqual([2, [3, 5]]);
  });

  it("a pong nobody asked for proves nothing", () => {
    const { proof, pipe } = create(true);
    const mailbox = source();
    proof.written(mailbox, 1);
    proof.ponged();
    expect([pipe.pings, mailbox.proofs]).toEqual([0, []]);
  });

  it("nothing but a pong proves: not octets, not output that drained", () => {
    const { proof } = create(true);
    const mailbox = source();
    proof.written(mailbox, 1);
    proof.seek(0);
    proof.drained();
    proof.received();
    expect(mailbox.proofs).toEqual([]);
    proof.ponged();
    expect(mailbox.proofs).toEqual([1]);
  });

  it("a pong proves nothing written behind its ping, also when that was taken", () => {
    const { proof } = create(true);
    const mailbox = source();
    proof.written(mailbox, 1);
    proof.seek(0);
    proof.written(mailbox, 2);
    proof.drained();
    proof.ponged();
    expect(mailbox.proofs).toEqual([1]);
  });

  it("pings when something is unproven, at most every second, and never while a pong is due", () => {
    const { proof, pipe } = create(true);
    const mailbox = source();
    const pingsAfter = (now: number): number => {
      proof.seek(now);
      return pipe.pings;
    };
    expect(pingsAfter(0)).toBe(0);
    proof.written(mailbox, 1);
    expect(pingsAfter(1)).toBe(1);
    proof.written(mailbox, 2);
    expect(pingsAfter(5000)).toBe(1);
    proof.ponged();
    proof.ponged();
    expect(mailbox.proofs).toEqual([1]);
    expect(pingsAfter(1000)).toBe(1);
    expect(pingsAfter(1001)).toBe(2);
    proof.ponged();
    expect(pingsAfter(9999)).toBe(2);
  });
});

describe("without", () => {
  it("octets prove what drained before they came", () => {
    const { proof, pipe } = create(false);
    const mailbox = source();
    pipe.bufferedBytes = 10;
    proof.written(mailbox, 1);
    proof.seek(0);
    proof.received();
    expect(mailbox.proofs).toEqual([]);
    pipe.bufferedBytes = 0;
    proof.drained();
    proof.received();
    expect(mailbox.proofs).toEqual([1]);
  });

  it("a client that only listens leaves one entry a subscription, however much it is sent", () => {
    const { proof } = create(false);
    const [one, other] = [source(), source()];
    for (let position = 1; position <= 1000; position += 1) {
      proof.written(one, position);
      proof.written(other, position);
      proof.seek(position);
    }
    proof.received();
    expect([one.proofs, other.proofs]).toEqual([[1000], [1000]]);
  });
});
