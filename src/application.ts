/** What the embedding program says by itself: ChatMessages of its service account, and general messages. */
import { addService } from "./adapters/auth/accounts.ts";
import { Refusal } from "./broker/errors.ts";
import { refuse } from "./chat/errors.ts";
import { HINT, kick, KICK_CODES } from "./kick.ts";
import { principalOf } from "./chat/operations/post.ts";
import { isRecord } from "./options.ts";
import { FrameError } from "./stomp/errors.ts";
import { FrameParser } from "./stomp/parser.ts";
import { serializeOctets } from "./stomp/serializer.ts";
import type { Broker } from "./broker/broker.ts";
import type { Principal } from "./broker/principal.ts";
import type { ChatService } from "./chat/chat-service.ts";
import type { ChatStore } from "./chat/store.ts";
import type { UserRow } from "./chat/tables.ts";
import type { Kicked, KickReason } from "./kick.ts";
import type { Frame } from "./stomp/frame.ts";
import type { HeaderList } from "./stomp/headers.ts";
import type { FrameLimits } from "./stomp/parser.ts";

/** A ChatMessage to a customer. */
export type OutgoingMessage = {
  /** The id of a guest or customer. */
  readonly userTo: string;
  readonly message: string;
  /** The id of the agent or service that says it; default: the program's own service account. */
  readonly userFrom?: string;
  /** 1 to 64 of `A-Z a-z 0-9 _ -`: makes a repetition harmless, which gets the first one's receipt. */
  readonly clientId?: string;
};

/** What the RECEIPT of a ChatMessage says. */
export type MessageReceipt = {
  readonly messageId: string;
  readonly conversation: string;
  readonly seq: number;
  /** Of the sender's own copy in the sender's mailbox. */
  readonly position: string;
};

export type ApplicationParts = {
  readonly store: ChatStore;
  readonly chat: ChatService;
  readonly broker: Broker;
  /** Login of the service account, and the name that customers see. */
  readonly serviceName: string;
  /** Of the frames that could say the same. */
  readonly frameLimits: FrameLimits;
};

/** Who publishes: the program itself is no account, and has of the rules what these scopes have. */
const PROGRAM: Principal = { id: "program", kind: "service", scopes: ["topics", "queues"] };

export class Application {
  readonly #parts: ApplicationParts;
  #account: Promise<UserRow> | undefined;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
  }

  async send(outgoing: OutgoingMessage): Promise<MessageReceipt> {
    requireMessage(outgoing);
    const principal = await this.#speaker(outgoing.userFrom);
    // With what it has too much, so that it is refused: a mistyped clientId would make no repetition harmless.
    const body = JSON.stringify({ ...outgoing, userFrom: principal.id });
    const receipt = new Map(await this.#parts.chat.post(principal, body));
    return {
      messageId: receipt.get("message-id") ?? "",
      conversation: receipt.get("conversation") ?? "",
      seq: Number(receipt.get("seq")),
      position: receipt.get("position") ?? "",
    };
  }

  async release(conversation: string): Promise<void> {
    requireText("conversation", conversation);
    const principal = await this.#speaker(undefined);
    await this.#parts.store.execute("release", { principal, conversation, now: Date.now() });
  }

  async disconnect(whom: Kicked, reason: KickReason): Promise<number> {
    requireKick(whom, reason);
    const { broker, store } = this.#parts;
    if (broker.isDraining) throw refuse("RETRY_LATER");
    const { sessions, audited } = kick({ broker, store, actor: "program" }, whom, reason);
    await audited;
    return sessions.length;
  }

  async publish(
    destination: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (typeof destination !== "string" || destination.trim() === "") {
      throw new TypeError("a destination is a string that is not empty");
    }
    if (typeof body !== "string" && !(body instanceof Uint8Array)) {
      throw new TypeError("a body is a string or octets");
    }
    if (typeof headers !== "object" || (headers as unknown) === null || Symbol.iterator in headers) {
      throw new TypeError("headers are an object of strings");
    }
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value !== "string") throw new TypeError(`the header ${name} is no string`);
    }
    const list: HeaderList = [["destination", destination], ...Object.entries(headers)];
    await this.#parts.broker.publish(PROGRAM, readSend(list, body, this.#parts.frameLimits));
  }

  /** Only who serves customers speaks through the program: it never speaks as a customer. */
  async #speaker(id: string | undefined): Promise<Principal> {
    const { store } = this.#parts;
    const user = id === undefined ? await this.#ownAccount() : await store.execute("userById", { id });
    const speaks = user?.kind === "agent" || user?.kind === "service";
    if (!speaks || user.disabled === true) throw refuse("FORBIDDEN_SENDER", { field: "userFrom" });
    return principalOf(user);
  }

  /** Looked up once; made with the first message. A failure is tried again with the next. */
  #ownAccount(): Promise<UserRow> {
    this.#account ??= this.#openAccount().catch((error: unknown) => {
      this.#account = undefined;
      throw error;
    });
    return this.#account;
  }

  async #openAccount(): Promise<UserRow> {
    const { store, serviceName } = this.#parts;
    const known = await store.execute("userByLogin", { login: serviceName });
    if (known === undefined) {
      const service = { name: serviceName, scopes: ["chat"], actor: "program" } as const;
      return (await addService(store, service)).user;
    }
    if (known.kind === "service") return known;
    throw new Refusal("CONFLICT", `the login ${serviceName} is an agent's`, { field: "serviceName" });
  }
}

/** What TypeScript would not have let through is told as a SEND with such a body. */
function requireMessage(outgoing: unknown): void {
  if (outgoing === undefined) throw refuse("EMPTY_BODY");
  if (typeof outgoing !== "object" || outgoing === null || Array.isArray(outgoing)) {
    throw refuse("BAD_TYPE", { field: "$", hint: "a message is an object" });
  }
  requireTexts(outgoing);
}

/** JSON has no word for some values, and leaves others out. */
function requireTexts(fields: object): void {
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) requireText(field, value);
}

function requireText(field: string, value: unknown): void {
  if (typeof value !== "string") throw refuse("BAD_TYPE", { field, hint: "a string is expected" });
}

/** What TypeScript would not have let through would end other sessions than were meant, or say what is no reason. */
function requireKick(whom: unknown, reason: unknown): void {
  const [meant, ...more] = Object.entries(recordOf("whom", whom));
  const [name, value] = meant ?? ["", undefined];
  if (more.length > 0 || !["session", "user", "token"].includes(name)) {
    throw new TypeError("say a session, a user or a token, one of them");
  }
  if (typeof value !== "string" || value === "") throw new TypeError(`${name} is a string that is not empty`);
  const { code, hint, ...unknown } = recordOf("reason", reason);
  if (code !== undefined && !KICK_CODES.some((one) => one === code)) {
    throw new TypeError(`code is one of ${KICK_CODES.join(", ")}`);
  }
  if (hint !== undefined && !(typeof hint === "string" && HINT.test(hint))) {
    throw new TypeError("hint is 1 to 200 characters in one line");
  }
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw new TypeError(`a reason has no ${other}`);
}

function recordOf(name: string, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new TypeError(`${name} is an object`);
  return value;
}

/**
 * The SEND as the broker would read it from a client, so that no bound and no rule can differ. What a SEND could not
 * carry is a defect of the program: a RangeError.
 */
function readSend(headers: HeaderList, body: string | Uint8Array, limits: FrameLimits): Frame {
  const parser = new FrameParser(limits);
  parser.version = "1.2";
  try {
    parser.push(writeSend(headers, body));
    const frame = parser.next();
    if (frame === undefined) throw new Error("a SEND that was written is not whole");
    return frame;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new RangeError(`${error.code}: ${error.message}`, { cause: error });
  }
}

/** Throws FrameError for what cannot be written, as the parser does for what cannot be read. */
function writeSend(headers: HeaderList, body: string | Uint8Array): Uint8Array {
  const texts = [...headers.flat(), ...(typeof body === "string" ? [body] : [])];
  if (!texts.every((text) => text.isWellFormed()))
    throw new FrameError("BAD_UTF8", "half of a surrogate pair");
  try {
    return serializeOctets("SEND", headers, typeof body === "string" ? Buffer.from(body) : body, "1.2");
  } catch (error) {
    throw error instanceof RangeError ? new FrameError("BAD_HEADER", error.message) : error;
  }
}
