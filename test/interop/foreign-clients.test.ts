/** Clients that others wrote meet the whole broker: receipts, every ack mode, transactions, large bodies, heart-beats. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FOREIGN_CLIENTS, INSTALLED_CLIENTS, MISSING_CLIENTS } from "../helpers/foreign-clients.ts";
import { textOf } from "../helpers/foreign-clients/foreign-client.ts";
import { connectStompit } from "../helpers/foreign-clients/stompit-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { Delivery, ForeignClient } from "../helpers/foreign-clients/foreign-client.ts";

const CLIENTS = [...FOREIGN_CLIENTS, ...INSTALLED_CLIENTS];
const MIB = 1 << 20;

let server: RunningServer;
const ANNA = { login: "anna", passcode: AGENT_PASSCODE };

beforeAll(async () => {
  server = await RunningServer.start({
    STOMP_TCP_PORT: "0",
    HEARTBEAT_MS: "200",
    RATE_LIMITS: "off",
    MAX_FRAME_BODY_BYTES: String(2 * MIB),
    MAX_OUTBOX_BYTES: String(8 * MIB),
  });
  await server.addAgent("anna");
});
afterAll(async () => {
  await server.remove();
});

async function queued(): Promise<string | undefined> {
  const metrics = await (await server.fetch("/metrics")).text();
  return /^chat_queued_octets ([0-9]+)$/m.exec(metrics)?.[1];
}

describe.each(CLIENTS)("$name", ({ name, connect, binary }) => {
  const queue = `/queue/${name.replaceAll(/[^A-Za-z0-9]/g, "-")}`;
  const topic = queue.replace("queue", "topic");

  const join = (): Promise<ForeignClient> => connect(server, ANNA);

  it("is told that a passcode is wrong", async () => {
    await expect(connect(server, { ...ANNA, passcode: "not her passcode" })).rejects.toThrow(/AUTH_FAILED/);
  });

  it("gets what it sends to a topic, with a RECEIPT", async () => {
    const client = await join();
    const heard: Delivery[] = [];
    client.subscribe(topic, "auto", (delivery) => heard.push(delivery));
    for (const text of ["one", "zwölf: ü\\n", "third"]) await client.send(topic, text);
    await until("all three", () => heard.length === 3);
    expect(heard.map(textOf)).toEqual(["one", "zwölf: ü\\n", "third"]);
    await client.disconnect();
  });

  it("settles one by one, hands back, and settles all before", async () => {
    const client = await join();
    const [heard, next]: [Delivery[], Delivery[]] = [[], []];
    client.subscribe(queue, "client-individual", (delivery) => heard.push(delivery));
    for (const text of ["1", "2", "3"]) await client.send(queue, text);
    await until("three deliveries", () => heard.length === 3);
    heard[1]?.ack();
    heard[0]?.nack();
    await until("the first again", () => heard.length === 4);
    expect(heard.map(textOf)).toEqual(["1", "2", "3", "1"]);
    expect(heard[3]?.headers).toMatchObject({ redelivered: "true" });
    await client.send(topic, "what went before has taken effect");
    await client.disconnect();

    const other = await join();
    other.subscribe(queue, "client", (delivery) => next.push(delivery));
    await until("what was left", () => next.length === 2);
    expect(next.map(textOf)).toEqual(["1", "3"]);
    next[1]?.ack();
    await other.send(topic, "what went before has taken effect");
    await other.disconnect();
    await expect.poll(queued).toBe("0");
  });

  it("commits all of a transaction or aborts it", async () => {
    const client = await join();
    const heard: string[] = [];
    client.subscribe(topic, "auto", (delivery) => heard.push(textOf(delivery)));
    client.transact(topic, ["never", "never either"], "abort");
    client.transact(topic, ["1", "2"], "commit");
    await client.send(topic, "3");
    await until("three messages", () => heard.length === 3);
    expect(heard).toEqual(["1", "2", "3"]);
    await client.disconnect();
  });

  it("carries a text of 1 MiB", async () => {
    const client = await join();
    const heard: Delivery[] = [];
    client.subscribe(topic, "client", (delivery) => heard.push(delivery));
    const text = largeText();
    await client.send(topic, text);
    await until("the text", () => heard.length === 1);
    expect(heard.map(textOf)).toEqual([text]);
    heard[0]?.ack();
    await client.disconnect();
  });

  if (binary === "none") return;

  it("carries 1 MiB of octets", async () => {
    const client = await join();
    const sender = binary === "both ways" ? client : await connectStompit(server, ANNA);
    const heard: Delivery[] = [];
    client.subscribe(topic, "auto", (delivery) => heard.push(delivery));
    await client.send(topic, "it listens");
    const octets = Uint8Array.from({ length: MIB }, (_, index) => (index * 7 + (index >> 8)) % 256);
    await sender.send(topic, octets);
    await until("the octets", () => heard.length === 2);
    expect(Buffer.compare(heard[1]?.octets ?? Buffer.alloc(0), octets)).toBe(0);
    await client.disconnect();
    if (sender !== client) await sender.disconnect();
  });
});

it("all of them stay while nothing is said, for several of their heart-beats", async () => {
  const clients: ForeignClient[] = [];
  for (const { connect } of CLIENTS) clients.push(await connect(server, ANNA));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(clients.map((client) => client.isConnected())).toEqual(clients.map(() => true));
  for (const client of clients) await client.disconnect();
});

// The title is the reason: it is what the last lines of a run show.
it.for(MISSING_CLIENTS)("%s", (_missing, { skip }) => {
  skip();
});

/** 1 MiB in UTF-8. Beyond the first characters no surrogate pairs: stompjs 2.3 cuts its frames into pieces, through them too. */
function largeText(): string {
  const begin = "😀 \\n \\ : größer\r\n";
  const line = "zwölf Boxkämpfer, \u2028 € \\c\n";
  const rest = MIB - Buffer.byteLength(begin);
  return begin + line.repeat(rest / Buffer.byteLength(line)) + "x".repeat(rest % Buffer.byteLength(line));
}
