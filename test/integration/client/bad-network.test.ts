/** What bad networks cannot take from the client library, against the real server. */
import SockJS from "sockjs-client";
import { describe, expect, it } from "vitest";
import { texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";
import type { ChatClient } from "../../../src/web/client/index.ts";

const at = useClients();

describe("a bad network", () => {
  /** A guest, and the browser's word that there is a reason to look after the connection. */
  async function watched(): Promise<{ customer: ChatClient; look: () => void }> {
    let look = (): void => undefined;
    const watch = (given: () => void): (() => void) => {
      look = given;
      return () => undefined;
    };
    const customer = await at().guest({ platform: { watch } });
    return { customer, look };
  }

  it("keeps what was written while it was away, in order and once", async () => {
    const { customer, anna, conversation } = await at().chat();
    at().proxy.refuse(true);
    at().proxy.reset();
    await until("both notice", () => [customer, anna].every(({ state }) => state.status === "reconnecting"));
    customer.send({ userTo: "support", text: "written offline", conversation });
    anna.send({ userTo: customer.user?.id ?? "", text: "so was this", conversation });
    expect(customer.outgoing.map(({ status }) => status)).toEqual(["sending"]);
    at().proxy.refuse(false);
    for (const client of [customer, anna]) client.reconnectNow();
    await until("both have both", () =>
      [customer, anna].every((client) => texts(client, conversation).length === 3),
    );
    expect(texts(customer, conversation)).toEqual(texts(anna, conversation));
  });

  it("loses, doubles and reorders nothing over cuts, resets, stalls and a restart of the server", async () => {
    const { customer, anna, conversation } = await at().chat();
    const COUNT = 100;
    const faults: readonly (() => Promise<void>)[] = [
      async () => {
        at().proxy.cut();
        await until("noticed", () => customer.state.status !== "online");
      },
      async () => {
        at().proxy.reset();
        await until("noticed", () => customer.state.status !== "online");
      },
      async () => {
        at().proxy.stall();
        await new Promise((resolve) => setTimeout(resolve, 300));
        at().proxy.resume();
      },
      async () => {
        await at().server.stop();
        await at().server.start();
      },
    ];
    for (let index = 0; index < COUNT; index += 1) {
      customer.send({ userTo: "support", text: `c${index}`, conversation });
      anna.send({ userTo: customer.user?.id ?? "", text: `a${index}`, conversation });
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (index % 20 === 10) await faults[Math.floor(index / 20) % faults.length]?.();
      for (const client of [customer, anna]) client.reconnectNow();
    }
    const isDone = (): boolean =>
      [customer, anna].every(
        (client) => client.outgoing.length === 0 && texts(client, conversation).length === 2 * COUNT + 1,
      );
    await until("everything is everywhere", isDone, 25_000);
    expect(texts(customer, conversation)).toEqual(texts(anna, conversation));
    for (const side of ["a", "c"]) {
      const theirs = texts(anna, conversation).filter((text) => text.startsWith(side) && text !== "hello");
      expect(theirs).toEqual(Array.from({ length: COUNT }, (_, index) => `${side}${index}`));
    }
  });

  it("that lost an answer doubles nothing, not even for a moment, when the history is faster than the mailbox", async () => {
    const history = Promise.withResolvers<undefined>();
    const bert = await at().agent("bert", { url: at().server.url });
    let isHeld = false;
    class HeldSocket extends WebSocket {
      override set onmessage(listener: ((event: MessageEvent) => void) | null) {
        super.onmessage = (event) => {
          const isMail = isHeld && String(event.data).includes("destination:/user/queue/messages");
          if (isMail) void history.promise.then(() => listener?.(event));
          else listener?.(event);
        };
      }
    }
    const openWebSocket = (address: string, protocols: readonly string[]): WebSocket =>
      new HeldSocket(address, [...protocols]);
    const { customer, conversation } = await at().chat({ platform: { openWebSocket } });
    const doubled: string[] = [];
    customer.on("transcript", () => {
      const stored = new Set(customer.transcript(conversation)?.messages.map(({ clientId }) => clientId));
      for (const { clientId, text } of customer.outgoing) if (stored.has(clientId)) doubled.push(text);
      if (texts(customer, conversation).includes("lost")) history.resolve(undefined);
    });
    at().proxy.stallAnswers();
    customer.send({ userTo: "support", text: "lost", conversation });
    await expect.poll(async () => (await bert.conversationDetail(conversation)).lastSeq).toBe(2);
    isHeld = true;
    at().proxy.reset();
    await history.promise;
    await until("it is settled", () => customer.outgoing.length === 0);
    expect(texts(customer, conversation)).toEqual(["hello", "lost"]);
    expect(doubled).toEqual([]);
  });

  it("without WebSocket is crossed with SockJS after two failures", async () => {
    at().proxy.blocksWebSockets = true;
    let loads = 0;
    const client = at().open({
      loadSockJs: () => {
        loads += 1;
        const create = (url: string): WebSocket =>
          new SockJS(url, null, { transports: ["xhr-streaming", "xhr-polling"] });
        return Promise.resolve(create);
      },
    });
    const states: string[] = [];
    client.on("state", ({ status }) => states.push(status));
    await until("online", () => client.state.status === "online", 20_000);
    expect(loads).toBe(1);
    expect(states.filter((status) => status === "reconnecting")).toHaveLength(2);
    client.send({ userTo: "support", text: "over SockJS" });
    await until("stored", () => texts(client).length === 1);
  });

  it("that died unseen is noticed within 3 s of the browser's word, and what was written then arrives", async () => {
    const { customer, look } = await watched();
    const openings: number[] = [];
    customer.on("state", ({ status }) => {
      if (status === "online") openings.push(performance.now());
    });
    at().proxy.freezeWebSockets();
    customer.send({ userTo: "support", text: "into the void" });
    const began = performance.now();
    look();
    look();
    await until("stored", () => texts(customer).length === 1, 12_000);
    expect(openings).toHaveLength(1);
    expect(openings[0]! - began).toBeLessThan(12_000);
    expect(texts(customer)).toEqual(["into the void"]);
  });

  it("that only seemed dead is left as it is", async () => {
    const { customer, look } = await watched();
    const [states, refusals]: [string[], string[]] = [[], []];
    customer.on("state", ({ status }) => states.push(status));
    customer.on("refusal", ({ code }) => refusals.push(code));
    for (let count = 0; count < 40; count += 1) {
      look();
      customer.send({ userTo: "support", text: `${count}` });
      await until("stored", () => texts(customer).length === count + 1);
    }
    expect([states, refusals]).toEqual([[], []]);
  });

  it("does not hold up a stop for more than a second", async () => {
    const customer = await at().guest();
    at().proxy.stall();
    const began = performance.now();
    await customer.stop();
    expect(performance.now() - began).toBeLessThan(4000);
    expect(customer.state.status).toBe("stopped");
  });

  it("does not confuse a stopped client, which goes on where it was", async () => {
    const { customer, anna, conversation } = await at().chat();
    await customer.stop();
    customer.send({ userTo: "support", text: "while stopped", conversation });
    anna.send({ userTo: customer.user?.id ?? "", text: "meanwhile", conversation });
    await until("stored", () => anna.outgoing.length === 0);
    customer.start();
    await until("both", () => texts(customer, conversation).length === 3);
    expect(texts(customer, conversation)).toEqual(["hello", "meanwhile", "while stopped"]);
  });
});
