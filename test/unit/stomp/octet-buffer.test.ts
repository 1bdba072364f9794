/** What is kept of octets that were consumed. */
import { expect, it } from "vitest";
import { OctetBuffer } from "../../../src/stomp/octet-buffer.ts";

const KEPT_OCTETS = 256;

/** A chunk of which the first so many were consumed. */
function consumed(chunk: Uint8Array, count: number): OctetBuffer {
  const buffer = new OctetBuffer();
  buffer.append(chunk);
  buffer.consume(count);
  return buffer;
}

const textOf = (buffer: OctetBuffer): string => new TextDecoder().decode(buffer.slice(0, buffer.length));

it.each([Uint8Array, Buffer])("trimmed, it does not keep a chunk (%o) for its last octets", (type) => {
  const buffer = consumed(type.from([..."x".repeat(5000), ..."abc"].map((one) => one.charCodeAt(0))), 5000);
  buffer.trim();
  expect(buffer.octets.buffer.byteLength).toBe(3);
  expect(textOf(buffer)).toBe("abc");
  buffer.append(new TextEncoder().encode("de"));
  buffer.trim();
  expect(textOf(buffer)).toBe("abcde");
  buffer.consume(4);
  expect(textOf(buffer)).toBe("e");
});

it("copies nothing where less than half, or little, is consumed", () => {
  for (const left of [1, 1000]) {
    const chunk = new Uint8Array(KEPT_OCTETS + 2 * left);
    const buffer = consumed(chunk, chunk.length - left);
    buffer.trim();
    expect(buffer.octets).toBe(chunk);
  }
});

it("grows by a quarter: many unfinished frames keep little room", () => {
  const buffer = new OctetBuffer();
  buffer.append(new Uint8Array(7999));
  buffer.append(new Uint8Array(1));
  expect(buffer.octets.buffer.byteLength).toBe(10_000);
  buffer.trim();
  expect(buffer.octets.buffer.byteLength).toBe(10_000);
});
