/** A guest, an agent and a developer's service, each with a client nobody here wrote, across a restart. */
import { Client } from "@stomp/stompjs";
import SockJS from "sockjs-client";
import webstomp from "webstomp-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { IFrame, IMessage, StompConfig, StompHeaders } from "@stomp/stompjs";

type Body = {
  message?: string;
  type?: string;
  data?: { conversation?: { state: string; customer: { id: string } } };
};

/** What every client here can do, whoever wrote it. */
type Peer = {
  readonly id: () => string;
  readonly token: () => string | undefined;
  readonly received: Body[];
  readonly positions: string[];
  readonly support: Body[];
  say(userTo: string, message: string): Promise<StompHeaders>;
  close(): Promise<void>;
};

let server: RunningServer;
const peers: Peer[] = [];

beforeEach(async () => {
  server = await RunningServer.start();
});
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  await server.remove();
});

async function stompjs(config: StompConfig, since = ""): Promise<Peer> {
  const received: Body[] = [];
  const positions: string[] = [];
  const support: Body[] = [];
  let connected: IFrame | undefined;
  const client = new Client({ reconnectDelay: 0, ...config });
  client.onConnect = (frame) => {
    client.subscribe(
      "/user/queue/messages",
      ({ body, headers }: IMessage) => {
        received.push(JSON.parse(body) as Body);
        positions.push(headers["position"] ?? "");
      },
      since === "" ? {} : { since },
    );
    if (config.connectHeaders?.["login"] !== undefined) {
      client.subscribe("/chat/topic/support", ({ body }) => support.push(JSON.parse(body) as Body));
    }
    connected = frame;
  };
  client.activate();
  await until("stompjs is connected", () => connected !== undefined);
  let receipts = 0;
  const peer: Peer = {
    id: () => connected?.headers["user-name"] ?? "",
    token: () => connected?.headers["token"],
    received,
    positions,
    support,
    say: (userTo, message) =>
      new Promise((resolve) => {
        const receipt = `r${(receipts += 1)}`;
        client.watchForReceipt(receipt, (frame) => {
          resolve(frame.headers);
        });
        const body = JSON.stringify({ userFrom: peer.id(), userTo, message });
        client.publish({ destination: "/chat/message", body, headers: { receipt } });
      }),
    close: () => client.deactivate({ force: true }),
  };
  peers.push(peer);
  return peer;
}

async function webstompPeer(): Promise<Peer> {
  const client = webstomp.client(server.webSocketUrl, { debug: false });
  const received: Body[] = [];
  let headers: Record<string, string | undefined> | undefined;
  client.connect({}, (frame) => {
    headers = frame?.headers;
    client.subscribe("/user/queue/messages", ({ body }) => received.push(JSON.parse(body) as Body));
  });
  await until("webstomp is connected", () => headers !== undefined);
  const peer: Peer = {
    id: () => headers?.["user-name"] ?? "",
    token: () => headers?.["token"],
    received,
    positions: [],
    support: [],
    say: (userTo, message) => {
      client.send("/chat/message", JSON.stringify({ userFrom: peer.id(), userTo, message }));
      return Promise.resolve({});
    },
    close: () =>
      new Promise((resolve) => {
        client.disconnect(() => {
          resolve();
        });
      }),
  };
  peers.push(peer);
  return peer;
}

const overWebSocket = (connectHeaders: StompHeaders = {}): StompConfig => ({
  brokerURL: server.webSocketUrl,
  connectHeaders,
});
const overXhrStreaming = (connectHeaders: StompHeaders = {}): StompConfig => ({
  webSocketFactory: () => new SockJS(`${server.url}/chat`, null, { transports: ["xhr-streaming"] }),
  connectHeaders,
});
const agentHeaders = { login: "anna", passcode: AGENT_PASSCODE };

const texts = (peer: Peer): (string | undefined)[] => peer.received.map((body) => body.message);

describe.each([
  ["@stomp/stompjs over WebSocket", overWebSocket],
  ["@stomp/stompjs over SockJS's xhr-streaming", overXhrStreaming],
])("%s", (_name, config) => {
  it("guest and agent converse, the server restarts in between, and since shows exactly what was missed", async () => {
    await server.addAgent("anna");
    const agent = await stompjs(config(agentHeaders));
    await until("the agent has the snapshot", () => agent.support[0]?.type === "snapshot");
    const guest = await stompjs(config());
    const stranger = await stompjs(config());
    await until("the agent sees the guest connect", () =>
      agent.support.some((event) => event.type === "customer.connected"),
    );
    await guest.say("support", "one");
    await until("the agent sees the waiting chat", () =>
      agent.support.some(
        (event) =>
          event.type === "conversation.opened" && event.data?.conversation?.customer.id === guest.id(),
      ),
    );
    await agent.say(guest.id(), "two");
    await guest.say(agent.id(), "three");
    await until("both have read", () => agent.received.length === 2 && guest.received.length === 1);
    const [agentAt, guestAt, token] = [agent.positions.at(-1), guest.positions.at(-1), guest.token()];
    await guest.close();
    await agent.say(guest.id(), "four, while you were away");
    await Promise.all([agent.close(), stranger.close()]);
    peers.length = 0;

    await server.stop();
    await server.start();

    const guestAgain = await stompjs(config({ passcode: token ?? "" }), guestAt);
    expect(guestAgain.id()).toBe(guest.id());
    await until("the guest has what was missed", () => guestAgain.received.length > 0);
    await guestAgain.say("support", "five");
    const agentAgain = await stompjs(config(agentHeaders), agentAt);
    await until("the agent has what was missed", () => agentAgain.received.length >= 2);
    await agentAgain.say(guest.id(), "six");
    await until("the guest has the answer", () => guestAgain.received.length >= 3);
    expect(texts(guestAgain)).toEqual(["three", "four, while you were away", "six"]);
    expect(texts(agentAgain)).toEqual(["four, while you were away", "five"]);
    expect(stranger.received).toEqual([]);
  });
});

describe("webstomp-client", () => {
  it("is a guest whom an agent answers", async () => {
    await server.addAgent("anna");
    const agent = await stompjs(overWebSocket(agentHeaders));
    const guest = await webstompPeer();
    await guest.say("support", "hello");
    await until("the agent sees the waiting chat", () =>
      agent.support.some((event) => event.type === "conversation.updated"),
    );
    await agent.say(guest.id(), "good day");
    await until("the guest has the answer", () => texts(guest).includes("good day"));
  });
});

describe("a developer's service", () => {
  it("with scope chat and a token answers as an agent would", async () => {
    const token = await server.addService("bot", ["chat"]);
    const bot = await stompjs(overWebSocket({ Authorization: `Bearer ${token}` }));
    const guest = await stompjs(overXhrStreaming());
    await guest.say("support", "anybody?");
    await bot.say(guest.id(), "beep");
    await until("both have read", () => guest.received.length === 1 && bot.received.length === 1);
    expect(texts(guest)).toEqual(["beep"]);
    expect(texts(bot)).toEqual(["anybody?"]);
  });
});
