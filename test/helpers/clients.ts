/** Clients of the library on a real server of their own, behind a network that can fail. */
import { afterEach, beforeEach } from "vitest";
import { createChatClient } from "../../src/web/client/index.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { AGENT_PASSCODE, RunningServer, until } from "./running-server.ts";
import type { ChatClient, ChatClientOptions, TokenStore } from "../../src/web/client/index.ts";

/** A store of tokens as a page has one. */
export function memoryTokens(): TokenStore & { token: string | undefined } {
  return {
    token: undefined,
    load() {
      return this.token;
    },
    save(token) {
      this.token = token;
    },
  };
}

export async function online(client: ChatClient): Promise<ChatClient> {
  await until("online", () => client.state.status === "online");
  return client;
}

/** The conversation of somebody who has one. */
export const only = (client: ChatClient): string => [...client.conversations.keys()][0] ?? "";

/** What stands in a transcript, in order. */
export const texts = (client: ChatClient, conversation = only(client)): string[] =>
  (client.transcript(conversation)?.messages ?? []).map(({ message }) => message);

export class Clients {
  readonly server: RunningServer;
  /** The way of every client whose options say no other. */
  readonly proxy: FaultProxy;
  readonly #open: ChatClient[] = [];

  private constructor(server: RunningServer) {
    this.server = server;
    this.proxy = new FaultProxy(() => server.port);
  }

  static async start(environment: Record<string, string>): Promise<Clients> {
    const server = await RunningServer.start(environment);
    for (const login of ["anna", "bert"]) await server.addAgent(login);
    const clients = new Clients(server);
    await clients.proxy.listen();
    return clients;
  }

  /** Ends every client, the network and the server. */
  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((client) => client.stop()));
    this.proxy.close();
    await this.server.remove();
  }

  /** A client that is not online yet. */
  open(options: Partial<ChatClientOptions> = {}): ChatClient {
    const client = createChatClient({ url: this.proxy.url, tokens: memoryTokens(), ...options });
    this.#open.push(client);
    client.start();
    return client;
  }

  async guest(options: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    return online(this.open(options));
  }

  agent(login = "anna", options: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    return this.guest({ credentials: { login, passcode: AGENT_PASSCODE }, desk: true, ...options });
  }

  /** A guest's chat that an agent has claimed. */
  async chat(
    ofGuest: Partial<ChatClientOptions> = {},
    ofAgent: Partial<ChatClientOptions> = {},
  ): Promise<{ customer: ChatClient; anna: ChatClient; conversation: string }> {
    const [customer, anna] = [await this.guest(ofGuest), await this.agent("anna", ofAgent)];
    customer.send({ userTo: "support", text: "hello" });
    await until("the desk sees it", () => anna.desk.waiting.size === 1);
    const conversation = [...anna.desk.waiting.keys()][0] ?? "";
    await anna.claim(conversation);
    await until("hello", () => texts(anna, conversation).length === 1);
    return { customer, anna, conversation };
  }
}

/** New ones for each test of a file. */
export function useClients(environment: Record<string, string> = {}): () => Clients {
  let clients: Clients | undefined;
  beforeEach(async () => {
    clients = await Clients.start(environment);
  });
  afterEach(() => clients?.close());
  return () => {
    if (clients === undefined) throw new Error("there is no server outside of tests");
    return clients;
  };
}
