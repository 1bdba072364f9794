/** Durable queues on a store that can be told to wait or to refuse, in one process after the other. */
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { createQueueStore } from "../../src/chat/queue-store.ts";
import { refuse } from "../../src/chat/errors.ts";
import { settled, TestChat } from "./test-chat.ts";
import { expect } from "vitest";
import type { DurableOperation } from "../../src/broker/application-destination.ts";
import type { QueueChange, QueueStore } from "../../src/broker/general/queue-store.ts";
import type { Limits } from "../../src/broker/limits.ts";
import type { RefusalCode } from "../../src/chat/errors.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { TestClient } from "./test-chat.ts";

export const QUEUE = "/queue/work";

/** A store that can be told to wait or to refuse. */
class TestStore implements QueueStore {
  readonly chat: ChatStore = createMemoryStore();
  readonly #inner = createQueueStore(this.chat);
  readonly written: QueueChange[] = [];
  refusesWith: RefusalCode | undefined;
  waitsFor: Promise<void> | undefined;

  read(after: number): ReturnType<QueueStore["read"]> {
    return this.#inner.read(after);
  }

  operationOf(changes: readonly QueueChange[]): DurableOperation {
    return this.#inner.operationOf(changes);
  }

  async write(changes: readonly QueueChange[]): Promise<void> {
    await this.waitsFor;
    if (this.refusesWith !== undefined) throw refuse(this.refusesWith);
    await this.#inner.write(changes);
    this.written.push(...changes);
  }
}

/** A sender and workers; `start` comes first. */
export class DurableQueues {
  readonly store = new TestStore();
  chat!: TestChat;
  sender!: TestClient;

  /** Another process on the same store: the one before is gone without a word. */
  async start(limits: Partial<Limits> = {}): Promise<void> {
    const before = this.chat as TestChat | undefined;
    before?.close();
    this.chat = new TestChat({ store: this.store.chat, queueStore: this.store, limits });
    this.chat.now = before?.now ?? this.chat.now;
    await this.chat.broker.queues.recover();
    this.sender = await this.join();
    await this.sender.subscribe("errors", "/user/queue/errors");
  }

  async join(version = "1.2"): Promise<TestClient> {
    return this.chat.connect(await this.chat.agent(), { queues: false, version });
  }

  async work(mode: string, more = "", destination = QUEUE): Promise<TestClient> {
    const client = await this.join();
    await client.subscribe("s", destination, `ack:${mode}\n${more}`);
    return client;
  }

  /** Texts that begin with v are volatile. */
  pipeline(...texts: readonly string[]): string[] {
    return texts.map((text) =>
      this.sender.pipeline(
        `SEND\ndestination:${QUEUE}\n${text.startsWith("v") ? "" : "persistent:true\n"}`,
        text,
      ),
    );
  }

  async send(...texts: readonly string[]): Promise<void> {
    const receipts = this.pipeline(...texts);
    await settled();
    for (const receipt of receipts) expect(this.sender.receiptOf(receipt)).toBeDefined();
  }

  async settle(client: TestClient, text: string, verb = "ACK", more = ""): Promise<Frame | undefined> {
    const frame = client.messagesOn("s").findLast((message) => textOf(message) === text);
    return client.request(`${verb}\nid:${header(frame, "ack")}\n${more}`, "");
  }

  async stored(): Promise<string[]> {
    return (await this.store.read(0)).map(({ body }) => Buffer.from(body).toString());
  }
}

export const textOf = ({ body }: Frame): string => new TextDecoder().decode(body);
export const texts = (client: TestClient): string[] => client.messagesOn("s").map(textOf);
export const header = (frame: Frame | undefined, name: string): string => frame?.headers.get(name) ?? "";
