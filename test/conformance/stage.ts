/** What the tests of points share: a chat without ports, peers of any version, and how an end is recognised. */
import { afterEach, beforeEach, expect } from "vitest";
import { bodyOf, MemoryConnection } from "../helpers/memory-connection.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { createQueueStore } from "../../src/chat/queue-store.ts";
import { settled, TestChat } from "../helpers/test-chat.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { TestClient } from "../helpers/test-chat.ts";

type ChatOptions = ConstructorParameters<typeof TestChat>[0];
type PeerOptions = Parameters<TestChat["connect"]>[1];

export class Stage {
  chat = new TestChat();

  /** Another chat, with bounds or rules of its own. */
  begin(options: ChatOptions = {}): void {
    this.chat.close();
    this.chat = new TestChat(options);
  }

  /** An agent, who may use every destination; subscribed to none. */
  async join(version: Version, options: PeerOptions = {}): Promise<TestClient> {
    return this.chat.connect(await this.chat.agent(), { queues: false, ...options, version });
  }

  /** The same, subscribed as `s`. */
  async listen(
    version: Version,
    destination = "/topic/a",
    headers = "",
    options: PeerOptions = {},
  ): Promise<TestClient> {
    const client = await this.join(version, options);
    await client.subscribe("s", destination, headers);
    return client;
  }

  /** A connection that has sent this and nothing else. */
  async open(...inputs: readonly (string | Uint8Array)[]): Promise<MemoryConnection> {
    const connection = new MemoryConnection(this.chat.broker);
    for (const input of inputs) connection.send(input);
    await settled();
    return connection;
  }

  /** Lets time pass and looks at all deadlines. */
  pass(ms: number): void {
    this.chat.monotonic += ms;
    this.chat.broker.sweep();
  }
}

/** What outlives a process: give it to the stage's next chat too. */
export function durable(store: ChatStore = createMemoryStore()): NonNullable<ChatOptions> {
  return { store, queueStore: createQueueStore(store) };
}

/** A stage for each test of a file. */
export function useStage(): Stage {
  const stage = new Stage();
  beforeEach(() => {
    stage.begin();
  });
  afterEach(() => {
    stage.chat.close();
    expect(stage.chat.errors).toEqual([]);
  });
  return stage;
}

/** Sends octets as they are and waits for what they lead to. */
export async function tell(client: TestClient, ...inputs: readonly (string | Uint8Array)[]): Promise<void> {
  for (const input of inputs) client.connection.send(input);
  await settled();
}

/** The session ended with ERROR of this code, and the connection with this close code. */
export function expectEnd(
  peer: TestClient | MemoryConnection,
  code: string,
  close?: number,
  about?: string,
): void {
  const connection = peer instanceof MemoryConnection ? peer : peer.connection;
  expect(
    connection.of("ERROR").map(({ headers }) => headers.get("code")),
    about,
  ).toEqual([code]);
  expect(connection.frames.at(-1)?.command, about).toBe("ERROR");
  expect(connection.closedWith?.code, about).toEqual(close ?? expect.any(Number));
}

/** The version of CONNECT; 1.0 by saying none. */
export function accept(version: Version): string {
  return version === "1.0" ? "" : `accept-version:${version}\n`;
}

export const headerOf = (frame: Frame | undefined, name: string): string | undefined =>
  frame?.headers.get(name);

export const textsOn = (client: TestClient, subscription = "s"): string[] =>
  client.messagesOn(subscription).map(bodyOf);

/** The headers by which this version names a delivery of subscription `s`. */
export function nameOf(version: Version, message: Frame | undefined): string {
  if (version === "1.2") return `id:${headerOf(message, "ack") ?? ""}\n`;
  const name = `message-id:${headerOf(message, "message-id") ?? ""}\n`;
  return version === "1.1" ? `${name}subscription:s\n` : name;
}

/** Octets of texts (`^@` for NUL) and of numbers. */
export function octets(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "string" ? Buffer.from(part.replaceAll("^@", "\0")) : Buffer.from(part),
    ),
  );
}
