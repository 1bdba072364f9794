/** Every field that a person or program can write and that some page shows: how it is written, and where it is seen. */

export type ShownField = {
  /** Who writes it, and by which way. */
  readonly written: string;
  readonly places: readonly string[];
};

/** By name; each place begins with its page. */
export const SHOWN_FIELDS = {
  "a customer's message": {
    written: "SEND /chat/message",
    places: [
      "console, waiting list",
      "console, thread",
      "console, list of mine",
      "console, notification",
      "console, search",
      "widget, own message",
    ],
  },
  "an agent's message": { written: "SEND /chat/message", places: ["console, thread", "widget, thread"] },
  "a message that is refused": {
    written: "SEND /chat/message with a character that is not accepted",
    places: ["console, thread", "widget, own message"],
  },
  "an invitation": { written: "/chat/invite", places: ["widget, thread"] },
  "a draft": { written: "the field", places: ["console, field", "console, list of mine"] },
  "a private note": { written: "/chat/note", places: ["console, thread"] },
  "a note that is refused": {
    written: "/chat/note with a character that is not accepted",
    places: ["console, thread"],
  },
  "a hand-over's note": { written: "/chat/transfer", places: ["console, thread"] },
  "a blocking's reason": { written: "/chat/block", places: ["console, thread"] },
  "a canned response": {
    written: "/chat/save-canned-response",
    places: ["console, dialog", "console, form", "console, list over the field", "console, field"],
  },
  "a canned response's shortcut": {
    written: "/chat/save-canned-response",
    places: ["console, dialog", "console, form's title", "console, list over the field"],
  },
  "what is looked for among them": {
    written: "the fields for it",
    places: ["console, dialog", "console, list over the field"],
  },
  "a customer's name": {
    written: "name in the site's token",
    places: [
      "console, waiting list",
      "console, visitors",
      "console, label of an invitation",
      "console, heading",
      "console, thread's author",
      "console, thread's line",
      "console, typing",
      "console, label of the field",
      "console, about",
      "console, list of mine",
      "console, notification",
      "console, search",
    ],
  },
  "an agent's name": {
    written: "admin add-agent --name",
    places: [
      "console, list of all",
      "console, standing",
      "console, reading along",
      "console, thread's author",
      "console, thread's line",
      "console, note's author",
      "console, choice of colleagues",
      "console, toast",
      "console, own name",
      "widget, heading",
      "widget, thread's line",
      "widget, author",
      "widget, typing",
    ],
  },
  "a service's name": { written: "admin add-service", places: ["console, thread's line"] },
  "a page's address": {
    written: "/chat/page, url; what is no address stands in path, query and fragment of one",
    places: ["console, visitors", "console, current page", "console, first page"],
  },
  "a page's title": {
    written: "/chat/page, title; the host page's own",
    places: ["console, visitors", "console, current page", "console, first page", "host page, window title"],
  },
  "a part of a referrer": { written: "/chat/page, referrer", places: ["console, came from"] },
  "a browser's name": { written: "User-Agent", places: ["console, device"] },
  "a search": { written: "the field", places: ["console, search", "console, nothing found"] },
  "a refusal's text": {
    written: "the server's answer, as a proxy may change it",
    places: ["console, search"],
  },
  "a login": { written: "the sign-in", places: ["console, sign-in"] },
  "the widget's title": { written: "data-title of the script", places: ["host page, frame"] },
  "what the frame tells the host page": {
    written: "postMessage",
    places: ["host page, name in the preview", "host page, text in the preview"],
  },
  "a site in question": {
    written: "?site= of the connection check",
    places: ["check, row", "check, field"],
  },
  "query and fragment": {
    written: "the address bar",
    places: ["demo page", "console, sign-in", "widget", "check"],
  },
  "a part of a request": {
    written: "path and query of GET",
    places: ["REST, unknown path", "REST, query"],
  },
} as const satisfies Readonly<Record<string, ShownField>>;

export type FieldName = keyof typeof SHOWN_FIELDS;

/** Of the wire's shapes each member that can hold text: the field that it carries, or why nobody can write into it. */
export const WIRE_TEXTS: Readonly<Record<string, { readonly field: FieldName } | { readonly not: string }>> =
  {
    ...Object.fromEntries(
      [
        "PublicPrincipal.id",
        "ConversationSummary.id",
        "Note.id",
        "Note.conversation",
        "MessageBody.userFrom",
        "MessageBody.userTo",
        "NewestMessage.userFrom",
        "MessageBody.id",
        "MessageBody.conversation",
      ].map((member) => [member, { not: "an id that the server makes" }]),
    ),
    ...Object.fromEntries(
      [
        "ConversationDetail.openedAt",
        "ConversationDetail.waitingSince",
        "ConversationDetail.closedAt",
        "Note.writtenAt",
        "ConversationLine.at",
        "MessageBody.sentAt",
        "NewestMessage.sentAt",
        "EventEnvelope.at",
        "ConnectionCheck.time",
      ].map((member) => [member, { not: "a time that the server tells" }]),
    ),
    ...Object.fromEntries(
      [
        "ConversationDetail.closeReason",
        "ConversationLine.reason",
        "EventEnvelope.type",
        "ConnectionCheck.server",
        "ConnectionCheck.versions",
        "ConnectionCheck.transports",
      ].map((member) => [member, { not: "a word of the server's own" }]),
    ),
    "Note.clientId": { not: "letters, digits, - and _ alone, and never shown" },
    "MessageBody.clientId": { not: "letters, digits, - and _ alone, and never shown" },
    "EventEnvelope.data": { not: "one of the other shapes" },
    "ConnectionCheck.address": { not: "an address that was read as one" },
    "ConnectionCheck.forwardedScheme": { not: "http or https" },
    "ConnectionCheck.host": {
      not: "of a request's head: no page sets it, and what reads no host is refused",
    },
    "ConnectionCheck.publicUrl": { not: "the operator's, read as an address" },
    "ConnectionCheck.origin": { field: "a site in question" },
    "PublicPrincipal.name": { field: "a customer's name" },
    "VisitedPage.url": { field: "a page's address" },
    "VisitedPage.title": { field: "a page's title" },
    "VisitedPage.referrer": { field: "a part of a referrer" },
    "OnlineCustomer.userAgent": { field: "a browser's name" },
    "ConversationContext.userAgent": { field: "a browser's name" },
    "CannedResponse.shortcut": { field: "a canned response's shortcut" },
    "CannedResponse.text": { field: "a canned response" },
    "Note.note": { field: "a private note" },
    "MessageBody.message": { field: "a customer's message" },
    "NewestMessage.preview": { field: "a customer's message" },
  };
