/** A server with people on it, for playing the states of the pages: colleagues and customers are clients in this process. */
import { SignJWT } from "jose";
import { WebSocket as WsWebSocket } from "ws";
import { addAgent } from "../../src/adapters/auth/accounts.ts";
import { createChatClient } from "../../src/web/client/index.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { AGENT_PASSCODE, RunningServer, until } from "./running-server.ts";
import type { Page } from "playwright-core";
import type { ConversationStanding } from "../../src/chat/wire.ts";
import type { ChatClient } from "../../src/web/client/index.ts";

const SITE_SECRET = "0123456789abcdef0123456789abcdef";
const AUDIENCE = "shop";

/** What a customer's browser calls itself. */
const USER_AGENT =
  "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36";
/** A WebSocket of a browser, as far as the server sees. */
const openWebSocket = (url: string, protocols: readonly string[]): WebSocket =>
  new WsWebSocket(url, [...protocols], { headers: { "user-agent": USER_AGENT } }) as unknown as WebSocket;

/** Agents: login and the name that customers see. */
export const AGENTS = { anna: "Anna Lindqvist", bert: "Bert Okafor" } as const;

export type Size = "desktop" | "tablet" | "phone";
/** Called in every state of a page. `panel`: what is new is in the widget's frame. `size`: the state is of this size only. */
export type Show = (
  state: string,
  page: Page,
  about?: { readonly isPanel?: boolean; readonly size?: Size },
) => Promise<void>;

export class Stage {
  readonly server: RunningServer;
  /** The browser's way to the server; the people of this process go straight. */
  readonly proxy: FaultProxy;
  readonly #clients: ChatClient[] = [];
  readonly #time: { age: number };

  private constructor(server: RunningServer, time: { age: number }) {
    this.server = server;
    this.#time = time;
    this.proxy = new FaultProxy(() => server.port);
  }

  static async start(environment: Record<string, string> = {}): Promise<Stage> {
    const systemNow = Date.now;
    const time = { age: 0 };
    // The server takes its clock when it is made.
    Date.now = () => systemNow() - time.age;
    const server = await RunningServer.start({
      RATE_LIMITS: "off",
      SITE_JWT_SECRET: SITE_SECRET,
      SITE_JWT_AUDIENCE: AUDIENCE,
      ...environment,
    });
    Date.now = systemNow;
    const stage = new Stage(server, time);
    await stage.proxy.listen();
    const { store, passcodes } = server.server;
    for (const [login, name] of Object.entries(AGENTS))
      await addAgent(store, passcodes, { login, role: "agent", passcode: AGENT_PASSCODE, name });
    return stage;
  }

  /** What is done in `work` happened that long ago, for the server's clock. */
  async ago(ms: number, work: () => Promise<void>): Promise<void> {
    this.#time.age = ms;
    try {
      await work();
    } finally {
      this.#time.age = 0;
    }
  }

  async agent(login: keyof typeof AGENTS): Promise<ChatClient> {
    return this.#open({ credentials: { login, passcode: AGENT_PASSCODE }, desk: true });
  }

  /** A visitor; with a name, one whom the site vouches for. */
  async customer(name?: string): Promise<ChatClient> {
    const client = await this.#open({ platform: { openWebSocket } });
    if (name === undefined) return client;
    await client.identify(await this.siteToken(name));
    await until("identified", () => client.state.status === "online" && client.user?.kind === "customer");
    return client;
  }

  /** What the host site signs for a customer, by the server's clock. */
  siteToken(name: string): Promise<string> {
    const seconds = Math.floor((Date.now() - this.#time.age) / 1000);
    return new SignJWT({ name })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(Buffer.from(name).toString("hex").slice(0, 40))
      .setAudience(AUDIENCE)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 3600)
      .sign(new TextEncoder().encode(SITE_SECRET));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.stop()));
    this.proxy.close();
    await this.server.remove();
  }

  async #open(options: Omit<Parameters<typeof createChatClient>[0], "url">): Promise<ChatClient> {
    const client = createChatClient({ url: this.server.url, ...options });
    this.#clients.push(client);
    client.start();
    await until("online", () => client.state.status === "online");
    return client;
  }
}

/** Writes and waits until it is stored. */
export async function say(client: ChatClient, userTo: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) client.send({ userTo, text });
  await until("it is stored", () => client.outgoing.length === 0);
}

/** The newest conversation a client knows of. */
export async function conversationOf(client: ChatClient): Promise<ConversationStanding> {
  await until("there is a conversation", () => client.conversations.size > 0);
  return [...client.conversations.values()].at(-1) as ConversationStanding;
}
