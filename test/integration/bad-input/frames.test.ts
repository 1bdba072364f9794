/** Every frame of the catalogue is answered as it says, over every transport, and the canary is served after each. */
import { afterAll, beforeAll, it } from "vitest";
import { Canary } from "./canary.ts";
import { FRAMES } from "./catalogue/rows.ts";
import { playFrames } from "./frame-cases.ts";

let canary: Canary;

beforeAll(async () => {
  canary = await Canary.start();
});
afterAll(() => canary.stop());

for (const [number, { what, frames = [] }] of FRAMES.flatMap((rows) => Object.entries(rows))) {
  it.each(frames.map((frameCase) => [frameCase.name, frameCase] as const))(
    `#${number} ${what}: %s`,
    (_name, frameCase) => playFrames(canary, frameCase),
  );
}
