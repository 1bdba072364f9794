/** A conversation over each of sockjs-client's transports: both sides write, read and are receipted. */
import { Client } from "@stomp/stompjs";
import SockJS from "sockjs-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { IFrame, StompHeaders } from "@stomp/stompjs";

let server: RunningServer;

beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(async () => {
  await server.remove();
});

class Peer {
  readonly client: Client;
  readonly messages: string[] = [];
  readonly support: { type: string; data: { conversation?: { customer: { id: string } } } }[] = [];
  /** The transport that was really used. */
  transport = "";
  connected: IFrame | undefined;
  #receipts = 0;

  constructor(transport: string, connectHeaders: StompHeaders) {
    this.client = new Client({
      connectHeaders,
      reconnectDelay: 0,
      webSocketFactory: () => {
        const socket = new SockJS(`${server.url}/chat`, null, { transports: [transport] });
        socket.addEventListener("open", () => {
          this.transport = (socket as unknown as { transport: string }).transport;
        });
        return socket;
      },
    });
    this.client.onConnect = (frame) => {
      this.client.subscribe("/user/queue/messages", ({ body }) => {
        this.messages.push((JSON.parse(body) as { message: string }).message);
      });
      if (connectHeaders["login"] !== undefined) {
        this.client.subscribe("/chat/topic/support", ({ body }) => this.support.push(JSON.parse(body)));
      }
      this.connected = frame;
    };
    this.client.activate();
  }

  get id(): string {
    return this.connected?.headers["user-name"] ?? "";
  }

  say(userTo: string, message: string): Promise<StompHeaders> {
    return new Promise((resolve) => {
      const receipt = `r${(this.#receipts += 1)}`;
      this.client.watchForReceipt(receipt, ({ headers }) => {
        resolve(headers);
      });
      const body = JSON.stringify({ userFrom: this.id, userTo, message });
      this.client.publish({ destination: "/chat/message", body, headers: { receipt } });
    });
  }
}

it.each(["websocket", "xhr-streaming", "eventsource", "xhr-polling"])("over %s", async (transport) => {
  const login = `anna-${transport}`;
  await server.addAgent(login);
  const agent = new Peer(transport, { login, passcode: AGENT_PASSCODE });
  const guest = new Peer(transport, {});
  await until("both are connected", () => agent.connected !== undefined && guest.connected !== undefined);
  await until("the agent follows the desk", () => agent.support.length > 0);
  expect([agent.transport, guest.transport]).toEqual([transport, transport]);
  expect((await guest.say("support", "is anybody there?"))["seq"]).toBe("1");
  const waits = (): boolean =>
    agent.support.some(
      ({ type, data }) => type === "conversation.opened" && data.conversation?.customer.id === guest.id,
    );
  await until("the agent sees it", waits);
  expect((await agent.say(guest.id, "yes, é€😀"))["seq"]).toBe("2");
  await until("the guest is answered", () => guest.messages.includes("yes, é€😀"));
  expect((await guest.say(agent.id, "thank you"))["seq"]).toBe("3");
  await until("the agent is thanked", () => agent.messages.includes("thank you"));
  expect(agent.messages).toEqual(["is anybody there?", "thank you"]);
  await Promise.all([agent.client.deactivate(), guest.client.deactivate()]);
});
