/** JSON logs on standard error: no bodies, no tokens, no whole addresses. */
import { pino } from "pino";
import { pinoHttp } from "pino-http";
import type { Logger } from "pino";
import type { HttpLogger } from "pino-http";

const MAX_VALUE = 256;
/** Octets of lines that wait for room; what comes beyond is dropped. */
const MAX_WAITING = 64 * 1024;

/** Lines that standard error does not take, as on a full disk, wait for the next one: nobody waits for them. */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: MAX_WAITING });
  destination.on("error", () => undefined);
  // Called behind a fatal line, it would try until there is room.
  destination.flushSync = () => undefined;
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination,
  );
}

/** One line per request: method, path without its query, status, duration. */
export function createRequestLog(logger: Logger): HttpLogger {
  return pinoHttp({
    logger,
    customLogLevel: (_request, response, error) =>
      error !== undefined || response.statusCode >= 500 ? "error" : "debug",
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({
        method,
        path: url.split("?")[0]?.slice(0, MAX_VALUE),
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      // pino-http hands over what its own serializer made of the error.
      err: (error: { readonly raw?: unknown } | undefined) => describeError(error?.raw ?? error),
    },
  });
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error).slice(0, MAX_VALUE);
  return { name: error.name, message: error.message.slice(0, MAX_VALUE), stack: error.stack };
}
