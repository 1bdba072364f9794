/** Takes a customer out of the storage in small bites, so that nobody's commit waits for it. */
import type { BegunErasure } from "./operations/erasure.ts";
import type { ChatStore } from "./store.ts";

/** Messages in one bite: each is a row rewritten, and its words. */
const MESSAGES = 50;
const CONVERSATIONS = 20;
/** Pages of the index of words in one bite. */
const PAGES = 10;

export type ErasedCustomer = {
  readonly id: string;
  readonly earlier: BegunErasure["earlier"];
  readonly conversations: number;
  readonly messages: number;
  readonly notes: number;
};

/**
 * Erases a guest or customer, named by id or by the host site's `sub`. Resolves when none of it is left in the storage;
 * rejects with UNKNOWN_USER, or when the storage fails or `emptyLog` rejects: then a repetition goes on with it.
 * `emptyLog` resolves when the storage keeps nothing older than what was committed.
 */
export async function eraseCustomer(
  store: ChatStore,
  customer: string,
  { now, emptyLog }: { readonly now: number; readonly emptyLog: () => Promise<void> },
): Promise<ErasedCustomer> {
  const { users, earlier } = await store.execute("beginErasure", { customer, now });
  let [conversations, messages, notes] = [0, 0, 0];
  for (const user of users) {
    messages += await eraseMessages(store, user);
    let before: number | undefined;
    do {
      const bite = { user, limit: CONVERSATIONS, ...(before === undefined ? {} : { before }) };
      const erased = await store.execute("eraseConversations", bite);
      conversations += erased.conversations;
      notes += erased.notes;
      before = erased.next;
    } while (before !== undefined);
  }
  let goesOn = await store.execute("mergeWords", { begin: true, limit: PAGES });
  while (goesOn) goesOn = await store.execute("mergeWords", { begin: false, limit: PAGES });
  await emptyLog();
  const id = users[0] ?? customer;
  await store.execute("endErasure", { user: id });
  return { id, earlier, conversations, messages, notes };
}

async function eraseMessages(store: ChatStore, user: string): Promise<number> {
  let count = 0;
  let bite: { next: number; count: number } | undefined = { next: 0, count: 0 };
  do {
    bite = await store.execute("eraseMessages", { user, after: bite.next, limit: MESSAGES });
    count += bite?.count ?? 0;
  } while (bite !== undefined);
  return count;
}
