/** The composition root: makes every part and hands it what it needs. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureFirstAdmin } from "./adapters/auth/accounts.ts";
import { keepLoginSessions } from "./adapters/auth/login-keeper.ts";
import { Identity } from "./adapters/auth/identity.ts";
import { createLoginThrottle, NO_THROTTLE } from "./adapters/auth/login-throttle.ts";
import { Passcodes } from "./adapters/auth/passcodes.ts";
import { loadSecrets } from "./adapters/auth/secrets.ts";
import { createSiteJwtReader } from "./adapters/auth/site-jwt.ts";
import { createIdSource, Tokens } from "./adapters/auth/tokens.ts";
import { createApp } from "./adapters/http/app.ts";
import { createAddressReader } from "./adapters/http/client-address.ts";
import { createHttpServer } from "./adapters/http/http-server.ts";
import { createOriginPolicy } from "./adapters/http/origins.ts";
import { createRequestLog } from "./adapters/observability/logger.ts";
import { createMetrics } from "./adapters/observability/metrics.ts";
import { lockDataDir } from "./adapters/stores/data-lock.ts";
import { createSqliteStore, databaseExists } from "./adapters/stores/sqlite-store.ts";
import { createTransports } from "./adapters/transports/create-transports.ts";
import { listenOnTcp } from "./adapters/transports/tcp-listener.ts";
import { Broker } from "./broker/broker.ts";
import { covers } from "./broker/general/topic-index.ts";
import { count } from "./broker/stats.ts";
import { accessPolicy } from "./chat/access-binding.ts";
import { ChatService } from "./chat/chat-service.ts";
import { startRetention } from "./chat/retention-job.ts";
import { VERSION } from "./version.ts";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { FirstAdmin } from "./adapters/auth/accounts.ts";
import type { TcpListener } from "./adapters/transports/tcp-listener.ts";
import type { Config } from "./config.ts";
import type { DurableStore } from "./adapters/stores/sqlite-store.ts";

export type ChatServer = {
  readonly store: DurableStore;
  readonly passcodes: Passcodes;
  /** Listens, and makes the first admin of a new installation; rejects when the port cannot be had. */
  listen(): Promise<Listening>;
  /**
   * Answers what was received, ends every session with SHUTTING_DOWN and closes; at most 10 s. For `noticeMs` at least
   * it goes on listening, and tells whoever asks that it is about to be gone.
   */
  close(noticeMs?: number): Promise<void>;
};

export type Listening = {
  readonly url: string;
  /** Of STOMP over TCP, where it is on. */
  readonly tcpUrl: string | undefined;
  /** On the first start. */
  readonly firstAdmin: FirstAdmin | undefined;
};

const DRAIN_MS = 10_000;

/** Opens the data directory and makes the server; rejects with an Error for the operator. */
export async function createServer(config: Config, logger: Logger): Promise<ChatServer> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataDir(config.dataDir);
  try {
    return await assemble(config, logger, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function assemble(config: Config, logger: Logger, unlock: () => void): Promise<ChatServer> {
  const file = join(config.dataDir, "chat.db");
  const secrets = loadSecrets(config.dataDir, databaseExists(file), (text) => {
    logger.warn(text);
  });
  const store = await createSqliteStore({
    file,
    retention: config.retention,
    onFailure: (reason) => {
      logger.error({ reason }, "the store failed");
    },
  });
  const passcodes = new Passcodes();
  const identity = new Identity({
    store,
    passcodes,
    tokens: new Tokens(secrets.tokenKey),
    throttle: config.rateLimits ? createLoginThrottle() : NO_THROTTLE,
    guests: config.guests,
    now: Date.now,
    readSiteJwt:
      config.siteKeys.length === 0
        ? undefined
        : createSiteJwtReader(config.siteKeys, config.siteAudience ?? ""),
  });
  const chat = new ChatService(store, { now: Date.now, id: createIdSource() });
  const broker = new Broker({
    limits: config.limits,
    authenticator: identity,
    access: accessPolicy,
    destinations: chat.destinations,
    commit: chat.commit,
    topicOverflow: (destination) =>
      config.topicOverflow.find(({ pattern }) => covers(pattern, destination))?.overflow ?? "close",
    log: logger,
    serverName: `customer-chat/${VERSION}`,
  });
  chat.attach(broker);
  const isOriginAllowed = createOriginPolicy(config);
  const remoteAddress = createAddressReader(config.trustProxy, (text) => {
    logger.warn(text);
  });
  const isDraining = (): boolean => broker.isDraining;
  const refusedRequests = new Map<string, number>();
  const transports = createTransports({
    open: (connection) => broker.open(connection),
    isOriginAllowed,
    remoteAddress,
    limits: config.limits,
    isDraining,
    onRefused: (code, request) => {
      count(refusedRequests, code);
      logger.debug(
        { code, origin: request.headers.origin?.slice(0, 256) },
        "a request below /chat was refused",
      );
    },
  });
  const app = createApp({
    store,
    identity,
    guests: config.guests,
    remoteAddress,
    isOriginAllowed,
    allowedOrigins: config.allowedOrigins,
    isDraining,
    onlineCustomers: () => chat.presence.customers(),
    metrics: createMetrics(broker, refusedRequests),
    requestLog: createRequestLog(logger),
    logError: (fields, text) => {
      logger.error(fields, text);
    },
  });
  const http = createHttpServer({
    request: (request, response) => {
      if (!transports.handleRequest(request, response)) app(request, response);
    },
    upgrade: (request, socket, head) => {
      transports.handleUpgrade(request, socket, head);
    },
  });
  let tcp: TcpListener | undefined;
  const stopRetention = startRetention(store, config.retention);
  const stopKeeping = keepLoginSessions(store, () => broker.sessions);
  return {
    store,
    passcodes,
    listen: async () => {
      const url = await listenOn(http, config);
      if (config.tcp !== undefined) {
        tcp = await listenOnTcp({
          ...config.tcp,
          host: config.host,
          open: (connection) => broker.open(connection),
        });
      }
      // Only now: a passcode made before a start that fails would never be shown.
      const firstAdmin = await ensureFirstAdmin(store, passcodes, {
        login: config.adminLogin,
        passcode: config.adminPasscode,
      });
      return { url, tcpUrl: tcp?.url, firstAdmin };
    },
    close: async (noticeMs = 0) => {
      const noticed = new Promise((resolve) => setTimeout(resolve, noticeMs));
      stopRetention();
      stopKeeping();
      // Still listening: whoever asks meanwhile is told 503, not left with a refused connection.
      await broker.drain(DRAIN_MS);
      await noticed;
      const closed = new Promise<void>((resolve) => {
        http.close(() => {
          resolve();
        });
      });
      setTimeout(() => {
        http.closeAllConnections();
      }, 1000).unref();
      await closed;
      transports.close();
      tcp?.close();
      broker.close();
      await store.close();
      unlock();
    },
  };
}

function listenOn(http: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      const bound = http.address() as AddressInfo;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`);
    });
  });
}
