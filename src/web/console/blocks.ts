/** Who is kept out of the chat: whether the customer of the selected chat is, and how that changes. */
import { computed } from "@preact/signals";
import { ChatRefusal } from "../client/index.ts";
import { about } from "./about.ts";
import { nameOf } from "./names.ts";
import { client, current, desk } from "./state.ts";
import { attempt, reasonOf, say } from "./toast.ts";

/** The topic tells what changed; before that, what was read last of the customer counts. */
export const isBlocked = computed(() => {
  const customer = current.value?.customer;
  if (customer === undefined) return false;
  const read = about.value?.detail.customer ?? customer;
  return desk.value?.blocks.get(customer.id) ?? read.blocked === true;
});

/** Resolves with undefined when it worked, else with what to tell. */
export async function block(
  user: string,
  { reason, address }: { readonly reason: string; readonly address: boolean },
): Promise<string | undefined> {
  try {
    await client.value?.block(user, { ...(reason === "" ? {} : { reason }), address });
  } catch (error) {
    const isAddress = error instanceof ChatRefusal && error.body.field === "address";
    return isAddress
      ? "The address cannot be blocked: it is not known any more, or it is yours too."
      : reasonOf(error);
  }
  say(`${nameOf(current.value?.customer ?? { id: user, kind: "guest" })} is blocked.`);
  return undefined;
}

export function unblock(user: string): Promise<boolean> {
  return attempt(() => client.value?.unblock(user), "They can write again.");
}
