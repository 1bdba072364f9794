/** The rules: who may do what. The first row that fits decides; what fits no row is not allowed. */
import {
  ERRORS_QUEUE,
  EVENTS_QUEUE,
  MESSAGE_DESTINATION,
  MESSAGES_QUEUE,
  NOTES_TOPIC,
  SUPPORT_TOPIC,
} from "./wire.ts";
import type { Verb as FrameVerb } from "../broker/application-destination.ts";
import type { Scope } from "../broker/principal.ts";
import type { RefusalCode } from "./errors.ts";

/** Of a frame, or the method of a request; HEAD is GET. */
export type Verb = FrameVerb | "GET" | "POST" | "DELETE";

/**
 * Whom a rule names: `public` is whoever asks, without a principal too; `user` every principal; `customer` guests and
 * customers; agents by role, of which each includes the one before; services by scope.
 */
export type Party = "public" | "user" | "customer" | "agent" | "supervisor" | "admin" | Scope;

/** What a rule may ask for beside the party, and what who lacks it is told. */
export const CONDITIONS = {
  yes: "no condition",
  toDesk:
    "to `support`, to the assignee, or to an agent who wrote in the conversation; else `FORBIDDEN_RECEIVER`",
  toCustomer: "to a guest or customer; else `FORBIDDEN_RECEIVER`, for nobody's id `UNKNOWN_USER`",
  toUntaken: "as `toCustomer`, but where a colleague has the conversation `CONFLICT`",
  own: "a conversation of their own; else `NOT_FOUND`",
  any: "any conversation; else `NOT_FOUND`",
  untaken: "one that waits, or is theirs already; else `CONFLICT`, or `NOT_FOUND`",
  assigned: "one that they are the assignee of; else `FORBIDDEN`, or `NOT_FOUND`",
  serving: "one that they are the assignee of, or joined; else `FORBIDDEN`, or `NOT_FOUND`",
  ownList: "all of their own; with `?customer` `FORBIDDEN`",
} as const;

export type Condition = keyof typeof CONDITIONS;

export type Rule = {
  readonly verb: Verb;
  /** Matched exactly; one that ends in `/**` fits everything below. */
  readonly destination: string;
  readonly allow: Readonly<Partial<Record<Party, Condition>>>;
  /** What every other party is told. */
  readonly otherwise: RefusalCode;
};

type Allow = Rule["allow"];

const rule = (verb: Verb, destination: string, allow: Allow, otherwise: RefusalCode): Rule => ({
  verb,
  destination,
  allow,
  otherwise,
});
const send = (destination: string, allow: Allow, otherwise: RefusalCode = "FORBIDDEN"): Rule =>
  rule("SEND", destination, allow, otherwise);
const subscribe = (
  destination: string,
  allow: Allow,
  otherwise: RefusalCode = "FORBIDDEN_DESTINATION",
): Rule => rule("SUBSCRIBE", destination, allow, otherwise);
const get = (destination: string, allow: Allow): Rule => rule("GET", destination, allow, "FORBIDDEN");
const post = (destination: string, allow: Allow): Rule => rule("POST", destination, allow, "FORBIDDEN");

/** Those who serve customers. */
const desk = (condition: Condition): Allow => ({ agent: condition, chat: condition });
/** They, and who may read everybody's conversations. */
const readers = (condition: Condition): Allow => ({ ...desk(condition), api: condition });

const HISTORY: Allow = { customer: "own", ...readers("any") };
const NOTES: Allow = desk("any");
const TOPICS: Allow = { agent: "yes", topics: "yes" };
const QUEUES: Allow = { agent: "yes", queues: "yes" };

export const RULES: readonly Rule[] = [
  send(MESSAGE_DESTINATION, { customer: "toDesk", ...desk("toUntaken"), supervisor: "toCustomer" }),
  send("/chat/invite", { ...desk("toUntaken"), supervisor: "toCustomer" }),
  send("/chat/claim", desk("untaken")),
  send("/chat/release", { ...desk("assigned"), supervisor: "any" }),
  send("/chat/transfer", { ...desk("assigned"), supervisor: "any" }),
  send("/chat/close", { customer: "own", ...desk("assigned"), supervisor: "any" }),
  send("/chat/read", { customer: "own", ...desk("serving") }),
  send("/chat/typing", { customer: "own", ...desk("serving") }),
  send("/chat/history", HISTORY),
  send("/chat/note", NOTES),
  send("/chat/status", { agent: "yes" }),
  send("/chat/page", { customer: "yes" }),
  send("/chat/save-canned-response", desk("yes")),
  send("/chat/delete-canned-response", desk("yes")),
  send("/chat/block", desk("toCustomer")),
  send("/chat/unblock", desk("toCustomer")),
  send("/topic/**", TOPICS, "FORBIDDEN_DESTINATION"),
  send("/queue/**", QUEUES, "FORBIDDEN_DESTINATION"),

  subscribe(MESSAGES_QUEUE, { user: "yes" }),
  subscribe(EVENTS_QUEUE, { user: "yes" }),
  subscribe(ERRORS_QUEUE, { user: "yes" }),
  subscribe(SUPPORT_TOPIC, desk("yes")),
  subscribe(NOTES_TOPIC, desk("yes")),
  subscribe("/topic/**", TOPICS),
  subscribe("/queue/reply-to/**", {}),
  subscribe("/queue/**", QUEUES),
  subscribe("/temp-queue/**", QUEUES, "UNKNOWN_DESTINATION"),

  post("/api/guests", { public: "yes" }),
  post("/api/identify", { public: "yes" }),
  post("/api/sessions", { public: "yes" }),
  rule("DELETE", "/api/sessions/current", { agent: "yes" }, "FORBIDDEN"),
  get("/api/connection-check", { public: "yes" }),
  get("/api/conversations", { customer: "ownList", ...readers("yes") }),
  get("/api/conversations/:id", HISTORY),
  get("/api/conversations/:id/messages", HISTORY),
  get("/api/conversations/:id/notes", NOTES),
  get("/api/customers", readers("yes")),
  get("/api/search", readers("yes")),
  get("/api/canned-responses", readers("yes")),
  get("/metrics", { admin: "yes" }),
  get("/healthz", { public: "yes" }),
  get("/readyz", { public: "yes" }),
  get("/", { public: "yes" }),
  get("/agent", { public: "yes" }),
  get("/connection-check", { public: "yes" }),
  get("/widget.js", { public: "yes" }),
  get("/widget/panel", { public: "yes" }),
];
