/** A customer who was erased leaves nothing on this page: no draft, and nothing that was found. */
import { effect, untracked } from "@preact/signals";
import { dropDrafts } from "./drafts.ts";
import { forgetFound } from "./search-state.ts";
import { client, lists } from "./state.ts";
import { dismiss } from "./toast.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";

/** As many as a page of the server has: older chats of one customer have no drafts. */
const PAGE = 200;

/** Follows the lists, which tell of those who were erased while the page was away, and the desk's events. */
export function watchErased(): () => void {
  const ends = [
    effect(() => {
      const gone = lists.value.all.filter(({ summary }) => summary.customer.erased === true);
      untracked(() => {
        for (const { summary } of gone) dropDrafts(summary.id);
      });
    }),
    effect(() =>
      client.value?.on("desk", ({ type, data }) => {
        if (type === "customer.erased") void forget((data as { user: PublicPrincipal }).user.id);
      }),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** No list may hold the conversations in which something was begun. */
async function forget(customer: string): Promise<void> {
  // What was said last may name them.
  dismiss();
  forgetFound(customer);
  const page = await client
    .peek()
    ?.listConversations({ customer, limit: PAGE })
    .catch(() => undefined);
  for (const { id } of page?.items ?? []) dropDrafts(id);
}
