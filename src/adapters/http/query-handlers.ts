/** The queries of REST: conversations, histories, notes, customers, searches; the same rules as on STOMP. */
import { refuse } from "../../chat/errors.ts";
import { formatPosition } from "../../chat/position.ts";
import { Query } from "./queries.ts";
import type { Request } from "express";
import type { ApiParts } from "./api-parts.ts";
import type { Answer } from "./permission.ts";

/** Messages that a search takes into the index before it looks. */
const JUST_WRITTEN = 100;

const CONVERSATION_ID = /^[A-Za-z0-9_-]{22,64}$/;

/** Each path below `/api` with what answers its GET, once the rules allow it. */
export function createQueryHandlers(parts: ApiParts): readonly [string, Answer][] {
  return [
    ["/conversations", listConversations(parts)],
    ["/conversations/:id", showConversation(parts)],
    ["/conversations/:id/messages", listMessages(parts)],
    ["/conversations/:id/notes", listNotes(parts)],
    ["/customers", listCustomers(parts)],
    ["/search", search(parts)],
    ["/canned-responses", listCannedResponses(parts)],
  ];
}

function listConversations(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    const query = new Query(request, ["state", "customer", "before", "limit"]);
    const states = query.states();
    const customer = query.id("customer");
    const before = query.cursor();
    const page = await parts.store.execute("conversations", {
      principal,
      limit: query.limit(),
      ...(states === undefined ? {} : { states }),
      ...(customer === undefined ? {} : { customer }),
      ...(before === undefined ? {} : { before }),
    });
    response.json({ ...page, position: formatPosition(parts.store.epoch, page.position) });
  };
}

function showConversation(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    new Query(request, []);
    const found = await parts.store.execute("conversation", { principal, id: idIn(request) });
    response.json({ ...found.conversation, position: formatPosition(parts.store.epoch, found.position) });
  };
}

function listMessages(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    const query = new Query(request, ["before", "after", "limit"]);
    const before = query.seq("before");
    const after = query.seq("after");
    const conversation = idIn(request);
    parts.countHistory(principal);
    const page = await parts.store.execute("history", {
      principal,
      conversation,
      limit: query.limit(),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
    const read = { action: "read-history", object: conversation } as const;
    parts.audit.read(principal, parts.remoteAddress(request), read);
    response.json({ ...page, position: formatPosition(parts.store.epoch, page.position) });
  };
}

function listCustomers(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    const query = new Query(request, ["online", "before", "limit"]);
    const limit = query.limit();
    const before = query.cursor();
    const page = await parts.store.execute("customers", {
      principal,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    const position = formatPosition(parts.store.epoch, page.position);
    if (query.flag("online") === true) {
      response.json({ ...onlinePage(parts, before, limit), position });
      return;
    }
    response.json({ ...page, position });
  };
}

/** Connected customers, in order of arrival: many of them have no row yet. */
function onlinePage({ onlineCustomers }: ApiParts, before: string | undefined, limit: number): object {
  const all = onlineCustomers();
  const start = before === undefined ? 0 : all.findIndex(({ user }) => user.id === before) + 1;
  const items = all.slice(start, start + limit).map(({ user, ...rest }) => ({ ...user, ...rest }));
  const next = all.length > start + limit ? items.at(-1)?.id : undefined;
  return next === undefined ? { items } : { items, next };
}

function listNotes(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    const query = new Query(request, ["before", "after", "limit"]);
    const before = query.seq("before");
    const after = query.seq("after");
    const items = await parts.store.execute("notes", {
      principal,
      conversation: idIn(request),
      limit: query.limit(),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
    response.json({ items });
  };
}

function search(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    const query = new Query(request, ["text", "before", "limit"]);
    const before = query.cursor();
    const text = query.words();
    const limit = query.limit();
    // What was just written is found too, unless much of it waits; a search goes on where nothing can be written.
    await parts.store.execute("indexMessages", { limit: JUST_WRITTEN }).catch(() => undefined);
    const page = await parts.store.execute("search", {
      principal,
      text,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    parts.audit.read(principal, parts.remoteAddress(request), { action: "search" });
    response.json(page);
  };
}

function listCannedResponses(parts: ApiParts): Answer {
  return async (request, response, { principal }) => {
    new Query(request, []);
    response.json({ items: await parts.store.execute("cannedResponses", { principal }) });
  };
}

function idIn(request: Request): string {
  const id = request.params["id"];
  if (typeof id !== "string" || !CONVERSATION_ID.test(id)) throw refuse("NOT_FOUND");
  return id;
}
