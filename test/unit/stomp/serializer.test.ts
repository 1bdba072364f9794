/** Frames as they are written (STOMP 1.2, Header content-length and Value Encoding). */
import { describe, expect, it } from "vitest";
import { byteLength, serializeFrame, serializeHead, serializeOctets } from "../../../src/stomp/serializer.ts";

describe("serializeHead", () => {
  it("ends after the blank line", () => {
    expect(serializeHead("RECEIPT", [["receipt-id", "1"]], "1.2")).toBe("RECEIPT\nreceipt-id:1\n\n");
    expect(serializeHead("RECEIPT", [], "1.2")).toBe("RECEIPT\n\n");
  });

  it("escapes keys and values for the receiver's version", () => {
    expect(serializeHead("MESSAGE", [["a:b", "c:d\n"]], "1.2")).toBe("MESSAGE\na\\cb:c\\cd\\n\n\n");
    expect(serializeHead("MESSAGE", [["a", "c:d\\"]], "1.0")).toBe("MESSAGE\na:c:d\\\n\n");
  });

  it.each(["CONNECTED", "CONNECT", "STOMP"] as const)("never escapes %s", (command) => {
    expect(serializeHead(command, [["server", "a:b\\"]], "1.2")).toBe(`${command}\nserver:a:b\\\n\n`);
    expect(() => serializeHead(command, [["server", "a\nb"]], "1.2")).toThrow(RangeError);
    expect(() => serializeHead(command, [["a:b", "c"]], "1.2")).toThrow(RangeError);
  });

  it("writes no header that would break the frame", () => {
    expect(() => serializeHead("MESSAGE", [["a", "b\0"]], "1.2")).toThrow(RangeError);
    expect(() => serializeHead("MESSAGE", [["a", "b\r"]], "1.1")).toThrow(RangeError);
    expect(() => serializeHead("MESSAGE", [["a", "b\n"]], "1.0")).toThrow(RangeError);
    expect(() => serializeHead("MESSAGE", [["", "b"]], "1.2")).toThrow(RangeError);
  });
});

describe("serializeFrame", () => {
  it("counts octets, not characters", () => {
    expect(serializeFrame("MESSAGE", [["a", "b"]], "héllo€", "1.2")).toBe(
      "MESSAGE\na:b\ncontent-length:9\n\nhéllo€\0",
    );
  });

  it("writes no content-length where there is no body, and 0 for an empty one", () => {
    expect(serializeFrame("RECEIPT", [], undefined, "1.2")).toBe("RECEIPT\n\n\0");
    expect(serializeFrame("MESSAGE", [], "", "1.2")).toBe("MESSAGE\ncontent-length:0\n\n\0");
  });

  it("lets no content-length among the headers beat the true one", () => {
    const headers = [
      ["content-length", "1"],
      ["a", "b"],
    ] as const;
    expect(serializeFrame("MESSAGE", headers, "abc", "1.2")).toBe("MESSAGE\na:b\ncontent-length:3\n\nabc\0");
  });
});

describe("serializeOctets", () => {
  it("carries any octets", () => {
    const body = Uint8Array.of(0, 0xff, 0x0a, 0);
    const frame = serializeOctets("MESSAGE", [["a", "é"]], body, "1.2");
    const head = new TextEncoder().encode("MESSAGE\na:é\ncontent-length:4\n\n");
    expect(frame).toEqual(Uint8Array.of(...head, ...body, 0));
  });
});

describe("byteLength", () => {
  it.each([
    "",
    "abc",
    "héllo€",
    "😀",
    "a😀b",
    "\ud800",
    "\udc00",
    "\ud800a",
    "\ud800\ud800\udc00",
    "\u07ff\u0800\uffff",
    "\u007f\u0080",
    // Not pairs: nothing is left out behind them.
    "\ud800é",
    "\ud800\ud800",
    "\ud800\ue000",
    "\udc00\udc00",
    "é\udc00",
    "\ue000\udc00",
  ])("is what the encoder makes of %j", (text) => {
    expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
  });
});
