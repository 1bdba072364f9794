/** Errors of REST: `{"code","message","hint"?,"field"?}` with the status of the code. */
import { randomUUID } from "node:crypto";
import { Refusal } from "../../broker/errors.ts";
import { httpStatusOf } from "../../chat/errors.ts";
import type { RefusalDetail } from "../../broker/errors.ts";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";

/** What only HTTP can be refused for. */
export const HTTP_ERRORS = {
  AUTH_REQUIRED: { status: 401, text: "A token is required: Authorization: Bearer." },
  AUTH_FAILED: { status: 401, text: "These credentials are not valid." },
  TOKEN_IN_URL: { status: 400, text: "Tokens travel in the Authorization header, never in a URL." },
  BAD_PATH: { status: 400, text: "The path is not valid percent-encoding." },
  ORIGIN_NOT_ALLOWED: { status: 403, text: "This origin is not allowed; see ALLOWED_ORIGINS." },
  METHOD_NOT_ALLOWED: { status: 405, text: "This method is not allowed here." },
  PAYLOAD_TOO_LARGE: { status: 413, text: "The body is too large." },
  SHUTTING_DOWN: { status: 503, text: "The server is shutting down." },
} as const;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;
  readonly detail: Pick<RefusalDetail, "hint" | "retryAfterMs">;

  constructor(code: HttpErrorCode, detail: HttpError["detail"] = {}) {
    super(HTTP_ERRORS[code].text);
    this.code = code;
    this.detail = detail;
  }
}

export type LogError = (fields: Record<string, unknown>, text: string) => void;

/** The one edge where everything thrown becomes an answer. */
export function answerErrors(log: LogError): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (error: unknown, _request: Request, response: Response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof HttpError) {
      const { code, message, detail } = error;
      setRetryAfter(response, detail.retryAfterMs);
      response.status(HTTP_ERRORS[code].status).json({ code, message, hint: detail.hint });
      return;
    }
    // The store's INTERNAL says that the store is broken: that is told like every defect.
    if (error instanceof Refusal && error.code !== "INTERNAL") {
      answerRefusal(response, error);
      return;
    }
    const parsing = parserRefusal(error);
    if (parsing !== undefined) {
      const { status, ...body } = parsing;
      response.status(status).json(body);
      return;
    }
    const requestId = randomUUID();
    log({ error, requestId }, "a request failed");
    response
      .status(500)
      .json({ code: "INTERNAL", message: "Something went wrong on the server.", requestId });
  };
}

function answerRefusal(response: Response, { code, message, detail }: Refusal): void {
  const { hint, field, clientId, retryAfterMs, more } = detail;
  setRetryAfter(response, retryAfterMs);
  response.status(httpStatusOf(code)).json({ code, message, hint, field, clientId, ...more });
}

function setRetryAfter(response: Response, retryAfterMs: number | undefined): void {
  if (retryAfterMs !== undefined) response.set("Retry-After", String(Math.ceil(retryAfterMs / 1000)));
}

/** Express's body and URL parsers throw errors with a type or a status of their own. */
function parserRefusal(
  error: unknown,
): { status: number; code: string; message: string; hint?: string } | undefined {
  if (error instanceof URIError) return { status: 400, code: "BAD_PATH", message: HTTP_ERRORS.BAD_PATH.text };
  const type: unknown = error instanceof Error && "type" in error ? error.type : undefined;
  if (type === "entity.too.large") {
    const message = HTTP_ERRORS.PAYLOAD_TOO_LARGE.text;
    const { limit } = error as { readonly limit?: number };
    return { status: 413, code: "PAYLOAD_TOO_LARGE", message, hint: `at most ${limit} octets` };
  }
  if (type === "encoding.unsupported" || type === "charset.unsupported") {
    return { status: 415, code: "UNSUPPORTED_CONTENT_TYPE", message: "Send the body as it is, in UTF-8." };
  }
  if (typeof type === "string")
    return { status: 400, code: "BAD_JSON", message: "The body could not be read." };
  return undefined;
}

/** Answers a known path asked with another method. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  return (_request, response) => {
    response.set("Allow", methods.join(", "));
    throw new HttpError("METHOD_NOT_ALLOWED");
  };
}
