/** 2A: how octets are read as frames, and frames written as octets. */
import fc from "fast-check";
import { expect } from "vitest";
import { bodyOf } from "../helpers/memory-connection.ts";
import { settled } from "../helpers/test-chat.ts";
import { point } from "./point.ts";
import { accept, expectEnd, headerOf, octets, tell, textsOn, useStage } from "./stage.ts";

const stage = useStage();

point("#1 a frame is command, headers, blank line, body and NUL", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ncolour:blue\n\nhello^@");
  const [message] = client.messagesOn("s");
  expect([bodyOf(message!), headerOf(message, "colour")]).toEqual(["hello", "blue"]);
  expect(client.connection.wire).toMatch(/MESSAGE\n(?:[a-z-]+:[^\n]+\n)+\nhello\^@$/);
});

point("#1 a frame without headers is one", async (version) => {
  const client = await stage.join(version);
  await tell(client, "DISCONNECT\n\n^@");
  expect([client.connection.closedWith?.code, client.error()]).toEqual([1000, undefined]);
});

point("#2 every line may end with CRLF", async (version) => {
  const client = await stage.listen(version);
  await tell(
    client,
    "SEND\r\ndestination:/topic/a\r\ncolour:blue\r\n\r\nhello\r\n^@\r\nDISCONNECT\r\n\r\n^@",
  );
  const [message] = client.messagesOn("s");
  expect([bodyOf(message!), headerOf(message, "colour")]).toEqual(["hello\r\n", "blue"]);
  expect(client.connection.closedWith?.code).toBe(1000);
});

point(
  "#2 before 1.2 a CR is data",
  async (version) => {
    const reader = await stage.listen("1.2");
    const client = await stage.join(version);
    await tell(client, "SEND\ndestination:/topic/a\ncolour:blue\r\n\n^@");
    expect(headerOf(reader.messagesOn("s")[0], "colour")).toBe("blue\r");
    await tell(client, "SEND\r\ndestination:/topic/a\r\n\r\n^@");
    expectEnd(client, "UNKNOWN_COMMAND", 1002);
  },
  ["1.0", "1.1"],
);

point(
  "#2 a CONNECT may have CRLF: the version is not known before it",
  async (version) => {
    const connection = await stage.open(`CONNECT\r\n${accept(version).replace("\n", "\r\n")}\r\n^@`);
    expect(headerOf(connection.frames[0], "version")).toBe(version);
  },
  ["1.0", "1.1", "1.2"],
);

point("#3 a CR without LF is an error", async (version) => {
  for (const input of ["SEND\ndestination:/topic/a\rb\n\n^@", "SEND\na:b\r\r\n\n^@", "SEND\r\n\rx:y\n\n^@"]) {
    const client = await stage.join(version);
    await tell(client, input);
    expectEnd(client, "BAD_HEADER", 1002, input);
  }
});

point("#4 any number of EOLs before the first frame and between frames", async (version) => {
  const send = "SEND\ndestination:/topic/a\n\nx^@";
  const connection = await stage.open(`\n\n\r\n\nCONNECT\n${accept(version)}\n^@\n`);
  expect(connection.frames.map(({ command }) => command)).toEqual(["CONNECTED"]);
  const client = await stage.listen(version);
  await tell(client, `${send}\n\n\n${send}\n`, "\n", `\n${send}${send}`);
  expect(textsOn(client)).toEqual(["x", "x", "x", "x"]);
});

point("#5 NULs between frames harm nobody", async (version) => {
  const connection = await stage.open(`^@^@CONNECT\n${accept(version)}\n^@^@`);
  expect(connection.frames.map(({ command }) => command)).toEqual(["CONNECTED"]);
  const client = await stage.listen(version);
  await tell(client, "^@^@\n^@SEND\ndestination:/topic/a\n\nx^@^@^@SEND\ndestination:/topic/a\n\ny^@^@");
  expect([textsOn(client), client.connection.closedWith]).toEqual([["x", "y"], undefined]);
});

point("#6 commands are case sensitive", async (version) => {
  for (const command of ["send", "Send", "SENd"]) {
    const client = await stage.join(version);
    await tell(client, `${command}\ndestination:/topic/a\n\n^@`);
    expectEnd(client, "UNKNOWN_COMMAND", 1002, command);
  }
});

point("#6 header names are case sensitive", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\nDestination:/topic/b\nReceipt:r\n\n^@");
  expect([client.messagesOn("s").length, client.connection.of("RECEIPT").length]).toEqual([1, 1]);
  await tell(client, "SEND\nDestination:/topic/a\n\n^@");
  expectEnd(client, "MISSING_DESTINATION");
});

point("#7 headers are UTF-8", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\nимя:héllo €😀\n\n^@");
  expect(headerOf(client.messagesOn("s")[0], "имя")).toBe("héllo €😀");
  expect(client.connection.wire).toContain("\nимя:héllo €😀\n");
});

point("#7 octets that are not UTF-8 in a header end the connection", async (version) => {
  for (const wrong of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    const client = await stage.listen(version);
    await tell(client, octets("SEND\ndestination:/topic/a\nname:a", wrong, "\n\n^@"));
    expectEnd(client, "BAD_UTF8", 1007);
    expect(client.messagesOn("s")).toEqual([]);
  }
});

point("#8 the first colon splits, and the value may be empty", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\nempty:\ntime:10:30\n\n^@");
  const [message] = client.messagesOn("s");
  expect([headerOf(message, "empty"), headerOf(message, "time")]).toEqual(["", "10:30"]);
});

point("#8 a line without colon, or without name, ends the connection", async (version) => {
  for (const line of ["colour", ":blue", " \t"]) {
    const client = await stage.join(version);
    await tell(client, `SEND\ndestination:/topic/a\n${line}\nx:y\n\n^@`);
    expectEnd(client, "BAD_HEADER", 1002, line);
  }
});

point("#9 a colon inside a value needs no escape", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\nlink:http://host:80/:\n\n^@");
  expect(headerOf(client.messagesOn("s")[0], "link")).toBe("http://host:80/:");
});

point("#10 nothing is trimmed or padded", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\n padded name : padded value \t\n\n^@");
  expect(client.connection.wire).toContain("\n padded name : padded value \t\n");
  await tell(client, "SEND\ndestination: /topic/a\n\n^@");
  expect(client.messagesOn("s")).toHaveLength(1);
});

point(
  "#10 in 1.0 spaces around names and values are dropped",
  async (version) => {
    const client = await stage.listen(version);
    await tell(client, "SEND\ndestination: /topic/a \n colour : dark blue\n\n^@");
    expect(headerOf(client.messagesOn("s")[0], "colour")).toBe("dark blue");
  },
  ["1.0"],
);

point("#11 the first of repeated headers counts", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ndestination:/topic/b\ncolour:blue\ncolour:red\n\n^@");
  const [message] = client.messagesOn("s");
  expect([headerOf(message, "destination"), headerOf(message, "colour")]).toEqual(["/topic/a", "blue"]);
  expect(client.connection.wire).not.toContain("colour:red");
});

point("#11 repeated headers are bounded by count and by octets", async (version) => {
  const { maxHeaders, maxHeaderBytes } = stage.chat.broker.limits;
  for (const [line, count, code] of [
    ["a:1\n", maxHeaders + 1, "TOO_MANY_HEADERS"],
    [`a:${"x".repeat(1000)}\n`, Math.ceil(maxHeaderBytes / 1000), "HEADERS_TOO_LARGE"],
  ] as const) {
    const client = await stage.join(version);
    await tell(client, `SEND\n${line.repeat(count)}\n^@`);
    expectEnd(client, code, 1008);
  }
});

point("#12 what only the server says is not taken from a SEND", async (version) => {
  const client = await stage.listen(version, "/topic/a", "ack:client\n");
  await tell(client, "SEND\ndestination:/topic/a\nmessage-id:mine\nsubscription:theirs\nack:forged\n\n^@");
  const [message] = client.messagesOn("s");
  expect(headerOf(message, "message-id")).toMatch(/^[\w-]{22}$/);
  expect(headerOf(message, "ack")).toMatch(/^[\w-]{8}\.1$/);
  expect(client.connection.wire).not.toMatch(/mine|theirs|forged/);
});

point("#13 a body on a frame that may not have one ends the connection", async (version) => {
  const inputs = [
    "SUBSCRIBE\nid:1\ndestination:/topic/a\n\nbody^@",
    "UNSUBSCRIBE\nid:1\n\nbody^@",
    "ACK\nid:1\n\nbody^@",
    "NACK\nid:1\n\nbody^@",
    "BEGIN\ntransaction:t\n\nbody^@",
    "COMMIT\ntransaction:t\n\nbody^@",
    "ABORT\ntransaction:t\n\nbody^@",
    "DISCONNECT\n\nbody^@",
    "BEGIN\ntransaction:t\ncontent-length:4\n\nbody^@",
  ];
  for (const input of inputs) {
    const client = await stage.join(version);
    await tell(client, input);
    expectEnd(client, "UNEXPECTED_BODY", 1002, input);
  }
  expectEnd(await stage.open(`CONNECT\n${accept(version)}\nbody^@`), "UNEXPECTED_BODY", 1002);
});

point(
  "#13 in 1.0 the body of a SUBSCRIBE is ignored",
  async (version) => {
    const client = await stage.join(version);
    await tell(client, "SUBSCRIBE\nid:s\ndestination:/topic/a\n\nbody^@SEND\ndestination:/topic/a\n\nx^@");
    expect(textsOn(client)).toEqual(["x"]);
    await tell(client, "UNSUBSCRIBE\nid:s\n\nbody^@");
    expectEnd(client, "UNEXPECTED_BODY");
  },
  ["1.0"],
);

point("#14 with content-length exactly that many octets are read, then a NUL", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-length:5\n\na^@b^@c^@");
  expect(textsOn(client)).toEqual(["a\0b\0c"]);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-length:5\n\nabcd");
  expect(textsOn(client)).toHaveLength(1);
  await tell(client, "e^@");
  expect(textsOn(client)).toEqual(["a\0b\0c", "abcde"]);
});

point("#14 no NUL behind them ends the connection", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-length:2\n\nabc^@");
  expectEnd(client, "MISSING_NUL", 1002);
  expect(textsOn(client)).toEqual([]);
});

point("#15 without content-length the first NUL ends the body", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\n\none\n\ntwo^@SEND\ndestination:/topic/a\n\n^@");
  expect(textsOn(client)).toEqual(["one\n\ntwo", ""]);
});

point("#16 a content-length that is no length, or too great, ends the connection", async (version) => {
  for (const value of ["-1", "abc", "1e3", "0x10", "+5", "5 5", "", "5.0"]) {
    const client = await stage.listen(version);
    await tell(client, `SEND\ndestination:/topic/a\ncontent-length:${value}\n\nhello^@`);
    expectEnd(client, "BAD_CONTENT_LENGTH", 1002, value);
    expect(textsOn(client)).toEqual([]);
  }
  const client = await stage.join(version);
  const tooMuch = stage.chat.broker.limits.maxFrameBodyBytes + 1;
  await tell(client, `SEND\ndestination:/topic/a\ncontent-length:${tooMuch}\n\n`);
  expectEnd(client, "FRAME_TOO_LARGE", 1009);
});

point("#17 content-length counts octets", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-length:9\n\nhéllo€^@");
  expect(textsOn(client)).toEqual(["héllo€"]);
  expect(client.connection.wire).toMatch(/\ncontent-length:9\n(?:.+\n)*\nhéllo€\^@$/);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-length:6\n\nhéllo€^@");
  expectEnd(client, "MISSING_NUL");
});

point("#18 every MESSAGE and ERROR with a body says its length", async (version) => {
  const client = await stage.listen(version);
  await tell(
    client,
    "SEND\ndestination:/topic/a\n\nplain^@SEND\ndestination:/topic/a\ncontent-length:3\n\na^@b^@",
  );
  await tell(client, "SEND\n\n^@");
  const bodies = [...client.connection.of("MESSAGE"), ...client.connection.of("ERROR")];
  expect(bodies).toHaveLength(3);
  for (const frame of bodies) expect(headerOf(frame, "content-length")).toBe(String(frame.body.length));
  expect(client.connection.wire).toMatch(/\ncontent-length:3\n\na\^@b\^@/);
});

point("#19 content-type passes untouched, and is on what the server composes", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ncontent-type:image/x-own;q=1\n\nx^@");
  await tell(client, "SEND\ndestination:/topic/a\n\nx^@", "SEND\n\n^@");
  const types = client.messagesOn("s").map((frame) => headerOf(frame, "content-type"));
  expect(types).toEqual(["image/x-own;q=1", undefined]);
  expect(headerOf(client.error(), "content-type")).toBe("application/json");
  expect(JSON.parse(bodyOf(client.error()!))).toMatchObject({ code: "MISSING_DESTINATION" });
});

point("#20 the octets may be cut anywhere", async (version) => {
  const stream = octets(
    `CONNECT\n${accept(version)}login:`,
    (await stage.chat.agent()).id,
    "\n\n^@\nSUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:1\n\n^@",
    "SEND\ndestination:/topic/a\nимя:€\n\nhéllo^@\n\n^@",
    "SEND\ndestination:/topic/a\ncontent-length:5\n\na^@€",
    "^@SEND\ndestination:/topic/b\nreceipt:2\n\n^@UNSUBSCRIBE\nid:s\nreceipt:3\n\n^@DISCONNECT\nreceipt:4\n\n^@",
  );
  const answersTo = async (pieces: readonly Uint8Array[]): Promise<unknown[]> => {
    const connection = await stage.open();
    for (const piece of pieces) connection.send(piece.slice());
    await settled();
    expect(connection.closedWith?.code).toBe(1000);
    return connection.frames.map(({ command, headers, body }) => [
      command,
      headers.get("receipt-id"),
      headers.get("имя"),
      String(body),
    ]);
  };
  const expected = await answersTo([stream]);
  expect(expected).toHaveLength(7);
  expect(await answersTo([...stream].map((octet) => Uint8Array.of(octet)))).toEqual(expected);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), async (places) => {
      const bounds = [0, ...places.sort((one, other) => one - other), stream.length];
      const pieces = bounds.slice(1).map((to, index) => stream.subarray(bounds[index], to));
      expect(await answersTo(pieces)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});
