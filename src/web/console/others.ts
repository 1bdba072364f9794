/** Conversations whatever their state, newest first: a page that is kept fresh, and older ones as far as they were asked for. */
import { computed, signal } from "@preact/signals";
import type { ConversationDetail, ConversationSummary, PublicPrincipal } from "../../chat/wire.ts";
import type { ChatClient } from "../client/index.ts";

const PAGE = 100;

const newest = signal<readonly ConversationDetail[]>([]);
const older = signal<readonly ConversationDetail[]>([]);
/** Where the older ones go on. */
const next = signal<string | undefined>(undefined);

export const others = computed(() => [...newest.value, ...older.value]);
export const hasOlder = computed(() => next.value !== undefined);

/** Reads the first page again; rejects with a ChatRefusal. */
export async function refreshOthers(client: ChatClient): Promise<void> {
  const page = await client.listConversations({ limit: PAGE });
  const fresh = new Set(page.items.map(({ id }) => id));
  if (older.value.length === 0) next.value = page.next;
  // New ones push the last of the page to those behind it.
  else older.value = others.value.filter(({ id }) => !fresh.has(id));
  newest.value = page.items;
}

/** Reads a page behind those that are known; rejects with a ChatRefusal. */
export async function showOlder(client: ChatClient): Promise<void> {
  const before = next.value;
  if (before === undefined) return;
  const page = await client.listConversations({ limit: PAGE, before });
  if (next.value !== before) return;
  const known = new Set(others.value.map(({ id }) => id));
  older.value = [...older.value, ...page.items.filter(({ id }) => !known.has(id))];
  next.value = page.next;
}

/** An event told of it. */
export function changeOthers(conversation: ConversationSummary): void {
  older.value = older.value.map((one) => (one.id === conversation.id ? { ...one, ...conversation } : one));
}

/** They show the customer as erased. */
export function eraseInOthers(customer: PublicPrincipal): void {
  const shown = (one: ConversationDetail): ConversationDetail =>
    one.customer.id === customer.id ? { ...one, customer } : one;
  newest.value = newest.value.map(shown);
  older.value = older.value.map(shown);
}

export function forgetOthers(): void {
  newest.value = [];
  older.value = [];
  next.value = undefined;
}
