/** The two ways to be told no: a Refusal (the session lives) and a Disconnect (ERROR, then close). */

/** One row of a table of codes: a short text for people, and for a Disconnect the WebSocket close code. */
export type RefusalRow = { readonly text: string };
export type DisconnectRow = { readonly text: string; readonly close: number };

/** Refusals the broker itself gives; the floor above has a table of its own. */
export const BROKER_REFUSALS = {
  UNKNOWN_DESTINATION: { text: "There is no such destination." },
  BAD_DESTINATION: { text: "That is no well-formed destination." },
  FORBIDDEN_DESTINATION: { text: "This destination is not open to you." },
  UNSUPPORTED_HEADER: { text: "This header is not supported here." },
  TOO_MANY_SUBSCRIPTIONS: { text: "This session has as many subscriptions as it may have." },
  UNSUPPORTED: { text: "This is not supported here." },
  RATE_LIMITED: { text: "Too many requests." },
  RETRY_LATER: { text: "The server cannot do this now; try again later." },
  INTERNAL: { text: "Something went wrong on the server." },
} as const satisfies Record<string, RefusalRow>;

export const DISCONNECTS = {
  NOT_CONNECTED: { text: "The first frame must be CONNECT or STOMP.", close: 1008 },
  CONNECT_TIMEOUT: { text: "No CONNECT arrived in time.", close: 1008 },
  ALREADY_CONNECTED: { text: "This session is connected already.", close: 1002 },
  UNSUPPORTED_VERSION: { text: "No STOMP version in common.", close: 1002 },
  UNKNOWN_HOST: { text: "This server does not answer for that host.", close: 1008 },
  AUTH_REQUIRED: { text: "Credentials are required.", close: 1008 },
  AUTH_FAILED: { text: "These credentials are not valid.", close: 1008 },
  LOGIN_THROTTLED: { text: "Too many logins; try again later.", close: 1008 },
  UNKNOWN_COMMAND: { text: "That is no STOMP command a client may send.", close: 1002 },
  BAD_HEADER: { text: "A header line is malformed.", close: 1002 },
  BAD_ESCAPE: { text: "A header has an undefined escape.", close: 1002 },
  TOO_MANY_HEADERS: { text: "The frame has too many headers.", close: 1008 },
  HEADER_TOO_LONG: { text: "A header line is too long.", close: 1008 },
  HEADERS_TOO_LARGE: { text: "The headers are too large.", close: 1008 },
  BAD_CONTENT_LENGTH: { text: "content-length is no octet count.", close: 1002 },
  FRAME_TIMEOUT: { text: "The frame did not finish in time.", close: 1008 },
  MISSING_NUL: { text: "The octet after the body is not NUL.", close: 1002 },
  FRAME_TOO_LARGE: { text: "The frame is too large.", close: 1009 },
  BAD_UTF8: { text: "The frame is not valid UTF-8.", close: 1007 },
  BAD_FRAME: { text: "The transport's framing is broken, or a frame was cut off.", close: 1002 },
  MISSING_DESTINATION: { text: "A destination is required.", close: 1002 },
  MISSING_ID: { text: "An id is required.", close: 1002 },
  DUPLICATE_SUBSCRIPTION_ID: { text: "This subscription id is in use.", close: 1002 },
  BAD_ID: { text: "The subscription id is too long or has a control character.", close: 1002 },
  BAD_ACK_MODE: { text: "ack is auto, client or (from 1.1 on) client-individual.", close: 1002 },
  UNKNOWN_SUBSCRIPTION: { text: "There is no such subscription.", close: 1002 },
  UNKNOWN_ACK: { text: "No un-ACKed message has this id.", close: 1002 },
  TRANSACTION_EXISTS: { text: "This transaction is open already.", close: 1002 },
  UNKNOWN_TRANSACTION: { text: "There is no such transaction.", close: 1002 },
  TRANSACTION_LIMIT: { text: "Too many or too large transactions.", close: 1008 },
  MISSING_TRANSACTION: { text: "A transaction id is required.", close: 1002 },
  BAD_RECEIPT: { text: "receipt cannot be answered.", close: 1002 },
  BAD_HEARTBEAT: { text: "heart-beat is two counts of milliseconds.", close: 1002 },
  HEARTBEAT_TIMEOUT: { text: "Nothing was heard of the peer.", close: 1008 },
  UNEXPECTED_BODY: { text: "This frame may not have a body.", close: 1002 },
  UNSUPPORTED: { text: "This command is not supported.", close: 1002 },
  SENDER_BLOCKED: { text: "You may not use this chat.", close: 1008 },
  RATE_LIMITED: { text: "Too many requests.", close: 1008 },
  SLOW_CONSUMER: { text: "Output was not taken in time.", close: 1013 },
  SESSION_EXPIRED: { text: "The session has expired.", close: 1008 },
  REVOKED: { text: "The credentials were revoked.", close: 1008 },
  SHUTTING_DOWN: { text: "The server restarts; reconnect.", close: 1012 },
} as const satisfies Record<string, DisconnectRow>;

export type BrokerRefusalCode = keyof typeof BROKER_REFUSALS;
export type DisconnectCode = keyof typeof DISCONNECTS;

/** What a Refusal may tell besides its code; everything is safe to show to the peer. */
export type RefusalDetail = {
  readonly hint?: string;
  /** The member of the body that is wrong; `$` is the body itself. */
  readonly field?: string;
  readonly clientId?: string;
  readonly retryAfterMs?: number;
  /** More members for the body, such as CONFLICT's `assignee` and `state`. */
  readonly more?: Readonly<Record<string, unknown>>;
};

/** This request is denied, the session lives. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly detail: RefusalDetail;

  constructor(code: string, text: string, detail: RefusalDetail = {}, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Makes a Refusal of the broker's own table. */
export function refusal(code: BrokerRefusalCode, detail?: RefusalDetail): Refusal {
  return new Refusal(code, BROKER_REFUSALS[code].text, detail);
}

/** The session ends: ERROR flushed, then close. */
export class Disconnect extends Error {
  override readonly name = "Disconnect";
  /** A code of DISCONNECTS, or the code of a Refusal that could not be delivered as one. */
  readonly code: string;
  readonly close: number;
  readonly detail: RefusalDetail;

  private constructor(code: string, text: string, close: number, detail: RefusalDetail) {
    super(text);
    this.code = code;
    this.close = close;
    this.detail = detail;
  }

  static of(code: DisconnectCode, detail: RefusalDetail = {}): Disconnect {
    const row = DISCONNECTS[code];
    return new Disconnect(code, row.text, row.close, detail);
  }

  /** More output is queued than may be. */
  static ofOverflow({ maxOutboxBytes }: { readonly maxOutboxBytes: number }): Disconnect {
    return Disconnect.of("SLOW_CONSUMER", { hint: `at most ${maxOutboxBytes} octets may be queued` });
  }

  /** A refusal to a session that does not listen on /user/queue/errors, or one repeated too often. */
  static from(refusal: Refusal): Disconnect {
    return new Disconnect(refusal.code, refusal.message, 1008, refusal.detail);
  }
}
