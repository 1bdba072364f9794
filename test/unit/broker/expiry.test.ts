/** Credentials with an end: the session ends with them, and not a moment later. */
import { expect, it } from "vitest";
import { answersOn, connectTo, createBroker } from "../../helpers/lone-broker.ts";

it("credentials that expire before the next look end their session with this one: nothing is sent behind it", async () => {
  let epoch = 0;
  const principal = { id: "anna", kind: "agent", role: "agent" } as const;
  const mortal = createBroker({
    authenticator: { authenticate: () => Promise.resolve({ principal, expiresAt: 10_000 }) },
    wallClock: () => epoch,
  });
  const { connection: hers } = await connectTo(mortal);
  const answersAt = (ms: number): string[] => {
    epoch = ms;
    mortal.sweep();
    return answersOn(hers);
  };
  expect(answersAt(8_999)).toEqual([]);
  expect(answersAt(9_000)).toEqual(["ERROR SESSION_EXPIRED"]);
  expect(hers.closedWith?.code).toBe(1008);
  mortal.close();
});
