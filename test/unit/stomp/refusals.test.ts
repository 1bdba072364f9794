/** What the parser refuses, and what it says then (bad-input catalogue, STOMP frames). */
import { describe, expect, it } from "vitest";
import { codeOf, each, failureOf, octetsOf, parserFor, read, readChunks } from "./reading.ts";
import type { Version } from "../../../src/stomp/commands.ts";
import type { FrameErrorCode } from "../../../src/stomp/errors.ts";
import type { FrameLimits } from "../../../src/stomp/parser.ts";

type Row = readonly [name: string, text: string, code: FrameErrorCode, version?: Version | undefined];

const REFUSED: readonly Row[] = [
  ["an unknown command", "FOO\n\n^@", "UNKNOWN_COMMAND"],
  ["an unknown command before its head ends", "FOO\n", "UNKNOWN_COMMAND"],
  ["a lower-case command", "send\n\n^@", "UNKNOWN_COMMAND"],
  ["a padded command", "SEND \n\n^@", "UNKNOWN_COMMAND"],
  ["a prefix of a command", "SEN\n\n^@", "UNKNOWN_COMMAND"],
  ["an HTTP request", "GET / HTTP/1.1\r\n", "UNKNOWN_COMMAND"],
  ["a byte order mark", "\ufeffCONNECT\n\n^@", "UNKNOWN_COMMAND"],
  ["33 octets of command without an end", "X".repeat(33), "UNKNOWN_COMMAND"],
  ["a NUL in the command line", "world^@", "UNKNOWN_COMMAND"],
  ["what follows a NUL in an uncounted body", "SEND\nd:x\n\nhello^@world^@", "UNKNOWN_COMMAND", "1.2"],
  ["a lone CR before the command", "\rSEND\n\n^@", "UNKNOWN_COMMAND", "1.2"],
  ["a CR inside the command", "SE\rND\n\n^@", "UNKNOWN_COMMAND"],
  ["CRLF after the command in 1.0", "SEND\r\n\r\n^@", "UNKNOWN_COMMAND", "1.0"],
  ["CRLF after the command in 1.1", "SEND\r\n\r\n^@", "UNKNOWN_COMMAND", "1.1"],
  ["a header without colon", "SEND\nabc\n", "BAD_HEADER", "1.2"],
  ["a header without name", "SEND\n:abc\n", "BAD_HEADER", "1.2"],
  ["a header whose name is spaces in 1.0", "SEND\n  :abc\n\n^@", "BAD_HEADER", "1.0"],
  ["a blank line of CR in 1.1", "SEND\nd:x\n\r\n\n^@", "BAD_HEADER", "1.1"],
  ["a CR inside a value in 1.2", "SEND\na:b\rc\n", "BAD_HEADER", "1.2"],
  ["a CR inside a value before negotiation", "CONNECT\na:b\rc\n", "BAD_HEADER"],
  ["two CRs before LF", "SEND\na:b\r\r\n", "BAD_HEADER", "1.2"],
  ["a NUL in a header", "SEND\nd:x^@", "BAD_HEADER", "1.2"],
  ["an undefined escape", "SEND\na:b\\tc\n\n^@", "BAD_ESCAPE", "1.2"],
  ["an undefined escape in a name", "SEND\na\\x:b\n\n^@", "BAD_ESCAPE", "1.2"],
  ["a backslash at the end", "SEND\na:b\\\n\n^@", "BAD_ESCAPE", "1.2"],
  ["an escaped CR in 1.1", "SEND\na:b\\rc\n\n^@", "BAD_ESCAPE", "1.1"],
  ["an escape of an astral character", "SEND\na:\\😀\n\n^@", "BAD_ESCAPE", "1.1"],
  ["an over-large content-length", "SEND\ncontent-length:65537\n\n", "FRAME_TOO_LARGE", "1.2"],
  ["a seven-digit content-length", "SEND\ncontent-length:9999999\n\n", "FRAME_TOO_LARGE", "1.2"],
  ["a body longer than counted", "SEND\ncontent-length:2\n\nabc^@", "MISSING_NUL", "1.2"],
  ["a count in characters", "SEND\ncontent-length:6\n\nhéllo€^@", "MISSING_NUL", "1.2"],
  ["a body on CONNECT", "CONNECT\n\nx", "UNEXPECTED_BODY"],
  ["a body on SUBSCRIBE", "SUBSCRIBE\nid:1\n\nx", "UNEXPECTED_BODY", "1.1"],
  ["a counted body on ACK", "ACK\nid:1\ncontent-length:1\n\n", "UNEXPECTED_BODY", "1.2"],
  ["a body on UNSUBSCRIBE in 1.0", "UNSUBSCRIBE\nid:1\n\nx", "UNEXPECTED_BODY", "1.0"],
];

describe("refused", () => {
  it.each(REFUSED.map(([name, text, code, version]) => ({ name, text, code, version })))(
    "$name, whole and octet by octet",
    ({ text, code, version }) => {
      expect(codeOf(text, { version })).toBe(code);
      expect(failureOf(() => readChunks(parserFor({ version }), each(octetsOf(text)))).code).toBe(code);
    },
  );

  it.each(["-1", "abc", "1e3", "0x10", "+5", " 5", "5 ", "5.0", "", "12345678", "1".repeat(20), "٥"])(
    "content-length:%s",
    (value) => {
      expect(codeOf(`SEND\ncontent-length:${value}\n\nhello^@`, { version: "1.2" })).toBe(
        "BAD_CONTENT_LENGTH",
      );
    },
  );

  it.each([
    ["an overlong form", [0xc0, 0xaf]],
    ["a lone continuation", [0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a character cut short", [0xe2, 0x82]],
  ])("invalid UTF-8 in a header: %s", (_, octets) => {
    const parser = parserFor({ version: "1.2" });
    parser.push(Uint8Array.from([...octetsOf("SEND\na:"), ...octets, ...octetsOf("\n\n^@")]));
    expect(failureOf(() => parser.next()).code).toBe("BAD_UTF8");
  });

  it("invalid UTF-8 in a body is the business of who reads it", () => {
    const parser = parserFor({ version: "1.2" });
    parser.push(Uint8Array.from([...octetsOf("SEND\n\n"), 0xff, 0]));
    expect(parser.next()?.body).toEqual(Uint8Array.of(0xff));
  });

  it("is the same backslash that 1.0 and CONNECT take as data", () => {
    expect(read("SEND\na:\\t\\\n\n^@", { version: "1.0" })[0]?.headers).toEqual([["a", "\\t\\"]]);
    expect(read("CONNECT\npasscode:a\\b\n\n^@")[0]?.headers).toEqual([["passcode", "a\\b"]]);
    expect(read("STOMP\npasscode:a\\b\n\n^@")[0]?.headers).toEqual([["passcode", "a\\b"]]);
    expect(read("CONNECTED\na:\\t\n\n^@", { accepts: "server", version: "1.2" })[0]?.headers).toEqual([
      ["a", "\\t"],
    ]);
  });
});

describe("limits", () => {
  const limits: FrameLimits = {
    maxBodyBytes: 10,
    maxHeaders: 3,
    maxHeaderLineBytes: 20,
    maxCredentialLineBytes: 40,
    maxHeaderBytes: 60,
  };

  function outcome(text: string, version: Version = "1.2"): string {
    const bytewise = judged(() => readChunks(parserFor({ version, limits }), each(octetsOf(text))).length);
    expect(judged(() => read(text, { version, limits }).length)).toBe(bytewise);
    return bytewise;
  }

  function judged(run: () => number): string {
    try {
      return run() === 0 ? "waits" : "read";
    } catch (error) {
      return failureOf(() => {
        throw error;
      }).code;
    }
  }

  it.each([
    ["SEND\na:1\n\nbcde^@", "read"],
    ["SEND\na:1\n\nbcdef", "FRAME_TOO_LARGE"],
    ["SEND\ncontent-length:2\n\nbc^@", "FRAME_TOO_LARGE"],
    ["SEND\ncontent-length:0\n\n^@", "read"],
  ])("of a whole frame, 14 octets: %j", (text, expected) => {
    const whole = { ...limits, maxFrameBytes: 14 };
    const bytewise = judged(() => readChunks(parserFor({ limits: whole }), each(octetsOf(text))).length);
    expect(bytewise).toBe(expected);
  });

  it.each([
    ["3 headers", "SEND\na:1\nb:2\nc:3\n\n^@", "read"],
    ["3 headers with CRLF", "SEND\r\na:1\r\nb:2\r\nc:3\r\n\r\n^@", "read"],
    ["3 headers of one name", "SEND\na:1\na:2\na:3\n\n^@", "read"],
    ["the first octet of a 4th header", "SEND\na:1\nb:2\nc:3\nd", "TOO_MANY_HEADERS"],
    ["a 4th header of one name", "SEND\na:1\na:2\na:3\na:4\n\n^@", "TOO_MANY_HEADERS"],
    ["a line of 20 octets", `SEND\na:${"x".repeat(18)}\n\n^@`, "read"],
    ["a line of 20 octets with CRLF", `SEND\r\na:${"x".repeat(18)}\r\n\r\n^@`, "read"],
    ["a line of 20 octets without an end", `SEND\na:${"x".repeat(18)}`, "waits"],
    ["a line of 21 octets without an end", `SEND\na:${"x".repeat(19)}`, "HEADER_TOO_LONG"],
    ["a line of 21 octets in 19 characters", `SEND\na:${"x".repeat(16)}€\n\n^@`, "HEADER_TOO_LONG"],
    ["a passcode line of 40 octets", `CONNECT\nPassCode:${"x".repeat(31)}\n\n^@`, "read"],
    ["a passcode line of 41 octets", `CONNECT\nPassCode:${"x".repeat(32)}`, "HEADER_TOO_LONG"],
    ["an authorization line of 40 octets", `CONNECT\nAuthorization:${"x".repeat(26)}\n\n^@`, "read"],
    ["an authorization line of 41 octets", `CONNECT\nauthorization:${"x".repeat(27)}`, "HEADER_TOO_LONG"],
    ["a look-alike of a credential line", `CONNECT\nx-passcode:${"x".repeat(10)}`, "HEADER_TOO_LONG"],
    [
      "a head of 60 octets",
      `SEND\na:${"x".repeat(17)}\nb:${"x".repeat(17)}\nc:${"x".repeat(12)}\n\n^@`,
      "read",
    ],
    [
      "a head of 61 octets",
      `SEND\na:${"x".repeat(17)}\nb:${"x".repeat(17)}\nc:${"x".repeat(13)}\n`,
      "HEADERS_TOO_LARGE",
    ],
    ["a counted body of 10 octets", "SEND\ncontent-length:10\n\n0123456789^@", "read"],
    ["a body of 11 octets once it is announced", "SEND\ncontent-length:11\n\n", "FRAME_TOO_LARGE"],
    ["a body of 10 octets", "SEND\n\n0123456789^@", "read"],
    ["10 octets of a body without an end", "SEND\n\n0123456789", "waits"],
    ["11 octets of a body without an end", "SEND\n\n01234567890", "FRAME_TOO_LARGE"],
  ])("%s", (_, text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  it("bounds the ignored body of a SUBSCRIBE in 1.0 too", () => {
    expect(outcome("SUBSCRIBE\n\n01234567890", "1.0")).toBe("FRAME_TOO_LARGE");
  });

  it("ends 1,000,000 dripped headers at the 33rd and takes nothing after it", () => {
    const parser = parserFor({ version: "1.2" });
    let fed = 0;
    const failure = failureOf(() => {
      parser.push(octetsOf("SEND\n"));
      for (; fed < 1_000_000; fed += 1) {
        parser.push(octetsOf("a:1\n"));
        parser.next();
      }
    });
    expect([failure.code, fed]).toEqual(["TOO_MANY_HEADERS", 32]);
    parser.push(octetsOf("a:1\n\n^@"));
    expect(() => parser.next()).toThrow(failure);
    expect(parser.isMidFrame).toBe(false);
  });
});

describe("what a refusal says", () => {
  it("names the header line", () => {
    expect(failureOf(() => read("SEND\na:b\nc:d\nbad\n\n^@")).message).toBe("header line 3 has no colon");
    expect(failureOf(() => read("SEND\n:x\n\n^@")).message).toBe("header line 1 has no name");
  });

  it.each([
    ["send\n\n^@", "commands are upper case"],
    ["Connect\r\n\r\n^@", "commands are upper case"],
    ["\ufeffCONNECT\n\n^@", "the stream begins with a byte order mark"],
    ["MESSAGE\n\n^@", "only a server sends this command"],
    ["FOO\n\n^@", undefined],
  ])("hints at the known mistake in %j", (text, hint) => {
    expect(failureOf(() => read(text)).hint).toBe(hint);
  });

  it.each([
    ["before the fault", "SEND\nreceipt:r\\c1\nbad\n\n^@", "r:1"],
    ["after the fault", "SEND\nbad\nreceipt:r1\n\n^@", "r1"],
    ["of an unknown command", "FOO\nreceipt:r1\n\n^@", "r1"],
    ["with CRLF", "FOO\r\nreceipt:r1\r\n\r\n^@", "r1"],
    ["of a body too many", "ACK\nreceipt:r1\n\nbody^@", "r1"],
    ["of a bad length", "SEND\nreceipt:r1\ncontent-length:x\n\n^@", "r1"],
    ["that is repeated", "SEND\nreceipt:r1\nreceipt:r2\nbad\n\n^@", "r1"],
    ["whose line is unfinished", "FOO\nreceipt:r1", undefined],
    ["that cannot be decoded", "SEND\nreceipt:\\t\n\n^@", undefined],
    ["that belongs to the body", "SEND\ncontent-length:x\n\nreceipt:r1\n^@", undefined],
    ["that is too long a line", `SEND\nreceipt:${"x".repeat(2100)}\n\n^@`, undefined],
  ])("carries the receipt %s", (_, text, receipt) => {
    expect(failureOf(() => read(text, { version: "1.2" })).receipt).toBe(receipt);
  });

  it.each([
    ["padded in 1.0", "SEND\nreceipt: r1 \n:bad\n\n^@", "1.0", "r1"],
    ["with a backslash in 1.0", "SEND\nreceipt:a\\c\n:bad\n\n^@", "1.0", "a\\c"],
    ["escaped in 1.1", "SEND\nreceipt: a\\c\nbad\n\n^@", "1.1", " a:"],
    ["escaped before negotiation", "FOO\nreceipt:a\\r\n\n^@", undefined, "a\r"],
    ["with a raw CR in 1.1", "SEND\nreceipt:a\r\nbad\n\n^@", "1.1", undefined],
    ["with a raw CR in 1.0", "SEND\nreceipt:a\r\n:bad\n\n^@", "1.0", undefined],
    ["with a NUL", "SEND\nreceipt:a^@b\n\n^@", "1.2", undefined],
    ["in the command line's place", "receipt:r1\n\n^@", "1.2", undefined],
    ["of another name", "FOO\nreceipts:r1\nReceipt:r2\nreceip:r3\n\n^@", "1.2", undefined],
  ] as const)("carries the receipt %s, or none", (_, text, version, receipt) => {
    expect(failureOf(() => read(text, { version })).receipt).toBe(receipt);
  });

  it.each([
    ["of a header line", "SEND\nbad\n\n^@", "SEND"],
    ["of an escape", "ACK\nid:\\t\n\n^@", "ACK"],
    ["of a head that has got too long", `SEND\n${"a:b\n".repeat(70)}`, "SEND"],
    ["of a body too many", "COMMIT\ntransaction:t\n\nbody^@", "COMMIT"],
    ["of a body that goes on", "SEND\ncontent-length:1\n\nab^@", "SEND"],
    ["behind a frame that was read", "BEGIN\ntransaction:t\n\n^@SEND\nbad\n\n^@", "SEND"],
    ["of a command that is none, also behind one that is", "BEGIN\ntransaction:t\n\n^@FOO\n\n^@", undefined],
    ["of a command that only a server sends", "MESSAGE\n\n^@", undefined],
  ])("names the command %s", (_, text, command) => {
    expect(failureOf(() => read(text, { version: "1.2" })).command).toBe(command);
  });

  it("shows what is not printable as escapes, and what would end the text", () => {
    const { message } = failureOf(() =>
      read('SEND\ncontent-length:a"b\\\\\u0007é\n\n^@', { version: "1.2" }),
    );
    expect(message).toBe('content-length is "a\\u0022b\\u005c\\u0007\\u00e9"');
  });

  it.each([
    `${"\u0001".repeat(40)}\n`,
    `${'\ufeff"\\😀'.repeat(40)}\n`,
    `SEND\ncontent-length:${"\u0007\u202e".repeat(90)}\n\n^@`,
  ])("shows at most 64 printable characters of the input", (text) => {
    const { message } = failureOf(() => read(text));
    expect(message).toMatch(/^[\x20-\x7e]*$/);
    expect(/"(.*)"/.exec(message)?.[1]?.length ?? 0).toBeLessThanOrEqual(64);
  });
});
