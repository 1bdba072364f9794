/** The pages and what they load: the demo, the widget with its frame, the console, the connection check; each with its own policy. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import helmet from "helmet";
import { permitted } from "./permission.ts";
import type { RequestHandler, Router } from "express";

const PUBLIC = fileURLToPath(new URL("../../../public", import.meta.url));
/** Names carry no version: a browser asks each time and is mostly told that nothing changed. */
const REVALIDATE = "no-cache";
/** Plain names alone: nothing hidden, nothing encoded, no way up; pages have names of their own. */
const FILE = /^(?:\/[\w-][\w.-]*)+(?<!\.html)$/;

/**
 * The widget, the console, the connection check and their files; what is none of them is passed on untouched. `before` handles each request
 * that is one of them; `allowedOrigins` are the sites that may show the widget's frame, beside this server's own.
 */
export function createPages(allowedOrigins: readonly string[], before: readonly RequestHandler[]): Router {
  const pages = express.Router();
  // Any site may load the script: what it shows is decided by the frame's policy.
  pages.get(
    "/widget.js",
    ...before,
    permitted("GET", "/widget.js"),
    file("build/widget.js", { "cross-origin-resource-policy": "cross-origin" }),
  );
  pages.get(
    "/widget/panel",
    ...before,
    permitted("GET", "/widget/panel"),
    policy(["'self'", ...allowedOrigins]),
    file("panel.html", { "cross-origin-resource-policy": "cross-origin" }),
  );
  pages.get(
    "/agent",
    ...before,
    permitted("GET", "/agent"),
    policy(["'none'"], { trustedTypes: true }),
    file("agent.html"),
  );
  pages.get(
    "/connection-check",
    ...before,
    permitted("GET", "/connection-check"),
    checkPolicy(),
    file("check.html"),
  );
  pages.use(createFiles(before));
  return pages;
}

/** The demo page at `/`. */
export function createDemo(before: readonly RequestHandler[]): Router {
  const demo = express.Router();
  demo.get(
    "/",
    ...before,
    permitted("GET", "/"),
    policy(["'none'"], { frames: ["'self'"] }),
    file("index.html"),
  );
  return demo;
}

/** What the pages load, by its name. */
function createFiles(before: readonly RequestHandler[]): Router {
  const files = express.Router();
  files.use(async ({ method, path }, _response, next) => {
    const isRead = method === "GET" || method === "HEAD";
    const exists = isRead && FILE.test(path) && (await isFile(join(PUBLIC, path)));
    next(exists ? undefined : "router");
  });
  files.use(...before, express.static(PUBLIC, { index: false, redirect: false, setHeaders: revalidate }));
  return files;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function file(name: string, headers: Readonly<Record<string, string>> = {}): RequestHandler {
  return (_request, response) => {
    response.sendFile(name, {
      root: PUBLIC,
      cacheControl: false,
      headers: { "cache-control": REVALIDATE, ...headers },
    });
  };
}

/**
 * The page shows itself within a frame of nobody's origin, as the widget is shown within another site. There, with
 * `?frame`, it shows nothing and tells only its own origin what it found, so anybody may frame that.
 */
function checkPolicy(): RequestHandler {
  const page = policy(["'none'"], { frames: ["'self'", "data:"], trustedTypes: true });
  const framed = policy(undefined, { trustedTypes: true });
  return (request, response, next) => {
    if (request.query["frame"] === undefined) {
      page(request, response, next);
      return;
    }
    response.removeHeader("x-frame-options");
    framed(request, response, next);
  };
}

/** No inline script or style, no eval, nothing from elsewhere; without `frameAncestors` anybody may frame it. */
function policy(
  frameAncestors: readonly string[] | undefined,
  { frames = ["'none'"], trustedTypes = false }: { frames?: string[]; trustedTypes?: boolean } = {},
): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameSrc: frames,
        ...(frameAncestors === undefined ? {} : { frameAncestors: [...frameAncestors] }),
        baseUri: ["'none'"],
        ...(trustedTypes ? { requireTrustedTypesFor: ["'script'"] } : {}),
      },
    },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: false,
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: false,
    // The policy above says it better, and X-Frame-Options knows no list.
    xFrameOptions: false,
  });
}

function revalidate(response: { setHeader(name: string, value: string): void }): void {
  response.setHeader("cache-control", REVALIDATE);
}
