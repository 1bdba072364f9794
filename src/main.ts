/** `npm start`: configuration, start, signals. */
import { flushCompileCache } from "node:module";
import { adminSocketPath, serveAdmin } from "./adapters/http/admin-socket.ts";
import { createLogger, createRequestLog } from "./adapters/observability/logger.ts";
import { adminVerbs, inWords } from "./admin-verbs.ts";
import { loadConfig } from "./config.ts";
import { openInstallation } from "./installation.ts";
import { createServer } from "./server.ts";
import { sessionVerbs } from "./session-verbs.ts";
import { buildPages } from "./web/build.ts";
import type { FirstAdmin } from "./adapters/auth/accounts.ts";
import type { Config } from "./config.ts";
import type { Listening } from "./endpoints.ts";
import type { ChatServer } from "./server.ts";
import type { Logger } from "pino";

const EXIT_CONFIG = 78;
const EXIT_CANNOT_CREATE = 73;
/** What checks readiness, such as a load balancer, has this long to see 503. */
const NOTICE_MS = 1000;
/** The whole shutdown, drain included. */
const SHUTDOWN_MS = 14_000;

/** Failures that an operator can do something about, with the code that a start ends with. */
const FAILURES: Readonly<Record<string, readonly [exit: number, hint: string]>> = {
  EADDRINUSE: [1, "the port is in use; set PORT or STOMP_TCP_PORT"],
  EADDRNOTAVAIL: [EXIT_CONFIG, "HOST: this machine does not have that address"],
  ENOTFOUND: [EXIT_CONFIG, "HOST: that name has no address"],
  EACCES: [EXIT_CANNOT_CREATE, ""],
  EROFS: [EXIT_CANNOT_CREATE, ""],
  ENOTDIR: [EXIT_CANNOT_CREATE, ""],
  ENOSPC: [1, "free space on that disk"],
};

// What is printed may go to a disk that is full.
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

const loaded = loadConfig();
if ("problems" in loaded) {
  for (const problem of loaded.problems) process.stderr.write(`${problem}\n`);
  process.exit(EXIT_CONFIG);
}
await run(loaded.config, loaded.warnings);

async function run(config: Config, warnings: readonly string[]): Promise<void> {
  const logger = createLogger(config.logLevel);
  for (const warning of warnings) logger.warn(warning);
  // This server speaks no TLS of HTTP itself, so where browsers use https a proxy is in front.
  if (config.trustProxy.kind === "none" && config.publicUrl?.startsWith("https:") === true)
    logger.warn(
      "TRUST_PROXY: none, although PUBLIC_URL is https; all visitors share the proxy's address and its limits",
    );
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ error }, event);
      process.exit(1);
    });
  }
  await buildPages().catch((error: unknown) => fail(error));
  // The pages are everybody's; what is made from here on is the installation's alone.
  process.umask(0o077);
  const onStoreEnd = (reason: string, isStuck: boolean): void => {
    logger.fatal({ reason }, "the store ended, and the server with it");
    if (isStuck) endAtOnce();
    process.exit(1);
  };
  const installation = await openInstallation(config, logger, onStoreEnd).catch((error: unknown) =>
    fail(error),
  );
  const parts = { installation, log: logger, requestLog: createRequestLog(logger) };
  const server = await createServer(config, parts).catch((error: unknown) => fail(error));
  const listening = await server.listen().catch((error: unknown) => fail(error));
  // Only now: a passcode made before a start that fails would never be shown.
  const firstAdmin = await server.ensureFirstAdmin().catch((error: unknown) => fail(error));
  const closeAdmin = await serveAdmin(
    adminSocketPath(config.dataDir),
    {
      ...adminVerbs(installation.store, server.passcodes),
      ...sessionVerbs({ broker: server.broker, store: installation.store }),
      doctor: async () => {
        await installation.store.checkWritable().catch((error: unknown) => {
          throw inWords(installation.store, error);
        });
        return [listening.url, ...(await installation.store.execute("unfinishedErasures", null))];
      },
    },
    (text) => {
      logger.warn(text);
    },
  );
  // Whoever reads that it listens may send a signal at once.
  closeOnSignals(server, closeAdmin, logger);
  announce(listening, firstAdmin);
  // Who is killed later has not compiled for nothing.
  flushCompileCache();
}

/** What stops a start is told in one line, with the exit code of its kind. */
function fail(error: unknown): never {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  const [exit, hint] = FAILURES[code] ?? [1, ""];
  process.stderr.write(hint === "" ? `${message}\n` : `${hint}: ${message}\n`);
  process.exit(exit);
}

function announce({ url, tcpUrl }: Listening, firstAdmin: FirstAdmin | undefined): void {
  const lines = [
    `listening on ${url}`,
    "",
    `  demo page           ${url}/`,
    `  console             ${url}/agent`,
    `  any STOMP client    ${url.replace("http", "ws")}/chat`,
    `  SockJS              ${url}/chat`,
    ...(tcpUrl === undefined ? [] : [`  STOMP over TCP      ${tcpUrl}`]),
    "",
  ];
  if (firstAdmin?.isGenerated === true) {
    lines.push(`  first admin         login ${firstAdmin.login}   passcode ${firstAdmin.passcode}`);
    lines.push("                      shown once; keep it", "");
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

function closeOnSignals(server: ChatServer, closeAdmin: () => void, logger: Logger): void {
  let isClosing = false;
  const close = (signal: string): void => {
    if (isClosing) endAtOnce();
    isClosing = true;
    logger.info({ signal }, "closing");
    setTimeout(() => {
      logger.error({}, "the shutdown took too long");
      endAtOnce();
    }, SHUTDOWN_MS).unref();
    closeAdmin();
    server.close(NOTICE_MS).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error }, "the shutdown failed");
        endAtOnce();
      },
    );
  };
  process.on("SIGTERM", close);
  process.on("SIGINT", close);
}

/** An orderly exit would wait for a thread of the store that waits for its disk. */
function endAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
}
