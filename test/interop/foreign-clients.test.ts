/** Clients that others wrote meet the whole broker: receipts, every ack mode, transactions, heart-beats. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FOREIGN_CLIENTS } from "../helpers/foreign-clients.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { Delivery, ForeignClient } from "../helpers/foreign-clients.ts";

let server: RunningServer;
const ANNA = { login: "anna", passcode: AGENT_PASSCODE };

beforeAll(async () => {
  server = await RunningServer.start({ STOMP_TCP_PORT: "0", HEARTBEAT_MS: "200", RATE_LIMITS: "off" });
  await server.addAgent("anna");
});
afterAll(async () => {
  await server.remove();
});

async function queued(): Promise<string | undefined> {
  const metrics = await (await server.fetch("/metrics")).text();
  return /^chat_queued_octets ([0-9]+)$/m.exec(metrics)?.[1];
}

describe.each(FOREIGN_CLIENTS)("%s", (name, connect) => {
  const queue = `/queue/${name.replaceAll(/[^a-z0-9]/g, "-")}`;
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
    expect(heard.map(({ body }) => body)).toEqual(["one", "zwölf: ü\\n", "third"]);
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
    expect(heard[3]).toMatchObject({ body: "1", headers: { redelivered: "true" } });
    await client.send(topic, "what went before has taken effect");
    await client.disconnect();

    const other = await join();
    other.subscribe(queue, "client", (delivery) => next.push(delivery));
    await until("what was left", () => next.length === 2);
    expect(next.map(({ body }) => body)).toEqual(["1", "3"]);
    next[1]?.ack();
    await other.send(topic, "what went before has taken effect");
    await other.disconnect();
    await expect.poll(queued).toBe("0");
  });

  it("commits all of a transaction or aborts it", async () => {
    const client = await join();
    const heard: string[] = [];
    client.subscribe(topic, "auto", ({ body }) => heard.push(body));
    client.transact(topic, ["never", "never either"], "abort");
    client.transact(topic, ["1", "2"], "commit");
    await client.send(topic, "3");
    await until("three messages", () => heard.length === 3);
    expect(heard).toEqual(["1", "2", "3"]);
    await client.disconnect();
  });
});

it("all of them stay while nothing is said, for several of their heart-beats", async () => {
  const clients = await Promise.all(FOREIGN_CLIENTS.map(([, connect]) => connect(server, ANNA)));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(clients.map((client) => client.isConnected())).toEqual(clients.map(() => true));
  for (const client of clients) await client.disconnect();
});
