/** The chat's refusals: one closed table of codes, with the HTTP status each has in REST. */
import { BROKER_REFUSALS, Refusal } from "../broker/errors.ts";
import type { RefusalDetail, RefusalRow } from "../broker/errors.ts";

export const CHAT_REFUSALS = {
  FORBIDDEN: { text: "You may not do this." },
  FORBIDDEN_SENDER: { text: "userFrom must be your own id." },
  FORBIDDEN_RECEIVER: { text: "You may not write to this user." },
  UNKNOWN_USER: { text: "There is no such user." },
  NOT_FOUND: { text: "There is no such thing, or it is not yours." },
  CONFLICT: { text: "Its state does not allow this." },
  EMPTY_BODY: { text: "The body is empty." },
  BAD_JSON: { text: "The body is not valid JSON." },
  BAD_TYPE: { text: "A value has the wrong type." },
  MISSING_FIELD: { text: "A required field is missing." },
  UNKNOWN_FIELD: { text: "There is no such field." },
  FORBIDDEN_KEY: { text: "This key is not allowed." },
  DUPLICATE_KEY: { text: "A key occurs twice." },
  TOO_DEEP: { text: "The JSON is nested too deeply." },
  BAD_VALUE: { text: "A value is out of range." },
  EMPTY_MESSAGE: { text: "The message has no visible character." },
  MESSAGE_TOO_LONG: { text: "The message is too long." },
  BAD_CHARACTER: { text: "A character is not allowed." },
  BAD_USER_ID: { text: "That is no user id." },
  BAD_CLIENT_ID: { text: "clientId is 1 to 64 of A-Z a-z 0-9 _ -." },
  DUPLICATE_ID_CONFLICT: { text: "This clientId was used for another message." },
  BAD_NUMBER: { text: "A number is out of range." },
  UNSUPPORTED_CONTENT_TYPE: { text: "The body must be application/json or text/plain in UTF-8." },
  BAD_POSITION: { text: "That is no position." },
  BAD_QUERY: { text: "A query parameter is not valid." },
  STORAGE_FULL: { text: "The server's storage is full; nothing was stored." },
} as const satisfies Record<string, RefusalRow>;

export const REFUSALS = { ...BROKER_REFUSALS, ...CHAT_REFUSALS } as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Makes a Refusal of the table. */
export function refuse(code: RefusalCode, detail?: RefusalDetail): Refusal {
  return new Refusal(code, REFUSALS[code].text, detail);
}

/** The status a refusal has in REST (validation is 400). */
export function httpStatusOf(code: string): number {
  if (code.startsWith("FORBIDDEN") && code !== "FORBIDDEN_KEY") return 403;
  switch (code) {
    case "NOT_FOUND":
    case "UNKNOWN_USER":
      return 404;
    case "CONFLICT":
    case "DUPLICATE_ID_CONFLICT":
      return 409;
    case "UNSUPPORTED_CONTENT_TYPE":
      return 415;
    case "RATE_LIMITED":
      return 429;
    case "STORAGE_FULL":
    case "RETRY_LATER":
      return 503;
    case "INTERNAL":
      return 500;
    default:
      return 400;
  }
}
