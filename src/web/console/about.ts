/** What the server knows of the customer of the selected chat: where the chat began, and the chats before. */
import { computed, effect, signal } from "@preact/signals";
import { client, connection, current } from "./state.ts";
import type { ConversationDetail, ConversationSummary, PublicPrincipal } from "../../chat/wire.ts";

export type About = {
  /** The id of the conversation it belongs to. */
  readonly conversation: string;
  readonly detail: ConversationDetail;
  /** Other chats of the same customer, newest first. */
  readonly others: readonly ConversationDetail[];
  /** There are more of them; give it to `loadMoreChats`. */
  readonly next: string | undefined;
};

const PAGE = 10;

const loaded = signal<About | undefined>(undefined);
export const hasFailed = signal(false);
/** Undefined while it is on its way. */
export const about = computed(() =>
  loaded.value?.conversation === current.value?.id ? loaded.value : undefined,
);
/** The customer's chat that is not closed, where that is another than the selected one. */
export const openElsewhere = computed(() => about.value?.others.find(({ state }) => state !== "closed"));

let turn = 0;

/** Loads it for each chat that is selected, and again when something of the customer's chats changes. */
export function watchAbout(): () => void {
  const key = computed(() => {
    const { id = "", customer } = current.value ?? {};
    return connection.value.status === "online" ? `${id} ${customer?.id ?? ""}` : "";
  });
  const ends = [
    effect(() => {
      if (key.value.trim() !== "") void load();
    }),
    effect(() =>
      client.value?.on("desk", ({ type, data }) => {
        if (type === "customer.erased") {
          const { user } = data as { user: PublicPrincipal };
          if (user.id === loaded.peek()?.detail.customer.id) loaded.value = undefined;
          if (user.id === current.peek()?.customer.id) void load();
        }
        if (!type.startsWith("conversation.") || type === "conversation.updated") return;
        const { customer } = (data as { conversation: ConversationSummary }).conversation;
        if (customer.id === current.peek()?.customer.id) void load();
      }),
    ),
  ];
  return () => {
    for (const end of ends) end();
    loaded.value = undefined;
  };
}

export async function load(): Promise<void> {
  const [by, conversation] = [client.peek(), current.peek()];
  if (by === undefined || conversation === undefined) return;
  turn += 1;
  const mine = turn;
  hasFailed.value = false;
  try {
    const [detail, { items, next }] = await Promise.all([
      by.conversationDetail(conversation.id),
      by.listConversations({ customer: conversation.customer.id, limit: PAGE }),
    ]);
    if (mine !== turn) return;
    const others = items.filter(({ id }) => id !== conversation.id);
    loaded.value = { conversation: conversation.id, detail, others, next };
  } catch {
    if (mine === turn) hasFailed.value = true;
  }
}

export async function loadMoreChats(): Promise<void> {
  const known = loaded.peek();
  if (known?.next === undefined) return;
  const { id: customer } = known.detail.customer;
  const mine = turn;
  const page = await client
    .peek()
    ?.listConversations({ customer, before: known.next, limit: PAGE })
    .catch(() => undefined);
  if (page === undefined || mine !== turn) return;
  const others = [...known.others, ...page.items.filter(({ id }) => id !== known.conversation)];
  loaded.value = { ...known, others, next: page.next };
}
