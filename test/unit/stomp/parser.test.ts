/** The parser reads what the grammar allows, however it is cut (STOMP 1.2, Augmented BNF). */
import { describe, expect, it } from "vitest";
import { CLIENT_COMMANDS, SERVER_COMMANDS } from "../../../src/stomp/commands.ts";
import { drain, each, octetsOf, parserFor, plain, read, readChunks, textOf } from "./reading.ts";
import type { Version } from "../../../src/stomp/commands.ts";

const FIXTURES: readonly [name: string, text: string, version: Version | undefined][] = [
  ["a CONNECT with LF", "CONNECT\naccept-version:1.2\nhost:x\n\n^@", undefined],
  ["a CONNECT with CRLF", "CONNECT\r\naccept-version:1.2\r\nhost:x\r\n\r\n^@", undefined],
  ["a SEND with a counted body", "SEND\ndestination:/q\ncontent-length:5\n\nhéll^@", "1.2"],
  ["a SEND with NUL in its body", "SEND\ndestination:/q\ncontent-length:3\n\na^@b^@", "1.2"],
  ["a SEND whose body NUL ends", "SEND\ndestination:/q\n\nhello\r\nworld^@", "1.2"],
  ["a frame without headers", "DISCONNECT\n\n^@", "1.2"],
  ["escapes and other alphabets", "SEND\ndestination:/q\nk\\cey:a\\nb\\\\c\\rd\nимя:héllo €\n\n^@", "1.2"],
  ["CRLF in 1.2", "SEND\r\ndestination:/q\r\n\r\nbody^@\r\n", "1.2"],
  ["a CR as data in 1.1", "SEND\ndestination:/q\r\n\nbody^@", "1.1"],
  ["padded headers in 1.0", "SEND\ndestination: /q \n\nbody^@", "1.0"],
];

const SEVERAL =
  "\n\r\n^@SEND\ndestination:/a\n\none^@\nSEND\ndestination:/b\ncontent-length:3\n\ntwo^@^@\n\nDISCONNECT\n\n^@\n";

describe("frames", () => {
  it.each(FIXTURES)("reads %s the same when cut at every octet", (_, text, version) => {
    const octets = octetsOf(text);
    const whole = read(text, { version });
    expect(whole).toHaveLength(1);
    expect(readChunks(parserFor({ version }), each(octets))).toEqual(whole);
    for (let place = 0; place <= octets.length; place += 1) {
      const pieces = [octets.slice(0, place), octets.slice(place)];
      expect(readChunks(parserFor({ version }), pieces), `cut at ${place}`).toEqual(whole);
    }
  });

  it("reads several frames of one chunk in order, EOLs and stray NULs between them skipped", () => {
    const frames = read(SEVERAL, { version: "1.2" });
    expect(frames.map((frame) => `${frame.command} ${textOf(frame)}`)).toEqual([
      "SEND one",
      "SEND two",
      "DISCONNECT ",
    ]);
  });

  it("reads several frames the same octet by octet", () => {
    expect(readChunks(parserFor({ version: "1.2" }), each(octetsOf(SEVERAL)))).toEqual(
      read(SEVERAL, { version: "1.2" }),
    );
  });

  it("reads frames that each begin at the end of the chunk before", () => {
    const frame = "SEND\ndestination:/a\ncontent-length:40\n\n" + "x".repeat(40) + "^@";
    const stream = octetsOf(frame.repeat(300));
    const chunks = Array.from({ length: Math.ceil(stream.length / 97) }, (_, index) =>
      stream.slice(index * 97, index * 97 + 97),
    );
    expect(readChunks(parserFor({ version: "1.2" }), chunks)).toHaveLength(300);
  });

  it.each([...CLIENT_COMMANDS])("reads %s from a client and refuses it from a server", (command) => {
    expect(read(`${command}\n\n^@`)).toEqual([{ command, headers: [], body: [] }]);
    expect(() => read(`${command}\n\n^@`, { accepts: "server" })).toThrow("is no command");
  });

  it.each([...SERVER_COMMANDS])("reads %s from a server and refuses it from a client", (command) => {
    expect(read(`${command}\n\n^@`, { accepts: "server" })).toEqual([{ command, headers: [], body: [] }]);
    expect(() => read(`${command}\n\n^@`)).toThrow("is no command");
  });
});

describe("the pull", () => {
  it("parses one frame at a time, so that what follows CONNECT in its chunk is read as negotiated", () => {
    const parser = parserFor();
    parser.push(octetsOf("CONNECT\nk:a\\n\n\n^@SEND\ndestination:/q\nk:a\\n\n\n^@"));
    expect(parser.next()?.headers.get("k")).toBe("a\\n");
    parser.version = "1.0";
    expect(parser.next()?.headers.get("k")).toBe("a\\n");
    parser.push(octetsOf("SEND\ndestination:/q\nk:a\\n\n\n^@"));
    parser.version = "1.1";
    expect(parser.next()?.headers.get("k")).toBe("a\n");
    expect(parser.next()).toBeUndefined();
  });

  it("takes limits set between two frames of one chunk", () => {
    const parser = parserFor({ version: "1.2", limits: { maxBodyBytes: 3 } });
    parser.push(octetsOf("SEND\nd:x\n\nabc^@SEND\nd:x\n\nabcd^@"));
    expect(parser.next()).toBeDefined();
    parser.limits = { ...parser.limits, maxBodyBytes: 4 };
    expect(parser.next()?.body).toHaveLength(4);
  });

  it("keeps a body as it was when more octets come", () => {
    const parser = parserFor({ version: "1.2" });
    for (const piece of ["SEND\nd:x\n\nab", "cd^@SEND\n", "d:x\n\nefgh^@"]) parser.push(octetsOf(piece));
    const first = parser.next();
    parser.push(octetsOf("SEND\nd:x\n\n" + "z".repeat(5000) + "^@"));
    expect(drain(parser)).toHaveLength(2);
    expect(first && textOf(plain(first))).toBe("abcd");
  });

  it("reads a chunk that is a view into larger memory, and gives a plain Uint8Array even when it is a Buffer", () => {
    const text = "SEND\nd:x\n\nabc\0";
    const parser = parserFor({ version: "1.2" });
    parser.push(Buffer.from(`?????${text}?????`).subarray(5, 5 + text.length));
    const frame = parser.next();
    expect(frame?.body).toEqual(Uint8Array.of(97, 98, 99));
    expect(frame?.body.constructor).toBe(Uint8Array);
  });

  it("never writes into a chunk or the memory around it", () => {
    const memory = octetsOf("SEND\nd:x\n\nabc???????????????????");
    const before = memory.slice();
    const frames = readChunks(parserFor({ version: "1.2" }), [memory.subarray(0, 13), octetsOf("def^@")]);
    expect(textOf(frames[0])).toBe("abcdef");
    expect(memory).toEqual(before);
  });

  it("does not blame the peer when the memory of a chunk was given away", () => {
    const parser = parserFor({ version: "1.2" });
    const chunk = octetsOf(`SEND\nd:x\n\n${"x".repeat(40)}^@`);
    parser.push(chunk);
    structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] });
    expect(() => parser.next()).toThrow(TypeError);
  });

  it("ignores an empty chunk", () => {
    const parser = parserFor();
    parser.push(new Uint8Array(0));
    expect(parser.next()).toBeUndefined();
    expect(parser.isMidFrame).toBe(false);
  });
});

describe("between frames", () => {
  it.each(["1.0", "1.1", "1.2"] as const)("skips a CRLF in %s also when it is cut in two", (version) => {
    const parser = parserFor({ version });
    expect(readChunks(parser, each(octetsOf("\r\nDISCONNECT\n\n^@\r\n")))).toHaveLength(1);
    expect([parser.heartbeats, parser.isMidFrame]).toEqual([2, false]);
  });

  it("counts EOLs, a CRLF as one, and no NULs", () => {
    const parser = parserFor({ version: "1.2" });
    readChunks(parser, each(octetsOf("\n\r\n^@\nSEND\nd:x\n\nbody\n\n^@\r\n")));
    expect(parser.heartbeats).toBe(4);
  });

  it.each([
    ["nothing", "", false],
    ["EOLs", "\n\r\n", false],
    ["half a command", "\nSE", true],
    ["half a head", "SEND\nd:x\n", true],
    ["half a body", "SEND\nd:x\ncontent-length:4\n\nab", true],
    ["half an uncounted body", "SEND\nd:x\n\nab", true],
    ["a whole frame", "SEND\nd:x\n\nab^@", false],
    ["a whole frame and an EOL", "SEND\nd:x\n\nab^@\n", false],
    ["a whole frame and a CR", "SEND\nd:x\n\nab^@\r", true],
  ])("after %s knows whether it is in the middle of a frame", (_, text, expected) => {
    const parser = parserFor({ version: "1.2" });
    readChunks(parser, each(octetsOf(text)));
    expect(parser.isMidFrame).toBe(expected);
  });

  it.each([
    ["half a command", "SEND\nreceipt:a\n\n^@SE", undefined, undefined],
    ["a command", "SEND\nrece", "SEND", undefined],
    ["half a receipt", "SEND\nreceipt:a", "SEND", undefined],
    ["a receipt", "SEND\nreceipt:a\\cb\nd", "SEND", "a:b"],
    ["half a body", "ACK\n\n^@SEND\nreceipt:a\ncontent-length:4\n\nab", "SEND", "a"],
    ["a whole frame", "SEND\nreceipt:a\n\nab^@", undefined, undefined],
  ])("after %s knows what was begun", (_, text, command, receipt) => {
    const parser = parserFor({ version: "1.2" });
    readChunks(parser, each(octetsOf(text)));
    expect(parser.begun).toEqual({ command, receipt });
  });

  it("has begun nothing while a whole frame waits to be read", () => {
    const parser = parserFor({ version: "1.2" });
    parser.push(octetsOf("SEND\nreceipt:a\n\n^@"));
    expect(parser.begun).toEqual({ command: undefined, receipt: undefined });
  });
});

describe("headers of a frame", () => {
  it("splits at the first colon and keeps the others and spaces as they are", () => {
    expect(read("SEND\na: b:c \nd:\n\n^@", { version: "1.2" })[0]?.headers).toEqual([
      ["a", " b:c "],
      ["d", ""],
    ]);
  });

  it("trims spaces in 1.0 only, and nothing but spaces", () => {
    const text = "SEND\n a : \tb \t\r\n\n^@";
    expect(read(text, { version: "1.0" })[0]?.headers).toEqual([["a", "\tb \t\r"]]);
    expect(read(text, { version: "1.1" })[0]?.headers).toEqual([[" a ", " \tb \t\r"]]);
  });

  it("trims a CONNECT that asks for no version, as one of 1.0", () => {
    expect(read("CONNECT\nlogin: anna\n\n^@")[0]?.headers).toEqual([["login", "anna"]]);
    expect(read("CONNECT\nlogin: anna\naccept-version:1.2\n\n^@")[0]?.headers).toEqual([
      ["login", " anna"],
      ["accept-version", "1.2"],
    ]);
    expect(read("CONNECT\nlogin: anna\nx:accept-version\n\n^@")[0]?.headers[0]).toEqual(["login", "anna"]);
    expect(read("STOMP\nlogin: anna\n\n^@")[0]?.headers).toEqual([["login", " anna"]]);
  });

  it("are unescaped as in 1.2 before a version is negotiated", () => {
    expect(read("SEND\na:b\\c\\r\n\n^@")[0]?.headers).toEqual([["a", "b:\r"]]);
  });

  it("lets the first content-length win", () => {
    expect(textOf(read("SEND\ncontent-length:2\ncontent-length:1\n\nab^@")[0])).toBe("ab");
  });

  it("reads a raw line added to CONNECT as a header of its own, after the first", () => {
    const [frame] = read("CONNECT\nlogin:me\nlogin:admin\npasscode:x\n\n^@");
    expect(frame?.headers).toEqual([
      ["login", "me"],
      ["passcode", "x"],
    ]);
  });

  it("keeps a byte order mark inside a value", () => {
    expect(read("SEND\na:\ufeffb\n\n^@", { version: "1.2" })[0]?.headers).toEqual([["a", "\ufeffb"]]);
  });
});

describe("bodies", () => {
  it("ignores the body of a SUBSCRIBE in 1.0", () => {
    const frames = read("SUBSCRIBE\ndestination:/q\n\nabc^@SUBSCRIBE\ncontent-length:3\n\na^@c^@SEND\n\n^@", {
      version: "1.0",
    });
    expect(frames.map(({ command, body }) => [command, body.length])).toEqual([
      ["SUBSCRIBE", 0],
      ["SUBSCRIBE", 0],
      ["SEND", 0],
    ]);
  });

  it("takes content-length:0 on a frame without a body", () => {
    expect(read("SUBSCRIBE\nid:1\ncontent-length:0\n\n^@", { version: "1.2" })).toHaveLength(1);
  });

  it("reads the bodies of MESSAGE and ERROR from a server", () => {
    const frames = read("MESSAGE\n\nabc^@ERROR\ncontent-length:2\n\nde^@", {
      accepts: "server",
      version: "1.2",
    });
    expect(frames.map(textOf)).toEqual(["abc", "de"]);
  });
});
