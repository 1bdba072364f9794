/** An agent or service who is shut out is out at once, wherever they are connected, and gets nothing more. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import { TcpClient } from "../helpers/tcp-client.ts";

const SECOND = 1000;
const FEED_EVERY_MS = 5;

let server: RunningServer;

beforeAll(async () => {
  server = await RunningServer.start({ STOMP_TCP_PORT: "0" });
});
afterAll(() => server.remove());

const deed = (account: string): { account: string; actor: "operator"; now: number } => ({
  account,
  actor: "operator",
  now: Date.now(),
});

async function tokenOf(login: string): Promise<string> {
  const answer = await server.post("/api/sessions", { login, passcode: AGENT_PASSCODE });
  return String(answer.body["token"]);
}

/** An xhr-streaming session of SockJS that listens to a topic: all that it was sent. */
async function stream(token: string): Promise<{ received: string; isOver: boolean }> {
  const path = `/chat/000/revoked${token.slice(3, 12)}`;
  const answer = await server.fetch(`${path}/xhr_streaming`, { method: "POST" });
  const state = { received: "", isOver: false };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) state.received += decoder.decode(chunk);
    state.isOver = true;
  })();
  const frames = [
    `CONNECT\naccept-version:1.2\npasscode:${token}\n\n\0`,
    "SUBSCRIBE\nid:feed\ndestination:/topic/feed\n\n\0",
  ];
  await until("the stream is open", () => state.received.includes("o\n"));
  await server.fetch(`${path}/xhr_send`, { method: "POST", body: JSON.stringify(frames) });
  await until("the feed comes", () => state.received.includes("tick"));
  return state;
}

it.each(["disable", "signOut"] as const)(
  "%s ends every session of an agent within a second, with a feed in flight, and nothing follows REVOKED",
  async (operation) => {
    const login = `agent-${operation.toLowerCase()}`;
    await server.addAgent(login);
    const publisher = await RawClient.connect(server.webSocketUrl, {
      Authorization: `Bearer ${await server.addService(`feed-${operation}`, ["topics"])}`,
    });
    const feed = setInterval(() => {
      publisher.send("SEND\ndestination:/topic/feed\n\ntick^@");
    }, FEED_EVERY_MS);
    const token = await tokenOf(login);
    const webSocket = await RawClient.connect(server.webSocketUrl, { passcode: token });
    const tcp = await TcpClient.connect(
      server.tcpPort,
      `accept-version:1.2\nlogin:${login}\npasscode:${AGENT_PASSCODE}\n`,
    );
    await webSocket.subscribe("feed", "/topic/feed");
    await tcp.request("SUBSCRIBE\nid:feed\ndestination:/topic/feed\n");
    const xhr = await stream(token);
    await until("the feed comes", () => webSocket.on("feed").length > 0 && tcp.of("MESSAGE").length > 0);

    const began = performance.now();
    await server.server.store.execute(operation, deed(login));
    await until("all are out", () => webSocket.closed !== undefined && tcp.isClosed && xhr.isOver);
    expect(performance.now() - began).toBeLessThan(SECOND);
    clearInterval(feed);
    for (const frames of [webSocket.frames, tcp.frames]) {
      expect(frames.at(-1)?.command).toBe("ERROR");
      expect(frames.at(-1)?.headers.get("code")).toBe("REVOKED");
    }
    expect(webSocket.closed?.code).toBe(1008);
    expect(xhr.received.slice(xhr.received.lastIndexOf("tick"))).toMatch(
      /REVOKED[\s\S]*c\[1008,"REVOKED"\]\n$/,
    );

    expect((await server.get("/api/conversations", token)).status).toBe(401);
    const again = await RawClient.connect(server.webSocketUrl, { login, passcode: AGENT_PASSCODE });
    expect(again.frames[0]?.command).toBe(operation === "disable" ? "ERROR" : "CONNECTED");
    await publisher.close();
  },
);

it("a disabled service's token is nothing until it is enabled; old login sessions stay over for ever", async () => {
  const bot = await server.addService("bot", ["api"]);
  await server.addAgent("dora");
  const session = await tokenOf("dora");
  for (const account of ["bot", "dora"]) await server.server.store.execute("disable", deed(account));
  const answers = async (): Promise<number[]> =>
    Promise.all(
      [bot, session, await tokenOf("dora")].map(
        async (token) => (await server.get("/api/conversations", token)).status,
      ),
    );
  expect(await answers()).toEqual([401, 401, 401]);
  for (const account of ["bot", "dora"]) await server.server.store.execute("enable", deed(account));
  expect(await answers()).toEqual([200, 401, 200]);
});

it("a login whose passcode was compared before the account was disabled opens no session behind it", async () => {
  const id = await server.addAgent("carl");
  await server.server.store.execute("disable", deed("carl"));
  const late = { hash: "of a token", user: id, now: Date.now() };
  await expect(server.server.store.execute("startLoginSession", late)).rejects.toThrow();
});
