/** A store with people in it, for tests of stores and of what stands on them. */
import { randomBytes } from "node:crypto";
import type { Principal } from "../../src/broker/principal.ts";
import type { Fact } from "../../src/chat/facts.ts";
import type { PostInput, PostResult } from "../../src/chat/operations/post.ts";
import type { ChatStore } from "../../src/chat/store.ts";

export type OpenStore = (retention?: { maxMessages: number; maxDays: number }) => Promise<ChatStore>;

export const newId = (): string => randomBytes(16).toString("base64url");

/** A store with people in it, and everything it told. */
export class Desk {
  readonly store: ChatStore;
  readonly facts: { fact: Fact; origin: string | undefined }[] = [];
  now = Date.UTC(2026, 10, 24);

  constructor(store: ChatStore) {
    this.store = store;
    store.onFact((fact, origin) => this.facts.push({ fact, origin }));
  }

  guest(): Principal {
    return { id: newId(), kind: "guest" };
  }

  async agent(role: "agent" | "supervisor" = "agent"): Promise<Principal> {
    const id = newId();
    await this.store.execute("addAgent", { id, login: id, role, passcodeHash: "-", now: this.now });
    return { id, kind: "agent", role };
  }

  post(sender: Principal, to: string, text: string, more: Partial<PostInput> = {}): Promise<PostResult> {
    const ids = { messageId: newId(), conversationId: newId() };
    return this.store.execute(
      "post",
      { sender, to, text, ...ids, now: this.now, ...more },
      `session of ${sender.id}`,
    );
  }

  claim(principal: Principal, conversation: string): Promise<{ conversation: string }> {
    return this.store.execute("claim", { principal, conversation, now: this.now });
  }

  async texts(user: Principal, after = 0, limit = 1000): Promise<string[]> {
    const items = await this.store.execute("mailboxPage", { user: user.id, after, limit });
    return items.map(({ body }) => body.message);
  }

  /** The state of a conversation as its customer reads it. */
  async standing(
    principal: Principal,
    id: string,
  ): Promise<{
    state: string;
    assignee: unknown;
    unread: number;
    readSeq: number;
    deliveredSeq: number;
    lastSeq: number;
  }> {
    const { conversation } = await this.store.execute("conversation", { principal, id });
    const { state, assignee, unread, readSeq, deliveredSeq, lastSeq } = conversation;
    return { state, assignee: assignee?.id, unread, readSeq, deliveredSeq, lastSeq };
  }

  types(): string[] {
    return this.facts.map(({ fact }) => (fact.type === "conversation.changed" ? fact.event : fact.type));
  }
}

/** The code of what it rejects with. */
export const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );
