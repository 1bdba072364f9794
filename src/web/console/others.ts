/**
 * Conversations whatever their state, newest first: a page that is kept fresh, older ones as far as they were asked for, and
 * what events told since.
 */
import { computed, signal } from "@preact/signals";
import type {
  ConversationDetail,
  ConversationStanding,
  ConversationSummary,
  PublicPrincipal,
} from "../../chat/wire.ts";
import type { ChatClient } from "../client/index.ts";

const PAGE = 100;

const newest = signal<readonly ConversationDetail[]>([]);
const older = signal<readonly ConversationDetail[]>([]);
/** What events told since the newest page was asked for. */
const told = signal<ReadonlyMap<string, ConversationSummary>>(new Map());
/** Where the older ones go on. */
const next = signal<string | undefined>(undefined);
/** Whether events may have been missed since all of it was read. */
const isDoubtful = signal(false);
/** The one that was opened last: no list may hold it, or hold it any more. */
export const opened = signal<ConversationSummary | undefined>(undefined);

export const others = computed<readonly ConversationStanding[]>(() => {
  const listed = [...newest.value, ...older.value].map(asTold);
  const ids = new Set(listed.map(({ id }) => id));
  const begun = [...told.value.values()].filter(({ id }) => !ids.has(id)).reverse();
  return [...begun.map((one) => ({ ...one, deliveredSeq: 0, readSeq: 0, unread: 0 })), ...listed];
});
export const hasOlder = computed(() => next.value !== undefined);

function asTold(one: ConversationDetail): ConversationDetail {
  return { ...one, ...told.value.get(one.id) };
}

/** Events may have been missed: the next reading is one of all that is shown. */
export function doubtOthers(): void {
  isDoubtful.value = true;
}

/** Reads the first page again, or all pages that are shown where they are doubtful; rejects with a ChatRefusal. */
export async function refreshOthers(client: ChatClient): Promise<void> {
  const asked = told.value;
  const isWhole = isDoubtful.value;
  const wanted = isWhole ? newest.value.length + older.value.length : 1;
  let page = await client.listConversations({ limit: PAGE });
  const items = [...page.items];
  while (items.length < wanted && page.next !== undefined) {
    page = await client.listConversations({ limit: PAGE, before: page.next });
    items.push(...page.items);
  }
  const fresh = new Set(items.map(({ id }) => id));
  const known = [...newest.value, ...older.value].map(asTold);
  if (!isWhole && older.value.length > 0 && known.some(({ id }) => fresh.has(id))) {
    // New ones push the last of the page to those behind it.
    older.value = known.filter(({ id }) => !fresh.has(id));
  } else {
    // Behind a page of nothing but new ones there may be more of them: the older ones go on from there.
    older.value = items.slice(PAGE);
    next.value = page.next;
  }
  newest.value = items.slice(0, PAGE);
  told.value = new Map([...told.value].filter(([id, one]) => asked.get(id) !== one));
  if (!isWhole) return;
  isDoubtful.value = false;
  const { id } = opened.value ?? {};
  if (id === undefined || fresh.has(id)) return;
  const detail = await client.conversationDetail(id);
  if (opened.value?.id === id) opened.value = detail;
}

/** Reads a page behind those that are known; rejects with a ChatRefusal. */
export async function showOlder(client: ChatClient): Promise<void> {
  for (let before = next.value; before !== undefined; before = next.value) {
    const page = await client.listConversations({ limit: PAGE, before });
    // The newest page was read meanwhile, and ends elsewhere.
    if (next.value !== before) continue;
    const known = new Set([...newest.value, ...older.value].map(({ id }) => id));
    older.value = [...older.value, ...page.items.filter(({ id }) => !known.has(id))];
    next.value = page.next;
    return;
  }
}

/** An event told of it. */
export function changeOthers(conversation: ConversationSummary): void {
  const all = new Map(told.value);
  // The last that was told of is the newest.
  all.delete(conversation.id);
  told.value = all.set(conversation.id, conversation);
  if (opened.value?.id === conversation.id) opened.value = conversation;
}

/** They show the customer as erased. */
export function eraseInOthers(customer: PublicPrincipal): void {
  const shown = <One extends ConversationSummary>(one: One): One =>
    one.customer.id === customer.id ? { ...one, customer } : one;
  newest.value = newest.value.map(shown);
  older.value = older.value.map(shown);
  told.value = new Map([...told.value].map(([id, one]) => [id, shown(one)]));
  if (opened.value !== undefined) opened.value = shown(opened.value);
}

export function forgetOthers(): void {
  newest.value = [];
  older.value = [];
  told.value = new Map();
  opened.value = undefined;
  next.value = undefined;
}
