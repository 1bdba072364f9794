/** The package's public API: a chat server within a program of somebody else's. */
import { Application } from "./application.ts";
import { Refusal } from "./broker/errors.ts";
import { frameLimitsOf } from "./broker/limits.ts";
import { keepStore, openInstallation } from "./installation.ts";
import { EVENTS, followBroker, tellFact } from "./chat-events.ts";
import { Listeners } from "./listeners.ts";
import { addressOf, configOf, isRecord, OptionsError } from "./options.ts";
import { createServer } from "./server.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./adapters/http/attach.ts";
import type { MessageReceipt, OutgoingMessage } from "./application.ts";
import type { Overflow } from "./broker/general/topics.ts";
import type { Limits } from "./broker/limits.ts";
import type { ChatStore } from "./chat/store.ts";
import type {
  ConversationEventType,
  ConversationState,
  ConversationSummary,
  MessageBody,
  PublicPrincipal,
} from "./chat/wire.ts";
import type { ChatEvents, MarkFact, SessionFact } from "./chat-events.ts";
import type { Config } from "./config.ts";
import type {
  AccessRequest,
  Admission,
  AuthenticateHook,
  CanHook,
  HookCredentials,
  HostUser,
} from "./hook-types.ts";
import type { Kicked, KickReason } from "./kick.ts";
import type { ConfigOptions, ServerLog } from "./options.ts";
import type { ServerParts } from "./server.ts";

export { OptionsError, Refusal };
export type {
  AccessRequest,
  Admission,
  AuthenticateHook,
  CanHook,
  ChatEvents,
  ChatStore,
  ConfigOptions,
  ConversationEventType,
  ConversationState,
  ConversationSummary,
  HookCredentials,
  HostUser,
  HttpServer,
  Kicked,
  KickReason,
  Limits,
  MarkFact,
  MessageBody,
  MessageReceipt,
  OutgoingMessage,
  Overflow,
  PublicPrincipal,
  SessionFact,
};

/** Pino's way of logging, which other loggers and the console have too. */
export type ChatLog = ServerLog;

/** Everything is optional, and nothing is read from the environment. */
export type ChatServerOptions = ConfigOptions & {
  /**
   * Of `customer-chat/stores`, or one of your own; closed with the server. Without `dataDir` the tokens of guests and
   * customers end with the process. Default: SQLite in `dataDir`.
   */
  readonly store?: ChatStore;
  /** Default: silent. */
  readonly logger?: ChatLog;
  /** Decides who somebody is, before the built-in authentication. */
  readonly authenticate?: AuthenticateHook;
  /** Decides what somebody may do, behind the built-in rules. */
  readonly can?: CanHook;
  /** How long a hook may take, in ms; default 5000. */
  readonly hookTimeoutMs?: number;
  /** Login of the service account in whose name `send` speaks, and the name customers see; default `application`. */
  readonly serviceName?: string;
};

export type ChatServer = {
  /**
   * Pages (`/agent`, `/widget.js` and their files), `/api`, `/healthz`, `/readyz` and `/metrics` for an Express
   * application: `app.use(chat.router)`, at the root, before or after body parsers. What is none of these is passed on.
   */
  readonly router: (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void;
  /**
   * Takes requests and upgrades for `/chat` from an HTTP or HTTPS server; all others reach its own listeners, also
   * those added later. Throws an Error when a chat server is attached to it already, and after `close`.
   */
  attach(server: HttpServer): void;
  /**
   * Listens by itself, with the demo page at `/`. Default port 3000 (0: any free one) and host 127.0.0.1. Rejects with
   * OptionsError, with the error of a port that cannot be had (then it may be tried again), with an Error when it
   * listens already, and after `close`.
   */
  listen(address?: { readonly port?: number; readonly host?: string }): Promise<{
    /** `http://HOST:PORT`, with the real port. */
    readonly url: string;
    /** Of STOMP over TCP, with `stompTcpPort`. */
    readonly tcpUrl: string | undefined;
  }>;
  /**
   * Writes to a customer, as an agent would: it starts or continues their conversation, which is then the sender's; give
   * it to the desk with `release`. Resolves once it is stored; rejects with the Refusal an agent would get, and with
   * FORBIDDEN_SENDER for a `userFrom` that is no agent and no service.
   */
  send(message: OutgoingMessage): Promise<MessageReceipt>;
  /** Puts a conversation of the program's own account back into the queue of the desk; rejects with Refusal. */
  release(conversation: string): Promise<void>;
  /**
   * SENDs to `/topic/...` or `/queue/...`; text is UTF-8. Resolves when a SEND would get its RECEIPT; rejects with the
   * Refusal it would get, with RangeError for a body or header that no frame could carry, with TypeError for what is none.
   */
  publish(
    destination: string,
    body: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Ends sessions at once, with a typed reason: one, a user's, or those that came with a token. Nothing is revoked: who
   * has the token may come back. Resolves with how many it ended, 0 where there are none; rejects with TypeError for
   * what is neither, with RETRY_LATER when the server closes, and with a Refusal when the store could not write it into
   * the audit log: the sessions are over all the same.
   */
  disconnect(whom: Kicked, reason?: KickReason): Promise<number>;
  /**
   * Listens to facts; returns the function that ends it. Listeners are called in order, and hold up what they listen to
   * while they run; what they throw or reject with is logged.
   */
  on<Name extends keyof ChatEvents>(name: Name, listener: (fact: ChatEvents[Name]) => unknown): () => void;
  /**
   * Answers what was received, ends every session so that clients reconnect, closes its own ports and the store; at most
   * some 12 s. A server it was attached to goes on without it. Closing again waits for the first time.
   */
  close(): Promise<void>;
};

const silent = (): void => undefined;
const SILENT: ChatLog = { debug: silent, info: silent, warn: silent, error: silent };

const LOGIN = /^[A-Za-z0-9._@+-]{1,64}$/;

/**
 * Opens the store and makes the server; it is reached once it listens or is attached. Rejects with OptionsError, which
 * lists everything that is wrong with the options, or with an Error for a data directory that cannot be used.
 */
export async function createChatServer(options: ChatServerOptions = {}): Promise<ChatServer> {
  if (!isRecord(options)) throw new OptionsError(["options are an object"]);
  const { store, logger = SILENT, serviceName = "application", ...rest } = options;
  const { authenticate, can, hookTimeoutMs = 5000, ...others } = rest;
  const loaded = configOf(others);
  const problems = [
    ...("problems" in loaded ? loaded.problems : []),
    ...problemsOf({ store, logger, serviceName, authenticate, can, hookTimeoutMs }),
  ];
  if (problems.length > 0 || "problems" in loaded) throw new OptionsError(problems);
  const { config, warnings } = loaded;
  for (const warning of warnings) logger.warn({}, warning);
  const installation = await (store === undefined
    ? openInstallation(config, logger)
    : keepStore(store, options.dataDir, logger));
  const hooks = { authenticate, can, timeoutMs: hookTimeoutMs };
  return embed(config, { installation, log: logger, hooks }, serviceName);
}

async function embed(
  config: Config,
  parts: Pick<ServerParts, "installation" | "log" | "hooks">,
  serviceName: string,
): Promise<ChatServer> {
  const listeners = new Listeners<ChatEvents>(EVENTS, (name, error) => {
    parts.log.error({ error, event: name }, "a listener failed");
  });
  const server = await createServer(config, {
    ...parts,
    // An application logs its requests itself.
    requestLog: (_request, _response, next) => {
      next();
    },
    observe: (fact) => {
      tellFact(listeners, fact);
    },
  });
  followBroker(server.broker, listeners);
  if (config.adminPasscode !== undefined) {
    await server.ensureFirstAdmin().catch(async (error: unknown) => {
      await server.close();
      throw error;
    });
  }
  const application = new Application({
    store: parts.installation.store,
    chat: server.chat,
    broker: server.broker,
    serviceName,
    frameLimits: frameLimitsOf(config.limits, config.limits.maxFrameBodyBytes),
  });
  return {
    router: server.router,
    attach: (http) => {
      server.attach(http);
    },
    listen: async (address = {}) => server.listen(addressOf(address)),
    send: (message) => application.send(message),
    release: (conversation) => application.release(conversation),
    publish: (destination, body, headers = {}) => application.publish(destination, body, headers),
    disconnect: (whom, reason = {}) => application.disconnect(whom, reason),
    on: (name, listener) => listeners.on(name, listener),
    close: () => server.close(),
  };
}

/** What TypeScript would not have let through. */
function problemsOf(options: Readonly<Record<string, unknown>>): readonly string[] {
  const { store, logger, serviceName, authenticate, can, hookTimeoutMs } = options;
  const problems: string[] = [];
  for (const [name, hook] of Object.entries({ authenticate, can })) {
    if (hook !== undefined && typeof hook !== "function") problems.push(`${name}: a function is expected`);
  }
  if (!Number.isInteger(hookTimeoutMs) || Number(hookTimeoutMs) < 1 || Number(hookTimeoutMs) > 60_000) {
    problems.push("hookTimeoutMs: a whole number from 1 to 60000 is expected");
  }
  if (store !== undefined && !hasMethods(store, ["execute", "onFact", "checkWritable", "close"])) {
    problems.push("store: a ChatStore is expected");
  }
  if (!hasMethods(logger, ["debug", "info", "warn", "error"])) {
    problems.push("logger: an object with debug, info, warn and error is expected");
  }
  if (typeof serviceName !== "string" || !LOGIN.test(serviceName)) {
    problems.push("serviceName: 1 to 64 of A-Z a-z 0-9 . _ @ + -");
  }
  return problems;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}
