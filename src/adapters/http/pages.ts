/** The pages and what they load: the demo, the widget with its frame, the console; each with its own policy. */
import { fileURLToPath } from "node:url";
import express from "express";
import helmet from "helmet";
import type { RequestHandler, Router } from "express";

const PUBLIC = fileURLToPath(new URL("../../../public", import.meta.url));
/** Names carry no version: a browser asks each time and is mostly told that nothing changed. */
const REVALIDATE = "no-cache";

/** `allowedOrigins` are the sites that may show the widget's frame, beside this server's own. */
export function createPages(allowedOrigins: readonly string[]): Router {
  const pages = express.Router();
  const file = (name: string, headers: Readonly<Record<string, string>> = {}): RequestHandler => {
    return (_request, response) => {
      response.sendFile(name, {
        root: PUBLIC,
        cacheControl: false,
        headers: { "cache-control": REVALIDATE, ...headers },
      });
    };
  };
  // Any site may load the script: what it shows is decided by the frame's policy.
  pages.get("/widget.js", file("build/widget.js", { "cross-origin-resource-policy": "cross-origin" }));
  pages.get(
    "/widget/panel",
    policy(["'self'", ...allowedOrigins]),
    file("panel.html", { "cross-origin-resource-policy": "cross-origin" }),
  );
  pages.get("/agent", policy(["'none'"], { trustedTypes: true }), file("agent.html"));
  pages.get("/", policy(["'none'"], { frames: true }), file("index.html"));
  pages.use(
    express.static(PUBLIC, { index: false, dotfiles: "ignore", redirect: false, setHeaders: revalidate }),
  );
  return pages;
}

/** No inline script or style, no eval, nothing from elsewhere. */
function policy(
  frameAncestors: readonly string[],
  { frames = false, trustedTypes = false }: { frames?: boolean; trustedTypes?: boolean } = {},
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
        frameSrc: [frames ? "'self'" : "'none'"],
        frameAncestors: [...frameAncestors],
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
