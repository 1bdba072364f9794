/** A visitor and an agent who talk while others misbehave: whether they are served, and whether anything else changed. */
import { expect } from "vitest";
import { RawClient } from "../../helpers/raw-client.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import { StoredRows } from "../../helpers/stored-rows.ts";

/** Deadlines that a test can wait for. */
const SHORT = { CONNECT_TIMEOUT_MS: "400", FRAME_TIMEOUT_MS: "400", TRANSACTION_TIMEOUT_MS: "400" };

export class Canary {
  readonly server: RunningServer;
  readonly agentId: string;
  readonly #visitor: RawClient;
  /** The visitor's other tab: own copies need no proof, so that nothing is written behind the scenes. */
  readonly #tab: RawClient;
  readonly #agent: RawClient;
  readonly #rows: StoredRows;
  #songs = 0;

  private constructor(
    server: RunningServer,
    agentId: string,
    [visitor, tab, agent]: readonly [RawClient, RawClient, RawClient],
  ) {
    this.server = server;
    this.agentId = agentId;
    this.#visitor = visitor;
    this.#tab = tab;
    this.#agent = agent;
    this.#rows = new StoredRows(server.dataDir);
  }

  /** A server with short deadlines, and the canary on it. */
  static async start(environment: Record<string, string> = {}): Promise<Canary> {
    const server = await RunningServer.start({
      ...SHORT,
      STOMP_TCP_PORT: "0",
      ...environment,
    });
    const agentId = await server.addAgent("canary");
    const agent = await RawClient.connect(server.webSocketUrl, { login: "canary", passcode: AGENT_PASSCODE });
    await agent.subscribe("topic", "/chat/topic/support");
    const visitor = await RawClient.connect(server.webSocketUrl);
    const tab = await RawClient.connect(server.webSocketUrl, {
      passcode: visitor.connected.get("token") ?? "",
    });
    await tab.subscribe("messages", "/user/queue/messages");
    const canary = new Canary(server, agentId, [visitor, tab, agent]);
    await canary.sing();
    return canary;
  }

  get id(): string {
    return this.#visitor.id;
  }

  get epoch(): string {
    return this.server.server.store.epoch;
  }

  /** How many rows each table has. */
  get rows(): Readonly<Record<string, unknown>> {
    return this.#rows.counts;
  }

  /** The visitor writes; the other tab and the agent are shown it, in order. */
  async sing(): Promise<void> {
    this.#songs += 1;
    const text = `song ${this.#songs}`;
    const receipt = await this.#visitor.say("support", text);
    expect(receipt?.headers.get("seq")).toBe(String(this.#songs));
    await until("the other tab has it", () => this.#tab.texts().length === this.#songs);
    expect(this.#tab.texts().at(-1)).toBe(text);
    await until("the agent sees it", () =>
      JSON.stringify(this.#agent.bodies("topic").at(-1)).includes(`"preview":"${text}"`),
    );
  }

  /** Those who misbehaved are gone, the canary is served, and no prototype was changed. */
  async isWell(): Promise<void> {
    const { sessions } = this.server.server.broker;
    await until("only the canary's sessions are left", () => sessions.size === 3);
    await this.sing();
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  }

  async stop(): Promise<void> {
    this.#rows.close();
    await this.server.remove();
  }
}
