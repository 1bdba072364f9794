/** What is searched for and found, and what opens from it. */
import { computed, signal } from "@preact/signals";
import { ChatRefusal } from "../client/index.ts";
import { nameOf } from "./names.ts";
import { NOTHING, Search } from "./search.ts";
import { client, visit } from "./state.ts";
import { attempt, reasonOf, say } from "./toast.ts";
import type { FoundMessage, PublicPrincipal } from "../../chat/wire.ts";
import type { SearchView } from "./search.ts";

const PAGE = 20;

export const searchText = signal("");
export const found = signal<SearchView>(NOTHING);
/** The message or customer that was opened last from what is found. */
export const openedFrom = signal<string | undefined>(undefined);
export const isSearching = computed(() => found.value.status !== "idle");

const search = new Search({
  ask: (text, page) => {
    const by = client.peek();
    const lost = new ChatRefusal({ code: "CONNECTION_LOST", message: "There is no connection." });
    return by?.search(text, { ...page, limit: PAGE }) ?? Promise.reject(lost);
  },
  changed: (view) => (found.value = view),
  reasonOf,
});

export function searchFor(text: string): void {
  searchText.value = text;
  search.type(text);
}

export function leaveSearch(): void {
  searchFor("");
  openedFrom.value = undefined;
}

export const retrySearch = (): void => {
  search.retry();
};
export const forgetFound = (customer: string): void => {
  search.forget(customer);
};
export const searchMore = (): void => {
  void search.more();
};

export async function openFound({ conversation, message }: FoundMessage): Promise<void> {
  openedFrom.value = message.id;
  await visit(conversation, message.seq);
}

/** Opens the customer's newest chat. */
export async function openCustomer(user: PublicPrincipal): Promise<void> {
  openedFrom.value = user.id;
  await attempt(async () => {
    const page = await client.peek()?.listConversations({ customer: user.id, limit: 1 });
    const newest = page?.items[0];
    if (newest === undefined) say(`${nameOf(user)} has no chats yet.`);
    else await visit(newest);
  });
}
