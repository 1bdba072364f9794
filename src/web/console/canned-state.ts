/** The team's canned responses, as the client keeps them. */
import { effect, signal } from "@preact/signals";
import { ChatRefusal } from "../client/index.ts";
import { client } from "./state.ts";
import { reasonOf } from "./toast.ts";
import type { CannedResponse } from "../../chat/wire.ts";

export const cannedResponses = signal<readonly CannedResponse[]>([]);

/** Follows them; the returned function ends it. */
export function watchCannedResponses(): () => void {
  return effect(() => {
    const by = client.value;
    cannedResponses.value = by?.cannedResponses ?? [];
    return by?.on("cannedResponses", (all) => (cannedResponses.value = all));
  });
}

/** Saves it, under a new shortcut perhaps; resolves with undefined when it worked, else with what to tell. */
export function save({ shortcut, text }: CannedResponse, before = shortcut): Promise<string | undefined> {
  return outcomeOf(async () => {
    await client.value?.saveCannedResponse(shortcut, text);
    if (before !== shortcut) await removeIfThere(before);
  });
}

/** Resolves with undefined when it is gone, else with what to tell. */
export function remove(shortcut: string): Promise<string | undefined> {
  return outcomeOf(() => removeIfThere(shortcut));
}

async function removeIfThere(shortcut: string): Promise<void> {
  try {
    await client.value?.deleteCannedResponse(shortcut);
  } catch (error) {
    // A colleague was faster.
    if (!(error instanceof ChatRefusal) || error.code !== "NOT_FOUND") throw error;
  }
}

async function outcomeOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
