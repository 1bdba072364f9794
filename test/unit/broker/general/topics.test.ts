/** `/topic/**`: fan-out, patterns, headers that pass, bodies of any octets, subscribers who do not keep up. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settled, TestChat } from "../../../helpers/test-chat.ts";
import type { TestClient } from "../../../helpers/test-chat.ts";

let chat: TestChat;
let sender: TestClient;

beforeEach(async () => {
  chat = new TestChat();
  sender = await join();
});
afterEach(() => {
  chat.close();
  expect(chat.errors).toEqual([]);
});

async function join(options: Parameters<TestChat["connect"]>[1] = {}): Promise<TestClient> {
  return chat.connect(await chat.agent(), { queues: false, ...options });
}

async function publish(destination: string, body = "hello", headers = ""): Promise<void> {
  await sender.request(`SEND\ndestination:${destination}\n${headers}`, body);
}

it("everybody who subscribed gets a copy for each subscription, the sender too, in the order of the SENDs", async () => {
  const other = await join();
  await other.subscribe("one", "/topic/prices");
  await other.subscribe("two", "/topic/prices");
  await sender.subscribe("mine", "/topic/prices");
  for (const text of ["1", "2", "3"]) await publish("/topic/prices", text);
  const bodies = (client: TestClient, id: string): string[] =>
    client.messagesOn(id).map(({ body }) => new TextDecoder().decode(body));
  expect([bodies(other, "one"), bodies(other, "two"), bodies(sender, "mine")]).toEqual(
    Array.from({ length: 3 }, () => ["1", "2", "3"]),
  );
  const ids = other.messagesOn("one").map(({ headers }) => headers.get("message-id"));
  expect(new Set(ids).size).toBe(3);
});

it("a pattern's subscriber is shown the destination of the SEND", async () => {
  await sender.subscribe("one", "/topic/prices/*");
  await sender.subscribe("rest", "/topic/**");
  await publish("/topic/prices/tea");
  await publish("/topic/prices/tea/green");
  const shown = (id: string): unknown[] =>
    sender.messagesOn(id).map(({ headers }) => headers.get("destination"));
  expect(shown("one")).toEqual(["/topic/prices/tea"]);
  expect(shown("rest")).toEqual(["/topic/prices/tea", "/topic/prices/tea/green"]);
});

it.each([
  ["SUBSCRIBE\nid:1\ndestination:/topic/a*\n\n^@", "BAD_DESTINATION"],
  ["SUBSCRIBE\nid:1\ndestination:/topic/**/a\n\n^@", "BAD_DESTINATION"],
  ["SUBSCRIBE\nid:1\ndestination:/topic/a\nprefetch:0\n\n^@", "UNSUPPORTED_HEADER"],
  ["SEND\ndestination:/topic/*\n\n^@", "BAD_DESTINATION"],
])("%j is refused %s", async (frame, code) => {
  await sender.subscribe("errors", "/user/queue/errors");
  sender.connection.send(frame);
  await settled();
  expect(sender.refusals()).toEqual([code]);
});

it("a guest may neither send nor subscribe, whatever the spelling", async () => {
  const guest = await chat.connect(chat.guest());
  for (const destination of ["/topic/a", "/topic/*", "/topic/**", "/topic/a*", "/queue/a"]) {
    await guest.subscribe(destination, destination);
    await guest.request(`SEND\ndestination:${destination}\n`, "x");
  }
  expect(new Set(guest.refusals())).toEqual(new Set(["FORBIDDEN_DESTINATION"]));
  expect(guest.refusals()).toHaveLength(10);
});

it("the sender's headers pass, but for those that are the server's or speak of the SEND", async () => {
  await sender.subscribe("s", "/topic/a");
  await publish(
    "/topic/a",
    "x",
    "colour:blue\\cgreen\ncontent-type:text/plain\nmessage-id:mine\nsubscription:theirs\nack:me\nredelivered:true\npasscode:secret\nAuthorization:Bearer x\n",
  );
  const [message] = sender.messagesOn("s");
  const headers = Object.fromEntries(message?.headers.entries() ?? []);
  expect(headers).toMatchObject({ colour: "blue:green", "content-type": "text/plain", subscription: "s" });
  expect(headers["message-id"]).not.toBe("mine");
  for (const name of ["ack", "redelivered", "passcode", "Authorization", "receipt"]) {
    expect(headers).not.toHaveProperty(name);
  }
});

it("a header that a version cannot write is shown to its clients with spaces, or left out", async () => {
  const old = await join({ version: "1.0" });
  old.connection.send("SUBSCRIBE\ndestination:/topic/a\n\n^@");
  const middle = await join({ version: "1.1" });
  await middle.subscribe("s", "/topic/a");
  await publish("/topic/a", "x", "lines:one\\r\\ntwo\na\\cb:colon\n");
  const shown = (client: TestClient): unknown => {
    const { headers } = client.connection.of("MESSAGE")[0] ?? {};
    return [headers?.get("lines"), headers?.get("a:b")];
  };
  expect(shown(middle)).toEqual(["one \ntwo", "colon"]);
  expect(shown(old)).toEqual(["one  two", undefined]);
});

describe("octets that are no text", () => {
  const octets = Uint8Array.of(0, 255, 1, 0);

  async function publishOctets(headers = ""): Promise<void> {
    const head = new TextEncoder().encode(`SEND\ndestination:/topic/a\n${headers}content-length:4\n\n`);
    sender.connection.send(Uint8Array.of(...head, ...octets, 0));
    await settled();
  }

  it("arrive as they were sent, NULs included", async () => {
    await sender.subscribe("s", "/topic/a");
    await publishOctets();
    const [message] = sender.messagesOn("s");
    expect(Uint8Array.from(message?.body ?? [])).toEqual(octets);
    expect(message?.headers.has("content-encoding")).toBe(false);
  });

  it("arrive in base64 where the transport carries text alone", async () => {
    const sockjs = await join({ carriesBinary: false });
    await sockjs.subscribe("s", "/topic/a");
    await publishOctets();
    const [message] = sockjs.messagesOn("s");
    expect(message?.headers.get("content-encoding")).toBe("base64");
    expect(new TextDecoder().decode(message?.body)).toBe(Buffer.from(octets).toString("base64"));
  });

  it.each([
    ["gzip", "gzip,base64"],
    ["gzip, br", "gzip, br,base64"],
    ["", "base64"],
  ])("keep the encoding that the sender named, which comes off last: %j", async (theirs, told) => {
    const [binary, sockjs] = [await join(), await join({ carriesBinary: false })];
    for (const client of [binary, sockjs]) await client.subscribe("s", "/topic/a");
    await publishOctets(`content-encoding:${theirs}\n`);
    const named = [binary, sockjs].map((client) =>
      [...(client.messagesOn("s")[0]?.headers.entries() ?? [])].filter(
        ([name]) => name === "content-encoding",
      ),
    );
    expect(named).toEqual([[["content-encoding", theirs]], [["content-encoding", told]]]);
  });
});

describe("a subscriber in client mode", () => {
  it("gets as many as its window, more with each ACK; a NACK settles too", async () => {
    await sender.subscribe("s", "/topic/a", "ack:client-individual\nprefetch:2\n");
    for (const text of ["1", "2", "3", "4"]) await publish("/topic/a", text);
    const acks = (): string[] => sender.messagesOn("s").map(({ headers }) => headers.get("ack") ?? "");
    expect(acks()).toHaveLength(2);
    await sender.request(`ACK\nid:${acks()[0]}\n`, "");
    expect(acks()).toHaveLength(3);
    await sender.request(`NACK\nid:${acks()[1]}\n`, "");
    expect(acks()).toHaveLength(4);
    await sender.request(`NACK\nid:${acks()[1]}\n`, "");
    expect(sender.error()?.headers.get("code")).toBe("UNKNOWN_ACK");
  });
});

describe("a subscriber who does not keep up", () => {
  const long = "x".repeat(60_000);

  async function flood(client: TestClient): Promise<string[]> {
    client.connection.isStalled = true;
    for (let count = 1; count <= 40; count += 1) await publish("/topic/a", `${count} ${long}`);
    for (let round = 0; round < 60; round += 1) {
      client.connection.release();
      await settled(2);
    }
    return client.messagesOn("s").map(({ body }) => new TextDecoder().decode(body).split(" ")[0] ?? "");
  }

  it("is closed as SLOW_CONSUMER where nothing else was chosen, and holds no more than its bound", async () => {
    const slow = await join();
    await slow.subscribe("s", "/topic/a");
    await flood(slow);
    expect(slow.error()?.headers.get("code")).toBe("SLOW_CONSUMER");
    expect(slow.connection.closedWith?.code).toBe(1013);
    expect(chat.broker.topics.size).toBe(0);
  });

  it.each([
    ["drop-oldest", 5, 30],
    ["keep-last", 2, 5],
  ] as const)("with %s goes on with the newest", async (overflow, least, most) => {
    chat.close();
    chat = new TestChat({ topicOverflow: () => overflow });
    sender = await join();
    const slow = await join();
    await slow.subscribe("s", "/topic/a");
    const received = await flood(slow);
    expect(received.at(-1)).toBe("40");
    expect(received.length).toBeGreaterThanOrEqual(least);
    expect(received.length).toBeLessThanOrEqual(most);
    expect(received.map(Number)).toEqual(received.map(Number).toSorted((one, other) => one - other));
    expect(slow.connection.closedWith).toBeUndefined();
  });
});

it("UNSUBSCRIBE and the end of a session leave nothing behind", async () => {
  const other = await join();
  await other.subscribe("a", "/topic/a");
  await other.subscribe("b", "/topic/*");
  await other.request("UNSUBSCRIBE\nid:a\n", "");
  await publish("/topic/a");
  expect(other.messagesOn("a")).toEqual([]);
  expect(other.messagesOn("b")).toHaveLength(1);
  other.connection.vanish();
  expect(chat.broker.topics.size).toBe(0);
});
