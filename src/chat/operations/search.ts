/** Finding messages by their words, and customers by their names. */
import { requirePermission } from "../access-policy.ts";
import { bodyOf, isErased, publicPrincipal, summaryOf } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { wordsOf } from "../search-words.ts";
import { SEARCH_CUSTOMERS } from "../wire.ts";
import { fitting } from "./fitting.ts";
import { answer } from "./outcome.ts";
import type { Principal } from "../../broker/principal.ts";
import type { MessageRow, Tables } from "../tables.ts";
import type { FoundMessage, PublicPrincipal } from "../wire.ts";
import type { Outcome } from "./outcome.ts";

export type SearchInput = {
  readonly principal: Principal;
  readonly text: string;
  /** `next` of the page before. */
  readonly before?: string;
  readonly limit: number;
};

export type SearchPage = {
  /** Newest first. */
  readonly items: readonly FoundMessage[];
  /** On the first page only. */
  readonly customers: readonly PublicPrincipal[];
  /** Give it as `before` for the following page; absent on the last. */
  readonly next?: string;
};

/** Everything that has all of the words, for those who serve customers and services with scope `api`. */
export function search(tables: Tables, { principal, text, before, limit }: SearchInput): Outcome<SearchPage> {
  requirePermission(principal, "GET", "/api/search", {});
  const beforeKey = before === undefined ? undefined : keyOf(before);
  const words = wordsOf(text);
  if (words.length === 0) return answer({ items: [], customers: [] });
  const rows = tables.search.messages(words, beforeKey, limit + 1);
  const shown = fitting(rows.slice(0, limit));
  const last = shown.at(-1);
  const customers = before === undefined ? tables.search.customers(words, SEARCH_CUSTOMERS) : [];
  return answer({
    items: shown.flatMap((row) => foundOf(tables, row)),
    customers: customers.map(publicPrincipal),
    ...(rows.length > shown.length && last !== undefined ? { next: last.key.toString(36) } : {}),
  });
}

function keyOf(cursor: string): number {
  const key = /^[0-9a-z]{1,10}$/.test(cursor) ? Number.parseInt(cursor, 36) : Number.NaN;
  if (!Number.isSafeInteger(key)) throw refuse("BAD_QUERY", { field: "before" });
  return key;
}

/** Nothing of a customer whose words are about to leave the index. */
function foundOf(tables: Tables, row: MessageRow): readonly FoundMessage[] {
  const conversation = tables.conversationByKey(row.conversation);
  if (conversation === undefined) throw new Error("a message has no conversation");
  if (isErased(tables, conversation)) return [];
  return [
    { conversation: summaryOf(tables, conversation), message: bodyOf(tables, conversation, row, false) },
  ];
}

/** Takes messages into the index; call again while the result equals the limit. */
export function indexMessages(tables: Tables, { limit }: { readonly limit: number }): Outcome<number> {
  return answer(tables.search.index(limit));
}
