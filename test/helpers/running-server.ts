/** A whole server on a port of its own with a data directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { pino } from "pino";
import { addService } from "../../src/adapters/auth/accounts.ts";
import { randomId } from "../../src/adapters/auth/tokens.ts";
import { createRequestLog } from "../../src/adapters/observability/logger.ts";
import { loadConfig } from "../../src/config.ts";
import { openInstallation } from "../../src/installation.ts";
import { createServer } from "../../src/server.ts";
import type { Role, Scope } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { ChatServer } from "../../src/server.ts";

export const ADMIN = { login: "admin", passcode: "the admin's passcode" };
export const AGENT_PASSCODE = "an agent's passcode";

/** One that is compared in a moment: tests make and sign in agents by the thousand, and a hash says what effort it is of. */
export function quickHash(passcode: string): Promise<string> {
  return hash(passcode, { memoryCost: 1024, timeCost: 1 });
}

export class RunningServer {
  readonly dataDir: string;
  readonly #environment: Record<string, string>;
  #server: (ChatServer & { readonly store: ChatStore }) | undefined;
  #url = "";
  #tcpUrl = "";

  private constructor(environment: Record<string, string>) {
    this.dataDir = mkdtempSync(join(tmpdir(), "customer-chat-"));
    this.#environment = {
      PORT: "0",
      DATA_DIR: this.dataDir,
      ADMIN_PASSCODE: ADMIN.passcode,
      // Tests are faster than people; those of rates turn them on.
      RATE_LIMITS: "off",
      ...environment,
    };
  }

  static async start(environment: Record<string, string> = {}): Promise<RunningServer> {
    const running = new RunningServer(environment);
    await running.start();
    return running;
  }

  get server(): ChatServer & { readonly store: ChatStore } {
    if (this.#server === undefined) throw new Error("the server is stopped");
    return this.#server;
  }

  /** http://127.0.0.1:PORT */
  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  get webSocketUrl(): string {
    return `${this.#url.replace("http", "ws")}/chat`;
  }

  /** Of STOMP over TCP. */
  get tcpPort(): number {
    return Number(/:(\d+)$/.exec(this.#tcpUrl)?.[1]);
  }

  /** Again, with these variables from now on. */
  async start(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    Object.assign(this.#environment, variables);
    const loaded = loadConfig(this.#environment);
    if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
    const log = pino({ level: "silent" });
    const installation = await openInstallation(loaded.config, log);
    const parts = { installation, log, requestLog: createRequestLog(log) };
    this.#server = { ...(await createServer(loaded.config, parts)), store: installation.store };
    const listening = await this.#server.listen();
    await this.#server.ensureFirstAdmin();
    this.#url = listening.url;
    this.#tcpUrl = listening.tcpUrl ?? "";
    // A restart comes back where clients look for it.
    this.#environment["PORT"] = new URL(this.#url).port;
  }

  /** Stops as SIGTERM does. */
  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async addAgent(login: string, role: Role = "agent"): Promise<string> {
    const passcodeHash = await quickHash(AGENT_PASSCODE);
    const agent = { id: randomId(), login, name: login, role, passcodeHash, now: Date.now() };
    return (await this.server.store.execute("addAgent", agent)).id;
  }

  async addService(name: string, scopes: readonly Scope[]): Promise<string> {
    return (await addService(this.server.store, { name, scopes })).token;
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.#url}${path}`, init);
  }

  async json(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      headers: response.headers,
    };
  }

  /** POSTs JSON. */
  async post(path: string, body: unknown, token?: string): ReturnType<RunningServer["json"]> {
    return this.json(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  }

  async get(path: string, token?: string): ReturnType<RunningServer["json"]> {
    return this.json(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  }
}

/** Waits until `condition` holds; throws what it was waiting for after `ms`. */
export async function until(what: string, condition: () => boolean, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
