/** What a visitor's client tells and is told beside the chat, against the real server: the page, and whether somebody is there. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultProxy } from "../../helpers/fault-proxy.ts";
import { connectClient } from "../../helpers/people.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import type { ChatClient } from "../../../src/web/client/index.ts";

const SHOP = "https://shop.example.com";

let server: RunningServer;
/** The way of the visitor alone. */
let proxy: FaultProxy;
const clients: ChatClient[] = [];

beforeEach(async () => {
  server = await RunningServer.start();
  await server.addAgent("anna");
  proxy = new FaultProxy(() => server.port);
  await proxy.listen();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  proxy.close();
  await server.remove();
});

async function visitor(): Promise<ChatClient> {
  const client = await connectClient(proxy.url);
  clients.push(client);
  return client;
}

async function agent(): Promise<ChatClient> {
  const credentials = { login: "anna", passcode: AGENT_PASSCODE };
  const client = await connectClient(server.url, { credentials, desk: true });
  clients.push(client);
  return client;
}

describe("the visited page", () => {
  it("is seen by agents, the last one wins, and it is told again after a reconnect", async () => {
    const [customer, anna] = [await visitor(), await agent()];
    const page = (): string | undefined => [...anna.desk.online.values()][0]?.page?.url;
    for (const name of ["tea", "coffee", "moka"])
      customer.setPage({ url: `${SHOP}/${name}`, title: name, referrer: `${SHOP}/` });
    await until("the last page", () => page() === `${SHOP}/moka`);
    const [row] = [...anna.desk.online.values()];
    expect(row?.page).toEqual({ url: `${SHOP}/moka`, title: "moka", referrer: `${SHOP}/` });
    proxy.refuse(true);
    proxy.reset();
    await until("it is gone", () => anna.desk.online.size === 0);
    customer.setPage({ url: `${SHOP}/away` });
    proxy.refuse(false);
    customer.reconnectNow();
    await until("the page of then", () => page() === `${SHOP}/away`);
  });

  it("never makes a visitor trouble, whatever it is", async () => {
    const customer = await visitor();
    const refusals: string[] = [];
    customer.on("refusal", ({ code }) => refusals.push(code));
    const urls = [
      "",
      "about:blank",
      "javascript:alert(1)",
      `${SHOP}/${"x".repeat(9000)}`,
      "https://a:b@c.example",
    ];
    for (const url of urls) customer.setPage({ url, title: "\u0000\ud83d", referrer: url });
    for (let count = 0; count < 100; count += 1) customer.setPage({ url: `${SHOP}/${count}` });
    customer.send({ userTo: "support", text: "still here" });
    await until("stored", () => customer.outgoing.length === 0);
    expect([customer.state.status, refusals]).toEqual(["online", []]);
  });
});

describe("whether somebody is there", () => {
  it("is told at once and when it changes, to customers and not to agents", async () => {
    const customer = await visitor();
    const told: boolean[] = [];
    customer.on("availability", (available) => told.push(available));
    expect(customer.available).toBe(false);
    const anna = await agent();
    await until("somebody is there", () => customer.available === true);
    expect(anna.available).toBeUndefined();
    await anna.stop();
    // A console that is reloaded is no absence: it takes 10 s.
    await until("nobody is", () => customer.available === false, 25_000);
    expect(told).toEqual([true, false]);
  });

  it("is as it is now after a reconnect", async () => {
    const customer = await visitor();
    proxy.refuse(true);
    proxy.reset();
    await until("noticed", () => customer.state.status === "reconnecting");
    await agent();
    proxy.refuse(false);
    customer.reconnectNow();
    await until("somebody is there", () => customer.available === true);
  });
});

describe("a visitor who is blocked", () => {
  it("stays out, and is the same one after the unblocking", async () => {
    const [customer, anna] = [await visitor(), await agent()];
    const id = customer.user?.id ?? "";
    customer.send({ userTo: "support", text: "buy my tea" });
    await until("the desk sees it", () => anna.desk.waiting.size === 1);
    const conversation = [...anna.desk.waiting.keys()][0] ?? "";
    await anna.block(id, { reason: "advertisement" });
    await until("the visitor is refused", () => customer.state.status === "refused");
    expect(customer.state).toMatchObject({ code: "SENDER_BLOCKED" });
    await until("the desk is told", () => anna.desk.blocks.get(id) === true);
    expect((await anna.loadNotes(conversation)).map(({ note }) => note)).toEqual(["advertisement"]);
    customer.start();
    await until("the visitor is refused again", () => customer.state.status === "refused");
    await anna.unblock(id);
    customer.start();
    await until("the visitor is back", () => customer.state.status === "online");
    expect(customer.user?.id).toBe(id);
  });
});
