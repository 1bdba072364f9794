/** A whole chat without ports: broker, chat service and memory store, with accounts made by name. */
import { randomBytes } from "node:crypto";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { Broker } from "../../src/broker/broker.ts";
import { Disconnect } from "../../src/broker/errors.ts";
import { DEFAULT_LIMITS } from "../../src/broker/limits.ts";
import { Rates } from "../../src/broker/rates.ts";
import { accessPolicy } from "../../src/chat/access-binding.ts";
import { ChatService } from "../../src/chat/chat-service.ts";
import { MessageRates } from "../../src/chat/message-rates.ts";
import { bodyOf, MemoryConnection } from "./memory-connection.ts";
import type { AccessPolicy } from "../../src/broker/application-destination.ts";
import type { Authenticator } from "../../src/broker/authenticator.ts";
import type { Overflow } from "../../src/broker/general/topics.ts";
import type { QueueStore } from "../../src/broker/general/queue-store.ts";
import type { Limits } from "../../src/broker/limits.ts";
import type { Principal, Scope } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { MemoryOptions } from "./memory-connection.ts";

export const newId = (): string => randomBytes(16).toString("base64url");

/** One event-loop turn and what it leads to. */
export async function settled(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export class TestChat {
  readonly broker: Broker;
  readonly chat: ChatService;
  readonly store: ChatStore;
  readonly #principals = new Map<string, Principal>();
  now = Date.UTC(2026, 10, 24);
  monotonic = 0;
  /** Every CONNECT waits for it. */
  beforeAuthentication: Promise<void> | undefined;

  constructor({
    store = createMemoryStore(),
    limits = {},
    access = accessPolicy,
    topicOverflow,
    queueStore,
    hasRates = false,
  }: {
    store?: ChatStore;
    limits?: Partial<Limits>;
    access?: AccessPolicy;
    topicOverflow?: () => Overflow;
    queueStore?: QueueStore;
    hasRates?: boolean;
  } = {}) {
    this.store = store;
    const clock = { now: () => this.now, id: newId };
    const rates = hasRates ? new Rates(() => this.monotonic) : undefined;
    this.chat = new ChatService(store, clock, new MessageRates(rates));
    const authenticator: Authenticator = {
      authenticate: async ({ login }) => {
        await this.beforeAuthentication;
        const principal = login === undefined ? this.guest() : this.#principals.get(login);
        if (principal === undefined) throw Disconnect.of("AUTH_FAILED");
        return { principal };
      },
    };
    this.broker = new Broker({
      limits: { ...DEFAULT_LIMITS, ...limits },
      authenticator,
      access,
      destinations: this.chat.destinations,
      commit: this.chat.commit,
      ...(topicOverflow === undefined ? {} : { topicOverflow }),
      ...(queueStore === undefined ? {} : { queueStore }),
      ...(rates === undefined ? {} : { rates }),
      log: {
        info: () => undefined,
        warn: (fields) => this.warnings.push(fields),
        error: (fields) => this.errors.push(fields),
      },
      serverName: "customer-chat/test",
      now: () => this.monotonic,
      wallClock: () => this.now,
    });
    this.chat.attach(this.broker);
  }

  readonly errors: unknown[] = [];
  readonly warnings: unknown[] = [];

  guest(id = newId()): Principal {
    const principal: Principal = { id, kind: "guest" };
    this.#principals.set(principal.id, principal);
    return principal;
  }

  async agent(role: "agent" | "supervisor" | "admin" = "agent"): Promise<Principal> {
    const id = newId();
    const login = `agent-${id.slice(0, 6)}`;
    await this.store.execute("addAgent", { id, login, name: login, role, passcodeHash: "-", now: this.now });
    const principal: Principal = { id, kind: "agent", role, name: login };
    this.#principals.set(id, principal);
    return principal;
  }

  /** A developer's program. */
  service(...scopes: readonly Scope[]): Principal {
    const principal: Principal = { id: newId(), kind: "service", scopes };
    this.#principals.set(principal.id, principal);
    return principal;
  }

  /** A connected client, subscribed to all its queues unless told otherwise. */
  async connect(
    principal: Principal,
    {
      version = "1.2",
      queues = true,
      headers = "",
      ...options
    }: MemoryOptions & { version?: string; queues?: boolean; headers?: string } = {},
  ): Promise<TestClient> {
    const client = new TestClient(new MemoryConnection(this.broker, options), principal);
    client.connection.send(`CONNECT\naccept-version:${version}\nlogin:${principal.id}\n${headers}\n^@`);
    await settled();
    if (queues) {
      await client.subscribe("errors", "/user/queue/errors");
      await client.subscribe("events", "/user/queue/events");
      await client.subscribe("messages", "/user/queue/messages");
    }
    return client;
  }

  close(): void {
    this.broker.close();
  }
}

export class TestClient {
  readonly connection: MemoryConnection;
  readonly principal: Principal;
  #receipts = 0;

  constructor(connection: MemoryConnection, principal: Principal) {
    this.connection = connection;
    this.principal = principal;
  }

  get id(): string {
    return this.principal.id;
  }

  async subscribe(id: string, destination: string, headers = ""): Promise<Frame | undefined> {
    return this.request(`SUBSCRIBE\nid:${id}\ndestination:${destination}\n${headers}`, "");
  }

  /** SENDs JSON (or text) and waits: the RECEIPT, or undefined. */
  async send(destination: string, body: unknown): Promise<Frame | undefined> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.request(`SEND\ndestination:${destination}\n`, text);
  }

  async say(userTo: string, message: string, more: object = {}): Promise<Frame | undefined> {
    return this.send("/chat/message", { userFrom: this.id, userTo, message, ...more });
  }

  /** A frame with a receipt, without waiting; returns the receipt id. */
  pipeline(head: string, body: string): string {
    this.#receipts += 1;
    const receipt = `r${this.#receipts}`;
    this.connection.send(`${head}receipt:${receipt}\n\n${body}^@`);
    return receipt;
  }

  async request(head: string, body: string): Promise<Frame | undefined> {
    const receipt = this.pipeline(head, body);
    await settled();
    return this.receiptOf(receipt);
  }

  receiptOf(receipt: string): Frame | undefined {
    return this.connection.of("RECEIPT").find((frame) => frame.headers.get("receipt-id") === receipt);
  }

  messagesOn(subscription: string): Frame[] {
    return this.connection
      .of("MESSAGE")
      .filter((frame) => frame.headers.get("subscription") === subscription);
  }

  bodiesOn(subscription: string): Record<string, unknown>[] {
    return this.messagesOn(subscription).map((frame) => JSON.parse(bodyOf(frame)) as Record<string, unknown>);
  }

  texts(subscription = "messages"): unknown[] {
    return this.bodiesOn(subscription).map((body) => body["message"]);
  }

  events(type?: string): { type: string; data: Record<string, unknown>; rev?: string }[] {
    const all = this.bodiesOn("events") as { type: string; data: Record<string, unknown> }[];
    return type === undefined ? all : all.filter((event) => event.type === type);
  }

  /** Codes of the refusals received. */
  refusals(): unknown[] {
    return this.bodiesOn("errors").map((body) => body["code"]);
  }

  /** The ERROR that ended the session. */
  error(): Frame | undefined {
    return this.connection.of("ERROR")[0];
  }
}
