/** The guard in front of the sockjs library: what reaches it is allowed, bounded and well-formed. */
import { randomBytes } from "node:crypto";
import { openingOctetsOf } from "../../broker/limits.ts";
import { parseChatUrl } from "./chat-url.ts";
import { declaresMoreThan, discardBody, readBody } from "./request-body.ts";
import { brokerRefusal, methodRefusal, REFUSALS, refuseRequest } from "./refusal-answers.ts";
import { connectionFacts, hasAllowedOrigin, hidesItsOrigin, isFromBrowser } from "./request-facts.ts";
import { parsePayload } from "./sockjs-framing.ts";
import { SockjsSessions } from "./sockjs-sessions.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ChatUrl, SessionEndpoint } from "./chat-url.ts";
import type { TransportOptions } from "./create-transports.ts";
import type { HttpRefusal } from "./refusal-answers.ts";
import type { SockjsHttpSession } from "./sockjs-http-session.ts";
import type { SockjsPayload } from "./sockjs-framing.ts";
import type { ReceiverEndpoint } from "./sockjs-sessions.ts";

const UNCACHEABLE = "no-store, no-cache, no-transform, must-revalidate, max-age=0";

const METHODS: Readonly<Record<SessionEndpoint | "greeting" | "info", readonly string[]>> = {
  greeting: ["GET"],
  info: ["GET", "OPTIONS"],
  websocket: ["GET"],
  eventsource: ["GET"],
  xhr: ["POST", "OPTIONS"],
  xhr_send: ["POST", "OPTIONS"],
  xhr_streaming: ["POST", "OPTIONS"],
};

/** sockjs-protocol's texts for an xhr_send that carries no messages. */
const UNUSABLE: Readonly<Record<Exclude<SockjsPayload["kind"], "octets">, string>> = {
  empty: "Payload expected.",
  brokenJson: "Broken JSON encoding.",
  notStrings: "Payload expected.",
  badUtf8: "Broken UTF-8 encoding.",
};

type Endpoint = Exclude<ChatUrl, { kind: "unknown" } | { kind: "malformed" }>;
type ReceiverUrl = Extract<Endpoint, { kind: "session" }> & { readonly endpoint: ReceiverEndpoint };

export class SockjsGuard {
  readonly #options: TransportOptions;
  readonly #maxBody: number;
  readonly #sessions: SockjsSessions;

  constructor(options: TransportOptions, maxBody: number) {
    this.#options = options;
    this.#maxBody = maxBody;
    this.#sessions = new SockjsSessions(options.open);
  }

  /** Answers a request below /chat; false when it is not. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = parseChatUrl(request.url ?? "");
    if (url === undefined) return false;
    // A peer that goes away while it is answered is no error of ours.
    response.on("error", () => undefined);
    const refusal = this.#judge(request, url);
    response.setHeader("Vary", "Origin");
    if (refusal !== REFUSALS.originNotAllowed) allowOrigin(request, response);
    if (refusal !== undefined) this.#refuse(request, response, refusal);
    else this.#answer(request, response, url as Endpoint);
    return true;
  }

  close(): void {
    this.#sessions.close();
  }

  #judge(request: IncomingMessage, url: ChatUrl): HttpRefusal | undefined {
    const isOurs = hasAllowedOrigin(request, this.#options.isOriginAllowed) && !hidesItsOrigin(request);
    if (!isOurs) return REFUSALS.originNotAllowed;
    if (this.#options.hasSecretInUrl(request)) return REFUSALS.secretInUrl;
    if (url.kind === "malformed") return REFUSALS.malformedUrl;
    if (url.kind === "unknown") return REFUSALS.notFound;
    const methods = METHODS[url.kind === "session" ? url.endpoint : url.kind];
    if (!methods.includes(request.method ?? "")) return methodRefusal(methods);
    if (request.headers["content-encoding"] !== undefined) return REFUSALS.encodedBody;
    if (declaresMoreThan(this.#maxBody, request)) return tooLarge(this.#maxBody);
    return undefined;
  }

  #answer(request: IncomingMessage, response: ServerResponse, url: Endpoint): void {
    if (url.kind === "session" && url.endpoint === "xhr_send" && request.method === "POST") {
      void this.#answerSend(request, response, url.session).catch(() => response.destroy());
      return;
    }
    discardBody(request, this.#maxBody);
    if (request.method === "OPTIONS") this.#answerPreflight(request, response, url);
    else if (url.kind === "greeting") this.#sessions.answer(request, response, "/chat");
    else if (url.kind === "info") answerInfo(response);
    else if (isReceiver(url)) this.#answerReceiver(request, response, url.session, url.endpoint);
    else answerNoUpgrade(response);
  }

  #answerPreflight(request: IncomingMessage, response: ServerResponse, url: Endpoint): void {
    response.setHeader("Access-Control-Allow-Headers", "content-type");
    const path = url.kind === "session" ? `/chat/0/0/${url.endpoint}` : "/chat/info";
    this.#sessions.answer(request, response, path);
  }

  #answerReceiver(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    endpoint: ReceiverEndpoint,
  ): void {
    const known = this.#sessions.get(id);
    if (known === undefined && this.#options.isDraining()) {
      this.#refuse(request, response, REFUSALS.draining);
      return;
    }
    const remoteAddress = this.#options.remoteAddress(request);
    const refusal = known === undefined ? this.#options.admit(remoteAddress) : undefined;
    if (refusal !== undefined) {
      this.#refuse(request, response, brokerRefusal(refusal));
      return;
    }
    if (known !== undefined && isFromBrowser(request)) known.sawBrowser();
    const session = known ?? this.#sessions.create(id, endpoint, connectionFacts(request, remoteAddress));
    correctOrigin(request, response);
    this.#sessions.addReceiver(session, endpoint, request, response);
  }

  async #answerSend(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      const refusal = this.#options.admitUnknown(this.#options.remoteAddress(request));
      this.#refuse(request, response, refusal ? brokerRefusal(refusal) : REFUSALS.unknownSession);
      return;
    }
    if (!session.beginSend()) {
      this.#refuse(request, response, REFUSALS.tooManySends);
      return;
    }
    if (isFromBrowser(request)) session.sawBrowser();
    const cap = session.isConnected ? this.#maxBody : openingOctetsOf(this.#options.limits);
    const body = declaresMoreThan(cap, request) ? "tooLong" : await readBody(request, cap);
    if (Buffer.isBuffer(body)) {
      takeMessages(session, parsePayload(body, "array"), response);
      return;
    }
    session.endSend();
    if (body === "tooLong") this.#refuse(request, response, tooLarge(cap));
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: HttpRefusal): void {
    this.#options.onRefused?.(refusal.code, request);
    refuseRequest(request, response, refusal);
  }
}

function tooLarge(cap: number): HttpRefusal {
  return { ...REFUSALS.tooLarge, hint: `at most ${cap} octets` };
}

function isReceiver(url: Endpoint): url is ReceiverUrl {
  return url.kind === "session" && url.endpoint !== "websocket" && url.endpoint !== "xhr_send";
}

function takeMessages(session: SockjsHttpSession, payload: SockjsPayload, response: ServerResponse): void {
  if (payload.kind === "octets") {
    session.receive(payload.octets, () => {
      session.endSend();
      answerText(response, 204, "");
    });
    return;
  }
  session.endSend();
  answerText(response, 500, UNUSABLE[payload.kind]);
  if (payload.kind === "notStrings") session.fail("BAD_FRAME", "SockJS messages are an array of strings");
  if (payload.kind === "badUtf8") session.fail("BAD_UTF8", "a SockJS message is not well-formed Unicode");
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.setHeader("Content-Type", "text/plain; charset=UTF-8");
  response.setHeader("Cache-Control", UNCACHEABLE);
  response.writeHead(status);
  response.end(text);
}

/** Not the library's: without its own CORS headers it leaves `origins` out, which the protocol asks for. */
function answerInfo(response: ServerResponse): void {
  response.setHeader("Content-Type", "application/json; charset=UTF-8");
  response.setHeader("Cache-Control", UNCACHEABLE);
  const entropy = randomBytes(4).readUInt32LE();
  // A constant of the protocol that no client looks at; who may come is decided by the Origin.
  response.end(JSON.stringify({ websocket: true, origins: ["*:*"], cookie_needed: false, entropy }));
}

/** sockjs-protocol, test_httpMethod. */
function answerNoUpgrade(response: ServerResponse): void {
  answerText(response, 400, 'Can "Upgrade" only to "WebSocket".');
}

/**
 * The exact origin, and credentials because stock sockjs-client always sends them: nothing under /chat reads a cookie.
 */
function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.origin === undefined) return;
  response.setHeader("Access-Control-Allow-Origin", headers.origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
}

/** The library's eventsource writes CORS headers whatever its options say: ours go over them. */
function correctOrigin(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number) => {
    for (const name of ["Origin", "Credentials", "Headers"])
      response.removeHeader(`Access-Control-Allow-${name}`);
    allowOrigin(request, response);
    return writeHead(status);
  };
}
