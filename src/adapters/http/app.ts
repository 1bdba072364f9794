/** Everything HTTP but the chat transports: pages, the API, health and metrics, alone or within another application. */
import express from "express";
import helmet from "helmet";
import { Refusal } from "../../broker/errors.ts";
import { refuse } from "../../chat/errors.ts";
import { createApi } from "./api.ts";
import { answerErrors, HttpError } from "./errors.ts";
import { createDemo, createPages } from "./pages.ts";
import { permitted, permittedCaller } from "./permission.ts";
import { hasSecretInUrl } from "./url-secrets.ts";
import type { Express, Request, RequestHandler } from "express";
import type { ApiParts } from "./api-parts.ts";
import type { CheckParts } from "./connection-check.ts";
import type { LogError } from "./errors.ts";

export type AppParts = ApiParts &
  CheckParts & {
    /** Sites that may show the widget. */
    readonly allowedOrigins: readonly string[];
    readonly isDraining: () => boolean;
    readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
    readonly requestLog: RequestHandler;
    readonly logError: LogError;
  };

const CHECK_MS = 1000;

/**
 * Pages, API, health and metrics for an application of somebody else's: what is none of ours is passed on untouched.
 * The demo page is left out.
 */
export function createRouter(parts: AppParts): Express {
  const router = createBareApp();
  const before = beforeAll(parts);
  router.get("/healthz", ...before, permitted("GET", "/healthz"), (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", ...before, permitted("GET", "/readyz"), readiness(parts));
  router.get("/metrics", ...before, metrics(parts));
  router.use("/api", createApi(parts, [...before, ...beforeApi(parts)]));
  router.use(createPages(parts.allowedOrigins, before));
  router.use(answerErrors(parts.logError));
  return router;
}

/** The same for a server that serves nothing else: with the demo page, and an answer to every request. */
export function createApp(parts: AppParts, router: Express): Express {
  const app = createBareApp();
  const before = beforeAll(parts);
  app.use(router, createDemo(before));
  app.use(...before);
  app.use("/api", ...beforeApi(parts));
  app.use(() => {
    throw refuse("NOT_FOUND");
  });
  app.use(answerErrors(parts.logError));
  return app;
}

function createBareApp(): Express {
  const app = express();
  app.set("query parser", "simple");
  app.set("etag", "weak");
  app.disable("x-powered-by");
  return app;
}

function beforeAll({ requestLog }: AppParts): readonly [RequestHandler, ...RequestHandler[]] {
  return [requestLog, securityHeaders(), refuseBrokenPath, refuseSecretsInUrl];
}

function beforeApi(parts: AppParts): readonly [RequestHandler, ...RequestHandler[]] {
  return [crossOrigin(parts), forbidCaching];
}

const forbidCaching: RequestHandler = (_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: false,
    xFrameOptions: { action: "deny" },
  });
}

const refuseBrokenPath: RequestHandler = (request, _response, next) => {
  decodeURIComponent(request.path);
  next();
};

const refuseSecretsInUrl: RequestHandler = (request, _response, next) => {
  if (hasSecretInUrl(request)) throw new HttpError("TOKEN_IN_URL");
  next();
};

/** Echoes an allowed origin exactly, refuses every other; credentials are never allowed, for there are none. */
function crossOrigin({ isOriginAllowed }: AppParts): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.vary("Origin");
    if (origin === undefined) {
      next();
      return;
    }
    if (!isOriginAllowed(origin, request)) throw new HttpError("ORIGIN_NOT_ALLOWED");
    response.set("Access-Control-Allow-Origin", origin);
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    response.set("Access-Control-Allow-Methods", "GET, POST, DELETE");
    response.set("Access-Control-Allow-Headers", "authorization, content-type");
    response.set("Access-Control-Max-Age", "3600");
    response.status(204).end();
  };
}

function readiness({ store, isDraining }: AppParts): RequestHandler {
  return async (_request, response) => {
    if (isDraining()) throw new HttpError("SHUTTING_DOWN", { retryAfterMs: 1000 });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(refuse("RETRY_LATER", { hint: "the store does not answer" }));
      }, CHECK_MS);
    });
    try {
      await Promise.race([store.checkWritable(), late]);
    } finally {
      clearTimeout(timer);
    }
    response.json({ status: "ready" });
  };
}

function metrics(parts: AppParts): RequestHandler {
  return async (request, response) => {
    if (!isLoopback(request)) {
      await permittedCaller(parts, "GET", "/metrics", request).catch((error: unknown) => {
        // Who is not an admin is told no more than who is nobody.
        throw error instanceof Refusal && error.code === "FORBIDDEN" ? new HttpError("AUTH_FAILED") : error;
      });
    }
    response.set("Content-Type", parts.metrics.contentType);
    response.send(await parts.metrics.metrics());
  };
}

/** What proxies and tunnels add to a request that they pass on. */
const FORWARDING = /^(?:forwarded|via|x-forwarded-.*|x-original-.*|x-real-ip|.*-client-ip|.*-connecting-ip)$/;

/** A peer on this machine that no proxy speaks for. */
function isLoopback({ socket, headers }: Request): boolean {
  const isForwarded = Object.keys(headers).some((name) => FORWARDING.test(name));
  const address = socket.remoteAddress ?? "";
  return !isForwarded && (/^(?:::ffff:)?127\./.test(address) || address === "::1");
}
