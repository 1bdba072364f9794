/** 2J: how a session ends, and what ERROR says. */
import { expect } from "vitest";
import { bodyOf, MemoryConnection } from "../helpers/memory-connection.ts";
import { settled } from "../helpers/test-chat.ts";
import { point } from "./point.ts";
import { accept, expectEnd, headerOf, tell, useStage } from "./stage.ts";

const stage = useStage();

point("#82 DISCONNECT is answered with its RECEIPT, then the connection closes", async (version) => {
  const client = await stage.join(version);
  await tell(client, "DISCONNECT\nreceipt:bye\n\n^@");
  expect(
    client.connection.frames.slice(1).map((frame) => [frame.command, headerOf(frame, "receipt-id")]),
  ).toEqual([["RECEIPT", "bye"]]);
  expect(client.connection.closedWith?.code).toBe(1000);
});

point("#82 without a receipt it closes quietly", async (version) => {
  const client = await stage.join(version);
  await tell(client, "DISCONNECT\n\n^@");
  expect([client.connection.frames.length, client.connection.closedWith?.code]).toEqual([1, 1000]);
});

point("#83 frames behind a DISCONNECT are ignored", async (version) => {
  const reader = await stage.listen(version);
  const client = await stage.join(version);
  await tell(
    client,
    "DISCONNECT\nreceipt:bye\n\n^@SEND\ndestination:/topic/a\nreceipt:r\n\nx^@NOTHING\n\n^@",
  );
  await tell(client, "SEND\ndestination:/topic/a\n\nx^@");
  expect(client.connection.frames.map(({ command }) => command)).toEqual(["CONNECTED", "RECEIPT"]);
  expect(reader.messagesOn("s")).toEqual([]);
});

point("#84 behind every ERROR the connection closes, and nothing takes effect any more", async (version) => {
  const reader = await stage.listen(version);
  for (const wrong of [
    "SEND\n\nx^@",
    "SEND\ndestination:/nowhere\n\nx^@",
    "SUBSCRIBE\nid:1\n\n^@",
    "SUBSCRIBE\nid:1\ndestination:/nowhere\n\n^@",
    "UNSUBSCRIBE\nid:none\ndestination:/none\n\n^@",
    "ACK\nid:none\nmessage-id:none\nsubscription:none\n\n^@",
    "COMMIT\ntransaction:none\n\n^@",
    "MESSAGE\n\n^@",
    "SEND\nno colon\n\n^@",
  ]) {
    const client = await stage.join(version);
    await tell(client, `${wrong}SEND\ndestination:/topic/a\nreceipt:r\n\nx^@`);
    expectEnd(client, headerOf(client.error(), "code") ?? "an ERROR", undefined, wrong);
    expect(client.connection.of("RECEIPT")).toEqual([]);
  }
  expect(reader.messagesOn("s")).toEqual([]);
});

point(
  "#85 ERROR says what is wrong in short, in detail, and nothing of the server's inside",
  async (version) => {
    const client = await stage.join(version);
    await tell(client, "SEND\ndestination:/chat/message\nreceipt:r\n\n{^@");
    const error = client.error();
    expect(headerOf(error, "message")).toMatch(/^BAD_JSON .{10,80}$/);
    expect(headerOf(error, "receipt-id")).toBe("r");
    expect(headerOf(error, "content-type")).toBe("application/json");
    expect(headerOf(error, "content-length")).toBe(String(error?.body.length));
    expect(JSON.parse(bodyOf(error!))).toMatchObject({ code: "BAD_JSON", message: expect.any(String) });
  },
);

point(
  "#85 what goes wrong inside is told as INTERNAL with an id for the log, and nothing else",
  async (version) => {
    const broken = (): never => {
      throw new TypeError("secret at /srv/chat.ts:1");
    };
    stage.begin({ access: { refusalOf: broken } });
    const client = await stage.join(version);
    await tell(client, "SEND\ndestination:/topic/a\nreceipt:r\n\nx^@");
    expectEnd(client, "INTERNAL");
    expect(client.connection.wire).not.toMatch(/secret|TypeError|\.ts/);
    const { requestId } = JSON.parse(bodyOf(client.error()!)) as { requestId: string };
    expect(stage.chat.errors.splice(0)).toMatchObject([{ requestId }]);
  },
);

point("#86 1,000 connects and disconnects leave nothing behind", async (version) => {
  const { broker } = stage.chat;
  const before = broker.sessions.size;
  const subscribe = "SUBSCRIBE\nid:1\ndestination:/user/queue/errors\n\n^@";
  const ends = ["DISCONNECT\nreceipt:r\n\n^@", "NOTHING\n\n^@", ""];
  const connections = Array.from({ length: 1000 }, (_, count) => {
    const connection = new MemoryConnection(broker);
    connection.send(`CONNECT\n${accept(version)}\n^@${subscribe}${ends[count % ends.length] ?? ""}`);
    return connection;
  });
  await settled();
  for (const connection of connections) if (connection.closedWith === undefined) connection.vanish();
  await settled();
  expect(connections.every((connection) => connection.of("CONNECTED").length === 1)).toBe(true);
  expect([broker.sessions.size, broker.topics.size, broker.queues.size]).toEqual([before, 0, 0]);
});

point("#87 an unknown command ends the connection", async (version) => {
  for (const command of ["NOTHING", "SUB", "CONNECTED", "RECEIPT", "ERROR", "MESSAGE", "GET / HTTP/1.1"]) {
    const client = await stage.join(version);
    await tell(client, `${command}\nreceipt:r\n\n^@`);
    expectEnd(client, "UNKNOWN_COMMAND", 1002, command);
    expect(headerOf(client.error(), "receipt-id")).toBe("r");
  }
});

point(
  "#88 a frame of the greatest size is read, one that is greater ends the connection",
  async (version) => {
    const { maxHeaders, maxHeaderLineBytes, maxHeaderBytes, maxFrameBodyBytes } = stage.chat.broker.limits;
    const send = "SEND\ndestination:/topic/a\n";
    const bounds: readonly [name: string, least: string, most: string, code: string, close: number][] = [
      [
        "header lines",
        `${send}${lines(maxHeaders - 1)}\n^@`,
        `${send}${lines(maxHeaders)}\n^@`,
        "TOO_MANY_HEADERS",
        1008,
      ],
      [
        "one line",
        `${send}a:${"x".repeat(maxHeaderLineBytes - 2)}\n\n^@`,
        `${send}a:${"x".repeat(maxHeaderLineBytes - 1)}\n\n^@`,
        "HEADER_TOO_LONG",
        1008,
      ],
      [
        "all lines",
        `${send}${filled(maxHeaderBytes - send.length)}\n^@`,
        `${send}${filled(maxHeaderBytes - send.length + 1)}\n^@`,
        "HEADERS_TOO_LARGE",
        1008,
      ],
      [
        "the body",
        `${send}\n${"x".repeat(maxFrameBodyBytes)}^@`,
        `${send}\n${"x".repeat(maxFrameBodyBytes + 1)}^@`,
        "FRAME_TOO_LARGE",
        1009,
      ],
    ];
    for (const [name, least, most, code, close] of bounds) {
      const client = await stage.listen(version);
      await tell(client, least);
      expect(client.messagesOn("s"), name).toHaveLength(1);
      await tell(client, most);
      expectEnd(client, code, close, name);
    }
  },
);

point("#88 a command line has an end, and what comes before login is small", async (version) => {
  const { maxHeaderBytes } = stage.chat.broker.limits;
  expectEnd(await stage.open("X".repeat(33)), "UNKNOWN_COMMAND", 1002);
  const first = `CONNECT\n${accept(version)}`;
  const long = await stage.open(first, lines(5, "x".repeat(2000)));
  expectEnd(long, "HEADERS_TOO_LARGE", 1008);
  const counted = await stage.open(`SEND\ncontent-length:${maxHeaderBytes + 1}\n\n`);
  expectEnd(counted, "FRAME_TOO_LARGE", 1009);
  const head = "SEND\na:b\n\n";
  const whole = await stage.open(`${head}${"x".repeat(maxHeaderBytes - head.length)}^@`);
  expectEnd(whole, "NOT_CONNECTED", 1008);
  const together = await stage.open(`${head}${"x".repeat(maxHeaderBytes - head.length + 1)}`);
  expectEnd(together, "FRAME_TOO_LARGE", 1009);
});

/** So many header lines. */
function lines(count: number, value = ""): string {
  return Array.from({ length: count }, (_, index) => `a${index}:${value}\n`).join("");
}

/** Header lines of so many octets together. */
function filled(count: number): string {
  const whole = Array.from({ length: Math.floor(count / 1000) - 1 }, () => `a:${"x".repeat(997)}\n`);
  return `${whole.join("")}b:${"x".repeat(count - 1000 * whole.length - 3)}\n`;
}
