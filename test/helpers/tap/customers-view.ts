/** Everything that a guest or customer may be sent, member by member: what is not here is for agents only, or for others. */
import { z } from "zod";

const text = z.string();
const count = z.number();
const flag = z.boolean();

const deskMember = z.strictObject({
  id: text,
  kind: z.enum(["agent", "service"]),
  role: text.optional(),
  name: text.optional(),
});
const customer = z.strictObject({
  id: text,
  kind: z.enum(["guest", "customer"]),
  name: text.optional(),
  verified: flag.optional(),
  erased: flag.optional(),
  blocked: flag.optional(),
});
const principal = z.union([deskMember, customer]);

const summary = {
  id: text,
  state: z.enum(["waiting", "active", "closed"]),
  customer,
  assignee: deskMember.nullable(),
  lastSeq: count,
  version: count,
};
const standing = { ...summary, deliveredSeq: count, readSeq: count, unread: count };
const detail = {
  ...standing,
  openedAt: text,
  waitingSince: text.optional(),
  closedAt: text.optional(),
  closeReason: text.optional(),
};

const message = z.strictObject({
  userFrom: text,
  userTo: text,
  message: text,
  id: text,
  conversation: text,
  seq: count,
  sentAt: text,
  clientId: text.optional(),
  erased: flag.optional(),
});
const line = z.strictObject({
  type: text,
  at: text,
  afterSeq: count,
  by: principal.optional(),
  reason: text.optional(),
});
const page = { items: z.array(message), events: z.array(line), position: text };

const change = z.strictObject({
  conversation: z.strictObject(summary),
  by: principal.optional(),
  afterSeq: count,
  reason: text.optional(),
});
const mark = z.strictObject({ conversation: text, user: principal, seq: count });

/** The data of each type of event. */
const EVENTS: Readonly<Record<string, z.ZodType>> = {
  snapshot: z.strictObject({
    conversations: z.array(z.strictObject(standing)),
    more: flag,
    available: flag,
  }),
  "conversation.opened": change,
  "conversation.assigned": change,
  "conversation.requeued": change,
  "conversation.closed": change,
  "conversation.reopened": change,
  "message.delivered": mark,
  "message.read": mark,
  typing: z.strictObject({ conversation: text, user: principal, typing: flag }),
  history: z.strictObject({ conversation: text, ...page }),
  "mailbox.subscribed": z.strictObject({
    subscription: text.nullable(),
    recovered: flag,
    position: text,
    head: text,
  }),
  "support.availability": z.strictObject({ available: flag }),
};
const event = z
  .strictObject({ type: text, at: text, data: z.unknown() })
  .refine(({ type, data }) => EVENTS[type]?.safeParse(data).success === true, "no event for customers");

const refusal = z.strictObject({
  code: text,
  message: text,
  hint: text.optional(),
  field: text.optional(),
  clientId: text.optional(),
  assignee: deskMember.nullable().optional(),
  state: text.optional(),
  limit: count.optional(),
  actual: count.optional(),
  requestId: text.optional(),
});

const ANSWER_HEADERS = ["content-type", "content-length", "message", "code", "command"];
const REFUSAL_HEADERS = [
  ...ANSWER_HEADERS,
  "refused-destination",
  "receipt-id",
  "client-id",
  "retry-after-ms",
  "version",
];
const MESSAGE_HEADERS = [
  "destination",
  "subscription",
  "message-id",
  "ack",
  "content-type",
  "content-length",
];

export type Shape = { readonly headers: readonly string[]; readonly body: z.ZodType };

/** Frames by their command. */
export const FRAMES: Readonly<Record<string, Shape>> = {
  CONNECTED: {
    headers: ["version", "session", "server", "heart-beat", "user-name", "token"],
    body: z.undefined(),
  },
  RECEIPT: {
    headers: ["receipt-id", "message-id", "conversation", "seq", "position", "recovered", "head"],
    body: z.undefined(),
  },
  ERROR: { headers: REFUSAL_HEADERS, body: refusal },
};

/** MESSAGEs by their destination. */
export const MESSAGES: Readonly<Record<string, Shape>> = {
  "/user/queue/messages": {
    headers: [...MESSAGE_HEADERS, "position", "conversation", "seq", "own"],
    body: message,
  },
  "/user/queue/events": { headers: [...MESSAGE_HEADERS, "receipt-id"], body: event },
  "/user/queue/errors": { headers: [...MESSAGE_HEADERS, ...REFUSAL_HEADERS], body: refusal },
};

const token = z.strictObject({ token: text, user: customer });

/** Answers with status 200 or 201 to requests of guests, customers, and whoever has no token. */
export const ANSWERS: readonly (readonly [path: RegExp, body: z.ZodType])[] = [
  [/^\/api\/(?:guests|identify)$/, token],
  [/^\/api\/connection-check$/, z.looseObject({ server: text })],
  [
    /^\/api\/conversations$/,
    z.strictObject({ items: z.array(z.strictObject(detail)), next: text.optional(), position: text }),
  ],
  [/^\/api\/conversations\/[\w-]+$/, z.strictObject({ ...detail, position: text })],
  [/^\/api\/conversations\/[\w-]+\/messages$/, z.strictObject(page)],
];

export const REFUSED_ANSWER = refusal;
