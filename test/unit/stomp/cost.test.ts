/** What reading costs: linear in the octets, however they are cut. */
import { describe, expect, it } from "vitest";
import { each, octetsOf, parserFor } from "./reading.ts";

describe("cost", () => {
  function millisecondsFor(pieces: Iterable<Uint8Array>): number {
    const parser = parserFor({ version: "1.2", limits: { maxBodyBytes: 4_000_000 } });
    const begun = performance.now();
    for (const piece of pieces) {
      parser.push(piece);
      while (parser.next() !== undefined);
    }
    return performance.now() - begun;
  }

  // Quadratic, these take minutes; linear, a fraction of a second.
  it("stays linear when a body of 1 MB comes octet by octet", () => {
    expect(millisecondsFor(each(octetsOf(`SEND\n\n${"x".repeat(1_000_000)}^@`)))).toBeLessThan(5000);
    expect(
      millisecondsFor(each(octetsOf(`SEND\ncontent-length:1000000\n\n${"x".repeat(1_000_000)}^@`))),
    ).toBeLessThan(5000);
  });

  it("does not search the spare room of the buffer for every dripped octet", () => {
    const big = octetsOf(`END\n\n${"x".repeat(3_000_000)}^@SEND\na:`);
    expect(millisecondsFor([octetsOf("S"), big, ...each(octetsOf("y".repeat(2000)))])).toBeLessThan(500);
  });

  it("stays linear over 1 MB of EOLs", () => {
    expect(millisecondsFor([octetsOf("\r\n".repeat(500_000))])).toBeLessThan(2000);
  });
});
