/**
 * Conversations whatever their state, newest first: a page that is kept fresh, older ones as far as they were asked for, and
 * what events told since.
 */
import { batch, computed, signal } from "@preact/signals";
import type {
  ConversationDetail,
  ConversationStanding,
  ConversationSummary,
  PublicPrincipal,
} from "../../chat/wire.ts";
import type { ChatClient } from "../client/index.ts";

/** One of the list; `toldAt` is when an event told of it that no page has yet, ms since epoch. */
export type ListedConversation = ConversationStanding & { readonly toldAt?: number };
type Told = { readonly conversation: ConversationSummary; readonly at: number };

const PAGE = 100;

const newest = signal<readonly ConversationDetail[]>([]);
const older = signal<readonly ConversationDetail[]>([]);
/** What events told since the newest page was asked for. */
const told = signal<ReadonlyMap<string, Told>>(new Map());
/** Where the older ones go on. */
const next = signal<string | undefined>(undefined);
/** Counts the agents at this tab: what is on its way to one is not for the next. */
let reader = 0;
/** Whether events may have been missed since all of it was read. */
const isDoubtful = signal(false);
/** The one that was opened last: no list may hold it, or hold it any more. */
export const opened = signal<ConversationSummary | undefined>(undefined);

export const others = computed<readonly ListedConversation[]>(() => {
  const listed = [...newest.value, ...older.value].map(asTold);
  const ids = new Set(listed.map(({ id }) => id));
  const begun = [...told.value.values()].filter(({ conversation: { id } }) => !ids.has(id)).reverse();
  const marks = { deliveredSeq: 0, readSeq: 0, unread: 0 };
  return [...begun.map(({ conversation, at }) => ({ ...conversation, ...marks, toldAt: at })), ...listed];
});
export const hasOlder = computed(() => next.value !== undefined);

function asTold(one: ConversationDetail): ConversationDetail {
  return { ...one, ...told.value.get(one.id)?.conversation };
}

/** Events may have been missed: the next reading is one of all that is shown. */
export function doubtOthers(): void {
  isDoubtful.value = true;
}

/** Reads the first page again, or all pages that are shown where they are doubtful; rejects with a ChatRefusal. */
export async function refreshOthers(client: ChatClient): Promise<void> {
  const asked = told.value;
  const by = reader;
  const isWhole = isDoubtful.value;
  const wanted = isWhole ? newest.value.length + older.value.length : 1;
  let page = await client.listConversations({ limit: PAGE });
  const items = [...page.items];
  while (items.length < wanted && page.next !== undefined) {
    page = await client.listConversations({ limit: PAGE, before: page.next });
    items.push(...page.items);
  }
  if (by !== reader) return;
  const fresh = new Set(items.map(({ id }) => id));
  const known = [...newest.value, ...older.value].map(asTold);
  batch(() => {
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
  });
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

/** An event told of it, `at` ms since epoch. */
export function changeOthers(conversation: ConversationSummary, at: number): void {
  const all = new Map(told.value);
  // The last that was told of is the newest.
  all.delete(conversation.id);
  told.value = all.set(conversation.id, { conversation, at });
  if (opened.value?.id === conversation.id) opened.value = conversation;
}

/** They show the customer as erased. */
export function eraseInOthers(customer: PublicPrincipal): void {
  const shown = <One extends ConversationSummary>(one: One): One =>
    one.customer.id === customer.id ? { ...one, customer } : one;
  const silent = (one: ConversationDetail): ConversationDetail =>
    one.customer.id === customer.id && one.newest !== undefined
      ? { ...shown(one), newest: { ...one.newest, preview: "" } }
      : shown(one);
  newest.value = newest.value.map(silent);
  older.value = older.value.map(silent);
  told.value = new Map(
    [...told.value].map(([id, { conversation, at }]) => [id, { conversation: shown(conversation), at }]),
  );
  if (opened.value !== undefined) opened.value = shown(opened.value);
}

export function forgetOthers(): void {
  reader += 1;
  newest.value = [];
  older.value = [];
  told.value = new Map();
  opened.value = undefined;
  next.value = undefined;
}
