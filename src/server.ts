/** The composition root: makes every part and hands it what it needs. */
import { ensureFirstAdmin } from "./adapters/auth/accounts.ts";
import { keepLoginSessions } from "./adapters/auth/login-keeper.ts";
import { Identity } from "./adapters/auth/identity.ts";
import { createLoginThrottle, NO_THROTTLE } from "./adapters/auth/login-throttle.ts";
import { Passcodes } from "./adapters/auth/passcodes.ts";
import { refuseBlocked } from "./adapters/auth/refuse-blocked.ts";
import { createSiteJwtReader } from "./adapters/auth/site-jwt.ts";
import { createIdSource, Tokens } from "./adapters/auth/tokens.ts";
import { createApp, createRouter } from "./adapters/http/app.ts";
import { createAddressReader, createProxyTrust } from "./adapters/http/client-address.ts";
import { UnnamedProxies } from "./adapters/http/unnamed-proxies.ts";
import { createOriginPolicy } from "./adapters/http/origins.ts";
import { UpgradeSightings } from "./adapters/http/upgrade-sightings.ts";
import { hasSecretInUrl } from "./adapters/http/url-secrets.ts";
import { createMetrics } from "./adapters/observability/metrics.ts";
import { createTransports } from "./adapters/transports/create-transports.ts";
import { listenOnTcp } from "./adapters/transports/tcp-listener.ts";
import { Broker } from "./broker/broker.ts";
import { covers } from "./broker/general/topic-index.ts";
import { Rates } from "./broker/rates.ts";
import { count } from "./broker/stats.ts";
import { accessPolicy } from "./chat/access-binding.ts";
import { ChatService } from "./chat/chat-service.ts";
import { createAgeClock } from "./chat/clock.ts";
import { MessageRates } from "./chat/message-rates.ts";
import { createQueueStore } from "./chat/queue-store.ts";
import { startRetention } from "./chat/retention-job.ts";
import { Endpoints } from "./endpoints.ts";
import { withHooks } from "./hooks.ts";
import { VERSION } from "./version.ts";
import type { Express, RequestHandler } from "express";
import type { FirstAdmin } from "./adapters/auth/accounts.ts";
import type { HttpServer, Taker } from "./adapters/http/attach.ts";
import type { IdentityParts } from "./adapters/auth/identity.ts";
import type { Transports } from "./adapters/transports/create-transports.ts";
import type { Fact } from "./chat/facts.ts";
import type { Principal } from "./broker/principal.ts";
import type { Config } from "./config.ts";
import type { Address, Listening } from "./endpoints.ts";
import type { Hooked, Hooks } from "./hooks.ts";
import type { Installation } from "./installation.ts";
import type { ServerLog } from "./options.ts";

/** What a server is made of beside its configuration. */
export type ServerParts = {
  /** Closed with the server. */
  readonly installation: Installation;
  readonly log: ServerLog;
  /** Sees every HTTP request that is ours. */
  readonly requestLog: RequestHandler;
  /** Hears each fact after those whom it concerns were told. */
  readonly observe?: (fact: Fact) => void;
  /** Default: the built-in decisions stand. */
  readonly hooks?: Hooks;
};

export type ChatServer = {
  readonly broker: Broker;
  readonly chat: ChatService;
  readonly passcodes: Passcodes;
  /** Pages, API, health and metrics, for an application of somebody else's. */
  readonly router: Express;
  /** Makes the first admin where there is no agent; undefined where there is one. */
  ensureFirstAdmin(): Promise<FirstAdmin | undefined>;
  attach(server: HttpServer): void;
  /** Listens on HTTP, and on TCP where it is on; rejects when a port cannot be had. */
  listen(address?: Address): Promise<Listening>;
  /**
   * Answers what was received, ends every session with SHUTTING_DOWN and closes; at most 10 s. For `noticeMs` at least
   * it goes on listening, and tells whoever asks that it is about to be gone. The second call waits for the first.
   */
  close(noticeMs?: number): Promise<void>;
};

const DRAIN_MS = 10_000;
/** What clients sent before they could know of the end is on its way for so long, where there is a notice. */
const UNDER_WAY_MS = 100;
const SERVER_NAME = `customer-chat/${VERSION}`;

/** Rejects, with the installation closed, when the messages of queues cannot be read. */
export async function createServer(config: Config, parts: ServerParts): Promise<ChatServer> {
  const { installation, log } = parts;
  const { store } = installation;
  const passcodes = new Passcodes();
  const ageClock = createAgeClock();
  const rates = config.rateLimits
    ? new Rates(() => performance.now(), { newGuests: config.limits.maxAddressGuests })
    : undefined;
  const clock = { now: Date.now, id: createIdSource() };
  const chat = new ChatService(store, clock, new MessageRates(rates));
  const { audit } = chat;
  const { identity, access, permit } = withHooks(
    {
      identity: createIdentity(config, installation, { passcodes, now: ageClock, audit }),
      access: accessPolicy,
      store,
    },
    parts.hooks,
  );
  const unnamedProxies = new UnnamedProxies((text) => {
    log.warn({}, text);
  });
  const broker = new Broker({
    limits: config.limits,
    isShared: (address) => unnamedProxies.has(address),
    authenticator: refuseBlocked(identity, store),
    access,
    destinations: chat.destinations,
    commit: chat.commit,
    queueStore: createQueueStore(store),
    topicOverflow: (destination) =>
      config.topicOverflow.find(({ pattern }) => covers(pattern, destination))?.overflow ?? "close",
    log,
    ...(rates === undefined ? {} : { rates }),
    ageClock,
    serverName: SERVER_NAME,
  });
  chat.attach(broker, parts.observe);
  await broker.queues.recover().catch(async (error: unknown) => {
    broker.close();
    await installation.close();
    throw error;
  });
  const { router, app, transports, sightings } = createHttp(config, parts, {
    identity,
    permit,
    broker,
    chat,
    unnamedProxies,
  });
  const endpoints = createEndpoints(config, { app, transports, sightings, broker });
  const stopRetention = startRetention(
    store,
    { ...config.retention, auditMaxDays: config.auditMaxDays },
    ageClock,
  );
  const stopKeeping = keepLoginSessions(store, () => broker.sessions, ageClock);
  const close = async (noticeMs: number): Promise<void> => {
    stopRetention();
    stopKeeping();
    const noticed = new Promise((resolve) => setTimeout(resolve, noticeMs));
    // Still listening: whoever asks meanwhile is told 503, not left with a refused connection.
    await endpoints.close(Promise.all([broker.drain(DRAIN_MS, Math.min(noticeMs, UNDER_WAY_MS)), noticed]));
    transports.close();
    broker.close();
    audit.close();
    await installation.close();
  };
  let closing: Promise<void> | undefined;
  return {
    broker,
    chat,
    passcodes,
    router,
    ensureFirstAdmin: () =>
      ensureFirstAdmin(store, passcodes, { login: config.adminLogin, passcode: config.adminPasscode }),
    attach: (server) => {
      endpoints.attach(server);
    },
    listen: (address = config) => endpoints.listen(address),
    close: (noticeMs = 0) => (closing ??= close(noticeMs)),
  };
}

function createIdentity(
  config: Config,
  { store, tokenKey }: Installation,
  { passcodes, now, audit }: Pick<IdentityParts, "passcodes" | "now" | "audit">,
): Identity {
  return new Identity({
    store,
    passcodes,
    tokens: new Tokens(tokenKey, now),
    throttle: config.rateLimits ? createLoginThrottle() : NO_THROTTLE,
    guests: config.guests,
    now,
    audit,
    readSiteJwt:
      config.siteKeys.length === 0
        ? undefined
        : createSiteJwtReader(config.siteKeys, config.siteAudience ?? ""),
  });
}

/** Everything that speaks HTTP, over the one broker. */
function createHttp(
  config: Config,
  { installation, log, requestLog }: ServerParts,
  {
    identity,
    permit,
    broker,
    chat,
    unnamedProxies,
  }: Omit<Hooked, "access"> & { broker: Broker; chat: ChatService; unnamedProxies: UnnamedProxies },
): { router: Express; app: Express; transports: Transports; sightings: UpgradeSightings } {
  const isOriginAllowed = createOriginPolicy(config);
  const remoteAddress = createAddressReader(config.trustProxy, (peer) => {
    unnamedProxies.saw(peer);
  });
  const isDraining = (): boolean => broker.isDraining;
  const refusedRequests = new Map<string, number>();
  const sightings = new UpgradeSightings();
  const transports = createTransports({
    open: (connection) => broker.open(connection),
    admit: (address) => broker.admission.refusalOf(address),
    admitUnknown: (address) => broker.admission.unknownSession(address),
    isOriginAllowed,
    hasSecretInUrl,
    remoteAddress,
    limits: config.limits,
    isDraining,
    onRefused: (code, request) => {
      count(refusedRequests, code);
      log.debug({ code, origin: request.headers.origin?.slice(0, 256) }, "a request below /chat was refused");
    },
  });
  const parts = {
    store: installation.store,
    identity,
    permit,
    guests: config.guests,
    remoteAddress,
    audit: chat.audit,
    isOriginAllowed,
    serverName: SERVER_NAME,
    publicUrl: config.publicUrl,
    isProxyTrusted: createProxyTrust(config.trustProxy),
    sightingOf: (attempt: string) => sightings.of(attempt),
    allowedOrigins: config.allowedOrigins,
    isDraining,
    onlineCustomers: () => chat.presence.customers(),
    countHistory: (principal: Principal) => {
      chat.rates.history(principal);
    },
    metrics: createMetrics(broker, refusedRequests),
    requestLog,
    logError: (fields: Record<string, unknown>, text: string) => {
      log.error(fields, text);
    },
  };
  const router = createRouter(parts);
  return { router, app: createApp(parts, router), transports, sightings };
}

type Doors = {
  readonly app: Express;
  readonly transports: Transports;
  readonly sightings: UpgradeSightings;
  readonly broker: Broker;
};

function createEndpoints({ tcp }: Config, { app, transports, sightings, broker }: Doors): Endpoints {
  const takeRequest: Taker["request"] = (request, response) => {
    sightings.sawRequest(request);
    if (!transports.handleRequest(request, response)) app(request, response);
  };
  const takeUpgrade: Taker["upgrade"] = (request, socket, head) => {
    sightings.sawUpgrade(request);
    transports.handleUpgrade(request, socket, head);
  };
  return new Endpoints({
    handlers: { request: takeRequest, upgrade: takeUpgrade },
    taker: { owns: (request) => transports.owns(request), request: takeRequest, upgrade: takeUpgrade },
    listenOnTcp:
      tcp === undefined
        ? undefined
        : (host) =>
            listenOnTcp({
              ...tcp,
              host,
              handshakeTimeoutMs: broker.limits.connectTimeoutMs,
              admit: (address) => broker.admission.refusalOf(address),
              open: (connection) => broker.open(connection),
            }),
  });
}
